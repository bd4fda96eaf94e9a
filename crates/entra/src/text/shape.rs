//! What looks like a secret, so that it is not repeated where it was given by mistake.

use std::fmt;

/// What a value looks like.
///
/// ```
/// use entra::text::{SecretShape, shape};
///
/// assert_eq!(shape("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."), Some(SecretShape::Token));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretShape {
    /// A certificate or key in PEM.
    Pem,
    /// A certificate or key in base64.
    Base64,
    /// A JSON Web Token.
    Token,
    /// A client secret as Entra ID makes them.
    ClientSecret,
    /// A URL that holds a password.
    UrlWithPassword,
    /// Long text without any words in it.
    Random,
}

impl SecretShape {
    /// Whether the value is a certificate or key itself, where perhaps its path was wanted.
    ///
    /// ```
    /// use entra::text::SecretShape;
    ///
    /// assert!(SecretShape::Pem.is_certificate());
    /// assert!(!SecretShape::Token.is_certificate());
    /// ```
    #[must_use]
    pub const fn is_certificate(self) -> bool {
        matches!(self, Self::Pem | Self::Base64)
    }
}

impl fmt::Display for SecretShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "a certificate or key in PEM",
            Self::Base64 => "a certificate or key in base64",
            Self::Token => "looks like a token",
            Self::ClientSecret => "looks like a client secret",
            Self::UrlWithPassword => "a URL with a password",
            Self::Random => "looks like a secret",
        })
    }
}

/// What kind of secret a value looks like; `None` for names, paths, URLs, GUIDs and the like.
///
/// ```
/// use entra::text::shape;
///
/// assert!(shape("abc8Q~0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q").is_some());
/// assert!(shape("/home/jane/Certificates/contoso-2026.pfx").is_none());
/// assert!(shape("11111111-2222-4333-8444-555555555555").is_none());
/// ```
#[must_use]
pub fn shape(value: &str) -> Option<SecretShape> {
    if value.contains("-----BEGIN") || value.contains("PRIVATE KEY") {
        return Some(SecretShape::Pem);
    }
    if value.contains('@') && value.split_whitespace().any(has_password) {
        return Some(SecretShape::UrlWithPassword);
    }
    // Names are shorter than any word of the shapes below.
    if value.len() < SHORTEST {
        return None;
    }
    let in_path = is_path(value);
    value
        .split(|c| ends_word(c) || in_path && matches!(c, '/' | '\\'))
        .find_map(|word| shape_of_word(word, in_path))
}

fn shape_of_word(word: &str, in_path: bool) -> Option<SecretShape> {
    if word.len() < SHORTEST {
        return None;
    }
    if word.starts_with("eyJ") || word.contains(".eyJ") {
        return Some(SecretShape::Token);
    }
    // Entra ID marks its secrets with `Q~` after a digit.
    let signed = |(at, _)| word[..at].ends_with(|c: char| c.is_ascii_digit());
    if word.match_indices("Q~").any(signed) {
        return Some(SecretShape::ClientSecret);
    }
    // A DER sequence of more than 127 bytes.
    if word.starts_with("MI") && word.len() >= 40 && word.bytes().all(is_base64) {
        return Some(SecretShape::Base64);
    }
    is_random(&without_guid(word), in_path).then_some(SecretShape::Random)
}

/// Whether letters and digits follow each other as in no invented name.
fn is_random(word: &str, in_path: bool) -> bool {
    let bytes = word.as_bytes();
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|byte| wanted(byte)).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let digits = count(u8::is_ascii_digit);
    let length = upper + lower + digits;
    if digits == 0 || upper + lower == 0 {
        return false;
    }
    // `aB`, `a1`, `1a`: words in camel case, and numbers at their end, have few of them.
    let turns = bytes.windows(2).filter(|pair| {
        let [one, two] = [pair[0], pair[1]];
        one.is_ascii_alphabetic() && two.is_ascii_digit()
            || one.is_ascii_digit() && two.is_ascii_alphabetic()
            || one.is_ascii_lowercase() && two.is_ascii_uppercase()
    });
    let turns = turns.count() * 100 / length.max(1);
    if upper > 0 && lower > 0 {
        let unbroken = length >= 48 && length + count(|byte| *byte == b'+') == bytes.len();
        unbroken || length >= SHORTEST && turns >= 22
    } else {
        // Folders are named after checksums in lower case.
        !in_path && length >= 32 && turns >= 25
    }
}

/// The word without the parts of a GUID, or of what was meant to be one.
fn without_guid(word: &str) -> String {
    let is_part = |part: &&str| {
        (3..=13).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if word.split('-').filter(is_part).count() < 4 {
        return word.to_owned();
    }
    let others: Vec<_> = word.split('-').filter(|part| !is_part(part)).collect();
    others.join("-")
}

/// Whether the character is no part of a base64 text, token or secret.
fn ends_word(c: char) -> bool {
    // Faster than a search in a text, for each character of each value.
    let is_mark = match c {
        '\'' | '"' | '`' | ',' | ';' | ':' | '=' | '&' | '?' | '#' | '@' | '|' => true,
        _ => matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}'),
    };
    is_mark || c.is_whitespace()
}

fn is_path(value: &str) -> bool {
    let value = value.trim_start();
    let bytes = value.as_bytes();
    let on_drive =
        matches!(bytes, [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let has_extension = || {
        value.rsplit(['/', '\\']).next().is_some_and(|name| {
            name.rsplit_once('.').is_some_and(|(_, extension)| {
                (1..=6).contains(&extension.len())
                    && extension.bytes().all(|byte| byte.is_ascii_lowercase())
            })
        })
    };
    on_drive
        || value.starts_with(['/', '.', '\\'])
        || value.starts_with("~/")
        || value.contains("://")
        || value.contains(['/', '\\']) && has_extension()
}

/// `https://user:password@host`
fn has_password(word: &str) -> bool {
    word.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .is_some_and(|(user, _)| user.contains(':'))
    })
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// What is shorter is not taken for a secret.
const SHORTEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_shapes() {
        let check = |value: &str, want| assert_eq!(shape(value), Some(want), "{value}");
        use SecretShape as Shape;
        check("-----BEGIN CERTIFICATE-----\nMIIC", Shape::Pem);
        check("-----BEGIN PRIVATE KEY-----\\nMIIC\\n", Shape::Pem);
        check("PRIVATE KEY", Shape::Pem);
        check("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj", Shape::Base64);
        check("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln", Shape::Token);
        check(
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln",
            Shape::Token,
        );
        check(
            "a1b8Q~Zm9vYmFyLWJhei1xdXV4Xy1mb28uYmFy.abc",
            Shape::ClientSecret,
        );
        check(
            "--client-secret=a1b8Q~Zm9vYmFyLWJhei1xdXV4Xy1m",
            Shape::ClientSecret,
        );
        check(
            "/etc/keys/a1b8Q~Zm9vYmFyLWJhei1xdXV4Xy1m",
            Shape::ClientSecret,
        );
        check(
            "https://jane:hunter2@login.example/",
            Shape::UrlWithPassword,
        );
        check("x://a:b@c", Shape::UrlWithPassword);
        for random in [
            "q3X9vT2mK8pL5wR7zB4nC6yH1jF0sD",
            "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "k3w5x9z1q7p4m8n2b6v0c3l5j7h9g1f4",
            "https://a.example/?sig=q3X9vT2mK8pL5wR7zB4nC6yH1jF0sD",
            "NAME=q3X9vT2mK8pL5wR7zB4nC6yH1jF0sD",
            "/9j/4AAQSkZJRgABAQEASABIAAD2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQE",
        ] {
            check(random, Shape::Random);
        }
    }

    #[test]
    fn names_paths_and_urls_are_no_secrets() {
        for value in [
            "",
            "graph-sp",
            "AuthorizationCode",
            "MyCompany.Production.ServicePrincipal01",
            "Exchange.ManageAsAppV2",
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
            "https://graph.microsoft.com/User.Read https://graph.microsoft.com/Mail.Read",
            "api://1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78/.default",
            "1D4F8B62-7C95-4E3A-8F10-A96B3C5D2E78",
            "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e7",
            "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2eXX",
            "profile-1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
            "/home/jane/Certificates/Contoso-Production-2026-10-01.pfx",
            r"C:\Users\Jane Doe\AppData\Local\Temp\tmpA1B2C3D4.tmp",
            "/tmp/.tmpAbC123/certificates/ca.pem",
            "/nix/store/k3w5x9z1q7p4m8n2b6v0c3l5j7h9g1f4-cacert-3.98/etc/ssl/certs/ca-bundle.crt",
            "/var/lib/docker/overlay2/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "/var/run/secrets/azure/tokens/azure-identity-token",
            "backup-2026-10-01T12-30-45Z-contoso",
            "https://login.microsoftonline.com/1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78/v2.0",
            "http://localhost:8080/callback",
            "jane.doe@contoso.onmicrosoft.com",
        ] {
            assert_eq!(shape(value), None, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn random_text_of_a_secret_is_seen(text in "[A-Za-z0-9]{3}[0-9]Q~[A-Za-z0-9_.~-]{34}") {
            proptest::prop_assert_eq!(shape(&text), Some(SecretShape::ClientSecret));
        }

        #[test]
        fn no_text_makes_it_panic(text in "(.|\n){0,60}") {
            let _ = shape(&text);
        }
    }
}
