//! `get-token`: a cached token, a refreshed one, or a new one.

use std::time::Duration;

use clap::Args;
use entra::acquire::{Acquired, Policy, Source};

use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputArgs;
use crate::profile::flow::Flow;
use crate::token::acquire::{Acquisition, Outcome};
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::select;
use crate::ui::printable;
use crate::world::World;

/// Options of `get-token`.
#[derive(Debug, Clone, Args)]
pub struct GetTokenArgs {
    /// The profile; default: ENTRATOOL_PROFILE, the AZURE_… variables, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    /// ClientCredentials, AuthorizationCode, DeviceCode, InteractiveBrowser, WorkloadIdentity or
    /// ManagedIdentity
    #[arg(short, long, value_parser = Flow::parse)]
    pub flow: Option<Flow>,
    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Ignore cached access tokens
    #[arg(long)]
    pub force: bool,
    /// Neither read nor write the token cache
    #[arg(long)]
    pub no_cache: bool,
    /// The minimum remaining lifetime of a cached token, at least 5m
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub min_ttl: Duration,
    #[command(flatten)]
    pub sign_in: SignInArgs,
    /// Also copy the token to the terminal's clipboard
    #[arg(long)]
    pub clipboard: bool,
}

impl Default for GetTokenArgs {
    fn default() -> Self {
        Self {
            profile: None,
            flow: None,
            request: RequestArgs::default(),
            output: OutputArgs::default(),
            force: false,
            no_cache: false,
            min_ttl: Duration::from_secs(5 * 60),
            sign_in: SignInArgs::default(),
            clipboard: false,
        }
    }
}

/// Gets a token and prints it.
///
/// # Errors
///
/// If there is no token.
pub fn run(arguments: &GetTokenArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let timeout = arguments.request.timeout;
    let deadline = timeout.map(|timeout| world.machine.clock().elapsed() + timeout);
    arguments.output.warn_of_mistakes(world);
    if arguments.clipboard {
        world.ui.require_clipboard()?;
    }
    let is_announced = arguments.output.is_for_people();
    let selected = select::select_for(arguments.flow, arguments.profile.as_deref(), world)?;
    let mut acquisition = Acquisition::new(
        world,
        &selected,
        arguments.flow,
        &arguments.request,
        &arguments.sign_in,
    )?;
    if arguments.no_cache {
        acquisition = acquisition.without_cache();
    }
    if is_announced && arguments.flow.is_none() {
        let name = &selected.profile.name;
        world
            .ui
            .status(&format!("Authenticating with profile '{name}'..."));
        if acquisition.becomes_interactive() {
            world.ui.status(
                "This scope is a delegated permission, so you sign in now; application permissions \
                 come with `-f ClientCredentials` and RESOURCE/.default, and an administrator's consent",
            );
        }
    }
    let Outcome {
        acquired,
        flow,
        tenant,
    } = acquisition.acquire(&Policy {
        reuse: !arguments.force,
        minimum_lifetime: arguments.min_ttl.as_secs().try_into().unwrap_or(i64::MAX),
        ..Policy::default()
    })?;
    warn_of_another_account(arguments.request.login_hint.as_deref(), &acquired, world);
    if is_announced {
        announce(&acquired, flow, world);
    }
    if arguments.clipboard {
        world.ui.clipboard(&acquired.token.access_token);
    }
    arguments
        .output
        .write(&acquired.token, &tenant, deadline, world)?;
    Ok(Exit::Success)
}

/// A sign-in page takes any account, and the one for device codes does not know the hint.
fn warn_of_another_account(hint: Option<&str>, acquired: &Acquired, world: &World<'_>) {
    if let (Source::Grant, Some(hint), Some(account)) = (acquired.source, hint, &acquired.account)
        && !account.username.is_empty()
        && !account.username.eq_ignore_ascii_case(hint)
    {
        world.ui.warning(&format!(
            "asked for `{hint}`, signed in as `{}`",
            shown(&account.username)
        ));
    }
}

/// The lines that the documentation shows, flow by flow, and the blank line before the token.
fn announce(acquired: &Acquired, flow: Flow, world: &World<'_>) {
    let ui = &world.ui;
    if let (Source::Grant, Some(account)) = (acquired.source, &acquired.account) {
        // A user with several accounts sees at once that it was the wrong one.
        let username = shown(&account.username);
        if !username.is_empty() {
            ui.status(&format!("Signed in as {username}"));
        }
    }
    match (acquired.source, flow) {
        (Source::Cache, _) => {
            let left = duration::words(acquired.token.expires_on.since(world.now()));
            ui.success(&format!(
                "Token acquired successfully (from cache, expires in {left})"
            ));
        }
        (Source::Grant, Flow::InteractiveBrowser) => {
            ui.success("Authentication successful");
            ui.success("Token acquired");
        }
        (Source::Grant, Flow::AuthorizationCode) => {
            ui.success("Authorization code received");
            ui.success("Token acquired");
        }
        (Source::Grant | Source::Refresh, _) => ui.success("Token acquired successfully"),
    }
    ui.status("");
}

/// A name as a server sends it, made safe for a terminal.
fn shown(username: &str) -> String {
    printable(username).chars().take(LONGEST_NAME).collect()
}

/// How much of a name is shown, in characters.
const LONGEST_NAME: usize = 100;
