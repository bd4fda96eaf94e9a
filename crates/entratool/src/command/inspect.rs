//! `inspect`: a token decoded into header, payload and signature, as it is.

use clap::Args;
use entra::jwt::{UnverifiedJwt, raw_part};

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

/// Decodes a token; the signature is not checked, and the person is told so.
///
/// # Errors
///
/// If the token cannot be decoded: which part, and why.
pub fn run(arguments: &InspectArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let token = arguments.source.read(world)?;
    let jwt = UnverifiedJwt::parse(token.expose())?;
    let part = |index| raw_part(token.expose(), index);
    let text = if arguments.claims {
        json::indented(part(1)?.get(), 0)
    } else if arguments.header {
        json::indented(part(0)?.get(), 0)
    } else {
        let signature = shown(jwt.signature(), arguments.full);
        format!(
            "{{\n  \"header\": {},\n  \"payload\": {},\n  \"signature\": \"{signature}\"\n}}",
            json::indented(part(0)?.get(), 1),
            json::indented(part(1)?.get(), 1),
        )
    };
    world.ui.result(&format!("{text}\n"))?;
    if world.ui.terminal().stdout {
        world
            .ui
            .status("Decoded only: the signature was not verified; use `entratool verify`.");
    }
    Ok(Exit::Success)
}

/// The signature is base64url, so it needs no escaping.
fn shown(signature: &str, full: bool) -> String {
    match signature.char_indices().nth(SHOWN) {
        Some((end, _)) if !full => format!("{}...", &signature[..end]),
        _ => signature.to_owned(),
    }
}

/// Enough to tell two signatures apart, and no use to anybody.
const SHOWN: usize = 12;
