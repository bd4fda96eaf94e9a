//! Whose directory it is.

use std::fmt;

use thiserror::Error;

use crate::guid::is_guid;
use crate::text::{SecretShape, echo, shape};

/// Whose directory: a GUID, a verified domain, or one of the three aliases.
///
/// ```
/// use entra::Tenant;
///
/// assert_eq!(Tenant::parse(" Contoso.onmicrosoft.com ")?.as_str(), "contoso.onmicrosoft.com");
/// assert!(Tenant::parse("my company").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

/// Why a text does not name a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("tenant `{0}` is neither a GUID, a domain, nor common, organizations or consumers")]
pub struct TenantError(String);

impl Tenant {
    /// Takes a tenant ID, a verified domain, `common`, `organizations` or `consumers`.
    ///
    /// ```
    /// use entra::Tenant;
    ///
    /// for tenant in ["aaaabbbb-0000-cccc-1111-dddd2222eeee", "contoso.com", "organizations"] {
    ///     assert!(Tenant::parse(tenant).is_ok());
    /// }
    /// let error = Tenant::parse("contoso").unwrap_err().to_string();
    /// assert!(error.starts_with("tenant `contoso` is neither"));
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is none of these.
    pub fn parse(text: &str) -> Result<Self, TenantError> {
        let tenant = text.trim().to_ascii_lowercase();
        if is_guid(&tenant) {
            return Ok(Self(tenant));
        }
        // A token has the form of a domain.
        let is_secret = shape(text).is_some_and(|shape| shape != SecretShape::Random);
        if is_secret {
            return Err(TenantError(echo(text)));
        }
        if ALIASES.contains(&tenant.as_str()) || is_domain(&tenant) {
            Ok(Self(tenant))
        } else {
            Err(TenantError(echo(text.trim())))
        }
    }

    /// What stands for the directory of a machine's identity.
    pub(super) fn of_managed_identity() -> Self {
        Self("managed_identity".to_owned())
    }

    /// The tenant in lower case, as it stands in endpoint URLs.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert_eq!(Tenant::parse("Contoso.com")?.as_str(), "contoso.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `common`, `organizations` or `consumers`: no directory of its own.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert!(Tenant::parse("organizations")?.is_alias());
    /// assert!(!Tenant::parse("contoso.com")?.is_alias());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_alias(&self) -> bool {
        ALIASES.contains(&self.as_str())
    }

    /// Whether this is a directory's GUID.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert!(Tenant::parse("aaaabbbb-0000-cccc-1111-dddd2222eeee")?.is_id());
    /// assert!(!Tenant::parse("contoso.com")?.is_id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_id(&self) -> bool {
        is_guid(&self.0)
    }
}

impl std::str::FromStr for Tenant {
    type Err = TenantError;

    fn from_str(text: &str) -> Result<Self, TenantError> {
        Self::parse(text)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether a text is one part of a host name.
pub(super) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

const ALIASES: [&str; 3] = ["common", "organizations", "consumers"];
