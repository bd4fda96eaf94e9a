//! Profiles on their way from one machine to another, with or without their secrets.

use std::io::{self, Write};
use std::path::Path;

use entra::secret::Secret;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::profile::document::Profiles;
use crate::profile::raw::{RawProfile, is_spelling};
use crate::profile::{Authentication, Profile, ProfileError};
use crate::text::echo;

/// What one export holds.
#[derive(Debug, Default)]
pub struct Bundle {
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// A profile and the secrets that travel with it.
#[derive(Debug, Default)]
pub struct Entry {
    /// The profile, without any secret.
    pub profile: RawProfile,
    /// Its client secret, if that comes along.
    pub client_secret: Option<Secret>,
    /// The password of its certificate, if that comes along.
    pub certificate_password: Option<Secret>,
}

/// Why a text holds no profiles that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is not JSON. The parser's own words may quote a secret, so only the place is named.
    #[error("it is not JSON: line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It is JSON of another shape.
    #[error("it holds no profiles: {0}")]
    Shape(&'static str),
    /// Two profiles have the same name.
    #[error("it holds profile `{0}` twice")]
    Twice(String),
    /// A profile cannot be understood.
    #[error("profile `{name}` in it cannot be used: {error}")]
    Profile {
        /// Its name, as far as it has one.
        name: String,
        /// Which part of it.
        error: ProfileError,
    },
}

impl Bundle {
    /// Reads what [`Bundle::to_text`] wrote, and `profiles.json` in every shape that people write.
    ///
    /// # Errors
    ///
    /// If it is something else.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        let value = serde_json::from_str(text).map_err(|error| BundleError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        let profiles = Profiles::from_value(value).map_err(BundleError::Shape)?;
        if profiles.profiles.is_empty() {
            return Err(BundleError::Shape("there is none"));
        }
        let entries = profiles.profiles.into_iter().map(Entry::new).collect();
        Ok(Self { entries })
    }

    /// Makes sure that every profile can be used and has a name of its own; `folder` is where
    /// relative paths will start.
    ///
    /// # Errors
    ///
    /// Names the first profile that cannot.
    pub fn check(&self, folder: &Path) -> Result<(), BundleError> {
        let mut names = std::collections::HashSet::new();
        for entry in &self.entries {
            let shown = || echo(entry.name());
            let failed = |error| BundleError::Profile {
                name: shown(),
                error,
            };
            Profile::parse(&entry.profile, folder).map_err(failed)?;
            if !names.insert(entry.name()) {
                return Err(BundleError::Twice(shown()));
            }
        }
        Ok(())
    }

    /// `{"profiles":[…]}`, with those secrets that the entries have.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        // Measured first: growing would leave copies of the secrets behind.
        let mut length = Length(0);
        self.write(&mut length);
        let mut text = Vec::with_capacity(length.0);
        self.write(&mut text);
        // It is JSON, which is UTF-8.
        Secret::new(String::from_utf8(text).unwrap_or_default())
    }

    fn write(&self, to: &mut dyn Write) {
        // Neither of the two places that this writes to can fail.
        let _ = serde_json::to_writer_pretty(&mut *to, self).map(|()| to.write_all(b"\n"));
    }
}

impl Serialize for Bundle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(1))?;
        members.serialize_entry("profiles", &self.entries)?;
        members.end()
    }
}

/// By hand: a [`Value`] in between would hold secrets without wiping them.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        for (name, value) in &self.profile.0 {
            members.serialize_entry(name, value)?;
        }
        for (name, secret) in [
            (CLIENT_SECRET, &self.client_secret),
            (CERTIFICATE_PASSWORD, &self.certificate_password),
        ] {
            if let Some(secret) = secret {
                members.serialize_entry(name, secret.expose())?;
            }
        }
        members.end()
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Entry {
    /// Takes out of `profile` what does not belong there: secrets that were written into it.
    #[must_use]
    pub fn new(mut profile: RawProfile) -> Self {
        let Found {
            client_secret,
            certificate_password,
        } = take_secrets(&mut profile);
        Self {
            profile,
            client_secret,
            certificate_password,
        }
    }

    /// The profile's name; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.profile.name().unwrap_or_default()
    }
}

/// The secrets that stood in a profile.
#[derive(Debug, Default)]
pub struct Found {
    /// `clientSecret`, or `secret` or `password` where there is no certificate.
    pub client_secret: Option<Secret>,
    /// `certificatePassword`, or `password` where there is a certificate.
    pub certificate_password: Option<Secret>,
}

/// Takes every secret out of a profile, tokens too. Without its client secret, a profile that
/// relies on it has to say itself that there is one.
pub fn take_secrets(profile: &mut RawProfile) -> Found {
    let states_method = profile.states_method();
    let is_certificate = matches!(
        profile.authentication(Path::new("")),
        Ok(Authentication::Certificate(_))
    );
    let members = &mut profile.0;
    let mut client_secret = take(members, CLIENT_SECRET);
    let mut certificate_password = None;
    for name in [
        CERTIFICATE_PASSWORD,
        "certificateKeyPassword",
        "clientCertificatePassword",
    ] {
        certificate_password = certificate_password.or_else(|| take(members, name));
    }
    let other = ["secret", "password", "passphrase", "pass"].map(|name| take(members, name));
    let other = other.into_iter().flatten().next();
    match is_certificate {
        true => certificate_password = certificate_password.or(other),
        false => client_secret = client_secret.or(other),
    }
    for name in [
        "accessToken",
        "refreshToken",
        "idToken",
        "token",
        "clientAssertion",
    ] {
        take(members, name);
    }
    // Under whichever name it stands, a secret says how the application proves its identity.
    if client_secret.is_some() && !states_method {
        profile.set("useClientSecret", Some(Value::Bool(true)));
    }
    Found {
        client_secret,
        certificate_password,
    }
}

/// Removes the member called `name` in any spelling: `clientSecret`, `client_secret`, ….
fn take(members: &mut Map<String, Value>, name: &str) -> Option<Secret> {
    let spellings: Vec<_> = members
        .keys()
        .filter(|member| is_spelling(member, name))
        .cloned()
        .collect();
    let mut found = None;
    for spelling in spellings {
        if let Some(Value::String(text)) = members.shift_remove(&spelling)
            && !text.is_empty()
        {
            found = Some(Secret::new(text));
        }
    }
    found
}

const CLIENT_SECRET: &str = "clientSecret";
const CERTIFICATE_PASSWORD: &str = "certificatePassword";

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"name":"a","clientId":"11111111-2222-3333-4444-555555555555","tenantId":"contoso.com","x":[1]}"#;

    #[test]
    fn bundles_survive_the_way() {
        let text = GOOD.replace("\"x\"", "\"useClientSecret\":true,\"x\"");
        let mut bundle = Bundle::parse(&text).unwrap();
        bundle.entries[0].client_secret = Some("s".into());
        bundle.entries[0].certificate_password = Some("p".into());
        let again = Bundle::parse(bundle.to_text().expose()).unwrap();
        let entry = &again.entries[0];
        assert_eq!(entry.profile, bundle.entries[0].profile);
        assert!(entry.client_secret.as_ref().unwrap().equals("s"));
        assert!(entry.certificate_password.as_ref().unwrap().equals("p"));
    }

    #[test]
    fn secrets_are_taken_out_of_profiles() {
        let check = |member: &str| {
            let text = format!(r#"[{{"name":"a","{member}":"canary"}}]"#);
            let mut bundle = Bundle::parse(&text).unwrap();
            let entry = &mut bundle.entries[0];
            assert!(entry.client_secret.take().unwrap().equals("canary"));
            assert!(!bundle.to_text().expose().contains("canary"), "{member}");
        };
        check("clientSecret");
        check("client_secret");
        check("CLIENT-SECRET");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let check = |text: &str, want: &str| {
            let bundle = Bundle::parse(text);
            let error = match bundle {
                Ok(bundle) => bundle.check(Path::new("/h")).unwrap_err(),
                Err(error) => error,
            };
            assert!(error.to_string().contains(want), "{error}");
        };
        check("{", "line 1, column 1");
        check("[]", "there is none");
        check("7", "neither an object nor an array");
        check(&format!("[{GOOD},{GOOD}]"), "profile `a` twice");
        check(r#"[{"name":"a"}]"#, "profile `a` in it cannot be used");
        check(&GOOD.replace("\"a\"", "\"../a\""), "not a profile name");
        assert_eq!(Bundle::parse(GOOD).unwrap().check(Path::new("/h")), Ok(()));
    }

    #[test]
    fn a_secret_implies_the_method_under_any_of_its_names() {
        for name in ["clientSecret", "client_secret", "secret", "password"] {
            let text = format!(r#"{{"name": "a", "clientId": "c", "{name}": "s"}}"#);
            let written = Bundle::parse(&text).unwrap().to_text();
            assert!(
                written.expose().contains(r#""useClientSecret": true"#),
                "{name}"
            );
            let again = Bundle::parse(written.expose()).unwrap().to_text();
            assert_eq!(again.expose(), written.expose());
        }
    }
}
