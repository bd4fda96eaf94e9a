//! The command line that has a person sign in, for hints to name.

use entra::grant::TokenRequest;

use crate::paste;
use crate::profile::Profile;
use crate::profile::flow::Flow;
use crate::token::acquire::RequestArgs;
use crate::token::flow;

/// The command that answers `request` with a person's sign-in, whatever is kept.
pub(crate) fn command(profile: &Profile, flow: Flow, request: &TokenRequest) -> String {
    let mut command = format!("entratool get-token -p {}", profile.name);
    let own = flow::meant(profile, &RequestArgs::default());
    // Any other flow is left to the profile, which takes one that works where it is run.
    if flow.is_interactive() && !own.is_interactive() {
        command.push_str(&format!(" -f {flow}"));
    }
    if let Some(hint) = &request.login_hint {
        command.push_str(&format!(" --login-hint {}", paste::word(hint)));
    }
    match &request.prompt {
        Some(prompt) if request.forces_interaction() => {
            command.push_str(&format!(" --prompt {}", paste::word(prompt)));
        }
        _ => command.push_str(" --force"),
    }
    command
}
