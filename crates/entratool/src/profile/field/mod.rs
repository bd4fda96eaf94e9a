//! The settings of a profile, one entry each: files, options, menus and lists are made from them.

mod spelling;
mod table;

use serde_json::Value;

use crate::profile::ProfileError;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;

pub use self::spelling::{Suspect, suspects};
pub use self::table::FIELDS;

/// A setting of a profile.
#[derive(Debug)]
pub struct Field {
    /// The members of the file that hold it; the first is the one that is written.
    pub members: &'static [Member],
    /// Its name for people.
    pub label: &'static str,
    /// The option that sets it, without dashes.
    pub option: &'static str,
    /// What the option's value is called in help.
    pub value_name: &'static str,
    /// The option's help.
    pub help: &'static str,
    /// How it is entered.
    pub input: Input,
    /// What depends on it.
    pub role: Role,
    /// Whether `config list` shows it.
    pub is_listed: bool,
}

/// A member of the JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
}

/// What a member may be; `null` is as good as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// Text.
    Text,
    /// Text, or an array of texts.
    Texts,
}

/// Checks a value, and gives the spelling that goes into the file; the error says what is wrong.
pub type Normalize = fn(&str) -> Result<String, String>;

/// How a setting is entered.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// As text.
    Text(Normalize),
    /// As one of the [flows](Flow).
    Flow,
    /// As the path of a file.
    Path,
    /// As yes or no.
    Flag,
    /// As a part of the credential, with options of its own.
    Credential(CredentialPart),
}

/// A part of an application's credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPart {
    /// The certificate's path, with its key or without.
    Certificate,
    /// The path of the certificate's key.
    CertificateKey,
    /// The certificate's password, which is in secure storage.
    CertificatePassword,
    /// Which kind of credential it is.
    Method,
    /// The client secret, which is in secure storage.
    Secret,
}

/// What depends on a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Who asks whom: cached tokens and stored secrets belong to it.
    Identity,
    /// Whom to trust with a secret.
    Trust,
    /// Neither.
    Other,
}

impl Field {
    /// The member that is written; empty for what secure storage holds alone.
    #[must_use]
    pub fn member(&self) -> &'static str {
        self.members.first().map_or("", |member| member.name)
    }

    /// The present value as text, never a secret; `None` if the profile does not say.
    #[must_use]
    pub fn present(&self, profile: &RawProfile) -> Option<String> {
        let value = self.members.iter().find_map(|member| {
            let value = profile.0.get(member.name)?;
            Some(value).filter(|value| !value.is_null())
        })?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(list) => {
                let list: Vec<_> = list.iter().filter_map(Value::as_str).collect();
                list.join(" ")
            }
            _ => return None,
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// Writes the value; other spellings of the member go.
    pub fn set(&self, profile: &mut RawProfile, value: Value) {
        for other in self.members.iter().skip(1) {
            profile.set(other.name, None);
        }
        profile.set(self.member(), Some(value));
    }

    /// Checks a value, and gives the one that goes into the file.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value.
    pub fn value(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        match self.input {
            Input::Text(normalize) => normalize(text).map(Value::String),
            Input::Flow => match Flow::parse(text) {
                Ok(flow) => Ok(Value::String(flow.name().to_owned())),
                Err(error) => Err(error.to_string()),
            },
            Input::Flag => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" => Ok(Value::Bool(true)),
                "false" | "no" | "n" => Ok(Value::Bool(false)),
                _ => Err(format!("answer yes or no for `{}`", self.label)),
            },
            Input::Path | Input::Credential(_) => {
                let path = std::path::absolute(text).unwrap_or_else(|_| text.into());
                Ok(Value::String(path.to_string_lossy().into_owned()))
            }
        }
    }
}

/// The setting that a member belongs to.
#[must_use]
pub fn of_member(name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.members.iter().any(|member| member.name == name))
}

/// The settings that name files.
pub fn paths() -> impl Iterator<Item = &'static Field> {
    use CredentialPart::{Certificate, CertificateKey};
    FIELDS.iter().filter(|field| {
        matches!(
            field.input,
            Input::Path | Input::Credential(Certificate | CertificateKey)
        )
    })
}

/// Whether two profiles agree in every setting of one of these roles.
#[must_use]
pub fn agree(one: &RawProfile, other: &RawProfile, roles: &[Role]) -> bool {
    let mut fields = FIELDS.iter().filter(|field| roles.contains(&field.role));
    fields.all(|field| field.present(one) == field.present(other))
}

/// Makes sure that every known member is what it may be.
///
/// # Errors
///
/// Names the first that is not.
pub fn check_kinds(profile: &RawProfile) -> Result<(), ProfileError> {
    for (name, value) in &profile.0 {
        let Some(member) = member(name) else {
            continue;
        };
        let found = match (member.kind, value) {
            (_, Value::Null)
            | (Kind::Flag, Value::Bool(_))
            | (Kind::Text | Kind::Texts, Value::String(_)) => continue,
            (Kind::Texts, Value::Array(list)) => match list.iter().find(|one| !one.is_string()) {
                Some(other) => {
                    return Err(ProfileError::WrongElement {
                        member: member.name,
                        found: kind_of(other),
                    });
                }
                None => continue,
            },
            (_, other) => kind_of(other),
        };
        return Err(ProfileError::WrongKind {
            member: member.name,
            wanted: match member.kind {
                Kind::Flag => "true or false, without quotes",
                Kind::Text => "text",
                Kind::Texts => "text or an array of texts",
            },
            found,
        });
    }
    Ok(())
}

/// A known member; the name of the profile is none of its settings.
fn member(name: &str) -> Option<Member> {
    const NAME: Member = Member {
        name: "name",
        kind: Kind::Text,
    };
    if name == NAME.name {
        return Some(NAME);
    }
    let mut members = FIELDS.iter().flat_map(|field| field.members);
    members.find(|member| member.name == name).copied()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
