//! `config show`: one profile, and which of its secrets are stored.

use clap::Args;
use entra::cache::Document;
use serde_json::Value;

use crate::certificate::file;
use crate::diagnosis::diagnose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::bundle;
use crate::profile::field::{FIELDS, Input};
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
    /// Print the profile as JSON, as in the file but without secrets
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
    select::warn(raw, world);
    let text = if arguments.json {
        let mut raw = raw.clone();
        bundle::take_secrets(&mut raw);
        pretty(&Value::Object(raw.0))
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
    for field in &FIELDS {
        if matches!(field.input, Input::Credential(_)) {
            continue;
        }
        let value = match field.member() {
            "authority" if raw.text("tenantId").is_some() => {
                Some(profile.authority.base().to_owned())
            }
            "scope" => Some(profile.scopes.to_string()),
            "flow" => profile.flow.map(|flow| flow.name().to_owned()),
            _ => field.present(raw),
        };
        if let Some(value) = value {
            line(field.label, &value);
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
            line("Authentication Method", "client secret");
            line("Client Secret", stored(SecretKind::ClientSecret));
        }
        Authentication::Certificate(files) => {
            line("Authentication Method", "certificate");
            line("Certificate Path", &files.certificate.display().to_string());
            if let Some(key) = &files.key {
                line("Certificate Key Path", &key.display().to_string());
            }
            match acquire::certificate(profile, Origin::File, files, world) {
                Ok(certificate) => {
                    for (label, value) in file::lines(certificate.leaf(), world.now()) {
                        line(&format!("  {label}"), &value);
                    }
                }
                Err(failure) => line("  Cannot be used", &reason(&failure)),
            }
            line(
                "Certificate Password",
                stored(SecretKind::CertificatePassword),
            );
        }
        Authentication::None => {
            let how = match profile.flow {
                Some(Flow::ManagedIdentity) => "managed identity",
                Some(Flow::WorkloadIdentity) => "federated token",
                _ => "none (public client)",
            };
            line("Authentication Method", how);
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
    // The same user has an account in each directory.
    for account in accounts {
        if !usernames.contains(&account.username) {
            usernames.push(account.username);
        }
    }
    usernames
}
