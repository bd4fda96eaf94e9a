//! A user with a browser, who remembers what was shown and how the sign-in ended.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use entra::Secret;
use entra::client::RedirectUri;
use entra::ports::{DeviceCodePrompt, Interaction, InteractionError, Listener, Outcome, Redirect};
use entra::wire::field;

/// The answer of the authorization endpoint to the `state` that was sent.
pub(crate) type Answer = fn(&str) -> String;

pub(crate) struct TestUser {
    pub(crate) answer: Answer,
    pub(crate) opened: RefCell<Vec<String>>,
    pub(crate) interactive_timeout: Cell<Option<Duration>>,
    pub(crate) outcome: Cell<Option<Outcome>>,
    /// Code, address and lifetime of each device code that was shown.
    pub(crate) shown: RefCell<Vec<(String, String, u64)>>,
    /// The seconds that were left at each look.
    pub(crate) waited: RefCell<Vec<u64>>,
}

impl Default for TestUser {
    fn default() -> Self {
        Self::answering(|state| format!("code=a-code&state={state}"))
    }
}

impl TestUser {
    pub(crate) fn answering(answer: Answer) -> Self {
        Self {
            answer,
            opened: RefCell::default(),
            interactive_timeout: Cell::default(),
            outcome: Cell::default(),
            shown: RefCell::default(),
            waited: RefCell::default(),
        }
    }

    /// A parameter of the URL that was opened last.
    pub(crate) fn opened_with(&self, name: &str) -> Option<String> {
        let opened = self.opened.borrow();
        field(opened.last()?.split_once('?')?.1, name)
    }
}

impl Interaction for TestUser {
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
        self.shown.borrow_mut().push((
            prompt.user_code.to_owned(),
            prompt.verification_uri.to_owned(),
            prompt.expires_in.as_secs(),
        ));
    }

    fn waiting(&self, remaining: Duration) {
        self.waited.borrow_mut().push(remaining.as_secs());
    }

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        assert_eq!(*redirect, Redirect::Localhost(vec![0]));
        Ok(Box::new(Browser(self, RedirectUri::localhost(4711))))
    }

    fn open_browser(&self, url: &str, _: &RedirectUri) -> Result<(), InteractionError> {
        self.opened.borrow_mut().push(url.to_owned());
        Ok(())
    }
}

struct Browser<'a>(&'a TestUser, RedirectUri);

impl Listener for Browser<'_> {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.1
    }

    fn wait(
        &mut self,
        interactive_timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        self.0.interactive_timeout.set(Some(interactive_timeout));
        let state = self.0.opened_with("state").unwrap_or_default();
        let answer = Secret::new((self.0.answer)(&state));
        let unanswered = InteractionError::Unanswered;
        ours(&answer).then_some(answer).ok_or(unanswered)
    }

    fn finish(&mut self, outcome: Outcome) {
        self.0.outcome.set(Some(outcome));
    }
}
