//! What proves who a workload is: a token of the platform that it runs on, for the flow WorkloadIdentity.

use std::path::Path;

use entra::jwt::UnverifiedJwt;
use entra::ports::{ClientCredential, Peer};
use entra::secret::Secret;
use entra::text::{SecretShape, shape};
use entra::wire::federation::{Issuer, is_jwt};

use crate::around::{is_quoted, trimmed};
use crate::encoding::decoded;
use crate::env::{self, Environment};
use crate::failure::{Failure, MissingAssertion, SharedCredential};
use crate::file::{NamedBy, NamedFile};
use crate::profile::Profile;
use crate::text;
use crate::token::selected::Origin;
use crate::token::sharing;

/// The token, or who issues it: the profile's file or service connection, else the file that
/// the environment names, else GitHub Actions, else Azure Pipelines.
pub(crate) fn credential(
    profile: &Profile,
    origin: Origin,
    ca_bundle: Option<&Path>,
    environment: &Environment,
) -> Result<ClientCredential, Failure> {
    // With it, anyone can act as this workload at Entra ID.
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
        origin,
        environment,
    };
    environment.check_quotes(&NAMED)?;
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
/// What is no token is not sent: a profile that another user wrote could name any file.
pub(crate) fn token(path: &Path, named_by: NamedBy, member: &str) -> Result<Secret, Failure> {
    let path = path.to_owned();
    let file = NamedFile { path, named_by };
    let path = text::path(&file.path);
    let bytes = file
        .read(LIMIT)
        .map_err(|error| match text::instead_of_path(&file.path) {
            Some(remedy) => Failure::usage(format!("{member} names no file: `{path}`"), remedy),
            None => Failure::io(format!("cannot read `{path}`"), error),
        })?;
    let text = Secret::new(decoded(&bytes));
    let token = Secret::from(bare(text.expose()));
    if is_jwt(&token) {
        return Ok(token);
    }
    Err(Failure::usage(
        format!("{member} `{path}` holds {}", held(token.expose())),
        "check that the platform has written the federated token there",
    ))
}

/// A token without what editors, shells and configuration files leave around it.
fn bare(text: &str) -> &str {
    let text = trimmed(text);
    if !is_quoted(text) {
        return text;
    }
    let mut chars = text.chars();
    chars.next();
    chars.next_back();
    trimmed(chars.as_str())
}

/// What stands in the place of a token, without showing it.
fn held(text: &str) -> String {
    if text.is_empty() {
        return "no text".to_owned();
    }
    if shape(text).is_some_and(SecretShape::is_certificate) {
        return "a certificate or key instead of a token".to_owned();
    }
    let first = |sign| text.starts_with(sign);
    if first('{') || first('[') {
        return "JSON instead of a token".to_owned();
    }
    if first('<') {
        return "HTML or XML instead of a token".to_owned();
    }
    if text.contains(char::is_whitespace) {
        return "several words or lines instead of a token".to_owned();
    }
    match UnverifiedJwt::parse(text) {
        Err(error) => format!("no token: {error}"),
        Ok(_) => "a token without a signature".to_owned(),
    }
}

struct Source<'a> {
    profile: &'a Profile,
    origin: Origin,
    environment: &'a Environment,
}

impl Source<'_> {
    fn github(&self) -> Result<Issuer, Failure> {
        let text = |name| self.environment.text(name);
        let missing = || self.missing(MissingAssertion::GitHubPermission);
        let url = text(env::ACTIONS_ID_TOKEN_REQUEST_URL).ok_or_else(missing)?;
        check_url(env::ACTIONS_ID_TOKEN_REQUEST_URL, url)?;
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
        check_url(env::SYSTEM_OIDCREQUESTURI, url)?;
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
            whose: self.origin.whose(self.profile),
            missing,
        }
    }
}

fn check_url(name: &'static str, url: &str) -> Result<(), Failure> {
    Peer::Anywhere.check(url).map_err(|_| Failure::Variable {
        name,
        problem: "is not an https URL".to_owned(),
    })
}

/// The variables that name something, and so need no quotes.
const NAMED: [&str; 6] = [
    env::AZURE_FEDERATED_TOKEN_FILE,
    env::ACTIONS_ID_TOKEN_REQUEST_URL,
    env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    env::SYSTEM_OIDCREQUESTURI,
    env::SYSTEM_ACCESSTOKEN,
    env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
];
const GITHUB: [&str; 3] = [
    env::ACTIONS_ID_TOKEN_REQUEST_URL,
    env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    env::GITHUB_ACTIONS,
];
const PIPELINES: [&str; 2] = [env::SYSTEM_OIDCREQUESTURI, env::TF_BUILD];
/// Bytes; tokens of clusters have a few thousand.
const LIMIT: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJub25lIn0.e30.c2ln";

    #[test]
    fn what_surrounds_a_token_is_dropped() {
        for text in [
            JWT,
            &format!("{JWT}\r\n"),
            &format!("\u{feff}{JWT}"),
            &format!("\"{JWT}\"\n"),
            &format!("' {JWT} '"),
            &format!("\u{201c}{JWT}\u{201d}"),
        ] {
            assert_eq!(bare(text), JWT, "{text:?}");
        }
        assert_eq!(bare("\""), "\"");
    }

    #[test]
    fn what_is_no_token_is_described_and_not_shown() {
        let check = |text: &str, want: &str| {
            let held = held(text);
            assert!(held.contains(want) && !held.contains("C4n4ry"), "{held}");
        };
        check("", "no text");
        check("-----BEGIN PRIVATE KEY-----C4n4ry", "certificate or key");
        check("{\"token\":\"C4n4ry\"}", "JSON");
        check("<html>C4n4ry", "HTML");
        check("C4n4ry C4n4ry", "several words");
        check("C4n4ry", "no token: ");
        check("C4n4ry.C4n4ry.C4n4ry", "no token: ");
        check("C4n4ry.a.b.c.d", "no token: ");
        check("eyJhbGciOiJub25lIn0.e30.", "without a signature");
    }
}
