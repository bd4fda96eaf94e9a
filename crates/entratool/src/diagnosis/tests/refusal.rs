//! Tests of what is said about refusals.

use entra::Error;
use entra::token::Timestamp;

use super::token::{NOW, asked, by, refusal, token};
use super::*;
use crate::profile::flow::Flow;

#[test]
fn a_refusal_is_explained_with_the_values_of_the_profile() {
    let check = |code, words: &[&str]| {
        let error = Error::Refused(refusal("invalid_request", Some(code)));
        check(
            by(Flow::AuthorizationCode, error),
            Exit::Refused,
            "refused",
            words,
        )
    };
    let more = "more: `entratool explain AADSTS700027`";
    let signature = check(
        700_027,
        &[
            "thumbprint AB12",
            "`client` and tenant `contoso`",
            "edit -p p",
            "open http",
            more,
        ],
    );
    assert!(signature.hints[0].contains("AB12"), "{signature:?}");
    assert_eq!(signature.details()[0], "correlation ID: c-1");
    let consent = check(65_001, &["--prompt consent"]);
    assert!(consent.hints[1].contains("contoso"), "{consent:?}");
    // The line to paste comes last.
    let redirect = check(50_011, &["→ Web, and paste"]);
    let last = redirect.hints.last().unwrap();
    assert!(last.ends_with("\nhttp://localhost:8080/cb"), "{last}");
    check(
        90_056,
        &["`https://login.example/contoso/oauth2/v2.0/token`"],
    );
    check(901_002, &["--scope api://orders/.default"]);
    check(7_000_215, &["upload the public part of its certificate"]);
    let unknown = check(1, &["AADSTS1 is not known to this version", "https://"]);
    assert_eq!(unknown.hints.len(), 1);
}

#[test]
fn a_code_of_entra_id_wins_over_the_advice_for_managed_identities() {
    let check = |flow, code, words: &[&str]| {
        let error = Error::Refused(refusal("invalid_request", code));
        check(by(flow, error), Exit::Refused, "refused", words)
    };
    check(
        Flow::ManagedIdentity,
        None,
        &["check in the portal, under Identity"],
    );
    let consent = &["Only an administrator can consent"];
    let numbered = check(Flow::ManagedIdentity, Some(65_001), consent);
    assert!(!numbered.hints.join("\n").contains("portal, under Identity"));
    check(Flow::ClientCredentials, None, &[]);
    let numbered = check(Flow::ClientCredentials, Some(65_001), consent);
    assert!(!numbered.hints.join("\n").contains("--prompt consent"));
    let numbered = check(Flow::DeviceCode, Some(65_001), &["--prompt consent"]);
    assert!(!numbered.hints.join("\n").contains(consent[0]));
}

#[test]
fn a_clock_that_is_off_by_more_than_five_minutes_comes_first() {
    let check = |ahead: i64, want: Option<&str>| {
        let mut refusal = refusal("invalid_client", Some(700_027));
        refusal.server_time = Some(Timestamp::from_unix(NOW - ahead));
        let diagnosis = diagnose(&by(Flow::ClientCredentials, Error::Refused(refusal)));
        let first = &diagnosis.hints[0];
        match want {
            Some(want) => assert!(first.contains(want), "{ahead}: {first}"),
            None => assert!(!first.contains("clock"), "{ahead}: {first}"),
        }
    };
    check(0, None);
    check(300, None);
    check(301, Some("clock is 5 minutes ahead of the authority's"));
    check(-300, None);
    check(-301, Some("clock is 5 minutes behind the authority's"));
    check(7200, Some("2 hours ahead of"));
}

#[test]
fn a_certificate_that_has_ended_comes_first() {
    let check = |end: Option<i64>, want: Option<&str>| {
        let mut asked = asked(Flow::ClientCredentials);
        asked.certificate_end = end;
        let error = Error::Refused(refusal("invalid_client", Some(700_027)));
        let diagnosis = diagnose(&token(asked, error));
        let first = &diagnosis.hints[0];
        match want {
            Some(want) => assert!(first.contains(want), "{end:?}: {first}"),
            None => assert!(!first.contains("expired"), "{end:?}: {first}"),
        }
    };
    check(None, None);
    check(Some(NOW + 1), None);
    check(Some(NOW), Some("expired 0 seconds ago"));
    check(Some(NOW - 86_400), Some("expired 1 day ago: make another"));
}
