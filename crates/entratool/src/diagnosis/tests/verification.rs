//! Tests of what is said about tokens that are not to be believed.

use entra::Error;
use entra::jwt::verify::VerificationError as Flaw;
use entra::ports::HttpError;
use entra::token::Timestamp;

use super::token::refusal;
use super::*;

#[test]
fn each_flaw_of_a_token_has_its_advice() {
    let check = |flaws: Vec<Flaw>, words: &[&str]| {
        let count = flaws.len();
        let failure = Failure::NotVerified {
            flaws,
            issuer: None,
        };
        let diagnosis = check(failure, Exit::Failure, "notVerified", words);
        assert_eq!(diagnosis.causes.len(), count);
    };
    let text = || "x".to_owned();
    let then = Timestamp::from_unix(0);
    check(vec![Flaw::Nonce], &["only Microsoft Graph can verify"]);
    check(vec![Flaw::Signature(text())], &["do not trust the token"]);
    check(
        vec![Flaw::UnknownKey(text())],
        &["another cloud", "withdrawn"],
    );
    check(vec![Flaw::UnknownIssuer(text())], &["`--authority URL`"]);
    let made_so = "Entra ID issues no such tokens";
    check(vec![Flaw::Algorithm(text())], &[made_so]);
    check(vec![Flaw::Unsigned], &[made_so]);
    let early = "`entratool doctor`";
    let fresh = "`entratool get-token -p PROFILE`";
    check(vec![Flaw::Expired(then)], &[fresh]);
    check(vec![Flaw::Early(then)], &[early]);
    let audience = Flaw::Audience {
        found: text(),
        wanted: "api://orders".to_owned(),
    };
    check(vec![audience], &["--scope api://orders/.default`"]);
    let audience = |found: &str, wanted: &str, words: &[&str]| {
        let (found, wanted) = (found.to_owned(), wanted.to_owned());
        check(vec![Flaw::Audience { found, wanted }], words);
    };
    let scope = "--scope https://a/.default`";
    audience("x", "https://a/.default", &[scope]);
    audience("x", "https://a/", &[scope]);
    audience("https://A", "https://a/", &["upper and lower case"]);
    let permission = "`User.Read` is a permission";
    audience("https://a", "https://a/User.Read", &[permission]);
    check(vec![Flaw::Encoding], &["as it was issued"]);
    check(vec![Flaw::Tenant], &[]);
    let several = vec![Flaw::Expired(then), Flaw::Tenant, Flaw::Early(then)];
    check(several, &[fresh, early]);
}

#[test]
fn unavailable_keys_are_reported_with_the_reason() {
    let check = |error: Error, exit, kind, words: &[&str]| {
        let authority = "https://login.example/contoso".to_owned();
        check(Failure::Keys { authority, error }, exit, kind, words)
    };
    let (host, problem) = ("h".to_owned(), "why".to_owned());
    check(
        HttpError::Untrusted { host, problem }.into(),
        Exit::Network,
        "network",
        &["`--ca-bundle FILE` or SSL_CERT_FILE"],
    );
    let step_by_step = "`entratool doctor`";
    let broken = HttpError::Settings("why".to_owned());
    check(broken.into(), Exit::Network, "network", &[step_by_step]);
    let unknown = "unknown at https://login.example/contoso";
    let refused = Error::Refused(refusal("invalid_tenant", Some(90_002)));
    let refused = check(refused, Exit::Refused, "refused", &[unknown]);
    assert_eq!(refused.reference.aadsts, Some(90_002));
    assert_eq!(refused.details(), ["correlation ID: c-1"]);
    let unavailable = Error::Unavailable {
        status: 503,
        retry_after: None,
        refusal: None,
    };
    check(unavailable, Exit::Network, "unavailable", &["in a minute"]);
    let malformed = Error::Malformed {
        endpoint: "keys",
        status: 200,
    };
    check(malformed, Exit::Network, "noOAuthAnswer", &[step_by_step]);
}
