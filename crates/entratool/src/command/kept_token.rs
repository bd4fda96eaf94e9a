//! The token that is kept for a profile: read only, and nobody is asked for another.

use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::token::Token;

use crate::command::acquisition::{Acquisition, RequestArgs, SignInArgs};
use crate::command::flow_choice;
use crate::command::selection::Selected;
use crate::diagnosis::allowed::Allowed;
use crate::failure::Failure;
use crate::world::World;

/// The token that is kept for the profile's own scopes, however old.
///
/// # Errors
///
/// If the profile cannot be used, or secure storage has no answer.
pub(super) fn find(selected: &Selected, world: &World<'_>) -> Result<Option<Token>, Failure> {
    let options = RequestArgs::default();
    let sign_in = SignInArgs::default();
    let choice = flow_choice::choose(None, selected, &options, &sign_in, world);
    Acquisition::new(world, selected, choice, &options, &sign_in, true)?.kept()
}

/// What that token allows; nothing if there is none, or none that can be read.
pub(super) fn allowed(selected: &Selected, world: &World<'_>) -> Option<Allowed> {
    let token = find(selected, world).ok().flatten()?;
    let jwt = UnverifiedJwt::parse(token.access_token.expose()).ok()?;
    let flow = flow_choice::meant(&selected.profile, &RequestArgs::default());
    Some(Allowed::by(
        Claims::new(jwt.payload()),
        flow.is_interactive(),
    ))
}
