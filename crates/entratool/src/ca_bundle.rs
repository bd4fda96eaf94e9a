//! Files of additional root certificates: who names them, and whether they serve.

use std::path::{Path, PathBuf};

use entra::Error;
use entra::error::ManagedIdentityError;
use entra::ports::HttpError;

use crate::env;
use crate::failure::{CaBundleSource, Failure};
use crate::file::{NamedBy, NamedFile};
use crate::profile::Profile;
use crate::world::World;

/// A file of additional root certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaBundle {
    pub(crate) path: PathBuf,
    named_by: CaBundleSource,
}

impl CaBundle {
    /// What `--ca-bundle` names.
    pub(crate) fn of_option(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            named_by: CaBundleSource::Option,
        }
    }

    /// The profile's own.
    pub(crate) fn of_profile(profile: &Profile) -> Option<Self> {
        Some(Self {
            path: profile.ca_bundle.clone()?,
            named_by: CaBundleSource::Profile(profile.name.to_string()),
        })
    }

    /// What the environment names.
    pub(crate) fn of_environment(world: &World<'_>) -> Option<Self> {
        Some(Self {
            path: world.environment.path(env::SSL_CERT_FILE)?,
            named_by: CaBundleSource::Variable(env::SSL_CERT_FILE),
        })
    }

    /// The file as it is read.
    pub(crate) fn file(&self) -> NamedFile {
        NamedFile {
            path: self.path.clone(),
            named_by: match self.named_by {
                CaBundleSource::Profile(_) => NamedBy::Profile,
                CaBundleSource::Option | CaBundleSource::Variable(_) => NamedBy::User,
            },
        }
    }

    /// How many certificates it holds.
    pub(crate) fn check(&self, world: &World<'_>) -> Result<usize, Failure> {
        let counted = world.machine.probe().bundle(&self.file());
        counted.map_err(|problem| self.unusable(problem))
    }

    fn unusable(&self, problem: String) -> Failure {
        Failure::CaBundle {
            path: self.path.clone(),
            problem,
            named_by: self.named_by.clone(),
        }
    }
}

/// The file because of which nothing was sent, or that there is none, if that is what happened.
pub(crate) fn in_the_way(
    error: &Error,
    option: Option<&Path>,
    profile: Option<&Profile>,
    world: &World<'_>,
) -> Option<Failure> {
    let (Error::Http(error)
    | Error::ManagedIdentity(ManagedIdentityError::Absent { problem: error, .. })) = error
    else {
        return None;
    };
    if let Err(quoted) = world.environment.check_quotes(&NETWORK) {
        return Some(quoted.into());
    }
    let (path, problem) = match error {
        HttpError::NoRoots => return Some(Failure::NoRoots),
        HttpError::Roots { path, problem } => (path, problem),
        _ => return None,
    };
    let first = match option {
        Some(path) => Some(CaBundle::of_option(path)),
        None => profile.and_then(CaBundle::of_profile),
    };
    let mut bundles = first.into_iter().chain(CaBundle::of_environment(world));
    let bundle = bundles.find(|bundle| bundle.path == *path)?;
    Some(bundle.unusable(problem.clone()))
}

/// The one that is used beside the environment's.
pub(crate) fn chosen(option: Option<&Path>, profile: Option<&Profile>) -> Option<NamedFile> {
    let (path, named_by) = match option {
        Some(path) => (path, NamedBy::User),
        None => (profile?.ca_bundle.as_deref()?, NamedBy::Profile),
    };
    let path = path.to_owned();
    Some(NamedFile { path, named_by })
}

/// Variables because of which nothing is sent if they have quotes around their values.
const NETWORK: [&str; 8] = [
    env::SSL_CERT_FILE,
    env::SSL_CERT_DIR,
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
];
