//! Renders `docs/troubleshooting.md`: the tool's own failures, then every AADSTS code from the table.

use std::fmt::Write as _;

use super::messages::OF_SERVICES;
use super::{Advice, FAMILIES, Facts, Page, Who};

/// The whole page, with an anchor such as `#aadsts7000215` for each code.
#[must_use]
pub fn troubleshooting() -> String {
    let (own, codes) = OWN_FAILURES.split_once(CODES).unwrap_or((OWN_FAILURES, ""));
    let mut page = own.to_owned();
    page.push_str(SERVICES);
    for (heading, messages) in OF_SERVICES {
        let _ = write!(page, "\n### {heading}\n");
        for message in messages {
            let _ = write!(page, "\n#### {}: {}\n\n", message.name, message.title);
            advice(
                &mut page,
                message.meaning,
                message.who,
                message.next_step,
                message.page,
            );
        }
    }
    page.push('\n');
    page.push_str(CODES);
    page.push_str(codes);
    for (heading, family) in FAMILIES {
        let _ = write!(page, "\n### {heading}\n");
        for advice in *family {
            section(&mut page, advice);
        }
    }
    page
}

fn section(page: &mut String, advice: &Advice) {
    let codes = || advice.codes.iter();
    let anchors: String = codes()
        .map(|code| format!("<a id=\"aadsts{code}\"></a>"))
        .collect();
    let names = codes()
        .map(|code| format!("AADSTS{code}"))
        .collect::<Vec<_>>()
        .join(", ");
    let _ = write!(page, "\n{anchors}\n\n#### {names}: {}\n\n", advice.title);
    self::advice(
        page,
        advice.meaning,
        advice.who,
        advice.next_step,
        advice.page,
    );
}

/// What stands below a heading.
fn advice(page: &mut String, meaning: &str, who: Who, next_step: &str, link: Page) {
    let facts = Facts::default();
    let _ = writeln!(page, "{}\n", facts.fill(meaning));
    let _ = writeln!(page, "- Who can fix it: {}.", who.words());
    let next_step = facts.fill(next_step);
    match next_step.split_once('\n') {
        Some((way, line)) => {
            let _ = writeln!(page, "- Next step: {way} `{line}`");
        }
        None => {
            let _ = writeln!(page, "- Next step: {next_step}");
        }
    }
    if let Some(address) = facts.page(link) {
        let _ = writeln!(page, "- Open: <{address}>");
    }
}

/// Before this heading stands what comes from the tables of messages.
const CODES: &str = "## AADSTS codes\n";
const SERVICES: &str = "\
## What APIs say

A token that an API does not accept, or that allows too little, is refused by the API, in words and
codes of its own. `entratool explain` finds them in whatever was pasted or piped into it.
";
const OWN_FAILURES: &str = include_str!("own_failures.md");

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::super::entries;
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the test tells it to write the file"
    )]
    fn the_page_in_docs_is_the_one_rendered_from_the_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/troubleshooting.md");
        let want = troubleshooting();
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &want).unwrap();
        }
        let page = fs::read_to_string(&path)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        assert!(
            page == want,
            "docs/troubleshooting.md is out of date: run `UPDATE_DOCS=1 cargo test -p entratool the_page_in_docs`"
        );
    }

    #[test]
    fn every_code_has_one_anchor() {
        let page = troubleshooting();
        for entry in entries() {
            let anchor = format!("<a id=\"aadsts{}\"></a>", entry.code);
            assert_eq!(page.matches(&anchor).count(), 1, "{}", entry.code);
        }
    }

    #[test]
    fn links_within_the_page_lead_somewhere() {
        let page = troubleshooting();
        let headings: Vec<String> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .map(|heading| {
                heading
                    .to_lowercase()
                    .replace(' ', "-")
                    .replace(|c: char| !(c.is_alphanumeric() || c == '-'), "")
            })
            .collect();
        let mut links = 0;
        for (_, rest) in page
            .match_indices("](#")
            .map(|(at, _)| page.split_at(at + 3))
        {
            let target = rest.split(')').next().unwrap_or_default();
            let found = headings.iter().any(|heading| heading == target)
                || page.contains(&format!("<a id=\"{target}\">"));
            assert!(found, "#{target}");
            links += 1;
        }
        assert!(links > 5, "{links}");
    }

    #[test]
    fn the_advice_on_the_tools_own_failures_is_there() {
        fn check(heading: &str, wants: &[&str]) {
            let (_, rest) = OWN_FAILURES
                .split_once(&format!("\n## {heading}\n"))
                .expect(heading);
            let section = rest.split("\n## ").next().unwrap_or_default();
            for want in wants {
                assert!(section.contains(want), "{heading}: {want}");
            }
        }
        check(
            "Profile not found",
            &[
                "entratool config list",
                "entratool get-token -p correct-name",
            ],
        );
        check(
            "Insufficient privileges",
            &[
                "API permissions",
                "rant admin consent",
                "role",
                "entratool get-token -p myprofile --silent | entratool inspect | jq .payload.scp",
                "--scope \"https://graph.microsoft.com/User.Read Mail.Send\"",
            ],
        );
        check(
            "Browser did not respond",
            &[
                "entratool get-token -p myprofile -f DeviceCode",
                "redirect URI",
                "port",
            ],
        );
        check(
            "Invalid token",
            &[
                "printf %s \"$TOKEN\" | entratool inspect",
                "TOKEN=$(entratool get-token -p myprofile --silent)",
            ],
        );
        check(
            "Token expired",
            &["TOKEN=$(entratool get-token -p myprofile --silent)"],
        );
        check(
            "Invalid audience",
            &[
                "entratool get-token -p myprofile --silent | entratool inspect | jq .payload.aud",
                "--scope \"https://correct-api.com/.default\"",
            ],
        );
    }
}
