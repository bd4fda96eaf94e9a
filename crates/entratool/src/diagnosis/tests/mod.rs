//! Tests of the advice: each failure has its exit code, its kind, and the words that help.

mod certificate;
mod checkup;
mod refusal;
mod storage;
mod token;
mod verification;
mod workload;

use super::*;

/// Diagnoses `failure`: its hints hold all of `words`; without words there is no hint.
fn check(failure: impl Into<Failure>, exit: Exit, kind: &str, words: &[&str]) -> Diagnosis {
    let failure = failure.into();
    let diagnosis = diagnose(&failure);
    let hints = diagnosis.hints.join("\n");
    assert_eq!(
        (diagnosis.exit, diagnosis.kind),
        (exit, kind),
        "{failure:?}"
    );
    assert_eq!(hints.is_empty(), words.is_empty(), "{failure:?}: {hints}");
    for word in words {
        assert!(hints.contains(word), "{failure:?}: no `{word}` in\n{hints}");
    }
    diagnosis
}

#[test]
fn a_command_line_is_explained_in_one_message_and_its_hints() {
    let check = |text: &str, message: &str, hints: &[&str]| {
        let diagnosis = Diagnosis::usage(text);
        assert_eq!((diagnosis.exit, diagnosis.kind), (Exit::Usage, "usage"));
        assert_eq!(diagnosis.message, message);
        assert_eq!(diagnosis.hints, hints);
    };
    check(
        "error: unknown `--x`\n\n  tip: `--xy`\n\nUsage: entratool\n",
        "unknown `--x`",
        &["tip: `--xy`", "Usage: entratool"],
    );
    check("\n  no prefix\n", "no prefix", &[]);
    check("", "", &[]);
}

#[test]
fn the_json_of_a_failure_omits_unknown_members() {
    let short = Diagnosis::new(Exit::Failure, "file", "no file");
    assert_eq!(
        short.to_json(),
        r#"{"error":{"kind":"file","message":"no file"}}"#
    );
    assert!(short.details().is_empty());
    let mut full = short
        .because("why")
        .because("\"because\"")
        .hint("a")
        .hint("b");
    full.reference = Reference {
        aadsts: Some(65001),
        correlation_id: Some("c".to_owned()),
        trace_id: Some("t".to_owned()),
        timestamp: Some("now".to_owned()),
    };
    assert_eq!(
        full.to_json(),
        r#"{"error":{"kind":"file","message":"no file: why: \"because\"","hint":"a\nb","aadsts":"AADSTS65001","correlationId":"c","traceId":"t","timestamp":"now"}}"#
    );
    let details = ["correlation ID: c", "trace ID: t", "timestamp: now"];
    assert_eq!(full.details(), details);
    full.reference.correlation_id = None;
    assert_eq!(full.details(), details[1..]);
}

#[test]
fn an_unknown_profile_is_answered_with_known_ones() {
    let name = |why| Failure::Name {
        name: "grph".to_owned(),
        why,
    };
    let check =
        |why, words: &[&str]| check(name(why), Exit::ProfileNotFound, "profileNotFound", words);
    let similar = check(
        NameError::Unknown(Some("graph".to_owned())),
        &["did you mean 'graph'?", "`entratool config list`"],
    );
    assert_eq!(similar.message, "Profile not found: 'grph'");
    let unknown = check(NameError::Unknown(None), &["`entratool config list`"]);
    assert_eq!(unknown.hints.len(), 1);
    let both = NameError::Ambiguous(vec!["GRPH".to_owned(), "Grph".to_owned()]);
    let several = check(both, &["`entratool config list`"]);
    assert!(several.message.ends_with("several profiles: GRPH, Grph"));
}

#[test]
fn without_a_profile_the_first_ten_are_shown() {
    let check = |count: usize, words: &[&str]| {
        let known = (1..=count).map(|number| format!("p{number}")).collect();
        check(Failure::NoProfile { known }, Exit::Usage, "usage", words)
    };
    check(0, &["`entratool config create`", "without a tenant"]);
    let ten = check(10, &["`-p PROFILE`", "p1, p2", "p9, p10"]);
    assert!(ten.hints[0].ends_with("p10"), "{:?}", ten.hints);
    let eleven = check(11, &["ENTRATOOL_PROFILE"]);
    assert!(eleven.hints[0].ends_with("p10, …"), "{:?}", eleven.hints);
}
