//! The names of sealed files: safe on every file system, and naming what is inside.

use std::fmt;

/// What a sealed file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The cached tokens of a profile.
    Token,
    /// The client secret of a profile.
    ClientSecret,
    /// The password of a profile's certificate.
    CertificatePassword,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Token, Self::ClientSecret, Self::CertificatePassword];

    const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ClientSecret => "client-secret",
            Self::CertificatePassword => "certificate-password",
        }
    }
}

/// A sealed file: what it holds, and for which profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SealedName {
    /// What it holds.
    pub kind: Kind,
    /// The profile, in the letter case of its name.
    pub profile: String,
}

impl SealedName {
    /// The file of this `kind` for `profile`.
    #[must_use]
    pub fn new(kind: Kind, profile: &str) -> Self {
        Self {
            kind,
            profile: profile.to_owned(),
        }
    }

    /// What the file is sealed as: `token:demo`.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}:{}", self.kind.word(), self.profile)
    }

    /// What the file is called: `token.demo.sealed`.
    ///
    /// File systems that ignore letter case would confuse `Demo` and `demo`, so an upper-case
    /// letter is written as `=` and the lower-case one; every other byte outside of `a–z`, `0–9`,
    /// `.`, `_`, `-` as `=_` and two hexadecimal digits. The word in front keeps names such as
    /// `con` and `nul` from being devices under Windows.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.{}{SUFFIX}", self.kind.word(), escape(&self.profile))
    }

    /// What the lock of the file is called: `token.demo.lock`.
    #[must_use]
    pub fn lock_name(&self) -> String {
        format!("{}.{}.lock", self.kind.word(), escape(&self.profile))
    }

    /// The file that is called `name`, if it is one of ours.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (word, rest) = name.split_once('.')?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let profile = unescape(rest.strip_suffix(SUFFIX)?)?;
        Some(Self { kind, profile })
    }
}

impl fmt::Display for SealedName {
    /// In words, for messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Token => "the cached tokens",
            Kind::ClientSecret => "the client secret",
            Kind::CertificatePassword => "the certificate password",
        };
        write!(formatter, "{what} of profile `{}`", self.profile)
    }
}

fn escape(profile: &str) -> String {
    let mut escaped = String::with_capacity(profile.len() + 8);
    for byte in profile.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => escaped.push(char::from(byte)),
            b'A'..=b'Z' => {
                escaped.push('=');
                escaped.push(char::from(byte.to_ascii_lowercase()));
            }
            _ => escaped.push_str(&format!("=_{byte:02x}")),
        }
    }
    escaped
}

fn unescape(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while !rest.is_empty() {
        let (byte, after) = match rest {
            [b'=', b'_', high, low, after @ ..] => {
                let digit = |character: u8| char::from(character).to_digit(16);
                let byte = digit(*high)? << 4 | digit(*low)?;
                (u8::try_from(byte).ok()?, after)
            }
            [b'=', letter @ b'a'..=b'z', after @ ..] => (letter.to_ascii_uppercase(), after),
            [b'=', ..] | [] => return None,
            [byte, after @ ..] => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    let profile = String::from_utf8(bytes).ok()?;
    // Only one way of writing a name is ours.
    (escape(&profile) == escaped).then_some(profile)
}

const SUFFIX: &str = ".sealed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_differ_without_letter_case() {
        let check = |profile: &str, want: &str| {
            let name = SealedName::new(Kind::Token, profile);
            assert_eq!(name.file_name(), want);
            assert_eq!(SealedName::from_file_name(want), Some(name));
        };
        check("demo", "token.demo.sealed");
        check("Demo", "token.=demo.sealed");
        check("DEMO", "token.=d=e=m=o.sealed");
        check("con", "token.con.sealed");
        check("a.b_c-9", "token.a.b_c-9.sealed");
        check("..", "token....sealed");
        check(".sealed", "token..sealed.sealed");
        check("a/b", "token.a=_2fb.sealed");
        check("=a", "token.=_3da.sealed");
        check("é", "token.=_c3=_a9.sealed");
        check("", "token..sealed");
    }

    #[test]
    fn kinds_have_files_of_their_own() {
        let check = |kind, want: &str| {
            let name = SealedName::new(kind, "P");
            assert_eq!(name.file_name(), want);
            assert_eq!(SealedName::from_file_name(want), Some(name));
        };
        check(Kind::ClientSecret, "client-secret.=p.sealed");
        check(Kind::CertificatePassword, "certificate-password.=p.sealed");
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "token.demo",
            "token.Demo.sealed",
            "token.=.sealed",
            "token.=1.sealed",
            "token.=_6.sealed",
            "token.=_61.sealed",
            "token.=_zz.sealed",
            "other.demo.sealed",
            "demo.sealed",
            ".token.demo.sealed.1-0011223344556677.tmp",
            "token.demo.sealed.damaged",
            "",
        ] {
            assert_eq!(SealedName::from_file_name(name), None, "{name}");
        }
    }

    #[test]
    fn identities_name_kind_and_profile() {
        let name = SealedName::new(Kind::ClientSecret, "Demo");
        assert_eq!(name.identity(), "client-secret:Demo");
        assert_eq!(name.lock_name(), "client-secret.=demo.lock");
        assert_eq!(name.to_string(), "the client secret of profile `Demo`");
    }
}
