//! The person who signs in: what is shown, and how the browser is reached.

use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{DeviceCodePrompt, Interaction, InteractionError, Listener, Redirect};
use entra::wire::authorize::ResponseMode;

use crate::command::acquisition::SignInArgs;
use crate::duration;
use crate::profile::flow::Flow;
use crate::world::World;

/// Whoever sits in front of the terminal.
pub(super) struct Person<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) flow: Flow,
    pub(super) sign_in: &'a SignInArgs,
}

impl Interaction for Person<'_> {
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
        self.world.machine.catch_interrupts();
        let ui = &self.world.ui;
        // Whoever was sent this code by a stranger sees what they would be signing in to.
        ui.act(&format!(
            "Application: {}\nTenant: {}\nScopes: {}\n",
            prompt.client_id,
            prompt.authority.tenant(),
            prompt.scopes
        ));
        ui.act(&format!(
            "Device Code Authentication\nTo sign in, use a web browser to open:\n  {}\nand enter the code: {}\n",
            prompt.verification_uri, prompt.user_code
        ));
        if self.sign_in.qr
            && let Some(code) = qr_code(prompt.verification_uri)
        {
            ui.act(&code);
        }
        ui.status("Waiting for authentication...");
    }

    fn waiting(&self, remaining: Duration) {
        let left = duration::words(remaining.as_secs().try_into().unwrap_or(i64::MAX));
        self.world
            .ui
            .countdown(&format!("The code works for another {left}. "));
    }

    /// Where the browser runs elsewhere, the person has to be able to copy the answer.
    fn response_mode(&self) -> ResponseMode {
        if self.has_browser() {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        }
    }

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        self.world.machine.catch_interrupts();
        let paste = self.world.ui.has_person();
        self.world.machine.listen(redirect, paste)
    }

    fn open_browser(&self, url: &str, redirect_uri: &RedirectUri) -> Result<(), InteractionError> {
        let ui = &self.world.ui;
        let environment = &self.world.environment;
        let unreachable = self.world.machine.no_browser(environment);
        let opened = self.has_browser() && {
            ui.status("Opening browser for authentication...");
            let result = self.world.machine.open_browser(url, environment);
            if let Err(error) = &result {
                ui.warning(&format!("no browser could be started: {error}"));
            }
            result.is_ok()
        };
        if self.flow == Flow::AuthorizationCode {
            ui.status(&format!("Redirect URI: {redirect_uri}"));
        }
        if opened {
            ui.status(&format!("If it does not open, visit:\n  {url}"));
            return Ok(());
        }
        ui.act(&format!("To sign in, open this URL in a browser:\n  {url}"));
        if let Some(reason) = unreachable {
            let port = redirect_uri.port();
            ui.act(&format!(
                "The browser has to reach {redirect_uri} on this machine ({reason}).\n\
                 From elsewhere, connect with: ssh -L {port}:localhost:{port} HOST"
            ));
        }
        if ui.has_person() {
            ui.act("Or paste the URL that the browser ends on here and press Enter.");
        }
        Ok(())
    }
}

impl Person<'_> {
    fn has_browser(&self) -> bool {
        let world = self.world;
        !self.sign_in.no_browser && world.machine.no_browser(&world.environment).is_none()
    }
}

fn qr_code(url: &str) -> Option<String> {
    let code = fast_qr::QRBuilder::new(url).build().ok()?;
    Some(code.to_str())
}
