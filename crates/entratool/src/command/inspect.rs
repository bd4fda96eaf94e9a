//! `inspect`: a token decoded into header, payload and signature, as it is.

use clap::Args;
use entra::jwt::{JwtError, UnverifiedJwt, raw_part};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::token_input::TokenSource;
use crate::world::World;

/// Options of `inspect`.
#[derive(Debug, Clone, Default, Args)]
pub struct InspectArgs {
    #[command(flatten)]
    pub source: TokenSource,
    /// Print only the claims
    #[arg(long, conflicts_with = "header")]
    pub claims: bool,
    /// Print only the header
    #[arg(long)]
    pub header: bool,
    /// Print the whole signature
    #[arg(long)]
    pub full: bool,
}

/// Decodes a token; the signature is not checked, which a terminal shows.
///
/// # Errors
///
/// If the token cannot be decoded: which part, and why. The parts that can be are printed all the
/// same.
pub fn run(arguments: &InspectArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let token = arguments.source.read(world)?;
    let token = token.expose();
    let jwt = UnverifiedJwt::parse(token);
    let part = |index, level| {
        let json = raw_part(token, index)?;
        Ok::<_, JwtError>(json::indented(json.get(), level))
    };
    let text = match &jwt {
        _ if arguments.claims => part(1, 0),
        _ if arguments.header => part(0, 0),
        Ok(jwt) => Ok(whole(
            &part(0, 1)?,
            Some(&part(1, 1)?),
            Some(&shown(jwt.signature(), arguments.full)),
        )),
        Err(_) => part(0, 1).map(|header| whole(&header, part(1, 1).ok().as_deref(), None)),
    };
    match (text, jwt) {
        (Ok(text), Ok(_)) => {
            world.ui.result(&format!("{text}\n"))?;
            if world.ui.terminal().stdout {
                world.ui.status(
                    "Decoded only: the signature was not verified; use `entratool verify`.",
                );
            }
            Ok(Exit::Success)
        }
        (Ok(text), Err(error)) => {
            world.ui.result(&format!("{text}\n"))?;
            Err(error.into())
        }
        (Err(error), jwt) => Err(jwt.err().unwrap_or(error).into()),
    }
}

fn whole(header: &str, payload: Option<&str>, signature: Option<&str>) -> String {
    let mut text = format!("{{\n  \"header\": {header}");
    if let Some(payload) = payload {
        text.push_str(&format!(",\n  \"payload\": {payload}"));
    }
    if let Some(signature) = signature {
        text.push_str(&format!(",\n  \"signature\": \"{signature}\""));
    }
    text.push_str("\n}");
    text
}

/// The signature is base64url, so it needs no escaping.
fn shown(signature: &str, full: bool) -> String {
    match signature.char_indices().nth(SHOWN) {
        Some((end, _)) if !full => format!("{}...", &signature[..end]),
        _ => signature.to_owned(),
    }
}

/// Enough to compare two signatures, and useless as a token.
const SHOWN: usize = 12;
