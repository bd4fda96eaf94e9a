//! `config show`: one profile, and which of its secrets are stored.

use clap::Args;
use entra::cache::Document;
use entra::jwt::sign::AssertionAlgorithm;
use serde_json::Value;

use crate::certificate::file;
use crate::diagnosis::diagnose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::profile::{Authentication, Profile};
use crate::token::selected::Origin;
use crate::token::{acquire, select};
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// Options of `config show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// The profile
    #[arg(short, long, group = "which")]
    pub profile: Option<String>,
    /// The profile
    #[arg(value_name = "PROFILE", group = "which")]
    pub name: Option<String>,
    /// Print the profile as JSON, as in the file
    #[arg(long)]
    pub json: bool,
}

/// Shows a profile; never a secret.
///
/// # Errors
///
/// If there is no such profile, or it cannot be understood.
pub(super) fn run(arguments: &ShowArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let profiles = world.profiles()?.load()?;
    let named = arguments.profile.as_deref().or(arguments.name.as_deref());
    let name = match named {
        Some(name) => name.to_owned(),
        None => select::select(None, world)?.profile.name.to_string(),
    };
    let raw = profiles
        .find(&name)
        .map_err(|why| select::not_found(&name, why))?;
    let text = if arguments.json {
        pretty(&Value::Object(raw.0.clone()))
    } else {
        text(raw, &select::parse(raw, world)?, world)?
    };
    world.ui.result(&text)?;
    Ok(Exit::Success)
}

fn text(raw: &RawProfile, profile: &Profile, world: &World<'_>) -> Result<String, Failure> {
    let mut text = format!("Profile: {}\n", profile.name);
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("  {label}: {}\n", crate::ui::printable(value)));
    };
    if raw.text("clientId").is_some() {
        line("Client ID", profile.client_id.as_str());
    }
    if raw.text("tenantId").is_some() {
        line("Tenant ID", profile.authority.tenant().as_str());
        line("Authority", profile.authority.base());
    }
    line("Scope", &profile.scopes.to_string());
    if let Some(flow) = profile.flow {
        line("Flow", flow.name());
    }
    if let Some(uri) = &profile.redirect_uri {
        line("Redirect URI", uri.as_str());
    }
    for (label, member) in [
        ("CA bundle", "caBundle"),
        ("Managed identity", "managedIdentity"),
        ("Federated token file", "federatedTokenFile"),
        ("Service connection", "serviceConnectionId"),
    ] {
        if let Some(value) = raw.text(member) {
            line(label, value);
        }
    }
    let secrets = Secrets::new(world.vault()?);
    let stored = |kind| {
        let name = SecretName::new(profile.name.as_str(), kind);
        if secrets.has(&name) {
            "stored"
        } else {
            "not stored"
        }
    };
    match &profile.authentication {
        Authentication::ClientSecret => {
            line("Authentication", "client secret");
            line("Client secret", stored(SecretKind::ClientSecret));
        }
        Authentication::Certificate(files) => {
            line("Authentication", "certificate");
            line("Certificate", &files.certificate.display().to_string());
            if let Some(key) = &files.key {
                line("Certificate key", &key.display().to_string());
            }
            match acquire::certificate(profile, Origin::File, files, world) {
                Ok(certificate) => {
                    for (label, value) in file::lines(certificate.leaf(), world.now()) {
                        line(&format!("  {label}"), &value);
                    }
                }
                Err(failure) => line("  Cannot be used", &reason(&failure)),
            }
            if profile.assertion_algorithm == AssertionAlgorithm::Rs256 {
                line("Assertion algorithm", "RS256");
            }
            if profile.send_x5c {
                line("Certificate chain", "sent along");
            }
            line(
                "Certificate password",
                stored(SecretKind::CertificatePassword),
            );
        }
        Authentication::None => {
            let how = match profile.flow {
                Some(Flow::ManagedIdentity) => "managed identity",
                Some(Flow::WorkloadIdentity) => "federated token",
                _ => "none (public client)",
            };
            line("Authentication", how);
        }
    }
    for username in signed_in(profile, world) {
        line("Signed in", &username);
    }
    Ok(text)
}

/// Why a certificate cannot be used, in one line.
fn reason(failure: &Failure) -> String {
    let diagnosis = diagnose(failure);
    let mut words = vec![diagnosis.message];
    words.extend(diagnosis.causes);
    words.join(": ")
}

/// Who signed in with this profile, as far as that can be read.
fn signed_in(profile: &Profile, world: &World<'_>) -> Vec<String> {
    let load = || -> Option<Document> {
        let file = TokenFile::new(world.vault().ok()?, profile.name.as_str());
        Document::parse(&file.load().ok()?.document?).ok()
    };
    let accounts = load().unwrap_or_default().accounts();
    let mut usernames = Vec::new();
    // The same person has an account in each directory.
    for account in accounts {
        if !usernames.contains(&account.username) {
            usernames.push(account.username);
        }
    }
    usernames
}
