//! Files of additional root certificates: who names them, and whether they serve.

use std::path::{Path, PathBuf};

use entra::Error;
use entra::certificate::PublicCertificate;
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

    /// What it holds.
    ///
    /// # Errors
    ///
    /// If that is no certificate.
    pub(crate) fn check(&self, world: &World<'_>) -> Result<Contents, Failure> {
        let bundle = world.machine.probe().bundle(&self.file());
        let bundle = bundle.map_err(|problem| self.unusable(problem))?;
        let ders = bundle.certificates();
        let parsed = ders
            .iter()
            .filter_map(|der| PublicCertificate::from_der(der).ok());
        let parsed: Vec<_> = parsed.collect();
        let now = world.now();
        let expired = parsed.iter().filter(|one| one.not_after() <= now);
        Ok(Contents {
            count: parsed.len(),
            unreadable: bundle.unreadable() + ders.len() - parsed.len(),
            expired: expired.map(|one| one.subject().to_owned()).collect(),
        })
    }

    fn unusable(&self, problem: String) -> Failure {
        Failure::CaBundle {
            path: self.path.clone(),
            problem,
            named_by: self.named_by.clone(),
        }
    }
}

/// What a file of root certificates holds.
pub(crate) struct Contents {
    /// How many certificates there are.
    pub(crate) count: usize,
    /// How many more are damaged.
    pub(crate) unreadable: usize,
    /// For whom the expired ones are.
    pub(crate) expired: Vec<String>,
}

impl Contents {
    /// What is wrong with some of the certificates, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        let unreadable = match self.unreadable {
            0 => None,
            count => Some(format!("{count} of {} cannot be read", self.count + count)),
        };
        let expired = match self.expired.as_slice() {
            [] => None,
            [one] => Some(format!("that of `{}` has expired", shown(one))),
            [one, more @ ..] => {
                let count = more.len();
                Some(format!(
                    "those of `{}` and {count} more have expired",
                    shown(one)
                ))
            }
        };
        let problems: Vec<String> = unreadable.into_iter().chain(expired).collect();
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

fn shown(subject: &str) -> String {
    subject.chars().take(SHOWN).collect()
}

/// What could be the reason why the authority is not trusted: damaged or expired certificates in the
/// files that are named, and variables of other programs that name files.
pub(crate) fn suspects(
    error: &Error,
    option: Option<&Path>,
    profile: Option<&Profile>,
    world: &World<'_>,
) -> Vec<String> {
    if !matches!(error, Error::Http(HttpError::Untrusted { .. })) {
        return Vec::new();
    }
    let mut suspects = unused(world);
    for bundle in in_use(option, profile, world) {
        if let Ok(contents) = bundle.check(world)
            && let Some(problem) = contents.problem()
        {
            let path = crate::text::path(&bundle.path);
            suspects.push(format!("of the certificates in `{path}`, {problem}"));
        }
    }
    suspects
}

/// What variables of other programs name, which is not read here.
pub(crate) fn unused(world: &World<'_>) -> Vec<String> {
    let set = |name: &&str| world.environment.text(name).is_some();
    let names = FOREIGN.iter().copied().filter(set);
    let note = |name| {
        format!("{name} is not read here: name its file with `--ca-bundle FILE` or SSL_CERT_FILE")
    };
    names.map(note).collect()
}

fn in_use(
    option: Option<&Path>,
    profile: Option<&Profile>,
    world: &World<'_>,
) -> impl Iterator<Item = CaBundle> {
    let first = match option {
        Some(path) => Some(CaBundle::of_option(path)),
        None => profile.and_then(CaBundle::of_profile),
    };
    first.into_iter().chain(CaBundle::of_environment(world))
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
    let bundle = in_use(option, profile, world).find(|bundle| bundle.path == *path)?;
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

/// By these, requests, curl, Node.js and the AWS tools find root certificates.
const FOREIGN: [&str; 4] = [
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "AWS_CA_BUNDLE",
];
/// Characters of a subject.
const SHOWN: usize = 120;
