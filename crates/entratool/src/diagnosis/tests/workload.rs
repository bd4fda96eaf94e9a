//! Tests of the advice for managed identities and pipelines.

use std::io;

use entra::Error;
use entra::error::ManagedIdentityError;
use entra::ports::HttpError;
use entra::wire::identity::UnsupportedIdentity;
use entra::wire::identity::arc::ChallengeError;

use super::token::{by, refusal};
use super::*;
use crate::failure::{MissingAssertion, NamedOnlyByProfile, SharedCredential};
use crate::profile::flow::Flow;

#[test]
fn a_missing_managed_identity_has_its_advice() {
    let check = |error: ManagedIdentityError, exit, kind, words: &[&str]| {
        check(by(Flow::ManagedIdentity, error), exit, kind, words);
    };
    let endpoint = "the metadata service";
    let absent = ManagedIdentityError::Absent {
        endpoint,
        problem: HttpError::Settings("why".to_owned()),
    };
    check(
        absent,
        Exit::Network,
        "noManagedIdentity",
        &["elsewhere use another flow", "169.254.169.254"],
    );
    check(
        ChallengeError::NoFile.into(),
        Exit::Failure,
        "challenge",
        &["IDENTITY_ENDPOINT"],
    );
    let other = ManagedIdentityError::Other {
        endpoint,
        wanted: "id".to_owned(),
    };
    check(
        other,
        Exit::Failure,
        "otherIdentity",
        &["nothing was cached", "`--identity system`"],
    );
    let unsupported = UnsupportedIdentity {
        endpoint,
        by: "an object ID",
    };
    check(unsupported.into(), Exit::Usage, "usage", &["`--identity`"]);
}

#[test]
fn a_refusal_of_the_endpoint_names_the_resource_or_the_identity() {
    let check = |error: &str, word: &str| {
        let error = Error::Refused(refusal(error, None));
        let failure = by(Flow::ManagedIdentity, error);
        check(failure, Exit::Refused, "refused", &[word]);
    };
    check("invalid_resource", "check the resource in `--scope");
    check("invalid_scope", "check the resource in `--scope");
    check("invalid_request", "portal, under Identity");
}

#[test]
fn a_job_without_a_token_gets_the_advice_of_its_platform() {
    let check = |issuer, status, exit, kind, word: &str| {
        let error = Error::Assertion {
            issuer,
            status,
            said: None,
        };
        check(by(Flow::WorkloadIdentity, error), exit, kind, &[word]);
    };
    let (github, azure) = ("GitHub Actions", "Azure Pipelines");
    let (permission, token) = ("`permissions: id-token: write`", "SYSTEM_ACCESSTOKEN:");
    for status in [408, 429, 500, 599] {
        for issuer in [github, azure] {
            check(issuer, status, Exit::Network, "unavailable", "in a minute");
        }
    }
    for status in [200, 302, 399] {
        check(github, status, Exit::Network, "noOAuthAnswer", "a proxy");
    }
    for status in [400, 403, 499] {
        check(
            github,
            status,
            Exit::Failure,
            "noFederatedToken",
            permission,
        );
    }
    for status in [200, 302, 401, 403] {
        check(azure, status, Exit::Failure, "noFederatedToken", token);
    }
    for status in [400, 404, 600] {
        check(
            azure,
            status,
            Exit::Failure,
            "noFederatedToken",
            "service connection",
        );
    }
}

#[test]
fn a_job_without_an_assertion_gets_the_setting_that_it_needs() {
    let check = |missing, words: &[&str]| {
        let whose = Whose::Profile("p".to_owned());
        let failure = Failure::AssertionMissing { whose, missing };
        check(failure, Exit::Failure, "noFederatedToken", words);
    };
    let (permission, token) = ("`permissions: id-token: write`", "SYSTEM_ACCESSTOKEN:");
    check(
        MissingAssertion::Everything,
        &[
            "AZURE_FEDERATED_TOKEN_FILE",
            permission,
            token,
            "--federated-token-file",
        ],
    );
    check(MissingAssertion::GitHubPermission, &[permission]);
    check(
        MissingAssertion::Pipeline,
        &["only in a job of Azure Pipelines"],
    );
    check(MissingAssertion::PipelineToken, &[token]);
    check(
        MissingAssertion::ServiceConnection,
        &[
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "--service-connection ID",
        ],
    );
}

#[test]
fn credentials_from_the_environment_need_a_trusted_authority() {
    let check = |what, named_only_by_profile, trusted: &str, count: usize| {
        let failure = Failure::CredentialNotShared {
            what,
            named_only_by_profile,
            profile: "p".to_owned(),
            authority: "https://login.example".to_owned(),
        };
        let diagnosis = check(failure, Exit::Usage, "usage", &[trusted]);
        assert_eq!(diagnosis.hints.len(), count, "{diagnosis:?}");
    };
    for (named_only_by_profile, trusted) in [
        (
            NamedOnlyByProfile::Authority,
            "AZURE_AUTHORITY_HOST=https://login.example",
        ),
        (
            NamedOnlyByProfile::CaBundle,
            "`--ca-bundle FILE` or SSL_CERT_FILE",
        ),
    ] {
        check(
            SharedCredential::WorkloadToken,
            named_only_by_profile,
            trusted,
            1,
        );
        let secret = SharedCredential::Variable("AZURE_CLIENT_SECRET");
        check(secret, named_only_by_profile, trusted, 2);
    }
}

#[test]
fn an_unreadable_key_of_azure_arc_names_the_group() {
    let check = |kind: io::ErrorKind, words: &[&str]| {
        let failure = Failure::ArcKey {
            path: "/var/opt/azcmagent/tokens/1.key".into(),
            source: kind.into(),
        };
        check(failure, Exit::Failure, "arcKey", words);
    };
    let group = if cfg!(windows) {
        "Hybrid agent"
    } else {
        "himds"
    };
    check(io::ErrorKind::PermissionDenied, &[group]);
    check(io::ErrorKind::NotFound, &[]);
}
