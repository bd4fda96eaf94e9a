//! The token that is kept for a profile: read only, and nobody is asked for another.

use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::token::Token;

use crate::diagnosis::allowed::Allowed;
use crate::failure::Failure;
use crate::token::acquire::{Acquisition, RequestArgs, SignInArgs};
use crate::token::flow;
use crate::token::select::Selected;
use crate::world::World;

/// The token that is kept for the profile's own scopes, however old.
///
/// # Errors
///
/// If the profile cannot be used, or secure storage has no answer.
pub(crate) fn find(selected: &Selected, world: &World<'_>) -> Result<Option<Token>, Failure> {
    let options = RequestArgs::default();
    let sign_in = SignInArgs::default();
    let choice = flow::choose(None, selected, &options, &sign_in, world);
    Acquisition::new(world, selected, choice, &options, &sign_in, true)?.kept()
}

/// What that token allows; nothing if there is none, or none that can be read.
pub(crate) fn allowed(selected: &Selected, world: &World<'_>) -> Option<Allowed> {
    let token = find(selected, world).ok().flatten()?;
    let jwt = UnverifiedJwt::parse(token.access_token.expose()).ok()?;
    let flow = flow::meant(&selected.profile, &RequestArgs::default());
    Some(Allowed::by(
        Claims::new(jwt.payload()),
        flow.is_interactive(),
    ))
}
