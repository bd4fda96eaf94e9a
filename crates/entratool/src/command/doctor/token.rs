//! The sign-in itself: whether the authority gives the chosen profile a token.

use entra::acquire::{Acquired, Policy};

use super::report::Report;
use super::{TIMEOUT, profile};
use crate::diagnosis::checkup::Check;
use crate::duration;
use crate::failure::Failure;
use crate::paste::CommandLine;
use crate::token::acquire::Acquisition;
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::selected::Selected;
use crate::world::World;

/// Gets a token if that is `wanted`, needs no user, and the authority is `reachable`; caches none.
pub(super) fn check(
    selected: Option<&Selected>,
    wanted: bool,
    reachable: bool,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    const NAME: &str = "sign-in";
    let Some(selected) = selected else {
        return match wanted {
            true => report.add(Check::skipped(NAME, "there is no profile to sign in with")),
            false => Ok(()),
        };
    };
    let flow = profile::flow(selected);
    let named = |command| selected.named_in(command);
    if flow.is_interactive() {
        let why = format!("{flow} needs a user to sign in");
        let get_token = named(CommandLine::new("get-token")).with("--force");
        let remedy = format!("try it with `{get_token}`");
        return report.add(Check::skipped(NAME, why).with_remedy(remedy));
    }
    if !wanted {
        let why = "whether the credential is accepted was not tried";
        let doctor = named(CommandLine::new("doctor")).with("--sign-in");
        let remedy = format!("try it with `{doctor}`");
        return report.add(Check::skipped(NAME, why).with_remedy(remedy));
    }
    let options = RequestArgs {
        timeout: Some(TIMEOUT),
        ..RequestArgs::default()
    };
    let sign_in = SignInArgs::without_interaction();
    let Ok(acquisition) = Acquisition::new(world, selected, None, &options, &sign_in) else {
        return report.add(Check::skipped(NAME, "fix what `flow` shows first"));
    };
    if !reachable {
        return report.add(Check::skipped(NAME, "there is no way to the authority"));
    }
    report.add(
        match acquisition.without_cache().acquire(&Policy::default()) {
            Ok(outcome) => Check::ok(NAME, success(&outcome.acquired, world)),
            Err(failure) => Check::failed(NAME, &failure),
        },
    )
}

fn success(acquired: &Acquired, world: &World<'_>) -> String {
    let token = &acquired.token;
    let left = duration::words(token.expires_on.since(world.now()));
    format!("a token was issued, for {left}; it was not cached")
}
