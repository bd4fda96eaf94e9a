//! Consent: which permissions a user has granted to which application.

use crate::directory::{Directory, User};
use crate::scope::{Permissions, Scopes};
use crate::state::State;

impl State {
    /// Whether the user has agreed to every permission in `scopes`, and to sign in at all.
    pub(crate) fn has_consent(&self, user: &User, client_id: &str, scopes: &Scopes) -> bool {
        names(&self.directory, &scopes.resources).all(|permission| {
            let consent = (user.username.clone(), client_id.to_owned(), permission);
            self.consents.contains(&consent)
        })
    }

    /// Remembers that the user has agreed to every permission in `scopes`.
    pub(crate) fn add_consent(&mut self, user: &User, client_id: &str, scopes: &Scopes) {
        let consents: Vec<_> = names(&self.directory, &scopes.resources)
            .map(|permission| (user.username.clone(), client_id.to_owned(), permission))
            .collect();
        if self.consents.len() >= REMEMBERED_CONSENTS {
            self.consents.clear();
        }
        self.consents.extend(consents);
    }
}

/// The names under which consents are kept: the API's client id and the permission.
fn names(directory: &Directory, resources: &[Permissions]) -> impl Iterator<Item = String> {
    let permissions = resources.iter().flat_map(|permissions| {
        let resource = directory.resource(&permissions.identifier);
        let client_id = resource.map_or("", |resource| &resource.client_id);
        permissions
            .delegated()
            .into_iter()
            .map(move |name| format!("{client_id}/{name}"))
    });
    std::iter::once("sign in".to_owned()).chain(permissions)
}

/// More than any test needs; a forgotten consent is asked for again.
const REMEMBERED_CONSENTS: usize = 4096;
