//! How much of what people meet is explained: prints the figures, and fails where they are too low.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use entra_explain::{Explanation, Facts, codes, explain, explain_code};
use serde_json::Value;

/// Per cent of the error texts of Entra ID, each counted as often as it was met.
const LEAST_OF_CODES: u64 = 95;
/// Per cent of the refusals of APIs.
const LEAST_OF_REFUSALS: u64 = 90;

#[test]
fn codes_met_in_public_are_known() {
    let (mut known, mut all) = (0, 0);
    for line in lines(include_str!("data/met.tsv")) {
        let mut fields = line.splitn(3, '\t');
        let mut number = || fields.next().unwrap().parse::<u64>().unwrap();
        let weight = (number() + number()).max(1);
        let text = fields.next().unwrap();
        let found = explain(text, &Facts::default()).unwrap();
        all += weight;
        if found.known {
            known += weight;
        } else {
            println!("not known: {text}");
        }
    }
    check(
        "AADSTS texts met in public, by how often",
        known,
        all,
        LEAST_OF_CODES,
    );
}

#[test]
fn codes_that_microsoft_publishes_are_known() {
    let published = lines(include_str!("data/published.txt")).flat_map(str::split_whitespace);
    let published: Vec<u32> = published.map(|code| code.parse().unwrap()).collect();
    let is_known = |code: &&u32| explain_code(**code, &Facts::default()).known;
    let known = published.iter().filter(is_known).count();
    for code in published.iter().filter(|code| !is_known(code)) {
        println!("not known: AADSTS{code}");
    }
    check(
        "codes on Microsoft's page",
        known as u64,
        published.len() as u64,
        100,
    );
    println!("{} codes in all", codes().count());
}

#[test]
fn refusals_of_apis_find_their_own_entry() {
    let (mut right, mut all) = (0, 0);
    for line in lines(include_str!("data/refusals.jsonl")) {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        let name = explain(text, &Facts::default()).map(|found| name(&found));
        let name = name.unwrap_or_default();
        all += 1;
        if name == row["entry"].as_str().unwrap() {
            right += 1;
        } else {
            println!("`{name}` in place of {}: {text}", row["entry"]);
        }
    }
    check("refusals of APIs", right, all, LEAST_OF_REFUSALS);
}

fn name(found: &Explanation) -> String {
    match (found.code, found.message) {
        (Some(code), _) => format!("AADSTS{code}"),
        (None, name) => name.unwrap_or_default().to_owned(),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn check(what: &str, right: u64, all: u64, least: u64) {
    println!(
        "{what}: {right} of {all}, {:.1} %",
        right as f64 * 100.0 / all as f64
    );
    assert!(right * 100 >= least * all, "less than {least} %");
}
