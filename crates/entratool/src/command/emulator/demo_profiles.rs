//! The profiles that `emulator run` makes ready.

use entra::secret::Secret;
use entra_emulator::{Emulator, demo};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::profile::raw::RawProfile;
use crate::profile::store::ProfileFile;
use crate::vault::Paths;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::{Lasting, World};

/// Writes the profiles with their secrets into the folders of `paths`.
pub(super) fn create(emulator: &Emulator, paths: &Paths, world: &World<'_>) -> Result<(), Failure> {
    let vault = (world.make_vault)(paths.clone(), &world.environment, Lasting::Briefly);
    let secrets = Secrets::new(&vault);
    for (profile, secret) in [
        ("demo", demo::CLIENT_SECRET),
        ("demo-web", demo::WEB_CLIENT_SECRET),
    ] {
        let name = SecretName::new(profile, SecretKind::ClientSecret);
        secrets.set(&name, &Secret::from(secret))?;
    }
    let sleep = |pause| world.sleep(pause);
    ProfileFile::new(&world.files, &paths.config).change(&sleep, |profiles| {
        profiles.profiles = all(emulator);
        Ok(())
    })
}

fn all(emulator: &Emulator) -> Vec<RawProfile> {
    let user_scopes = "https://graph.microsoft.com/User.Read";
    let application_scope = "https://graph.microsoft.com/.default";
    [
        (
            "demo",
            demo::CLIENT_ID,
            application_scope,
            "ClientCredentials",
            true,
        ),
        (
            "demo-device",
            demo::PUBLIC_CLIENT_ID,
            user_scopes,
            "DeviceCode",
            false,
        ),
        (
            "demo-browser",
            demo::PUBLIC_CLIENT_ID,
            user_scopes,
            "InteractiveBrowser",
            false,
        ),
        (
            "demo-web",
            demo::WEB_CLIENT_ID,
            user_scopes,
            "AuthorizationCode",
            true,
        ),
    ]
    .into_iter()
    .map(|(name, client_id, scope, flow, has_secret)| {
        let profile = json!({
            "name": name,
            "clientId": client_id,
            "tenantId": demo::TENANT_ID,
            "scope": scope,
            "flow": flow,
            "authority": emulator.authority(),
            "useClientSecret": has_secret,
            "caBundle": emulator.certificate_bundle(),
        });
        match profile {
            Value::Object(members) => RawProfile(members),
            _ => RawProfile::default(),
        }
    })
    .collect()
}
