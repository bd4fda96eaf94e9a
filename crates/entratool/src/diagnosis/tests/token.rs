//! Tests of what is said when there is no token.

use std::io;
use std::time::Duration;

use entra::Error;
use entra::error::IdTokenError;
use entra::ports::{HttpError, InteractionError, StoreError};
use entra::wire::refusal::Refusal;

use super::*;
use crate::failure::Asked;
use crate::profile::AuthenticationMethod;
use crate::profile::flow::Flow;
use crate::profile::registration::{Platform, Registration};

#[test]
fn network_failures_name_what_to_check() {
    let check = |error: HttpError, words: &[&str]| {
        let diagnosis = check(by(Flow::DeviceCode, error), Exit::Network, "network", words);
        assert_eq!(diagnosis.message, "no token for profile `p`");
        assert_eq!(diagnosis.causes.len(), 1);
    };
    let host = || "login.example".to_owned();
    let problem = || "why".to_owned();
    let step_by_step = "`entratool doctor -p p`";
    check(
        HttpError::Untrusted {
            host: host(),
            problem: problem(),
        },
        &[
            "nothing was sent",
            "edit -p p --ca-bundle FILE",
            "SSL_CERT_FILE",
        ],
    );
    check(
        HttpError::NotConnected {
            host: host(),
            problem: problem(),
        },
        &["check the network", step_by_step],
    );
    check(
        HttpError::Proxy {
            proxy: host(),
            host: host(),
            problem: problem(),
        },
        &["check HTTPS_PROXY and NO_PROXY", step_by_step],
    );
    check(
        HttpError::TimedOut {
            host: host(),
            after: Duration::from_secs(30),
        },
        &["`--timeout 2m`"],
    );
    check(
        HttpError::BodyTooLarge { host: host() },
        &["check the authority"],
    );
    check(
        HttpError::Settings(problem()),
        &["nothing was sent", "--ca-bundle"],
    );
}

#[test]
fn missing_root_certificates_have_their_advice() {
    let words: &[&str] = if cfg!(target_os = "linux") {
        &["install the package ca-certificates", "`--ca-bundle FILE`"]
    } else {
        &["`--ca-bundle FILE`"]
    };
    let failures = [
        Failure::NoRoots,
        by(Flow::ClientCredentials, HttpError::NoRoots),
    ];
    for failure in failures {
        let diagnosis = check(failure, Exit::Failure, "caBundle", words);
        assert!(diagnosis.message.contains("no root certificates"));
    }
}

#[test]
fn interactive_failures_have_their_advice() {
    use Flow::{AuthorizationCode, ClientCredentials, DeviceCode, InteractiveBrowser};
    let sign_in = "signInRequired";
    let check = |flow, error: Error, exit, kind, words: &[&str]| {
        check(by(flow, error), exit, kind, words);
    };
    check(
        DeviceCode,
        Error::DeviceCodeExpired,
        Exit::SignInRequired,
        sign_in,
        &["in time"],
    );
    check(
        DeviceCode,
        Error::NothingToRefresh,
        Exit::SignInRequired,
        sign_in,
        &[
            "sign in first: `entratool get-token -p p --force`",
            "offline_access",
        ],
    );
    check(
        DeviceCode,
        Error::SignInRequired(None),
        Exit::SignInRequired,
        sign_in,
        &["at a terminal: `entratool get-token -p p --force`"],
    );
    check(
        DeviceCode,
        Error::SignInRequired(Some(refusal("invalid_grant", Some(65001)))),
        Exit::SignInRequired,
        sign_in,
        &["--prompt consent", "sign in at a terminal"],
    );
    let suggestion = "https://graph.microsoft.com/.default";
    let default_scope = Error::NeedsDefaultScope {
        who: "client credentials",
        scopes: "User.Read".to_owned(),
        suggestion: suggestion.to_owned(),
    };
    let option = format!("`--scope {suggestion}`");
    check(
        ClientCredentials,
        default_scope,
        Exit::Usage,
        "usage",
        &[&option, "`entratool config edit -p p --scope"],
    );
    check(
        InteractiveBrowser,
        InteractionError::Unanswered.into(),
        Exit::SignInRequired,
        "browserDidNotRespond",
        &[
            "-p p -f DeviceCode`",
            "needs `http://localhost:8080/cb` under Web",
        ],
    );
    let busy = |port| Error::from(InteractionError::PortBusy { port });
    let (failure, port) = (Exit::Failure, "portBusy");
    check(
        AuthorizationCode,
        busy(8080),
        failure,
        port,
        &["port 8080", "`--redirect-uri`"],
    );
    check(
        InteractiveBrowser,
        busy(8081),
        failure,
        port,
        &["port 8081", "`--port`"],
    );
    let failed = InteractionError::Failed("no terminal".into());
    check(DeviceCode, failed.into(), failure, "interaction", &[]);
}

#[test]
fn an_answer_that_is_none_of_entra_id_is_not_trusted() {
    let check = |error: Error, exit, kind, words: &[&str]| {
        check(by(Flow::InteractiveBrowser, error), exit, kind, words);
    };
    let endpoint = "token";
    check(
        Error::Malformed {
            endpoint,
            status: 200,
        },
        Exit::Network,
        "noOAuthAnswer",
        &["captive portal", "check the authority"],
    );
    let location = "https://elsewhere.example".to_owned();
    check(
        Error::Redirected {
            status: 302,
            location,
        },
        Exit::Network,
        "noOAuthAnswer",
        &["whether a proxy wants you to sign in"],
    );
    let check = |problem: IdTokenError, word: &str| {
        check(
            problem.into(),
            Exit::Failure,
            "idToken",
            &["nothing was cached", word],
        );
    };
    check(IdTokenError::Expired, "this computer's clock");
    check(IdTokenError::Issuer, "tenant and authority belong together");
    for problem in [
        IdTokenError::Audience,
        IdTokenError::Missing,
        IdTokenError::Nonce,
    ] {
        check(problem, "another program may be interfering");
    }
}

#[test]
fn local_failures_keep_their_own_advice() {
    let check = |error: Error, exit, kind, words: &[&str]| {
        check(by(Flow::ClientCredentials, error), exit, kind, words)
    };
    let missing = Failure::CredentialMissing {
        whose: Whose::Profile("p".to_owned()),
        what: "client secret".to_owned(),
    };
    let ours = Error::Credential(Box::new(missing));
    check(
        ours,
        Exit::Failure,
        "credentialMissing",
        &["--client-secret-stdin"],
    );
    let others = Error::Credential(Box::new(io::Error::other("no pen")));
    let diagnosis = check(others, Exit::Failure, "credential", &[]);
    assert_eq!(diagnosis.causes.last().unwrap(), "no pen");
    let problem = || "why".to_owned();
    check(
        StoreError::Busy(Duration::from_secs(30)).into(),
        Exit::Network,
        "busy",
        &["fetching the same token", "`--timeout`"],
    );
    check(
        StoreError::Unavailable(problem().into()).into(),
        Exit::StorageUnavailable,
        "storageUnavailable",
        &["unlock the keyring", "ENTRATOOL_PASSPHRASE"],
    );
    check(
        StoreError::Failed(problem().into()).into(),
        Exit::Failure,
        "storage",
        &["`entratool storage status`"],
    );
}

#[test]
fn an_authority_that_is_not_available_says_when_to_try_again() {
    let check =
        |status, retry_after: Option<u64>, refusal: Option<Box<Refusal>>, words: &[&str]| {
            let error = Error::Unavailable {
                status,
                retry_after: retry_after.map(Duration::from_secs),
                refusal,
            };
            check(
                by(Flow::DeviceCode, error),
                Exit::Network,
                "unavailable",
                words,
            )
        };
    check(503, Some(1), None, &["try again in 1 second"]);
    check(429, Some(90), None, &["try again in 1 minute"]);
    check(404, Some(120), None, &["try again in 2 minutes"]);
    check(503, Some(u64::MAX), None, &["try again in 1067"]);
    check(
        404,
        None,
        None,
        &["`--timeout 90s`", "only resources in Azure"],
    );
    check(410, None, None, &["`--timeout 90s`"]);
    check(429, None, None, &["too many requests"]);
    check(
        503,
        None,
        None,
        &["in a minute", "https://status.cloud.microsoft"],
    );
    let refusal = refusal("temporarily_unavailable", Some(90033));
    let refused = check(503, None, Some(refusal), &["try again in a minute"]);
    assert_eq!(refused.reference.aadsts, Some(90033));
    assert!(refused.causes[1].contains("AADSTS90033"), "{refused:?}");
}

/// There is no token for the profile `p`, which uses `flow`.
pub(super) fn by(flow: Flow, error: impl Into<Error>) -> Failure {
    token(asked(flow), error.into())
}

/// Entra ID's no, with `code` if it gives one.
pub(super) fn refusal(error: &str, code: Option<u32>) -> Box<Refusal> {
    let description = code.map_or_else(String::new, |code| format!("AADSTS{code}: no."));
    let body = format!(
        r#"{{"error":"{error}","error_description":"{description}","correlation_id":"c-1"}}"#
    );
    Box::new(Refusal::parse(400, &body.into()).unwrap())
}

/// There is no token for what was asked for.
pub(super) fn token(asked: Asked, error: Error) -> Failure {
    Failure::Token {
        asked: Box::new(asked),
        error,
    }
}

/// What is asked for with the profile `p`.
pub(super) fn asked(flow: Flow) -> Asked {
    Asked {
        whose: Whose::Profile("p".to_owned()),
        client_id: "client".to_owned(),
        tenant: "contoso".to_owned(),
        scopes: "api://orders/read".to_owned(),
        flow,
        sign_in: "entratool get-token -p p --force".to_owned(),
        registration: Registration {
            platform: Platform::Web,
            redirect_uri: "http://localhost:8080/cb".to_owned(),
        },
        authentication: Some(AuthenticationMethod::Certificate),
        thumbprint: Some("AB12".to_owned()),
        certificate_end: None,
        authority: "https://login.example".to_owned(),
        suspects: vec!["SUSPECT".to_owned()],
        endpoint_variable: None,
        unattended: None,
        now: NOW,
    }
}

/// This machine's time.
pub(super) const NOW: i64 = 1_750_000_000;
