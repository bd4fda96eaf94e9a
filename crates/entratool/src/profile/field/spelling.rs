//! Members that look like a mistake: nearly a known name, or a secret in plain text.

use serde_json::Value;

use super::{FIELDS, member};
use crate::profile::raw::RawProfile;

/// A member that looks like a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspect {
    /// Its name is nearly that of a known member.
    Misspelt {
        /// The name as written.
        written: String,
        /// The known one.
        known: &'static str,
    },
    /// It holds a secret.
    Secret(String),
}

/// The members of a profile that look like a mistake. Known ones cost nothing but a look.
#[must_use]
pub fn suspects(profile: &RawProfile) -> Vec<Suspect> {
    let unknown = profile.0.iter().filter(|(name, _)| member(name).is_none());
    let mut found = Vec::new();
    for (name, value) in unknown.filter(|(name, _)| name.len() <= LONGEST) {
        let plain = plain(name);
        let is_text = matches!(value, Value::String(text) if !text.trim().is_empty());
        if SECRETS.contains(&plain.as_str()) {
            if is_text {
                found.push(Suspect::Secret(name.clone()));
            }
        } else if let Some(known) = nearest(&plain) {
            let written = name.clone();
            found.push(Suspect::Misspelt { written, known });
        }
    }
    found
}

fn nearest(plain_name: &str) -> Option<&'static str> {
    let members = FIELDS.iter().flat_map(|field| field.members);
    let mut names = members.map(|member| member.name).chain(["name"]);
    names.find(|known| {
        let known = plain(known);
        // One letter more or less makes another word of a short one.
        known == plain_name || (known.len() > 4 && is_one_letter_off(&known, plain_name))
    })
}

/// Lower case, without `_`, `-` and blanks.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// One letter replaced, added or left out, or two neighbours swapped.
fn is_one_letter_off(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    match (one, other) {
        ([], [_]) | ([_], []) => true,
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c && rest == others => true,
        ([_, rest @ ..], [_, others @ ..]) if rest == others => true,
        ([_, rest @ ..], others) if rest == others => true,
        (rest, [_, others @ ..]) => rest == others,
        _ => false,
    }
}

/// Without `_` and `-`, in lower case.
const SECRETS: [&str; 13] = [
    "accesstoken",
    "certificatekeypassword",
    "certificatepassword",
    "clientassertion",
    "clientcertificatepassword",
    "clientsecret",
    "idtoken",
    "pass",
    "passphrase",
    "password",
    "refreshtoken",
    "secret",
    "token",
];

/// In bytes; a longer name is no slip.
const LONGEST: usize = 64;
