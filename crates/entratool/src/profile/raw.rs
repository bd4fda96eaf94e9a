//! A profile as it stands in the file, in every spelling that people use.

use std::path::Path;

use serde_json::{Map, Value};

use crate::env::PathBase;
use crate::profile::{Authentication, CertificateFiles, ProfileError};
use crate::text::echo;

/// The JSON object of a profile; unknown members survive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawProfile(pub Map<String, Value>);

impl RawProfile {
    /// The profile's name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// A member that is a non-empty text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)?
            .as_str()
            .filter(|text| !text.trim().is_empty())
    }

    /// A member that is `true` or `false`; absent is `false`.
    #[must_use]
    pub fn flag(&self, name: &'static str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// `scope` or `scopes`, each a text or an array of texts.
    #[must_use]
    pub fn scopes(&self) -> Option<String> {
        let mut values = ["scope", "scopes"]
            .iter()
            .filter_map(|name| self.0.get(*name));
        let value = values.find(|value| !value.is_null())?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(scopes) => {
                let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
                scopes.join(" ")
            }
            _ => return None,
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// `flow` or `defaultFlow`.
    #[must_use]
    pub fn flow(&self) -> Option<&str> {
        self.text("flow").or_else(|| self.text("defaultFlow"))
    }

    /// `useCertificate`, `useClientSecret` or `authMethod`; a lone `certificatePath` counts too.
    ///
    /// # Errors
    ///
    /// If the method is unknown, or a certificate is wanted without a path.
    pub fn authentication<'a>(
        &self,
        base: impl Into<PathBase<'a>>,
    ) -> Result<Authentication, ProfileError> {
        let base = base.into();
        let is = |name: &str| self.0.get(name).and_then(Value::as_bool);
        let certificate = || match self.text("certificatePath") {
            Some(path) => Ok(Authentication::Certificate(CertificateFiles {
                certificate: base.path(path),
                key: self.text("certificateKeyPath").map(|key| base.path(key)),
            })),
            None => Err(ProfileError::Missing("certificatePath")),
        };
        if is("useCertificate") == Some(true) {
            return certificate();
        }
        if is("useClientSecret") == Some(true) {
            return Ok(Authentication::ClientSecret);
        }
        match self.text("authMethod") {
            Some(method) => match method
                .to_ascii_lowercase()
                .replace(['-', '_', ' '], "")
                .as_str()
            {
                "certificate" | "clientcertificate" => certificate(),
                "secret" | "clientsecret" => Ok(Authentication::ClientSecret),
                "none" | "public" => Ok(Authentication::None),
                _ => Err(ProfileError::UnknownMethod(echo(method))),
            },
            None if is("useCertificate").is_none() && self.text("certificatePath").is_some() => {
                certificate()
            }
            None if self.implies_client_secret() => Ok(Authentication::ClientSecret),
            None => Ok(Authentication::None),
        }
    }

    /// Whether nothing says how the application proves its identity but a client secret that
    /// stands in the profile, in any spelling of `clientSecret`.
    #[must_use]
    pub fn implies_client_secret(&self) -> bool {
        let is_secret = |(name, value): (&String, &Value)| {
            is_spelling(name, "clientSecret") && value.as_str().is_some_and(|text| !text.is_empty())
        };
        self.0.iter().any(is_secret) && !self.states_method()
    }

    /// Whether a member says how the application proves its identity.
    #[must_use]
    pub fn states_method(&self) -> bool {
        const STATED: [&str; 4] = [
            "useCertificate",
            "useClientSecret",
            "authMethod",
            "certificatePath",
        ];
        STATED.iter().any(|name| match self.0.get(*name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        })
    }

    /// Sets a member, or removes it.
    pub fn set(&mut self, name: &'static str, value: Option<Value>) {
        match value {
            Some(value) => {
                self.0.insert(name.to_owned(), value);
            }
            None => {
                self.0.shift_remove(name);
            }
        }
    }

    /// Sets how the application proves who it is.
    pub fn set_authentication(&mut self, authentication: &Authentication) {
        self.0.shift_remove("authMethod");
        let files = match authentication {
            Authentication::Certificate(files) => Some(files),
            Authentication::ClientSecret | Authentication::None => None,
        };
        let path = |path: &Path| Value::String(path.to_string_lossy().into_owned());
        let key = files.and_then(|files| files.key.as_deref());
        self.set("useCertificate", Some(Value::Bool(files.is_some())));
        self.set(
            "certificatePath",
            files.map(|files| path(&files.certificate)),
        );
        self.set("certificateKeyPath", key.map(path));
        let secret = *authentication == Authentication::ClientSecret;
        self.set("useClientSecret", Some(Value::Bool(secret)));
    }
}

/// Whether two names differ in letter case, `_` and `-` at most.
pub(super) fn is_spelling(name: &str, member: &str) -> bool {
    let plain = |name: &'_ str| {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        letters
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<_>>()
    };
    name.len() >= member.len() && plain(name) == plain(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> RawProfile {
        RawProfile(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn every_spelling_of_a_method_is_understood() {
        let check = |json: &str, want: Authentication| {
            let got = raw(json).authentication(Path::new("/c"));
            assert_eq!(got, Ok(want), "{json}");
        };
        let certificate = || Authentication::Certificate(CertificateFiles::one("/c/a.pfx"));
        check("{}", Authentication::None);
        check(r#"{"useClientSecret":true}"#, Authentication::ClientSecret);
        check(
            r#"{"authMethod":"client_secret"}"#,
            Authentication::ClientSecret,
        );
        check(r#"{"authMethod":"None"}"#, Authentication::None);
        check(
            r#"{"useCertificate":true,"certificatePath":"a.pfx"}"#,
            certificate(),
        );
        check(
            r#"{"authMethod":"Certificate","certificatePath":"/c/a.pfx"}"#,
            certificate(),
        );
        check(r#"{"certificatePath":"a.pfx"}"#, certificate());
        check(
            r#"{"certificatePath":"a.pem","certificateKeyPath":"keys/a.key"}"#,
            Authentication::Certificate(CertificateFiles {
                certificate: "/c/a.pem".into(),
                key: Some("/c/keys/a.key".into()),
            }),
        );
        check(
            r#"{"useCertificate":false,"certificatePath":"a.pfx"}"#,
            Authentication::None,
        );
        check(r#"{"client_secret":"x"}"#, Authentication::ClientSecret);
        check(
            r#"{"clientSecret":"x","useClientSecret":false}"#,
            Authentication::None,
        );
        check(
            r#"{"clientSecret":"x","certificatePath":"a.pfx"}"#,
            certificate(),
        );
    }

    #[test]
    fn methods_without_sense_are_named() {
        let check = |json: &str| assert!(raw(json).authentication(Path::new("/")).is_err());
        check(r#"{"useCertificate":true}"#);
        check(r#"{"authMethod":"magic"}"#);
    }

    #[test]
    fn scopes_and_flows_have_two_names() {
        assert_eq!(
            raw(r#"{"scopes":["a","b"]}"#).scopes().as_deref(),
            Some("a b")
        );
        assert_eq!(raw(r#"{"scopes":"a b"}"#).scopes().as_deref(), Some("a b"));
        assert_eq!(raw(r#"{"scope":"a"}"#).scopes().as_deref(), Some("a"));
        assert_eq!(raw(r#"{"scope":""}"#).scopes(), None);
        assert_eq!(raw(r#"{"defaultFlow":"x"}"#).flow(), Some("x"));
    }
}
