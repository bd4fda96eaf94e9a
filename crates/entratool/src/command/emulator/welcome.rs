//! What `emulator start` prints: its address, its identities, and commands to paste.

use std::path::Path;

use entra_emulator::demo;

use crate::paste::{self, CommandLine};

/// What a user needs to use the emulator at `authority`.
pub(super) fn text(authority: &str, bundle: &Path) -> String {
    let tenant = demo::TENANT_ID;
    let create = |name, client_id, more| create(name, client_id, authority, bundle).with(more);
    let application = create("emulated", demo::CLIENT_ID, "--client-secret-stdin");
    let user = create("emulated-me", demo::PUBLIC_CLIENT_ID, "--scope User.Read");
    format!(
        "Authority: {authority}\n\
         Tenant ID: {tenant}\n\
         CA bundle: {}\n\
         {IDENTITIES}\n\
         \n\
         In another terminal, as an application:\n  \
         {PIPE_IN} {} | {application}\n  \
         entratool get-token -p emulated\n\
         As a user:\n  \
         {user}\n  \
         entratool get-token -p emulated-me\n\
         To call an API with a token: {authority}/v1.0/me, /v1.0/users and others of Microsoft Graph\n\
         Other programs trust the emulator with SSL_CERT_FILE, REQUESTS_CA_BUNDLE or NODE_EXTRA_CA_CERTS set \
         to the CA bundle.",
        bundle.display(),
        paste::word(demo::CLIENT_SECRET),
    )
}

/// The lines for the client whose certificate was registered; `with_files` names it.
pub(super) fn with_certificate(
    authority: &str,
    bundle: &Path,
    with_files: impl Fn(CommandLine) -> CommandLine,
) -> String {
    let client_id = demo::CERTIFICATE_CLIENT_ID;
    let create = with_files(create("emulated-cert", client_id, authority, bundle));
    format!("With the registered certificate:\n  {create}\n  entratool get-token -p emulated-cert")
}

fn create(name: &str, client_id: &str, authority: &str, bundle: &Path) -> CommandLine {
    CommandLine::new("config create")
        .option("--name", name)
        .option("--client-id", client_id)
        .option("--tenant-id", demo::TENANT_ID)
        .option("--authority", authority)
        .path_option("--ca-bundle", bundle)
}

/// How a shell pipes a text to the next command: `echo` is PowerShell's.
const PIPE_IN: &str = if cfg!(windows) { "echo" } else { "printf %s" };

/// The identities, also in the help.
pub(super) const IDENTITIES: &str = "\
Identities, the same at every start:
  tenant              6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64 (contoso.example)
  client with secret  1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 / emu8Q~not+a/real=secret&100%public~
  certificate client  2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492 (see --register-certificate)
  public client       3c5a0f91-e28d-4b74-a6c3-7d9e41b85f06
  web client          4e8d2c73-0b5f-4196-9ad4-c37f60e1b82a / emu8Q~web/client+not=a&real%secret~
  user                alice@contoso.example / Correct-Horse+42
  another user        bob@contoso.example / Battery-Staple/43";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identities_are_those_that_there_are() {
        for identity in [
            demo::TENANT_ID,
            demo::TENANT_DOMAIN,
            demo::CLIENT_ID,
            demo::CLIENT_SECRET,
            demo::CERTIFICATE_CLIENT_ID,
            demo::PUBLIC_CLIENT_ID,
            demo::WEB_CLIENT_ID,
            demo::WEB_CLIENT_SECRET,
            demo::USERNAME,
            demo::PASSWORD,
            demo::SECOND_USERNAME,
            demo::SECOND_PASSWORD,
        ] {
            assert!(IDENTITIES.contains(identity), "{identity}");
        }
    }
}
