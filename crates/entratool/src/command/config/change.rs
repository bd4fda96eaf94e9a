//! What `config edit` changes in a profile, all at once.

use crate::command::config::credential::NewCredential;
use crate::command::config::fields::FieldArgs;

/// What is to be changed.
#[derive(Default)]
pub(super) struct Change {
    pub(super) name: Option<String>,
    pub(super) fields: FieldArgs,
    pub(super) credential: Option<NewCredential>,
    /// Whether secrets in the file have to go.
    pub(super) removes_secrets: bool,
}

impl Change {
    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        !self.fields.any()
            && self.credential.is_none()
            && self.name.is_none()
            && !self.removes_secrets
    }
}
