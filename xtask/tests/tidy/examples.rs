//! Whether the documentation of an item shows how it is used.

use crate::source::Source;

/// Public functions, types and traits without an example, as `path:line: fn x has no example`.
///
/// Errors are shown where they are returned. Fields, variants, constants, aliases and what a trait
/// asks of its implementations are shown with what they belong to.
pub(crate) fn missing(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    items(source)
        .into_iter()
        .filter(|item| !(item.kind != "fn" && item.name.ends_with("Error")))
        .filter(|item| !documentation(&lines, item.line).any(|line| line.starts_with("/// ```")))
        .map(|Item { line, kind, name }| {
            format!("{}:{line}: {kind} {name} has no example", source.path)
        })
        .collect()
}

struct Item<'a> {
    line: usize,
    kind: &'a str,
    name: &'a str,
}

fn items(source: &Source) -> Vec<Item<'_>> {
    let tokens = &source.tokens;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let starts = (0..tokens.len()).filter(|&at| text(at) == "pub");
    starts
        .filter_map(|start| {
            let kind = start + 1 + usize::from(text(start + 1) == "const");
            KINDS.contains(&text(kind)).then(|| Item {
                line: tokens[start].line,
                kind: text(kind),
                name: text(kind + 1),
            })
        })
        .collect()
}

/// The comments above the item on `line`, between which attributes may stand.
fn documentation<'a>(lines: &'a [&str], line: usize) -> impl Iterator<Item = &'a str> {
    let above = lines[..line - 1].iter().rev().map(|line| line.trim());
    above
        .take_while(|line| {
            line.starts_with("///") || !(line.is_empty() || line.ends_with(['{', '}', ';']))
        })
        .filter(|line| line.starts_with("///"))
}

const KINDS: [&str; 4] = ["enum", "fn", "struct", "trait"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_without_an_example_are_found() {
        let check = |text: &str, want: &[&str]| {
            assert_eq!(missing(&Source::new("a.rs", text)), want, "{text}");
        };
        check(
            "/// A.\npub struct A;\n",
            &["a.rs:2: struct A has no example"],
        );
        check(
            "/// A.\n/// ```\n/// a {\n/// ```\n#[derive(Debug)]\npub enum A {}",
            &[],
        );
        check(
            "impl A {\n/// ```\n/// a\n/// ```\npub const fn a() {}\npub fn b() {}\n}",
            &["a.rs:6: fn b has no example"],
        );
        check(
            "/// ```\n/// a\n/// ```\n#[expect(\n    x,\n    y\n)]\npub trait A {}",
            &[],
        );
        check(
            "pub(crate) fn a() {}\nfn b() {}\npub mod c;\npub const D: u8 = 1;",
            &[],
        );
        check("pub enum AError { A }", &[]);
        check("#[cfg(test)]\nmod tests { pub fn a() {} }", &[]);
    }
}
