//! What a token is for: scopes, and the lists people write them in.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::text::{SecretShape, echo, shape};

/// A list of scopes without duplicates, in the order in which they were written.
///
/// Scopes are sent exactly as written. Nothing is normalised: `https://management.core.windows.net//.default`
/// needs both slashes, and a bare `Mail.Read` is Microsoft Graph's to Entra.
///
/// ```
/// use entra::Scopes;
///
/// let scopes = Scopes::parse("User.Read, Mail.Read User.Read")?;
/// assert_eq!(scopes.to_string(), "User.Read Mail.Read");
/// assert_eq!(scopes, Scopes::parse("mail.read user.read")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scopes(Vec<String>);

/// Why a text is not a list of scopes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// Nothing but separators.
    #[error("no scope given")]
    Empty,
    /// RFC 6749 §3.3 allows printable ASCII without `"` and `\` only.
    #[error("scope `{0}` contains a character that scopes cannot have")]
    Character(String),
    /// The text is certainly a secret, given by mistake.
    #[error("scope `{0}` is no scope")]
    Secret(String),
    /// One scope is longer than any that Entra ID knows.
    #[error("a scope is longer than {} characters", Scopes::LENGTH_LIMIT)]
    TooLong,
    /// More scopes than a request could have.
    #[error("more than {} scopes given", Scopes::LIMIT)]
    TooMany,
}

impl Scopes {
    /// The most scopes that a list has.
    pub const LIMIT: usize = 1000;
    /// The longest scope that a list has, in bytes.
    pub const LENGTH_LIMIT: usize = 2048;

    /// Splits on commas and white space; drops duplicates, keeps the order.
    ///
    /// ```
    /// use entra::scope::{ScopeError, Scopes};
    ///
    /// assert_eq!(Scopes::parse("a,b")?, Scopes::parse("b a")?);
    /// assert_eq!(Scopes::parse(" , "), Err(ScopeError::Empty));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If nothing is left, a scope holds a character outside RFC 6749 §3.3, the text is a secret, or
    /// the list exceeds [`Scopes::LIMIT`] or [`Scopes::LENGTH_LIMIT`].
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if shape(text).is_some_and(|shape| shape != SecretShape::Random) {
            return Err(ScopeError::Secret(echo(text)));
        }
        if words(text).any(|scope| scope.len() > Self::LENGTH_LIMIT) {
            return Err(ScopeError::TooLong);
        }
        let scopes = Self::split(text);
        if scopes.0.is_empty() {
            return Err(ScopeError::Empty);
        }
        // A list that is full may have been cut off.
        if scopes.0.len() == Self::LIMIT && words(text).nth(Self::LIMIT).is_some() {
            return Err(ScopeError::TooMany);
        }
        let allowed = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        if let Some(scope) = scopes.iter().find(|scope| !scope.chars().all(allowed)) {
            return Err(ScopeError::Character(echo(scope)));
        }
        Ok(scopes)
    }

    /// What an authority or a cache lists; never fails, may be empty. What exceeds
    /// [`Scopes::LIMIT`] or [`Scopes::LENGTH_LIMIT`] is left out.
    ///
    /// ```
    /// # use entra::Scopes;
    /// assert!(Scopes::split("").is_empty());
    /// assert_eq!(Scopes::split("openid profile").iter().len(), 2);
    /// ```
    #[must_use]
    pub fn split(text: &str) -> Self {
        let mut scopes = Self::default();
        // Looking through the list for each scope would take seconds where an answer has 90,000.
        let mut seen = HashSet::new();
        for scope in words(text).filter(|scope| scope.len() <= Self::LENGTH_LIMIT) {
            if scopes.0.len() < FEW {
                scopes.add(scope);
                continue;
            }
            if seen.is_empty() {
                seen = scopes.set();
            }
            if scopes.0.len() == Self::LIMIT {
                break;
            }
            if seen.insert(scope.to_ascii_lowercase()) {
                scopes.0.push(scope.to_owned());
            }
        }
        scopes
    }

    /// Appends `scope` unless it is empty, already there, or the list is full.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let mut scopes = Scopes::split("User.Read");
    /// scopes.add("user.read");
    /// scopes.add("Mail.Read");
    /// assert_eq!(scopes.to_string(), "User.Read Mail.Read");
    /// ```
    pub fn add(&mut self, scope: &str) {
        if !scope.is_empty() && self.0.len() < Self::LIMIT && !self.contains(scope) {
            self.0.push(scope.to_owned());
        }
    }

    /// These scopes followed by those of `others` that are missing.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let scopes = Scopes::split("User.Read").with(&["openid", "profile"]);
    /// assert_eq!(scopes.to_string(), "User.Read openid profile");
    /// ```
    #[must_use]
    pub fn with(mut self, others: &[&str]) -> Self {
        for scope in others {
            self.add(scope);
        }
        self
    }

    /// These scopes without the given ones, whatever their letter case.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let scopes = Scopes::split("User.Read openid").without(&["OpenID"]);
    /// assert_eq!(scopes.to_string(), "User.Read");
    /// ```
    #[must_use]
    pub fn without(mut self, others: &[&str]) -> Self {
        self.0
            .retain(|scope| !others.iter().any(|other| other.eq_ignore_ascii_case(scope)));
        self
    }

    /// Whether `scope` is in the list; letter case does not matter to Entra.
    ///
    /// ```
    /// # use entra::Scopes;
    /// assert!(Scopes::split("User.Read").contains("user.read"));
    /// ```
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|ours| ours.eq_ignore_ascii_case(scope))
    }

    /// Whether every scope of `wanted` is in this list.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let granted = Scopes::split("User.Read Mail.Read");
    /// assert!(granted.covers(&Scopes::split("Mail.Read")));
    /// assert!(!granted.covers(&Scopes::split("Mail.Send")));
    /// ```
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        if wanted.0.len() < FEW {
            return wanted.iter().all(|scope| self.contains(scope));
        }
        wanted.set().is_subset(&self.set())
    }

    fn set(&self) -> HashSet<String> {
        self.iter().map(str::to_ascii_lowercase).collect()
    }

    /// The scopes in order.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let scopes = Scopes::split("User.Read Mail.Read");
    /// assert_eq!(scopes.iter().collect::<Vec<_>>(), ["User.Read", "Mail.Read"]);
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether the list is empty.
    ///
    /// ```
    /// # use entra::Scopes;
    /// assert!(Scopes::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The single `RESOURCE/.default` scope, if that is all there is.
    ///
    /// Client credentials accept nothing else
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>).
    ///
    /// ```
    /// # use entra::Scopes;
    /// let scopes = Scopes::split("https://graph.microsoft.com/.default");
    /// assert_eq!(scopes.single_default(), Some("https://graph.microsoft.com/.default"));
    /// assert_eq!(Scopes::split("User.Read").single_default(), None);
    /// ```
    #[must_use]
    pub fn single_default(&self) -> Option<&str> {
        match self.0.as_slice() {
            [scope] if is_default(scope) => Some(scope),
            _ => None,
        }
    }

    /// Whether any scope is a `RESOURCE/.default` scope.
    ///
    /// ```
    /// # use entra::Scopes;
    /// assert!(Scopes::split("openid api://orders/.default").has_default());
    /// ```
    #[must_use]
    pub fn has_default(&self) -> bool {
        self.iter().any(is_default)
    }

    /// The first scope that is a mistyped `RESOURCE/.default`, and what was meant.
    ///
    /// ```
    /// use entra::Scopes;
    ///
    /// let scopes = Scopes::split("https://vault.azure.net/.defualt");
    /// let meant = scopes.mistyped_default().map(|(_, meant)| meant);
    /// assert_eq!(meant.as_deref(), Some("https://vault.azure.net/.default"));
    /// assert_eq!(Scopes::split("User.Read").mistyped_default(), None);
    /// ```
    #[must_use]
    pub fn mistyped_default(&self) -> Option<(&str, String)> {
        self.iter()
            .find_map(|scope| Some((scope, meant_default(scope)?)))
    }

    /// The `.default` scope of the first resource named, as client credentials would need it.
    ///
    /// ```
    /// # use entra::Scopes;
    /// let delegated = Scopes::split("https://graph.microsoft.com/User.Read");
    /// assert_eq!(delegated.as_default(), "https://graph.microsoft.com/.default");
    /// ```
    #[must_use]
    pub fn as_default(&self) -> String {
        let first = self.iter().next().unwrap_or_default();
        if let Some(meant) = meant_default(first) {
            return meant;
        }
        if is_default(first) {
            return first.to_owned();
        }
        match first.rsplit_once('/') {
            Some((resource, _)) if !resource.is_empty() && !resource.ends_with('/') => {
                format!("{resource}/.default")
            }
            _ if first.contains("://") => {
                let resource = first.trim_end_matches('/').trim_end_matches(".default");
                format!("{resource}/.default")
            }
            _ => "https://graph.microsoft.com/.default".to_owned(),
        }
    }
}

/// What a scope that was to end in `/.default` means: names of permissions begin with no full stop
/// (<https://learn.microsoft.com/entra/identity-platform/quickstart-configure-app-expose-web-apis>).
fn meant_default(scope: &str) -> Option<String> {
    let (resource, end) = scope.trim_end_matches('/').rsplit_once('/')?;
    let dots = resource.trim_end_matches("/.");
    let is_right = dots == resource && is_default(scope);
    let is_meant = end.starts_with('.') || dots != resource;
    let host = dots
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    (is_meant && !is_right && !host.is_empty()).then(|| format!("{dots}/.default"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
}

/// As many scopes are compared one by one.
const FEW: usize = 16;

fn is_default(scope: &str) -> bool {
    scope.len() > "/.default".len() && scope.to_ascii_lowercase().ends_with("/.default")
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a str;
    type IntoIter = std::iter::Map<std::slice::Iter<'a, String>, fn(&String) -> &str>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Scopes {
    /// Space-separated, as RFC 6749 §3.3 sends them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

impl PartialEq for Scopes {
    /// The same scopes, whatever their order.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.covers(other)
    }
}

#[cfg(test)]
mod tests;
