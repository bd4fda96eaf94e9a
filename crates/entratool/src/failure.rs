//! Every way in which a command can fail.

use std::io;
use std::path::PathBuf;

use entra::certificate::CertificateError;
use entra::jwt::JwtError;
use entra::jwt::sign::SignError;
use entra::jwt::verify::VerificationError;
use entra::text::echo;
use thiserror::Error;

pub use crate::asked::{Asked, Whose};
use crate::env::QuotedVariable;
use crate::file::FileError;
use crate::profile::ProfileError;
use crate::profile::flow::Flow;
use crate::profile::search::NameError;
use crate::profile::store::ProfilesError;
use crate::text;
use crate::token_issuer::Issuer;
use crate::vault::VaultError;
use crate::vault::key_store::KeyStoreError;

/// Why a command did not do what it was asked for. Advice is [`crate::diagnosis`]'s.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The key that the agent of Azure Arc wants to be shown cannot be.
    #[error("the Azure Arc agent's key `{}` cannot be read", text::path(.path))]
    ArcKey {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A token of the platform is needed, and it is not clear where to get it.
    #[error("{whose} has no federated token: {missing}")]
    AssertionMissing {
        /// Whose.
        whose: Whose,
        /// What is missing.
        missing: MissingAssertion,
    },
    /// A file of root certificates does not serve.
    #[error("CA bundle `{}` cannot be used: {problem}", text::path(.path))]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
        /// Who names it.
        named_by: CaBundleSource,
    },
    /// The user gave up at a prompt.
    #[error("cancelled")]
    Cancelled,
    /// A file of a certificate or of its key does not serve.
    #[error(transparent)]
    Certificate(#[from] Box<CertificateFailure>),
    /// A credential is needed, and none is stored or in the environment.
    #[error("{whose} has no {what}")]
    CredentialMissing {
        /// Whose.
        whose: Whose,
        /// `client secret`, `client credential` or `certificate`, and where that should be.
        what: String,
    },
    /// The local emulator of Entra ID could not be started.
    #[cfg(feature = "emulator")]
    #[error(transparent)]
    Emulator(entra_emulator::StartError),
    /// The profile that the environment's variables make up is invalid.
    #[error("the AZURE_… environment variables make no profile: {0}")]
    EnvironmentProfile(ProfileError),
    /// A profile of that name is already there.
    #[error("profile `{}` already exists", echo(.0))]
    Exists(String),
    /// A file that is to be made is already there.
    #[error("`{}` already exists", text::path(.0))]
    FileExists(PathBuf),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Files could not be found: there is no home folder.
    #[error("there is no home folder to keep files in")]
    NoHome,
    /// A flow cannot work with this profile.
    #[error("{flow} cannot be used with {whose}: {reason}")]
    FlowUnsuitable {
        /// The flow.
        flow: Flow,
        /// What it cannot be used with.
        whose: Whose,
        /// Why.
        reason: String,
    },
    /// Variables are set that name an application, but not all that it takes, and no profile is given.
    #[error("no profile given, and beside the AZURE_… variables that are set, {} is missing", .missing.join(" and "))]
    IncompleteEnvironment {
        /// Variables that are not set.
        missing: Vec<&'static str>,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// What was to be imported cannot be.
    #[error("`{}` cannot be imported: {problem}", text::path(.from))]
    Import {
        /// The file; `-` is standard input.
        from: PathBuf,
        /// Why.
        problem: String,
        /// What to do instead, if that is known.
        hint: Option<String>,
    },
    /// Standard input or output failed.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The text is no token that can be decoded.
    #[error("Invalid token: {0}")]
    InvalidToken(#[from] JwtError),
    /// The tokens of a profile cannot be read: their key is unavailable.
    #[error("no token for {whose}")]
    KeyUnavailable {
        /// Whose.
        whose: Whose,
        /// Why not.
        error: KeyStoreError,
    },
    /// The signing keys that verify a token are unavailable.
    #[error("cannot fetch the signing keys of {authority}")]
    Keys {
        /// Whose keys, with the tenant.
        authority: String,
        /// Why not.
        error: entra::Error,
    },
    /// A name leads to no profile.
    #[error("Profile not found: '{}'", echo(.name))]
    Name {
        /// What was asked for.
        name: String,
        /// Why it leads nowhere.
        why: NameError,
    },
    /// No profile was named, and none can be guessed.
    #[error("no profile given")]
    NoProfile {
        /// Those that there are.
        known: Vec<String>,
    },
    /// No root certificates: no server could prove who it is.
    #[error("this system has no root certificates, and no others are named")]
    NoRoots,
    /// A token is not to be believed.
    #[error("the token is not valid")]
    NotVerified {
        /// What is wrong.
        flaws: Vec<VerificationError>,
        /// Who issued the token, if that is known not to be Entra ID.
        issuer: Option<Issuer>,
    },
    /// A credential of the environment stays here: only the profile names the authority, or
    /// the CA that issued it.
    #[error("{what} is not sent to `{authority}`{named_only_by_profile} profile `{profile}` names")]
    CredentialNotShared {
        /// The credential.
        what: SharedCredential,
        /// The profile.
        profile: String,
        /// Its authority's base URL.
        authority: String,
        /// What only the profile names.
        named_only_by_profile: NamedOnlyByProfile,
    },
    /// The user did not confirm that a profile is deleted.
    #[error("profile `{0}` was not deleted")]
    NotDeleted(String),
    /// No token is cached for a profile.
    #[error("no token is cached for profile `{0}`")]
    NoCachedToken(String),
    /// A profile is invalid.
    #[error("profile `{}` cannot be used: {error}", echo(.name))]
    Profile {
        /// The profile.
        name: String,
        /// Which part of it.
        error: ProfileError,
        /// Where it stands.
        path: PathBuf,
    },
    /// `profiles.json` cannot be read or changed.
    #[error(transparent)]
    Profiles(#[from] ProfilesError),
    /// A variable's value has quotes around it, which nothing took off.
    #[error(transparent)]
    Quoted(#[from] QuotedVariable),
    /// The reader of standard output went away, which is its right.
    #[error("the reader of the output is gone")]
    ReaderGone,
    /// Profiles that were to be imported have names that are taken.
    #[error("there are profiles of the same names: {}", .0.join(", "))]
    Taken(Vec<String>),
    /// There is no token for a profile.
    #[error("no token for {}", .asked.whose)]
    Token {
        /// What was asked for.
        asked: Box<Asked>,
        /// Why.
        error: entra::Error,
    },
    /// A client assertion could not be signed.
    #[error(transparent)]
    Signing(SignError),
    /// The command line asks for something that makes no sense.
    #[error("{message}")]
    Usage {
        /// What makes no sense.
        message: String,
        /// What would.
        hint: String,
    },
    /// A variable's value is of no use.
    #[error("{name} {problem}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong with the value, which is not shown.
        problem: String,
    },
    /// Secure storage failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Who names a file of root certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaBundleSource {
    /// `--ca-bundle`.
    Option,
    /// The `caBundle` of this profile.
    Profile(String),
    /// This variable of the environment.
    Variable(&'static str),
}

/// A credential of the environment, for a profile that has none of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SharedCredential {
    /// What this variable holds or names.
    #[error("{0}")]
    Variable(&'static str),
    /// What the platform issues.
    #[error("a token that stands for this workload")]
    WorkloadToken,
}

/// What only a profile names, so that nothing of the environment is sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NamedOnlyByProfile {
    /// An authority that is not Microsoft's.
    #[error(", which only")]
    Authority,
    /// A CA that could impersonate the authority.
    #[error(" under the `caBundle` that only")]
    CaBundle,
}

/// What a workload lacks to prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MissingAssertion {
    /// Anything that would say where it comes from.
    #[error("nothing here says where to get it")]
    Everything,
    /// The permission to ask GitHub Actions for tokens.
    #[error("GitHub Actions lets this job ask for none")]
    GitHubPermission,
    /// The variables of a job of Azure Pipelines.
    #[error("SYSTEM_OIDCREQUESTURI is not set")]
    Pipeline,
    /// The token with which a job asks Azure Pipelines.
    #[error("SYSTEM_ACCESSTOKEN is not set")]
    PipelineToken,
    /// The service connection whose application is meant.
    #[error("no service connection is named")]
    ServiceConnection,
}

/// A file of a certificate or of its key does not serve.
#[derive(Debug, Error)]
#[error("{part} `{}` cannot be {problem}", text::path(.path))]
pub struct CertificateFailure {
    /// The file.
    pub path: PathBuf,
    /// What was looked for in it.
    pub part: CertificatePart,
    /// Why.
    pub problem: CertificateProblem,
    /// What it was opened for.
    pub purpose: CertificatePurpose,
}

impl CertificateFailure {
    /// Whether there is a certificate, and only the key is missing.
    #[must_use]
    pub fn lacks_key(&self) -> bool {
        matches!(
            self.problem,
            CertificateProblem::Unusable(CertificateError::NoKey)
        )
    }
}

/// What a file was to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificatePart {
    /// The certificate, with or without its key.
    #[error("certificate")]
    Certificate,
    /// The key alone.
    #[error("certificate key")]
    Key,
}

/// Why a file does not serve.
#[derive(Debug, Error)]
pub enum CertificateProblem {
    /// The value is the certificate or key itself.
    #[error("read: the value is the file's contents, not its path")]
    NotAPath,
    /// The operating system does not return it.
    #[error("read")]
    Unread(io::Error),
    /// Its contents do not do.
    #[error("used: {0}")]
    Unusable(CertificateError),
}

/// What a certificate is opened for: it decides how its password is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificatePurpose {
    /// To sign for the application that the environment's variables name.
    Environment,
    /// To sign for this profile.
    Profile(String),
    /// To become part of a profile; the option gives its password.
    Setting(&'static str),
    /// To be looked at; the option gives its password.
    Showing(&'static str),
}

impl Failure {
    /// Whose token or credential it is about, if about any.
    #[must_use]
    pub fn whose(&self) -> Option<&Whose> {
        match self {
            Self::AssertionMissing { whose, .. }
            | Self::CredentialMissing { whose, .. }
            | Self::FlowUnsuitable { whose, .. }
            | Self::KeyUnavailable { whose, .. } => Some(whose),
            Self::Token { asked, .. } => Some(&asked.whose),
            _ => None,
        }
    }

    /// A command line that makes no sense, with what would.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Standard input or output failed; a closed pipe is a failure of its own.
    pub fn io(what: impl Into<String>, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Io {
            what: what.into(),
            source,
        }
    }
}
