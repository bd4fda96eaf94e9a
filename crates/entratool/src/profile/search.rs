//! Which profile a name means.

/// Why a name leads to no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Several profiles differ from the name in letter case only, or have the very same name.
    Ambiguous(Vec<String>),
    /// There is none; perhaps one of a similar name.
    Unknown(Option<String>),
}

/// The position of `name` among `names`: exactly, else the only one that differs in letter case.
///
/// A profile without a name has none here either.
///
/// # Errors
///
/// If there is none or more than one.
pub(super) fn position<'a>(
    names: impl Iterator<Item = Option<&'a str>> + Clone,
    name: &str,
) -> Result<usize, NameError> {
    let all = |same: &dyn Fn(&str) -> bool| -> Vec<(usize, &str)> {
        let named = names.clone().enumerate();
        named
            .filter_map(|(index, other)| {
                other.filter(|other| same(other)).map(|name| (index, name))
            })
            .collect()
    };
    let mut found = all(&|other| other == name);
    if found.is_empty() {
        found = all(&|other| other.eq_ignore_ascii_case(name));
    }
    match found[..] {
        [(index, _)] => Ok(index),
        [] => Err(NameError::Unknown(similar(names.flatten(), name))),
        _ => {
            let names = found.iter().map(|(_, name)| (*name).to_owned());
            Err(NameError::Ambiguous(names.collect()))
        }
    }
}

/// What was probably meant: the nearest name, if no more than half of it differs.
fn similar<'a>(names: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    names
        .map(|other| (distance(&name, &other.to_ascii_lowercase()), other))
        .filter(|(distance, other)| *distance <= (other.len() / 2).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other.to_owned())
}

/// How many insertions, deletions, replacements and swaps of neighbours make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| text.chars().take(64).collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_exactly_then_by_letter_case() {
        let all = [
            Some("a"),
            None,
            Some("A"),
            Some("Graph"),
            Some("x"),
            Some("x"),
        ];
        let position = |name| position(all.into_iter(), name);
        assert_eq!(position("A"), Ok(2));
        assert_eq!(position("graph"), Ok(3));
        let unknown = |similar: Option<&str>| NameError::Unknown(similar.map(str::to_owned));
        assert_eq!(position("grahp"), Err(unknown(Some("Graph"))));
        assert_eq!(position("nothing-like-it"), Err(unknown(None)));
        let both = vec!["x".to_owned(), "x".to_owned()];
        assert_eq!(position("x"), Err(NameError::Ambiguous(both.clone())));
        assert_eq!(position("X"), Err(NameError::Ambiguous(both)));
    }

    #[test]
    fn distances_count_slips_of_the_fingers() {
        let check = |a, b, want| assert_eq!(distance(a, b), want, "{a} {b}");
        check("", "", 0);
        check("abc", "", 3);
        check("kitten", "sitting", 3);
        check("graph", "grahp", 1);
        check("first", "frist", 1);
        check("ab", "ba", 1);
        check("abc", "cab", 2);
        check("", "ab", 2);
    }
}
