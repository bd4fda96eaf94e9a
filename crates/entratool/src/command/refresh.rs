//! `refresh`: a new access token for the cached refresh token.

use clap::Args;
use entra::acquire::Policy;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputArgs;
use crate::token::acquire::Acquisition;
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::select;
use crate::world::World;

/// Options of `refresh`.
#[derive(Debug, Clone, Args)]
pub struct RefreshArgs {
    /// The profile; default: ENTRATOOL_PROFILE, the AZURE_… variables, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Gets a new token without a sign-in and prints it.
///
/// # Errors
///
/// If there is no refresh token, or it is of no use any more.
pub fn run(arguments: &RefreshArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let timeout = arguments.request.timeout;
    let deadline = timeout.map(|timeout| world.machine.clock().elapsed() + timeout);
    arguments.output.warn_of_mistakes(world);
    let is_announced = arguments.output.is_for_people();
    let selected = select::select(arguments.profile.as_deref(), world)?;
    let sign_in = SignInArgs::without_interaction();
    let acquisition = Acquisition::new(world, &selected, None, &arguments.request, &sign_in)?;
    if is_announced {
        let name = &selected.profile.name;
        world
            .ui
            .status(&format!("Refreshing token for profile '{name}'..."));
    }
    let flow = acquisition.flow();
    let outcome = if !flow.is_interactive() {
        if is_announced {
            world.ui.status(&format!(
                "{} has no refresh tokens; requesting a new token.",
                flow
            ));
        }
        acquisition.acquire(&Policy {
            reuse: false,
            ..Policy::default()
        })?
    } else {
        acquisition.refresh()?
    };
    if is_announced {
        world.ui.success("Token refreshed successfully");
        world.ui.status("");
    }
    let token = &outcome.acquired.token;
    arguments
        .output
        .write(token, &outcome.tenant, deadline, world)?;
    Ok(Exit::Success)
}
