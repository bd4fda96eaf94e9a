//! The chosen profile: whether its flow, scopes and credential belong together.

use std::path::Path;

use entra::certificate::Certificate;
use entra::ports::ClientCredential;

use super::report::Report;
use crate::certificate::file;
use crate::diagnosis::checkup::{Check, Problem};
use crate::duration;
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::profile::{Authentication, CertificateFiles, Profile};
use crate::token::acquire::{self, Acquisition};
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::selected::{Origin, Selected};
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

pub(super) fn check(
    selected: Option<&Selected>,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let Some(selected) = selected else {
        return Ok(());
    };
    report.add(request(selected, world))?;
    report.add(credential(selected, world))?;
    report.add(certificate(selected, world))
}

/// The flow that the profile means, whether or not a browser can be opened here.
pub(super) fn flow(selected: &Selected) -> Flow {
    acquire::flow_of(&selected.profile)
}

fn request(selected: &Selected, world: &World<'_>) -> Check {
    const NAME: &str = "flow";
    let (options, sign_in) = (RequestArgs::default(), SignInArgs::default());
    if let Err(failure) = Acquisition::new(world, selected, None, &options, &sign_in) {
        return Check::failed(NAME, &failure);
    }
    let (flow, scopes) = (flow(selected), &selected.profile.scopes);
    if !flow.is_interactive() && scopes.single_default().is_none() {
        let problem = Problem::Scopes {
            flow,
            asked: scopes.to_string(),
            suggestion: scopes.as_default(),
        };
        return Check::problem(NAME, &problem);
    }
    let why = match selected.profile.flow {
        Some(_) => "as the profile says",
        None => "as credential and scopes suggest",
    };
    Check::ok(NAME, format!("{flow}, {why}"))
}

fn credential(selected: &Selected, world: &World<'_>) -> Check {
    const NAME: &str = "credential";
    let profile = &selected.profile;
    let flow = flow(selected);
    if !is_sent(flow, profile) {
        return Check::skipped(NAME, format!("{flow} sends none"));
    }
    let is_certificate = matches!(profile.authentication, Authentication::Certificate(_));
    if is_certificate && flow != Flow::WorkloadIdentity {
        return Check::ok(NAME, "a certificate");
    }
    match acquire::credential(selected, world) {
        Ok(ClientCredential::Secret(_)) if is_stored(selected, world) => {
            Check::ok(NAME, "a client secret, which is stored")
        }
        Ok(ClientCredential::Secret(_)) => Check::ok(NAME, "the environment's client secret"),
        Ok(_) if flow == Flow::WorkloadIdentity => Check::ok(NAME, "a token of the platform"),
        Ok(_) => Check::ok(NAME, "the environment's certificate or federated token"),
        Err(failure) => Check::failed(NAME, &failure),
    }
}

fn is_stored(selected: &Selected, world: &World<'_>) -> bool {
    let name = SecretName::new(selected.profile.name.as_str(), SecretKind::ClientSecret);
    let vault = world.vault().ok();
    selected.origin == Origin::File && vault.is_some_and(|vault| Secrets::new(vault).has(&name))
}

fn is_sent(flow: Flow, profile: &Profile) -> bool {
    match flow {
        Flow::ClientCredentials | Flow::WorkloadIdentity => true,
        Flow::AuthorizationCode => profile.authentication != Authentication::None,
        Flow::DeviceCode | Flow::InteractiveBrowser | Flow::ManagedIdentity => false,
    }
}

fn certificate(selected: &Selected, world: &World<'_>) -> Check {
    const NAME: &str = "certificate";
    let Authentication::Certificate(files) = &selected.profile.authentication else {
        return Check::skipped(NAME, "the profile has none");
    };
    // A pipe would be waited at.
    let is_other = |path: &&Path| std::fs::metadata(path).is_ok_and(|found| !found.is_file());
    let mut paths = [files.certificate.as_path(), files.of_key()].into_iter();
    if let Some(path) = paths.find(is_other) {
        return Check::problem(NAME, &Problem::CertificateNotFile(path.to_owned()));
    }
    match acquire::certificate(&selected.profile, selected.origin, files, world) {
        Ok(certificate) => opened(files, &certificate, world),
        Err(failure) => Check::failed(NAME, &failure),
    }
}

fn opened(files: &CertificateFiles, certificate: &Certificate, world: &World<'_>) -> Check {
    const NAME: &str = "certificate";
    let now = world.now();
    let wait = certificate.not_before().since(now);
    let left = certificate.not_after().since(now);
    let path = files.certificate.clone();
    let problem = if wait > 0 {
        Problem::CertificateNotYetValid { path, wait }
    } else if left <= 0 {
        Problem::CertificateExpired { path, ago: -left }
    } else if left <= file::WARNED_BEFORE {
        Problem::CertificateEnding { path, left }
    } else if file::readable_by_all(files.of_key()) {
        Problem::CertificateExposed(files.of_key().to_owned())
    } else {
        let thumbprint = certificate.thumbprint_sha1();
        let left = duration::words(left);
        let message = format!("opens, and its key matches; thumbprint {thumbprint}, {left} left");
        return Check::ok(NAME, message);
    };
    Check::problem(NAME, &problem)
}
