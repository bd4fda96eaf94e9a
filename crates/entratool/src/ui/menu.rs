//! Menus: items with numbers, answered by number or by words.

use crate::spelling;
use crate::text::{echo, line};

/// What stands before the answer.
pub(super) const PROMPT: &str = "Choice";

/// The question and its items, with their present values.
pub(super) fn text(question: &str, items: &[String], values: &[Option<String>]) -> String {
    let mut text = format!("{question}\n");
    for (index, item) in items.iter().enumerate() {
        let item = line(item);
        let number = index + 1;
        match values.get(index) {
            Some(Some(value)) => {
                let value = line(value);
                text.push_str(&format!("  {number}. {item}: {value}\n"));
            }
            _ => text.push_str(&format!("  {number}. {item}\n")),
        }
    }
    text
}

/// The chosen item; `None` if the user wants none of them.
///
/// # Errors
///
/// If it is not on the list.
pub(super) fn answer(items: &[String], answer: &str) -> Result<Option<usize>, String> {
    let answer = answer.trim();
    let number = answer.parse().ok().and_then(|number: usize| {
        let index = number.checked_sub(1)?;
        (index < items.len()).then_some(index)
    });
    let named = |name: &str| {
        items
            .iter()
            .position(|item| item.eq_ignore_ascii_case(name))
    };
    if let Some(index) = number.or_else(|| named(answer)) {
        return Ok(Some(index));
    }
    if answer.eq_ignore_ascii_case("q") {
        return Ok(None);
    }
    let problem = format!("`{}` is not on the list", echo(answer));
    let similar = spelling::nearest(answer, items.iter().map(String::as_str));
    let suggestion = similar.map(|similar| format!("; did you mean `{}`?", echo(similar)));
    Err(problem + &suggestion.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_meant_by_number_or_by_words() {
        let items = ["Client ID", "Scope", "7", "Q"].map(str::to_owned);
        let check = |typed: &str, want: Result<Option<usize>, &str>| {
            assert_eq!(
                answer(&items, typed),
                want.map_err(str::to_owned),
                "{typed}"
            );
        };
        check("1", Ok(Some(0)));
        check(" 2 ", Ok(Some(1)));
        check("client id", Ok(Some(0)));
        check("7", Ok(Some(2)));
        check("q", Ok(Some(3)));
        check(
            "scoep",
            Err("`scoep` is not on the list; did you mean `Scope`?"),
        );
        check("0", Err("`0` is not on the list"));
        check("\u{1b}[A", Err("`\\u{1b}[A` is not on the list"));
        assert_eq!(answer(&items[..3], "q"), Ok(None));
    }
}
