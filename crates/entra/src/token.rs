//! Access tokens as the authority hands them out, and the moments they live between.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use crate::scope::Scopes;
use crate::secret::Secret;

/// A moment: whole seconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use entra::token::Timestamp;
///
/// let expires_on = Timestamp::from_unix(1_733_054_400).plus(3600);
/// assert_eq!(expires_on.to_string(), "2024-12-01T13:00:00Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// assert_eq!(Timestamp::from_unix(0).to_string(), "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// assert_eq!(Timestamp::from_unix(1_733_054_400).unix(), 1_733_054_400);
    /// ```
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment `seconds` later; saturates.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// assert_eq!(Timestamp::from_unix(10).plus(-3), Timestamp::from_unix(7));
    /// ```
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this moment; negative if this moment comes first.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// let (now, expires_on) = (Timestamp::from_unix(100), Timestamp::from_unix(160));
    /// assert_eq!(expires_on.since(now), 60);
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads an IMF-fixdate (RFC 9110 §5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    #[must_use]
    pub(crate) fn from_http(text: &str) -> Option<Self> {
        let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        Some(Self::from_unix(date.unix_timestamp()))
    }

    /// RFC 3339 in UTC, for example `2024-12-01T12:00:00Z`.
    ///
    /// Moments outside the years 0–9999 are shown as the nearest year's edge.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// assert_eq!(Timestamp::from_unix(1_733_054_400).rfc3339(), "2024-12-01T12:00:00Z");
    /// ```
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.date_time()
            .format(&Rfc3339)
            .unwrap_or_else(|_| self.0.to_string())
    }

    /// The calendar date and time in UTC, clamped to the years 0–9999.
    ///
    /// ```
    /// # use entra::token::Timestamp;
    /// assert_eq!(Timestamp::from_unix(1_733_054_400).date_time().year(), 2024);
    /// ```
    #[must_use]
    pub fn date_time(self) -> OffsetDateTime {
        const FIRST: i64 = -62_167_219_200;
        const LAST: i64 = 253_402_300_799;
        OffsetDateTime::from_unix_timestamp(self.0.clamp(FIRST, LAST))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.rfc3339())
    }
}

/// An access token with what the authority said about it.
///
/// ```
/// use entra::token::{Timestamp, Token};
/// use entra::Scopes;
///
/// let token = Token {
///     access_token: "eyJ…".into(),
///     token_type: "Bearer".to_owned(),
///     expires_on: Timestamp::from_unix(1_733_054_400),
///     scopes: Scopes::split("User.Read"),
/// };
/// let header = format!("Authorization: {} {}", token.token_type, token.access_token.expose());
/// assert!(!format!("{token:?}").contains("eyJ"));
/// # assert_eq!(header, "Authorization: Bearer eyJ…");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself; usually but not always a JWT.
    pub access_token: Secret,
    /// `Bearer` in practice.
    pub token_type: String,
    /// When it stops working: what the answer says, but no later than the token's own `exp`. It may
    /// be in the past where this computer's clock is fast.
    pub expires_on: Timestamp,
    /// What was granted, or what was asked for where the authority does not say.
    pub scopes: Scopes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_utc() {
        let check = |unix, want: &str| assert_eq!(Timestamp::from_unix(unix).rfc3339(), want);
        check(0, "1970-01-01T00:00:00Z");
        check(1_733_054_400, "2024-12-01T12:00:00Z");
        check(i64::MAX, "9999-12-31T23:59:59Z");
        check(i64::MIN, "0000-01-01T00:00:00Z");
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::from_unix(i64::MAX).plus(1).unix(), i64::MAX);
        assert_eq!(
            Timestamp::from_unix(i64::MIN)
                .since(Timestamp::from_unix(1))
                .cmp(&0),
            std::cmp::Ordering::Less
        );
    }

    proptest::proptest! {
        #[test]
        fn moments_survive(unix in -62_167_219_200_i64..=253_402_300_799) {
            let text = Timestamp::from_unix(unix).rfc3339();
            let again = OffsetDateTime::parse(&text, &Rfc3339).unwrap();
            proptest::prop_assert_eq!(again.unix_timestamp(), unix);
        }

        #[test]
        fn no_moment_makes_it_panic(unix: i64, seconds: i64) {
            let moment = Timestamp::from_unix(unix).plus(seconds);
            let _ = (moment.rfc3339(), moment.since(Timestamp::from_unix(seconds)));
        }
    }
}
