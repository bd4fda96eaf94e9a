//! The profiles that `emulator run` makes ready.

use std::io;
use std::path::Path;

use entra::secret::Secret;
use entra_emulator::{Emulator, demo};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::profile::store::ProfileFile;
use crate::profile::{Authentication, CertificateFiles};
use crate::vault::Paths;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::{Persistence, World};

/// Writes the profiles with their secrets into the folders of `paths`.
pub(super) fn create(emulator: &Emulator, paths: &Paths, world: &World<'_>) -> Result<(), Failure> {
    let vault = (world.make_vault)(paths.clone(), &world.environment, Persistence::Temporary);
    let secrets = Secrets::new(&vault);
    for (profile, secret) in [
        ("demo", demo::CLIENT_SECRET),
        ("demo-web", demo::WEB_CLIENT_SECRET),
    ] {
        let name = SecretName::new(profile, SecretKind::ClientSecret);
        secrets.set(&name, &Secret::from(secret))?;
    }
    put_certificate_into(&paths.config, world)?;
    let registered = emulator
        .control()
        .register_certificate(demo::CERTIFICATE_CLIENT_ID, demo::CERTIFICATE.as_bytes());
    registered.map_err(|error| {
        Failure::io(
            "the emulator does not take its own certificate",
            io::Error::other(error),
        )
    })?;
    let sleep = |pause| world.sleep(pause);
    ProfileFile::new(&world.files, &paths.config).change(&sleep, |profiles| {
        profiles.profiles = all(emulator);
        Ok(())
    })
}

/// Both halves in one PEM file, as people have them who made a certificate with OpenSSL.
fn put_certificate_into(folder: &Path, world: &World<'_>) -> Result<(), Failure> {
    world.files.ensure_folder(folder)?;
    let file = format!("{}{}", demo::CERTIFICATE_KEY, demo::CERTIFICATE);
    let path = folder.join(CERTIFICATE_FILE);
    Ok(world.files.replace(&path, file.as_bytes())?)
}

fn all(emulator: &Emulator) -> Vec<RawProfile> {
    let user_scopes = "https://graph.microsoft.com/User.Read";
    let application_scope = "https://graph.microsoft.com/.default";
    let secret = Authentication::ClientSecret;
    let certificate = Authentication::Certificate(CertificateFiles::one(CERTIFICATE_FILE));
    let public = Authentication::None;
    [
        (
            "demo",
            demo::CLIENT_ID,
            application_scope,
            Flow::ClientCredentials,
            &secret,
        ),
        (
            "demo-cert",
            demo::CERTIFICATE_CLIENT_ID,
            application_scope,
            Flow::ClientCredentials,
            &certificate,
        ),
        (
            "demo-device",
            demo::PUBLIC_CLIENT_ID,
            user_scopes,
            Flow::DeviceCode,
            &public,
        ),
        (
            "demo-browser",
            demo::PUBLIC_CLIENT_ID,
            user_scopes,
            Flow::InteractiveBrowser,
            &public,
        ),
        (
            "demo-web",
            demo::WEB_CLIENT_ID,
            user_scopes,
            Flow::AuthorizationCode,
            &secret,
        ),
    ]
    .into_iter()
    .map(|(name, client_id, scope, flow, authentication)| {
        let members = json!({
            "name": name,
            "clientId": client_id,
            "tenantId": demo::TENANT_ID,
            "scope": scope,
            "flow": flow.name(),
            "authority": emulator.authority(),
            "caBundle": emulator.certificate_bundle(),
        });
        let mut profile = match members {
            Value::Object(members) => RawProfile(members),
            _ => RawProfile::default(),
        };
        profile.set_authentication(authentication);
        profile
    })
    .collect()
}

/// Beside the profile file, to which paths in it are relative.
const CERTIFICATE_FILE: &str = "demo-cert.pem";
