//! The user who signs in: what is shown, and how the browser is reached.

use std::cell::Cell;
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{DeviceCodePrompt, Interaction, InteractionError, Listener, Outcome, Redirect};
use entra::secret::Secret;
use entra::wire::authorize::ResponseMode;

use crate::duration;
use crate::paste::CommandLine;
use crate::profile::flow::Flow;
use crate::token::options::SignInArgs;
use crate::token::selected::Selected;
use crate::world::World;

/// The user in front of the terminal.
pub(crate) struct TerminalInteraction<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) flow: Flow,
    pub(crate) no_browser: Option<&'static str>,
    pub(crate) sign_in: &'a SignInArgs,
    pub(crate) hint: SignInHint<'a>,
}

/// Refusals that Entra ID shows in the browser do not arrive here: a hint at `explain`, shown once.
pub(crate) struct SignInHint<'a> {
    selected: &'a Selected,
    is_shown: Cell<bool>,
    /// How long a device code still worked when the wait for it began.
    at_first: Cell<Option<Duration>>,
}

impl<'a> SignInHint<'a> {
    pub(crate) fn new(selected: &'a Selected) -> Self {
        Self {
            selected,
            is_shown: Cell::new(false),
            at_first: Cell::new(None),
        }
    }

    fn show(&self, world: &World<'_>) {
        if self.is_shown.replace(true) {
            return;
        }
        let explain = self.selected.named_in(CommandLine::new("explain CODE"));
        world
            .ui
            .status(&format!("If the browser shows an AADSTS code: {explain}"));
    }
}

impl Interaction for TerminalInteraction<'_> {
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
        self.world.machine.catch_interrupts();
        let ui = &self.world.ui;
        if let Some(reason) = self.no_browser {
            ui.status(&format!(
                "No browser can be opened here ({reason}): signing in with a device code.\n"
            ));
        }
        // A user who was sent this code by someone else sees what they would be signing in to.
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
        let at_first = self.hint.at_first.get().unwrap_or(remaining);
        self.hint.at_first.set(Some(at_first));
        if at_first.saturating_sub(remaining) >= DEVICE_HINT_AFTER {
            self.hint.show(self.world);
        }
        let left = duration::words(remaining.as_secs().try_into().unwrap_or(i64::MAX));
        self.world
            .ui
            .countdown(&format!("The code works for another {left}. "));
    }

    /// Where the browser runs on another host, the user has to be able to copy the answer.
    fn response_mode(&self) -> ResponseMode {
        if self.has_browser() {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        }
    }

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        self.world.machine.catch_interrupts();
        let paste = self.world.ui.is_interactive();
        let listener = self.world.machine.listen(redirect, paste)?;
        Ok(Box::new(HintingListener {
            listener,
            interaction: self,
        }))
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
                "The browser has to reach {redirect_uri} on this host ({reason}).\n\
                 From elsewhere, connect with: ssh -L {port}:localhost:{port} HOST"
            ));
        }
        if ui.is_interactive() {
            ui.act("Or paste the URL that the browser ends on here and press Enter.");
        }
        Ok(())
    }
}

impl TerminalInteraction<'_> {
    fn has_browser(&self) -> bool {
        let world = self.world;
        !self.sign_in.no_browser && world.machine.no_browser(&world.environment).is_none()
    }
}

/// A listener that shows the hint when the browser does not come back soon.
struct HintingListener<'a> {
    listener: Box<dyn Listener + 'a>,
    interaction: &'a TerminalInteraction<'a>,
}

impl Listener for HintingListener<'_> {
    fn redirect_uri(&self) -> &RedirectUri {
        self.listener.redirect_uri()
    }

    fn wait(
        &mut self,
        timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let at_first = timeout.min(HINT_AFTER);
        match self.listener.wait(at_first, ours) {
            Err(InteractionError::Unanswered) => {}
            answer => return answer,
        }
        self.interaction.hint.show(self.interaction.world);
        self.listener.wait(timeout.saturating_sub(at_first), ours)
    }

    fn finish(&mut self, outcome: Outcome) {
        self.listener.finish(outcome);
    }
}

fn qr_code(url: &str) -> Option<String> {
    let code = fast_qr::QRBuilder::new(url).build().ok()?;
    Some(code.to_str())
}

/// A page of Entra ID that says no is there sooner; a sign-in with a second factor may take longer.
const HINT_AFTER: Duration = Duration::from_secs(15);
/// Typing a code on another device takes longer.
const DEVICE_HINT_AFTER: Duration = Duration::from_secs(60);
