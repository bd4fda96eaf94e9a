//! Which managed identity is meant, and which endpoint has its tokens: the flow ManagedIdentity.

use std::path::Path;

use entra::authority::Authority;
use entra::client::ClientId;
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::ports::Peer;
use entra::secret::Secret;
use entra::token::Token;
use entra::wire::identity::arc::KEY_LIMIT;
use entra::wire::identity::{
    Endpoint, Identity, Thumbprint, ThumbprintError, VIRTUAL_MACHINE_HOST,
};

use crate::env::{self, Environment};
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

/// Refuses options that no managed identity endpoint knows.
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

/// The directory that a token is of, which stands in the token only.
pub(crate) fn tenant(token: &Token) -> Option<String> {
    let jwt = UnverifiedJwt::parse(token.access_token.expose()).ok()?;
    let tenant = Claims::new(jwt.payload()).text("tid")?;
    Some(tenant.to_owned())
}

/// The endpoint that the platform's variables name, in the order in which azure-identity looks.
pub(crate) fn endpoint(world: &World<'_>) -> Result<Endpoint, Failure> {
    let environment = &world.environment;
    environment.check_quotes(&VARIABLES)?;
    if let Some(url) = url(env::IDENTITY_ENDPOINT, environment)? {
        let thumbprint = environment.text(env::IDENTITY_SERVER_THUMBPRINT);
        match (environment.secret(env::IDENTITY_HEADER), thumbprint) {
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
                    thumbprint: Thumbprint::parse(thumbprint).map_err(no_thumbprint)?,
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
    if let Some(url) = url(env::MSI_ENDPOINT, environment)? {
        return Ok(match environment.secret(env::MSI_SECRET) {
            Some(secret) => Endpoint::MachineLearning { url, secret },
            None => Endpoint::CloudShell { url },
        });
    }
    let host = url(env::AZURE_POD_IDENTITY_AUTHORITY_HOST, environment)?;
    Ok(Endpoint::VirtualMachine {
        host: host.unwrap_or_else(|| VIRTUAL_MACHINE_HOST.to_owned()),
    })
}

/// The variable that led to `endpoint`, if one did.
pub(crate) fn variable(endpoint: &Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::AppService { .. } | Endpoint::Arc { .. } | Endpoint::ServiceFabric { .. } => {
            Some(env::IDENTITY_ENDPOINT)
        }
        Endpoint::CloudShell { .. } | Endpoint::MachineLearning { .. } => Some(env::MSI_ENDPOINT),
        Endpoint::VirtualMachine { host } if host == VIRTUAL_MACHINE_HOST => None,
        Endpoint::VirtualMachine { .. } => Some(env::AZURE_POD_IDENTITY_AUTHORITY_HOST),
    }
}

/// The URL that a variable holds: https, or plain http to this host.
fn url(name: &'static str, environment: &Environment) -> Result<Option<String>, Failure> {
    let Some(url) = environment.text(name) else {
        return Ok(None);
    };
    if Peer::ThisMachine.check(url).is_ok() {
        return Ok(Some(url.to_owned()));
    }
    let problem = if url.starts_with("http://") {
        "is plain http to another host, which would show every secret to the network"
    } else {
        "is no http or https URL"
    };
    Err(Failure::Variable {
        name,
        problem: problem.to_owned(),
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

/// What the platforms set, without quotes.
const VARIABLES: [&str; 7] = [
    env::IDENTITY_ENDPOINT,
    env::IDENTITY_HEADER,
    env::IDENTITY_SERVER_THUMBPRINT,
    env::IMDS_ENDPOINT,
    env::MSI_ENDPOINT,
    env::MSI_SECRET,
    env::AZURE_POD_IDENTITY_AUTHORITY_HOST,
];
