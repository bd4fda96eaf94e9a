//! The token cache: MSAL's unified JSON document, found in and added to.

mod access_token;
mod account;
mod document;
mod entry;
mod export;
mod insert;
mod key;
mod lookup;
mod merge;
mod summary;
#[cfg(test)]
mod tests;

pub use document::{Document, RefreshToken};
pub use insert::Grant;
pub use lookup::{Cached, DocumentError, find};
pub use summary::Summary;

use crate::authority::Authority;
use crate::scope::Scopes;

/// What makes two requests the same.
///
/// ```
/// use entra::cache::{Document, Query, Subject};
/// use entra::{Authority, Cloud, Scopes, Tenant};
///
/// let query = Query {
///     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
///     client_id: "11111111-2222-4333-8444-555555555555",
///     scopes: &Scopes::parse("User.Read")?,
///     subject: Subject::User { username: Some("alice@contoso.example") },
/// };
/// assert!(Document::default().access_token(&query).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Who was asked.
    pub authority: &'a Authority,
    /// Which application asked: its client ID, or what stands for a machine's identity.
    pub client_id: &'a str,
    /// What for.
    pub scopes: &'a Scopes,
    /// On whose behalf.
    pub subject: Subject<'a>,
}

/// On whose behalf a token is.
///
/// ```
/// use entra::cache::Subject;
///
/// let latest = Subject::User { username: None };
/// assert_ne!(latest, Subject::Application);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The application's own.
    Application,
    /// A user's; of several, the one with this user name, else the latest.
    User {
        /// The user name to look for.
        username: Option<&'a str>,
    },
}

/// The scopes of OpenID Connect: part of a request, never of what a token is for.
pub(crate) const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "offline_access", "email"];
