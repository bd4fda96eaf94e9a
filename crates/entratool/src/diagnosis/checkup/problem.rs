//! Everything that `doctor` can find wrong, beside what other commands fail with.

use std::path::PathBuf;

use entra::wire::refusal::Refusal;
use thiserror::Error;

use super::Status;
use crate::diagnosis::{CLOCK_LIMIT, direction};
use crate::duration;
use crate::profile::flow::Flow;
use crate::text;

/// A malformed profile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Misread {
    /// Why, in the words of the commands that would use it.
    pub message: String,
    /// Where it stands among the profiles of the file, counted from 1.
    pub place: usize,
    /// The first member that is missing or not understood.
    pub member: &'static str,
}

/// Something that is not as it should be. What to do about it is in `remedy`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// A set of `AZURE_…` variables is not complete.
    #[error("{} set without {missing}, which makes no profile", names(.set))]
    AzureIncomplete {
        /// The variables that are set.
        set: Vec<&'static str>,
        /// What would complete them.
        missing: &'static str,
    },
    /// The token file is corrupt.
    #[error("the cached tokens of profile `{0}` are corrupt and ignored")]
    CacheForeign(String),
    /// Token files that were set aside because they could not be read.
    #[error("{} could not be read and {} set aside: {}", files(.0.len()), were(.0.len()), .0.join(", "))]
    CacheSetAside(Vec<String>),
    /// Token files that cannot be read.
    #[error("{}", .0.join("; "))]
    CacheUnreadable(Vec<String>),
    /// Some certificates of a CA bundle are damaged or expired.
    #[error("of the certificates in `{}`, {problem}", .path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        problem: String,
    },
    /// The certificate is about to end.
    #[error("certificate `{}` expires in {}", text::path(.path), duration::words(*.left))]
    CertificateEnding {
        /// The file.
        path: PathBuf,
        /// Seconds.
        left: i64,
    },
    /// The certificate has ended.
    #[error("certificate `{}` expired {} ago", text::path(.path), duration::words(*.ago))]
    CertificateExpired {
        /// The file.
        path: PathBuf,
        /// Seconds.
        ago: i64,
    },
    /// Other users can read the key.
    #[error("every user can read the private key in `{}`", text::path(.0))]
    CertificateExposed(PathBuf),
    /// The certificate is not valid yet.
    #[error("certificate `{}` is not valid for another {}", .path.display(), duration::words(*.wait))]
    CertificateNotYetValid {
        /// The file.
        path: PathBuf,
        /// Seconds.
        wait: i64,
    },
    /// The certificate's path leads to no file.
    #[error("certificate `{}` is not a regular file", text::path(.0))]
    CertificateNotFile(PathBuf),
    /// This computer's time differs from the authority's.
    #[error("this computer's clock is {} {} the authority's", duration::words(.ahead.abs()), direction(*.ahead))]
    ClockOff {
        /// Seconds by which this computer is ahead; negative if behind.
        ahead: i64,
    },
    /// Other users can change or read a file of ours.
    #[error("other users can {} `{}` (mode {mode:03o})", if *.writable { "change" } else { "read" }, text::path(.path))]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Whether others can change it.
        writable: bool,
        /// The mode that it should have.
        want: u32,
    },
    /// A file of ours belongs to another user.
    #[error("`{}` belongs to another user", text::path(.0))]
    Foreign(PathBuf),
    /// There is no browser to open.
    #[error("no browser can be opened: {0}")]
    NoBrowser(String),
    /// Another server answers in place of Entra ID.
    #[error("the server that answers is not Entra ID (HTTP status {0})")]
    NotEntra(u16),
    /// The path of the configuration leads to something that is no folder.
    #[error("`{}` is not a folder", text::path(.0))]
    NotFolder(PathBuf),
    /// There is no profile at all.
    #[error("there is no profile")]
    NoProfiles,
    /// No profile is selected.
    #[error("no profile is chosen; there are: {}", .0.join(", "))]
    NotChosen(Vec<String>),
    /// Malformed profiles.
    #[error("{}", messages(.0))]
    OtherProfiles(Vec<Misread>),
    /// A redirect URI's port is in use.
    #[error("port {port} of localhost is in use{}", by(.user.as_deref()))]
    PortBusy {
        /// The port.
        port: u16,
        /// The program, if it can be seen.
        user: Option<String>,
    },
    /// A redirect URI's port cannot be listened on for another reason.
    #[error("{0}")]
    PortClosed(String),
    /// The proxy does not work.
    #[error("{problem}")]
    Proxy {
        /// Why.
        problem: String,
        /// The variable that names it.
        variable: &'static str,
        /// The variable of the hosts that need none.
        exceptions: &'static str,
    },
    /// The authority refuses the request for its metadata.
    #[error("{}", .refusal)]
    Refused {
        /// Its answer.
        refusal: Box<Refusal>,
        /// The profile.
        profile: Option<String>,
        /// The tenant.
        tenant: String,
        /// The authority's base URL.
        authority: String,
    },
    /// There are no root certificates.
    #[error("{0}")]
    Roots(String),
    /// An application cannot ask for these scopes.
    #[error("{flow} cannot ask for `{asked}`: it needs one scope of the form RESOURCE/.default")]
    Scopes {
        /// The flow.
        flow: Flow,
        /// What the profile asks for.
        asked: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// Sealed secrets that cannot be read.
    #[error("{}", .0.join("; "))]
    SecretsUnreadable(Vec<String>),
    /// A change of the key was interrupted.
    #[error("a change of the key was interrupted; everything is still readable")]
    StorageUnfinished,
    /// The authority cannot be reached, or is not available.
    #[error("{0}")]
    Unreachable(String),
    /// The host name cannot be looked up.
    #[error("`{host}` cannot be looked up: {problem}")]
    Unresolved {
        /// The host.
        host: String,
        /// Why.
        problem: String,
    },
    /// The authority's certificate is not trusted.
    #[error("{problem}")]
    Untrusted {
        /// Why, with the issuer.
        problem: String,
        /// The profile.
        profile: Option<String>,
    },
}

impl Problem {
    /// How bad it is.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::AzureIncomplete { .. }
            | Self::CacheForeign(_)
            | Self::CacheSetAside(_)
            | Self::CacheUnreadable(_)
            | Self::CaBundle { .. }
            | Self::CertificateEnding { .. }
            | Self::CertificateExposed(_)
            | Self::NoBrowser(_)
            | Self::NoProfiles
            | Self::OtherProfiles(_)
            | Self::StorageUnfinished => Status::Warn,
            Self::ClockOff { ahead } if ahead.abs() <= CLOCK_LIMIT => Status::Warn,
            Self::Exposed {
                writable: false, ..
            } => Status::Warn,
            Self::NotChosen(_) => Status::Skipped,
            Self::CertificateExpired { .. }
            | Self::CertificateNotFile(_)
            | Self::CertificateNotYetValid { .. }
            | Self::ClockOff { .. }
            | Self::Exposed { .. }
            | Self::Foreign(_)
            | Self::NotEntra(_)
            | Self::NotFolder(_)
            | Self::PortBusy { .. }
            | Self::PortClosed(_)
            | Self::Proxy { .. }
            | Self::Refused { .. }
            | Self::Roots(_)
            | Self::Scopes { .. }
            | Self::SecretsUnreadable(_)
            | Self::Unreachable(_)
            | Self::Unresolved { .. }
            | Self::Untrusted { .. } => Status::Fail,
        }
    }
}

fn names(set: &[&str]) -> String {
    let verb = if set.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", set.join(" and "))
}

fn messages(profiles: &[Misread]) -> String {
    let messages: Vec<_> = profiles.iter().map(ToString::to_string).collect();
    messages.join("; ")
}

fn files(count: usize) -> String {
    match count {
        1 => "1 token file".to_owned(),
        count => format!("{count} token files"),
    }
}

fn were(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn by(user: Option<&str>) -> String {
    user.map_or_else(String::new, |user| format!(" by {user}"))
}
