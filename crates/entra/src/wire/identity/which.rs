//! Which of a machine's identities is meant, in the words of people.

use std::fmt;

use thiserror::Error;

use crate::client::ClientId;
use crate::guid::is_guid;
use crate::text::echo;

/// Which of a machine's identities is meant.
///
/// ```
/// use entra::wire::identity::Identity;
///
/// assert_eq!(Identity::default(), Identity::parse("system")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// The one that Azure made for the machine.
    #[default]
    SystemAssigned,
    /// The user-assigned one with this client ID.
    ClientId(ClientId),
    /// The user-assigned one with this object (principal) ID, a GUID in lower case.
    ObjectId(String),
    /// The user-assigned one with this ID in Azure Resource Manager.
    ResourceId(String),
}

/// Why a text does not name an identity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "managed identity `{0}` is none of: system, a client ID, object:ID, or a resource ID \
     /subscriptions/…/userAssignedIdentities/NAME"
)]
pub struct IdentityError(String);

impl Identity {
    /// Takes `system`, a client ID, `object:` with an object ID, or a resource ID.
    ///
    /// ```
    /// # use entra::wire::identity::Identity;
    /// let by_client_id = Identity::parse("7f6b1e20-9d84-4c35-a1b9-e45d02c8f673")?;
    /// let by_object_id = Identity::parse("object:7f6b1e20-9d84-4c35-a1b9-e45d02c8f673")?;
    /// assert_ne!(by_client_id, by_object_id);
    /// assert!(Identity::parse("my identity").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is none of these.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if lower == "system" {
            return Ok(Self::SystemAssigned);
        }
        if let Ok(id) = ClientId::parse(text) {
            return Ok(Self::ClientId(id));
        }
        if let Some(id) = lower.strip_prefix("object:")
            && is_guid(id)
        {
            return Ok(Self::ObjectId(id.to_owned()));
        }
        let plain = text.chars().all(|c| c.is_ascii_graphic());
        if lower.starts_with("/subscriptions/")
            && lower.contains("/userassignedidentities/")
            && plain
        {
            return Ok(Self::ResourceId(text.to_owned()));
        }
        Err(IdentityError(echo(text)))
    }

    /// What cached tokens of this identity bear as their client, in lower case; MSAL for Python
    /// keeps them in the same way.
    ///
    /// ```
    /// # use entra::wire::identity::Identity;
    /// assert_eq!(Identity::SystemAssigned.cache_name(), "system_assigned_managed_identity");
    /// ```
    #[must_use]
    pub fn cache_name(&self) -> String {
        match self {
            Self::SystemAssigned => "system_assigned_managed_identity".to_owned(),
            Self::ClientId(id) => id.as_str().to_owned(),
            Self::ObjectId(id) => id.clone(),
            Self::ResourceId(id) => id.to_ascii_lowercase(),
        }
    }

    /// The parameter that names this identity, where resource IDs go under `resource_id`.
    pub(super) fn parameter(&self, resource_id: &'static str) -> Option<(&'static str, &str)> {
        match self {
            Self::SystemAssigned => None,
            Self::ClientId(id) => Some(("client_id", id.as_str())),
            Self::ObjectId(id) => Some(("object_id", id)),
            Self::ResourceId(id) => Some((resource_id, id)),
        }
    }

    /// By what it is named, for messages.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::SystemAssigned => "being the machine's own",
            Self::ClientId(_) => "a client ID",
            Self::ObjectId(_) => "an object ID",
            Self::ResourceId(_) => "a resource ID",
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemAssigned => formatter.write_str("system"),
            Self::ClientId(id) => id.fmt(formatter),
            Self::ObjectId(id) => write!(formatter, "object:{id}"),
            Self::ResourceId(id) => formatter.write_str(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673";
    const RESOURCE_ID: &str = "/subscriptions/1/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x";

    #[test]
    fn identities_are_distinguished() {
        let check = |text: &str, want: Identity| {
            assert_eq!(Identity::parse(text), Ok(want), "{text}");
        };
        let client_id = || Identity::ClientId(ClientId::parse(ID).unwrap());
        check("system", Identity::SystemAssigned);
        check(" System ", Identity::SystemAssigned);
        check(ID, client_id());
        check(&ID.to_uppercase(), client_id());
        check(&format!("object:{ID}"), Identity::ObjectId(ID.to_owned()));
        check(RESOURCE_ID, Identity::ResourceId(RESOURCE_ID.to_owned()));
        for bad in [
            "",
            "x",
            "object:",
            "object:x",
            "/subscriptions/1",
            "/subscriptions/1/userAssignedIdentities/a b",
            "/userAssignedIdentities/x",
        ] {
            assert!(Identity::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn identities_read_as_they_were_written() {
        for text in ["system", ID, &format!("object:{ID}"), RESOURCE_ID] {
            assert_eq!(Identity::parse(text).unwrap().to_string(), text);
        }
    }
}
