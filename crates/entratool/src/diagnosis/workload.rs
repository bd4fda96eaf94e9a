//! Explains failures of managed identities and workload identity federation.

use std::io;

use entra::error::ManagedIdentityError;
use entra::wire::refusal::Refusal;

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;
use crate::failure::{MissingAssertion, NamedOnlyByProfile, SharedCredential};
use crate::paste::{self, CommandLine};

/// The managed identity is unavailable.
pub(super) fn managed_identity(
    start: impl Fn(Exit, &'static str) -> Diagnosis,
    problem: &ManagedIdentityError,
    variable: Option<&str>,
) -> Diagnosis {
    match problem {
        ManagedIdentityError::Absent { .. } | ManagedIdentityError::Elsewhere { .. } => led_by(start(Exit::Network, "noManagedIdentity"), variable)
            .hint("only resources in Azure, and servers with Azure Arc, have a managed identity; elsewhere use another flow")
            .hint("in a container or behind a firewall, 169.254.169.254 must be reachable"),
        ManagedIdentityError::Challenge(_) => start(Exit::Failure, "challenge").hint(
            "only the agent of Azure Arc may listen at IDENTITY_ENDPOINT: find out which program does, and unset the variable if it is another one",
        ),
        ManagedIdentityError::Other { .. } => start(Exit::Failure, "otherIdentity")
            .hint("nothing was cached")
            .hint("update the agent of Azure Arc, or use the system-assigned identity with `--identity system`"),
        ManagedIdentityError::Unsupported(_) => {
            start(Exit::Usage, "usage").hint("name the identity in another form, see `--identity`")
        }
        _ => start(Exit::Failure, "managedIdentity"),
    }
}

/// Adds which variable named the endpoint: one that is left over leads astray.
pub(super) fn led_by(diagnosis: Diagnosis, variable: Option<&str>) -> Diagnosis {
    match variable {
        Some(name) => diagnosis.hint(format!(
            "{name} names the endpoint: unset it if it is left over, or is not of this host"
        )),
        None => diagnosis,
    }
}

/// The managed identity endpoint refused the request.
pub(super) fn refused(diagnosis: Diagnosis, refusal: &Refusal) -> Diagnosis {
    match refusal.error.as_str() {
        "invalid_resource" | "invalid_scope" => {
            diagnosis.hint("check the resource in `--scope RESOURCE/.default`")
        }
        _ => diagnosis
            .hint("check in the portal, under Identity, that the resource has a managed identity, or the one that `--identity`, the profile or AZURE_CLIENT_ID names")
            .hint("name one with `--identity ID` if the host has several user-assigned identities and no system-assigned one"),
    }
}

/// The metadata service is being updated, or belongs to another cloud.
pub(super) fn being_updated(diagnosis: Diagnosis) -> Diagnosis {
    diagnosis
        .hint("an update of the service takes up to 70 seconds: allow more time with `--timeout 90s`")
        .hint("other clouds have another service at this address: only resources in Azure have a managed identity")
}

/// The pipeline's identity provider issued no token.
pub(super) fn no_assertion(
    start: impl Fn(Exit, &'static str) -> Diagnosis,
    issuer: &str,
    status: u16,
) -> Diagnosis {
    if matches!(status, 408 | 429 | 500..600) {
        return start(Exit::Network, "unavailable").hint("try again in a minute");
    }
    if issuer == "GitHub Actions" {
        // Azure Pipelines refuses with a page or a redirect, GitHub never does.
        return match status {
            ..400 => start(Exit::Network, "noOAuthAnswer")
                .hint("the answer is not from GitHub, for example from a proxy"),
            _ => start(Exit::Failure, "noFederatedToken").hint(GITHUB),
        };
    }
    let diagnosis = start(Exit::Failure, "noFederatedToken");
    let diagnosis = match status {
        401 | 403 => return diagnosis.hint(PIPELINE_TOKEN),
        // A missing or expired token leads to the sign-in page.
        0..=399 => diagnosis.hint(PIPELINE_TOKEN),
        _ => diagnosis,
    };
    diagnosis
        .hint("check the ID of the service connection, and that this pipeline may use it")
        .hint("a task of the same stage must name the service connection, for example AzureCLI@2 with `azureSubscription:`")
}

/// The workload has no client assertion.
pub(super) fn assertion_missing(message: String, missing: MissingAssertion) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::Failure, "noFederatedToken", message);
    match missing {
        MissingAssertion::Everything => diagnosis
            .hint("on Kubernetes: set AZURE_FEDERATED_TOKEN_FILE, or give the pod the label `azure.workload.identity/use: \"true\"`")
            .hint(format!("in GitHub Actions: {GITHUB}"))
            .hint(format!("in Azure Pipelines: {PIPELINE_TOKEN}"))
            .hint("elsewhere: name the file with `entratool config edit --federated-token-file FILE`"),
        MissingAssertion::GitHubPermission => diagnosis.hint(GITHUB),
        MissingAssertion::Pipeline => {
            diagnosis.hint("this works only in a job of Azure Pipelines")
        }
        MissingAssertion::PipelineToken => diagnosis.hint(PIPELINE_TOKEN),
        MissingAssertion::ServiceConnection => diagnosis
            .hint("run it in a task that names the service connection, for example AzureCLI@2, or set AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")
            .hint("or store it in the profile: `entratool config edit --service-connection ID`"),
    }
}

/// The environment's credential is not for the authority that the profile names.
pub(super) fn not_shared(
    diagnosis: Diagnosis,
    what: SharedCredential,
    profile: &str,
    authority: &str,
    named_only_by_profile: NamedOnlyByProfile,
) -> Diagnosis {
    let trusted = match named_only_by_profile {
        NamedOnlyByProfile::Authority => {
            format!(
                "if you trust that authority, set AZURE_AUTHORITY_HOST={}",
                paste::word_or(authority, "URL")
            )
        }
        NamedOnlyByProfile::CaBundle => {
            "if you trust that bundle, pass it with `--ca-bundle FILE` or SSL_CERT_FILE".to_owned()
        }
    };
    match what {
        SharedCredential::WorkloadToken => diagnosis.hint(trusted),
        SharedCredential::Variable(_) => diagnosis
            .hint(format!(
                "store a credential of the profile with `{}` (or `--certificate PATH`)",
                CommandLine::new("config edit")
                    .option("-p", profile)
                    .with("--client-secret-stdin")
            ))
            .hint(format!("or, {trusted}")),
    }
}

/// The key of the Azure Arc agent cannot be read.
pub(super) fn arc_key(message: String, source: &io::Error) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::Failure, "arcKey", message).because(source.to_string());
    if source.kind() != io::ErrorKind::PermissionDenied {
        return diagnosis;
    }
    diagnosis.hint(if cfg!(windows) {
        "run it as an administrator, or as a member of the group `Hybrid agent extension applications`"
    } else {
        "allow the user to get tokens with `sudo usermod -aG himds USER`, then sign in to the computer again"
    })
}

const GITHUB: &str = "add `permissions: id-token: write` to the job";
const PIPELINE_TOKEN: &str =
    "add `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` under `env:` of the step";
