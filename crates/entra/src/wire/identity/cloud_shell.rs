//! Cloud Shell, whose only identity is its user's.

use super::{Identity, Inquiry, UnsupportedIdentity, metadata};
use crate::wire::Form;

pub(super) fn inquiry(
    url: &str,
    resource: &str,
    identity: &Identity,
) -> Result<Inquiry, UnsupportedIdentity> {
    if *identity != Identity::SystemAssigned {
        return Err(UnsupportedIdentity {
            endpoint: "Cloud Shell",
            by: identity.kind(),
        });
    }
    Ok(Inquiry {
        url: url.to_owned(),
        headers: vec![metadata()],
        form: Some(Form::default().with("resource", resource)),
    })
}
