//! `docs/troubleshooting.md` is made of the introduction beside this file and of the data files.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use entra_explain::{Entry, Facts, Family, codes, families};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable says that the page has to be written"
)]
fn the_page_in_docs_is_the_one_rendered_from_the_data() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/troubleshooting.md");
    let want = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &want).unwrap();
    }
    let page = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        page == want,
        "docs/troubleshooting.md is out of date: run `UPDATE_DOCS=1 cargo test -p entra-explain --test page`"
    );
}

#[test]
fn every_code_has_one_anchor() {
    let page = page();
    for (code, _) in codes() {
        let anchor = format!("<a id=\"aadsts{code}\"></a>");
        assert_eq!(page.matches(&anchor).count(), 1, "{code}");
    }
}

#[test]
fn links_within_the_page_lead_somewhere() {
    let page = page();
    let id = |heading: &str| {
        let heading = heading.to_lowercase().replace(' ', "-");
        heading.replace(|c: char| !(c.is_alphanumeric() || c == '-'), "")
    };
    let headings: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(id)
        .collect();
    let mut links = 0;
    for (at, start) in page.match_indices("](#") {
        let target = page[at + start.len()..]
            .split(')')
            .next()
            .unwrap_or_default();
        let found = headings.iter().any(|heading| heading == target)
            || page.contains(&format!("<a id=\"{target}\">"));
        assert!(found, "#{target}");
        links += 1;
    }
    assert!(links > 5, "{links}");
}

#[test]
fn the_introduction_explains_what_the_tool_itself_says() {
    fn check(heading: &str, wants: &[&str]) {
        let (_, rest) = INTRODUCTION
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

/// The whole page, with an anchor such as `#aadsts7000215` for each code.
fn page() -> String {
    let (own, of_codes) = INTRODUCTION.split_once(CODES).unwrap();
    let is_of_codes = |family: &&Family| family.entries.iter().any(|entry| !entry.codes.is_empty());
    let (codes, messages): (Vec<_>, Vec<_>) =
        families().iter().partition(|family| is_of_codes(family));
    let mut page = format!("{own}{SERVICES}");
    for family in messages {
        section(&mut page, family);
    }
    let _ = write!(page, "\n{CODES}{of_codes}");
    for family in codes {
        section(&mut page, family);
    }
    page
}

fn section(page: &mut String, family: &Family) {
    let _ = write!(page, "\n### {}\n", family.heading);
    for entry in family.entries {
        let names: Vec<_> = entry
            .codes
            .iter()
            .map(|code| format!("AADSTS{code}"))
            .collect();
        let names = if names.is_empty() {
            entry.name.to_owned()
        } else {
            names.join(", ")
        };
        if entry.apps.is_empty() && !entry.codes.is_empty() {
            let anchors = entry
                .codes
                .iter()
                .map(|code| format!("<a id=\"aadsts{code}\"></a>"));
            let _ = write!(page, "\n{}\n", anchors.collect::<String>());
        }
        let of_app: String = entry
            .apps
            .iter()
            .map(|app| format!(" (app `{app}`)"))
            .collect();
        let _ = write!(page, "\n#### {names}{of_app}: {}\n\n", entry.title);
        advice(page, entry);
    }
}

fn advice(page: &mut String, entry: &Entry) {
    let facts = Facts::default();
    let _ = writeln!(page, "{}\n", entry.meaning(&facts));
    let _ = writeln!(page, "- Who can fix it: {}.", entry.who.words());
    let next_step = entry.next_step(&facts);
    let next_step = match next_step.split_once('\n') {
        Some((way, line)) => format!("{way} `{line}`"),
        None => next_step,
    };
    let _ = writeln!(page, "- Next step: {next_step}");
    if let Some(address) = entry.page(&facts) {
        let _ = writeln!(page, "- Open: <{address}>");
    }
}

/// Before this heading stand the messages of APIs.
const CODES: &str = "## AADSTS codes\n";
const SERVICES: &str = "\
## What APIs say

An API refuses a token that it does not accept, or that allows too little, in words and codes of its own.
`entratool explain` finds them in the text that you paste or pipe into it.
";
const INTRODUCTION: &str = include_str!("introduction.md");
