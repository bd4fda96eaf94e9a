//! The options of requests and of interactive sign-in.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use entra::wire::identity::Identity;

use crate::duration;

/// What a command line can say differently from the profile.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// Scopes, separated by spaces or commas
    #[arg(short, long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Request the token from this tenant: an ID, a domain, common, organizations or consumers
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// The user name to sign in with
    #[arg(long, value_name = "USER")]
    pub login_hint: Option<String>,
    /// A claims request or challenge, as JSON or base64
    #[arg(long, value_name = "JSON")]
    pub claims: Option<String>,
    /// The managed identity: system, a client ID, object:ID or a resource ID
    #[arg(long, value_name = "ID", value_parser = Identity::parse)]
    pub identity: Option<Identity>,
    /// Time limit for the whole command, sign-in included; without it, 30s for each request
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Additional root certificates, in PEM
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
}

/// How a user signs in.
#[derive(Debug, Clone, Default, Args)]
pub struct SignInArgs {
    /// The redirect URI, as registered for the application
    #[arg(long, value_name = "URI", conflicts_with = "port")]
    pub redirect_uri: Option<String>,
    /// Redirect to http://localhost:PORT; 0 for any free port
    #[arg(long)]
    pub port: Option<u16>,
    /// Show the URL without opening a browser
    #[arg(long)]
    pub no_browser: bool,
    /// OpenID Connect's prompt: login, consent, select_account or create, which sign in
    /// interactively in spite of cached tokens (with a device code too, which cannot carry them),
    /// or none
    #[arg(long, value_name = "PROMPT")]
    pub prompt: Option<String>,
    /// Never prompt; fail if interactive sign-in is required
    #[arg(long)]
    pub no_interaction: bool,
    /// Also show the device sign-in page as a QR code
    #[arg(long)]
    pub qr: bool,
}

impl SignInArgs {
    /// Never prompt.
    pub(crate) fn without_interaction() -> Self {
        Self {
            no_interaction: true,
            ..Self::default()
        }
    }
}
