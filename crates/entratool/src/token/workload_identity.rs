//! What proves who a workload is: a token of the platform that it runs on, for the flow WorkloadIdentity.

use std::path::Path;

use entra::ports::ClientCredential;
use entra::secret::Secret;
use entra::wire::federation::{Issuer, is_jwt};

use crate::env::{self, Environment};
use crate::failure::{Failure, MissingAssertion, SharedCredential};
use crate::file::{NamedBy, NamedFile};
use crate::profile::Profile;
use crate::token::sharing;

/// The token, or who hands it out: the profile's file or service connection, else the file that
/// the environment names, else GitHub Actions, else Azure Pipelines.
pub(crate) fn credential(
    profile: &Profile,
    ca_bundle: Option<&Path>,
    environment: &Environment,
) -> Result<ClientCredential, Failure> {
    // Whoever has it can be this workload at Entra ID.
    sharing::check(
        SharedCredential::WorkloadToken,
        profile,
        ca_bundle,
        environment,
    )?;
    let settings = &profile.machine;
    if let Some(path) = &settings.federated_token_file {
        return token(path, NamedBy::Profile, "federatedTokenFile")
            .map(ClientCredential::Assertion);
    }
    let source = Source {
        profile,
        environment,
    };
    if settings.service_connection.is_some() {
        return source.pipelines().map(ClientCredential::Federated);
    }
    if let Some(path) = environment.path(env::AZURE_FEDERATED_TOKEN_FILE) {
        let token = token(&path, NamedBy::User, env::AZURE_FEDERATED_TOKEN_FILE);
        return token.map(ClientCredential::Assertion);
    }
    let has = |names: &[&str]| names.iter().any(|name| environment.has(name));
    let issuer = if has(&GITHUB) {
        source.github()
    } else if has(&PIPELINES) {
        source.pipelines()
    } else {
        Err(source.missing(MissingAssertion::Everything))
    };
    issuer.map(ClientCredential::Federated)
}

/// The token in a file, read at each exchange: such tokens live for minutes and are replaced in
/// place. `member` is the field or variable that names the file.
///
/// What is no token stays here: a profile that came from somebody else could name any file.
pub(crate) fn token(path: &Path, named_by: NamedBy, member: &str) -> Result<Secret, Failure> {
    let path = path.to_owned();
    let file = NamedFile { path, named_by };
    let path = file.path.display();
    let bytes = file
        .read(LIMIT)
        .map_err(|error| Failure::io(format!("cannot read `{path}`"), error))?;
    let text = Secret::new(String::from_utf8(bytes).unwrap_or_default());
    let token = Secret::from(text.expose().trim());
    if is_jwt(&token) {
        return Ok(token);
    }
    let what = if token.is_empty() {
        "no token"
    } else {
        "something else than a token"
    };
    Err(Failure::usage(
        format!("{member} `{path}` holds {what}"),
        "check that the platform has written the federated token there",
    ))
}

struct Source<'a> {
    profile: &'a Profile,
    environment: &'a Environment,
}

impl Source<'_> {
    fn github(&self) -> Result<Issuer, Failure> {
        let text = |name| self.environment.text(name);
        let missing = || self.missing(MissingAssertion::GitHubPermission);
        let url = text(env::ACTIONS_ID_TOKEN_REQUEST_URL).ok_or_else(missing)?;
        let token = text(env::ACTIONS_ID_TOKEN_REQUEST_TOKEN).ok_or_else(missing)?;
        Ok(Issuer::GitHubActions {
            url: url.to_owned(),
            token: token.into(),
        })
    }

    fn pipelines(&self) -> Result<Issuer, Failure> {
        let text = |name| self.environment.text(name);
        let url = text(env::SYSTEM_OIDCREQUESTURI)
            .ok_or_else(|| self.missing(MissingAssertion::Pipeline))?;
        let token = text(env::SYSTEM_ACCESSTOKEN)
            .ok_or_else(|| self.missing(MissingAssertion::PipelineToken))?;
        let connection = self.profile.machine.service_connection.as_deref();
        let connection = connection
            .or_else(|| text(env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID))
            .ok_or_else(|| self.missing(MissingAssertion::ServiceConnection))?;
        Ok(Issuer::AzurePipelines {
            url: url.to_owned(),
            token: token.into(),
            service_connection: connection.to_owned(),
        })
    }

    fn missing(&self, missing: MissingAssertion) -> Failure {
        Failure::AssertionMissing {
            profile: self.profile.name.to_string(),
            missing,
        }
    }
}

const GITHUB: [&str; 3] = [
    env::ACTIONS_ID_TOKEN_REQUEST_URL,
    env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    env::GITHUB_ACTIONS,
];
const PIPELINES: [&str; 2] = [env::SYSTEM_OIDCREQUESTURI, env::TF_BUILD];
/// Bytes; tokens of clusters have a few thousand.
const LIMIT: u64 = 64 * 1024;
