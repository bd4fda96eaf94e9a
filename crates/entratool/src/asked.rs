//! What was asked for when there was no token, and whose it would have been.

use entra::text::echo;
use thiserror::Error;

use crate::paste::CommandLine;
use crate::profile::AuthenticationMethod;
use crate::profile::flow::Flow;
use crate::profile::registration::Registration;

/// What was asked for when there was no token, so that advice can name it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose request it was.
    pub whose: Whose,
    /// The application.
    pub client_id: String,
    /// The directory, as the profile names it.
    pub tenant: String,
    /// The scopes, space-separated.
    pub scopes: String,
    /// The flow.
    pub flow: Flow,
    /// The command that signs in interactively for it, whatever is cached.
    pub sign_in: String,
    /// What the app registration needs, so that a browser can come back.
    pub registration: Registration,
    /// How the application proved who it is, if it is known.
    pub authentication: Option<AuthenticationMethod>,
    /// The thumbprint of the certificate that proves who the application is.
    pub thumbprint: Option<String>,
    /// Until when that certificate is valid, in seconds since 1970.
    pub certificate_end: Option<i64>,
    /// The authority's base URL, without the tenant.
    pub authority: String,
    /// What could be the reason why the authority is not trusted.
    pub suspects: Vec<String>,
    /// The variable that names the managed identity's endpoint, if one does.
    pub endpoint_variable: Option<&'static str>,
    /// Why no user was asked to sign in with a browser.
    pub unattended: Option<&'static str>,
    /// This host's time when it failed, in seconds since 1970.
    pub now: i64,
}

/// Whose token or credential it is, which decides what advice can name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Whose {
    /// The application that the `AZURE_…` variables name.
    #[error("the application of the AZURE_… variables")]
    Environment,
    /// This host's managed identity, where no profile is used.
    #[error("the managed identity of this host")]
    ManagedIdentity,
    /// A profile's.
    #[error("profile `{}`", echo(.0))]
    Profile(String),
}

impl Whose {
    /// The profile's name, or what stands for it where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Profile(name) => name,
            Self::Environment | Self::ManagedIdentity => Self::NO_NAME,
        }
    }

    /// `command` with `-p NAME`, for advice; as it is where there is no profile.
    #[must_use]
    pub fn named_in(&self, command: CommandLine) -> CommandLine {
        match self {
            Self::Profile(name) => command.option("-p", name),
            Self::Environment | Self::ManagedIdentity => command,
        }
    }

    /// What stands in advice for the name of a profile.
    pub const NO_NAME: &'static str = "PROFILE";
}
