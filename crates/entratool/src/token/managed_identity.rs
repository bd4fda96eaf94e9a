//! Who a machine in Azure is, and whom it asks for its tokens: the flow ManagedIdentity.

use std::path::Path;

use entra::authority::Authority;
use entra::client::ClientId;
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::secret::Secret;
use entra::token::Token;
use entra::wire::identity::arc::KEY_LIMIT;
use entra::wire::identity::{
    Endpoint, Identity, Thumbprint, ThumbprintError, VIRTUAL_MACHINE_HOST,
};

use crate::env;
use crate::failure::Failure;
use crate::file::read_plain;
use crate::profile::Profile;
use crate::token::options::RequestArgs;
use crate::world::World;

/// The identity that is meant: as typed, as the profile says, or the system-assigned one.
pub(crate) fn which(typed: Option<&Identity>, profile: &Profile) -> Identity {
    let known = Some(&profile.client_id).filter(|id| **id != ClientId::unknown());
    let identity = typed
        .or(profile.machine.identity.as_ref())
        .cloned()
        .or_else(|| known.cloned().map(Identity::ClientId));
    identity.unwrap_or_default()
}

/// Refuses what a managed identity cannot be asked.
pub(crate) fn refuse(options: &RequestArgs) -> Result<(), Failure> {
    for (given, option, reason) in [
        (&options.tenant, "--tenant", "it is in one directory only"),
        (&options.claims, "--claims", "its endpoint takes none"),
    ] {
        if given.is_some() {
            return Err(Failure::usage(
                format!("`{option}` does not go with a managed identity: {reason}"),
                "leave the option out",
            ));
        }
    }
    Ok(())
}

/// Whether a profile says nothing but that the managed identity of this host is meant.
pub(crate) fn is_all(profile: &Profile) -> bool {
    let nowhere = Authority::of_managed_identity(VIRTUAL_MACHINE_HOST);
    profile.client_id == ClientId::unknown() || profile.authority == nowhere
}

/// The directory that a token is of, which only the token itself tells.
pub(crate) fn tenant(token: &Token) -> Option<String> {
    let jwt = UnverifiedJwt::parse(token.access_token.expose()).ok()?;
    let tenant = Claims::new(jwt.payload()).text("tid")?;
    Some(tenant.to_owned())
}

/// The endpoint that the platform's variables name, in the order in which azure-identity looks.
pub(crate) fn endpoint(world: &World<'_>) -> Result<Endpoint, Failure> {
    let environment = &world.environment;
    let text = |name| environment.text(name).map(str::to_owned);
    let secret = |name| environment.text(name).map(Secret::from);
    if let Some(url) = text(env::IDENTITY_ENDPOINT) {
        let thumbprint = text(env::IDENTITY_SERVER_THUMBPRINT);
        match (secret(env::IDENTITY_HEADER), thumbprint) {
            (Some(_), Some(_)) if !url.starts_with("https://") => {
                return Err(Failure::usage(
                    format!("{} of Service Fabric is not https", env::IDENTITY_ENDPOINT),
                    "leave the variable as Service Fabric sets it",
                ));
            }
            (Some(header), Some(thumbprint)) => {
                return Ok(Endpoint::ServiceFabric {
                    url,
                    header,
                    thumbprint: Thumbprint::parse(&thumbprint).map_err(no_thumbprint)?,
                });
            }
            (Some(header), None) => return Ok(Endpoint::AppService { url, header }),
            (None, _) if environment.has(env::IMDS_ENDPOINT) => {
                let key_folder = world.machine.arc_key_folder(environment);
                return Ok(Endpoint::Arc { url, key_folder });
            }
            (None, _) => {}
        }
    }
    if let Some(url) = text(env::MSI_ENDPOINT) {
        return Ok(match secret(env::MSI_SECRET) {
            Some(secret) => Endpoint::MachineLearning { url, secret },
            None => Endpoint::CloudShell { url },
        });
    }
    let host = text(env::AZURE_POD_IDENTITY_AUTHORITY_HOST);
    Ok(Endpoint::VirtualMachine {
        host: host.unwrap_or_else(|| VIRTUAL_MACHINE_HOST.to_owned()),
    })
}

fn no_thumbprint(error: ThumbprintError) -> Failure {
    Failure::usage(
        format!("{}: {error}", env::IDENTITY_SERVER_THUMBPRINT),
        "leave the variable as Service Fabric sets it",
    )
}

/// The key that the agent of Azure Arc wants to see.
pub(crate) fn challenge_key(path: &Path) -> Result<Secret, Failure> {
    let failed = |source| Failure::ArcKey {
        path: path.to_owned(),
        source,
    };
    let bytes = read_plain(path, KEY_LIMIT).map_err(failed)?;
    let key = Secret::new(String::from_utf8(bytes).unwrap_or_default());
    let key = key.expose().trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(failed(std::io::Error::other("it holds no key")));
    }
    Ok(key.into())
}
