//! Where `inspect`, `discover` and `verify` find their token, and what is tolerated around it.

use std::path::PathBuf;

use clap::Args;
use entra::secret::Secret;
use zeroize::Zeroizing;

use crate::encoding::decoded;
use crate::failure::Failure;
use crate::input;
use crate::token::{acquire, select};
use crate::world::World;

/// Where the token comes from; without any of these, from standard input.
#[derive(Debug, Clone, Default, Args)]
pub struct TokenSource {
    /// The token itself
    #[arg(short, long, value_name = "TOKEN", group = "source")]
    pub token: Option<String>,
    /// The file that contains the token
    #[arg(short, long, value_name = "FILE", group = "source")]
    pub file: Option<PathBuf>,
    /// Use the cached token of this profile
    #[arg(short, long, group = "source")]
    pub profile: Option<String>,
    /// The token, or `-` for standard input
    #[arg(value_name = "TOKEN", group = "source")]
    pub positional: Option<String>,
}

impl TokenSource {
    /// Reads the token and takes off what people and shells leave around it.
    pub(crate) fn read(&self, world: &World<'_>) -> Result<Secret, Failure> {
        if let Some(token) = &self.token {
            return Ok(cleaned(token.as_bytes()));
        }
        if let Some(path) = &self.file {
            let bytes = input::read(path, "token", LIMIT, world)?;
            return Ok(cleaned(&Zeroizing::new(bytes)));
        }
        if let Some(name) = &self.profile {
            return kept(name, world);
        }
        match self.positional.as_deref() {
            Some(token) if token != "-" => Ok(cleaned(token.as_bytes())),
            _ => Ok(cleaned(&Zeroizing::new(world.ui.read_all("token", LIMIT)?))),
        }
    }
}

/// A token as text: UTF-8 or UTF-16 with or without a byte order mark, as PowerShell writes
/// files; `Authorization:`, `Bearer`, quotes, white space and `export …=` around it are dropped.
fn cleaned(bytes: &[u8]) -> Secret {
    let text = Zeroizing::new(decoded(bytes));
    let mut rest = text.trim();
    let authorization = "authorization:";
    if rest
        .get(..authorization.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(authorization))
    {
        rest = rest[authorization.len()..].trim_start();
    }
    rest = rest.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace());
    if let Some((scheme, after)) = rest.split_at_checked(6)
        && scheme.eq_ignore_ascii_case("bearer")
        && !after.starts_with(|c: char| !c.is_whitespace())
    {
        rest = after;
    }
    Secret::from(rest.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace()))
}

/// The kept token of a profile, however old; nobody is asked for another.
fn kept(name: &str, world: &World<'_>) -> Result<Secret, Failure> {
    let selected = select::named(name, world)?;
    acquire::cached(&selected, world)?
        .map(|token| token.access_token)
        .ok_or_else(|| Failure::NoCachedToken(selected.profile.name.to_string()))
}

/// Tokens with many groups reach tens of kilobytes.
const LIMIT: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_token_is_dropped() {
        let check = |input: &[u8]| assert_eq!(cleaned(input).expose(), "a.b.c", "{input:?}");
        check(b"a.b.c");
        check(b" a.b.c\r\n");
        check(b"Bearer a.b.c");
        check(b"bearer  a.b.c\n");
        check(b"Authorization: Bearer a.b.c");
        check(b"\"a.b.c\"");
        check(b"'Bearer a.b.c'\n");
        check(b"\xEF\xBB\xBFa.b.c\r\n");
        let utf16: Vec<u8> = "a.b.c\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check(&utf16);
        check(&[&[0xFF, 0xFE], &utf16[..]].concat());
        let big: Vec<u8> = "a.b.c".encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&[&[0xFE, 0xFF], &big[..]].concat());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = cleaned(&bytes);
        }
    }
}
