//! The authority's "no": an OAuth error with everything Entra adds to it.

use std::fmt;

use serde::Deserialize;

use crate::secret::Secret;
use crate::text::printable;
use crate::token::Timestamp;
use crate::wire::field;

/// An error answer of the authority (RFC 6749 §5.2, and
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
///
/// Programs branch on [`Refusal::error`] and [`Refusal::suberror`] only. Numbers and texts are
/// for people: Microsoft changes them.
///
/// ```
/// use entra::wire::refusal::Refusal;
///
/// let body = r#"{"error": "invalid_client",
///     "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 1"}"#;
/// let refusal = Refusal::parse(401, &body.into()).ok_or("no OAuth error")?;
/// assert_eq!(refusal.error, "invalid_client");
/// assert_eq!(refusal.code(), Some(7000215));
/// assert_eq!(refusal.trace_id.as_deref(), Some("1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// HTTP status; 0 where the answer came by redirect.
    pub status: u16,
    /// OAuth's error code, for example `invalid_client`.
    pub error: String,
    /// Entra's refinement, for example `bad_token`.
    pub suberror: Option<String>,
    /// What the authority says, without the ids and the time at its end.
    pub description: String,
    /// AADSTS numbers, the most specific one last.
    pub codes: Vec<u32>,
    /// Identifies the request in the authority's logs.
    pub trace_id: Option<String>,
    /// Equals the `client-request-id` that was sent.
    pub correlation_id: Option<String>,
    /// When the authority refused, as it wrote it.
    pub timestamp: Option<String>,
    /// A claims challenge, to be sent back verbatim with the next request.
    pub claims: Option<String>,
    /// The authority's clock, to be held beside our own.
    pub server_time: Option<Timestamp>,
}

impl Refusal {
    /// Reads the JSON body of an error answer. `None` if it is no OAuth error.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// assert!(Refusal::parse(400, &r#"{"error": "invalid_scope"}"#.into()).is_some());
    /// assert!(Refusal::parse(502, &"<html>".into()).is_none());
    /// ```
    #[must_use]
    pub fn parse(status: u16, body: &Secret) -> Option<Self> {
        let body: Body = serde_json::from_str(body.expose()).ok()?;
        Some(body.into_refusal(status))
    }

    /// Reads the error members of a redirect's query or form. `None` if there is no `error`.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// let refusal = Refusal::from_redirect("error=access_denied&error_description=No").unwrap();
    /// assert_eq!((refusal.status, refusal.description.as_str()), (0, "No"));
    /// ```
    #[must_use]
    pub fn from_redirect(encoded: &str) -> Option<Self> {
        let body = Body {
            error: field(encoded, "error")?,
            error_description: field(encoded, "error_description"),
            suberror: field(encoded, "error_subcode"),
            ..Body::default()
        };
        Some(body.into_refusal(0))
    }

    /// A refusal that is not in OAuth's shape.
    pub(crate) fn of(status: u16, error: &str, description: &str) -> Self {
        let body = Body {
            error: error.to_owned(),
            error_description: Some(description.to_owned()),
            ..Body::default()
        };
        body.into_refusal(status)
    }

    /// The most specific AADSTS number.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// let refusal = Refusal::from_redirect("error=x&error_description=AADSTS65001:+no+consent").unwrap();
    /// assert_eq!(refusal.code(), Some(65001));
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.codes.last().copied()
    }

    /// Whether interactive sign-in is required to go on.
    ///
    /// The same decision as MSAL makes: `invalid_grant`, apart from two sub-errors that no
    /// sign-in would change, and the three `…_required` errors.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// let refusal = Refusal::parse(400, &r#"{"error": "interaction_required"}"#.into()).unwrap();
    /// assert!(refusal.needs_sign_in());
    /// ```
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        match self.error.as_str() {
            "invalid_grant" => !matches!(
                self.suberror.as_deref(),
                Some("client_mismatch" | "protection_policy_required")
            ),
            "interaction_required" | "login_required" | "consent_required" => true,
            _ => false,
        }
    }

    /// Whether the refresh token that was sent is worthless from now on.
    ///
    /// `invalid_grant` alone does not say so: MFA or consent may be missing for one scope only.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// let body = r#"{"error": "invalid_grant", "suberror": "bad_token"}"#.into();
    /// assert!(Refusal::parse(400, &body).unwrap().kills_refresh_token());
    /// ```
    #[must_use]
    pub fn kills_refresh_token(&self) -> bool {
        self.error == "invalid_grant" && self.suberror.as_deref() == Some("bad_token")
    }

    /// Whether the same request may succeed a little later.
    ///
    /// ```
    /// # use entra::wire::refusal::Refusal;
    /// let body = r#"{"error": "temporarily_unavailable"}"#.into();
    /// assert!(Refusal::parse(400, &body).unwrap().is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.status == 408
            || self.status == 429
            || self.status >= 500
            || matches!(
                self.error.as_str(),
                "temporarily_unavailable" | "server_error"
            )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.description.is_empty() {
            formatter.write_str(&self.error)
        } else {
            formatter.write_str(&self.description)
        }
    }
}

/// The AADSTS numbers in a text, in the order in which they stand there.
///
/// ```
/// use entra::wire::refusal::aadsts_codes;
///
/// assert_eq!(aadsts_codes("AADSTS70000: invalid, see AADSTS50173"), [70000, 50173]);
/// ```
#[must_use]
pub fn aadsts_codes(text: &str) -> Vec<u32> {
    let mut codes = Vec::new();
    for rest in text.split("AADSTS").skip(1) {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Ok(code) = rest[..digits].parse()
            && codes.len() < FEW
            && !codes.contains(&code)
        {
            codes.push(code);
        }
    }
    codes
}

/// Codes of one refusal that are looked at; Entra ID names one or two.
const FEW: usize = 16;

#[derive(Default, Deserialize)]
struct Body {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    suberror: Option<String>,
    #[serde(default)]
    trace_id: Option<String>,
    #[serde(default)]
    correlation_id: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    claims: Option<String>,
}

impl Body {
    fn into_refusal(self, status: u16) -> Refusal {
        let description = self.error_description.unwrap_or_default();
        // Descriptions name the wrapper first and the cause last; `error_codes` does the same.
        let mut codes = aadsts_codes(&description);
        for code in self.error_codes.into_iter().take(FEW) {
            if !codes.contains(&code) {
                codes.insert(0, code);
            }
        }
        let part = |label: &str| labelled(&description, label);
        let clean = |text: Option<String>| {
            text.map(|text| one_line(&text))
                .filter(|text| !text.is_empty())
        };
        Refusal {
            status,
            error: one_line(&self.error),
            suberror: clean(self.suberror),
            codes,
            trace_id: clean(self.trace_id).or_else(|| part("Trace ID:")),
            correlation_id: clean(self.correlation_id).or_else(|| part("Correlation ID:")),
            timestamp: clean(self.timestamp).or_else(|| part("Timestamp:")),
            claims: self.claims.filter(|text| !text.is_empty()),
            description: without_ids(&description),
            server_time: None,
        }
    }
}

/// The value after `label` in a description; older services separate lines with `\r\n`.
fn labelled(description: &str, label: &str) -> Option<String> {
    let rest = &description[description.find(label)? + label.len()..];
    let end = LABELS
        .iter()
        .filter_map(|label| rest.find(label))
        .min()
        .unwrap_or(rest.len());
    Some(one_line(rest[..end].trim())).filter(|value| !value.is_empty())
}

fn without_ids(description: &str) -> String {
    let end = LABELS
        .iter()
        .filter_map(|label| description.find(label))
        .min()
        .unwrap_or(description.len());
    one_line(description[..end].trim())
}

/// One line without control characters: what a server says may end on a terminal.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    printable(&words.join(" ")).chars().take(2000).collect()
}

const LABELS: [&str; 3] = ["Trace ID:", "Correlation ID:", "Timestamp:"];

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Refusal {
        Refusal::parse(401, &body.into()).unwrap()
    }

    #[test]
    fn the_description_is_taken_apart() {
        let refusal = refusal(
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: 2026-01-02 03:04:05Z","error_codes":[7000215]}"#,
        );
        assert_eq!(
            refusal.description,
            "AADSTS7000215: Invalid client secret provided."
        );
        assert_eq!(refusal.trace_id.as_deref(), Some("t-1"));
        assert_eq!(refusal.correlation_id.as_deref(), Some("c-1"));
        assert_eq!(refusal.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"));
        assert_eq!(refusal.code(), Some(7_000_215));
        assert!(!refusal.needs_sign_in());
    }

    #[test]
    fn the_most_specific_code_comes_last() {
        let refusal = refusal(
            r#"{"error":"invalid_grant","error_description":"AADSTS70002: Wrapper. AADSTS500133: Cause.","error_codes":[70002,500133]}"#,
        );
        assert_eq!(refusal.codes, [70002, 500_133]);
        assert_eq!(refusal.code(), Some(500_133));
    }

    #[test]
    fn only_a_bad_token_kills_a_refresh_token() {
        let check = |suberror: &str, sign_in: bool, kills: bool| {
            let body = format!(r#"{{"error":"invalid_grant","suberror":"{suberror}"}}"#);
            let refusal = refusal(&body);
            assert_eq!(refusal.needs_sign_in(), sign_in, "{suberror}");
            assert_eq!(refusal.kills_refresh_token(), kills, "{suberror}");
        };
        check("", true, false);
        check("bad_token", true, true);
        check("basic_action", true, false);
        check("client_mismatch", false, false);
        check("protection_policy_required", false, false);
    }

    #[test]
    fn terminals_are_safe_from_what_servers_say() {
        let refusal = refusal(r#"{"error":"x","error_description":"a\u001b[2Jb\nc"}"#);
        assert_eq!(refusal.description, "a[2Jb c");
        let refusal = Refusal::parse(
            400,
            &r#"{"error":"x","trace_id":"\u001b]52;c;x\u0007","timestamp":"\u001b[2J"}"#.into(),
        )
        .unwrap();
        assert_eq!(refusal.trace_id.as_deref(), Some("]52;c;x"));
        assert_eq!(refusal.timestamp.as_deref(), Some("[2J"));
    }

    #[test]
    fn redirects_refuse_too() {
        let refusal = Refusal::from_redirect(
            "error=access_denied&error_description=AADSTS65004%3a+User+declined.&state=s",
        )
        .unwrap();
        assert_eq!(refusal.error, "access_denied");
        assert_eq!(refusal.code(), Some(65004));
        assert_eq!(Refusal::from_redirect("code=x"), None);
    }

    #[test]
    fn bodies_that_are_no_oauth_errors_are_none() {
        for body in ["", "<html>", "{}", "[]", r#"{"error":{"code":"x"}}"#] {
            assert_eq!(Refusal::parse(400, &body.into()), None, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_description_makes_it_panic(text in ".{0,100}(Trace ID:|AADSTS)?.{0,100}") {
            let body = serde_json::json!({"error": "x", "error_description": text}).to_string();
            let _ = Refusal::parse(400, &body.into());
        }
    }
}
