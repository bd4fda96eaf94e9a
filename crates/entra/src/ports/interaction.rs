//! Interaction with the user, and the browser that comes back from signing in.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::BoxedError;
use crate::authority::Authority;
use crate::client::{ClientId, RedirectUri};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::wire::authorize::ResponseMode;

/// Prompts the user.
///
/// A program that asks in one way only implements that part; [`ShowDeviceCode`] and
/// [`LoopbackBrowser`](super::LoopbackBrowser) are ready-made.
///
/// ```
/// use entra::ports::{DeviceCodePrompt, Interaction};
///
/// struct Terminal;
///
/// impl Interaction for Terminal {
///     fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
///         eprintln!("Open {} and enter {}", prompt.verification_uri, prompt.user_code);
///     }
///
///     fn waiting(&self, remaining: std::time::Duration) {
///         eprint!("\r{} s left ", remaining.as_secs());
///     }
/// }
/// # let _: &dyn Interaction = &Terminal;
/// ```
pub trait Interaction {
    /// Shows what to type where. Called once, before polling starts.
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
        log::warn!("no user is shown the code for {}", prompt.verification_uri);
    }

    /// Called before each wait of a device sign-in with the time left.
    fn waiting(&self, remaining: Duration) {
        let _ = remaining;
    }

    /// How the browser should bring its answer.
    fn response_mode(&self) -> ResponseMode {
        ResponseMode::FormPost
    }

    /// Starts to listen for the redirect.
    ///
    /// # Errors
    ///
    /// If no wanted port is free, or nothing here can listen.
    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        let _ = redirect;
        Err(no_browser())
    }

    /// Shows `url` and opens it in a browser if there is one; does not wait for the browser.
    ///
    /// # Errors
    ///
    /// If neither can the URL be shown nor a browser be opened.
    fn open_browser(&self, url: &str, redirect_uri: &RedirectUri) -> Result<(), InteractionError> {
        let _ = (url, redirect_uri);
        Err(no_browser())
    }
}

/// Interaction by a function that shows a device code.
///
/// ```
/// use entra::ports::{Interaction, ShowDeviceCode};
///
/// let user = ShowDeviceCode(|prompt| {
///     eprintln!("Open {} and enter {}", prompt.verification_uri, prompt.user_code);
/// });
/// # let _: &dyn Interaction = &user;
/// ```
pub struct ShowDeviceCode<Show: Fn(&DeviceCodePrompt<'_>)>(pub Show);

impl<Show: Fn(&DeviceCodePrompt<'_>)> Interaction for ShowDeviceCode<Show> {
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>) {
        (self.0)(prompt);
    }
}

impl<Show: Fn(&DeviceCodePrompt<'_>)> fmt::Debug for ShowDeviceCode<Show> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ShowDeviceCode")
    }
}

/// What a user needs to sign in on another device.
///
/// ```
/// use entra::ports::DeviceCodePrompt;
///
/// fn text(prompt: &DeviceCodePrompt<'_>) -> String {
///     let DeviceCodePrompt { user_code, verification_uri, expires_in, .. } = prompt;
///     let minutes = expires_in.as_secs() / 60;
///     format!("Open {verification_uri} within {minutes} minutes and enter {user_code}")
/// }
/// # let _ = text;
/// ```
#[derive(Debug)]
pub struct DeviceCodePrompt<'a> {
    /// Which application asks.
    pub client_id: &'a ClientId,
    /// For which directory.
    pub authority: &'a Authority,
    /// For what.
    pub scopes: &'a Scopes,
    /// What to type.
    pub user_code: &'a str,
    /// Where to type it.
    pub verification_uri: &'a str,
    /// How long the code works.
    pub expires_in: Duration,
}

/// Where the browser's answer is awaited.
///
/// ```
/// use entra::client::RedirectUri;
/// use entra::ports::Redirect;
///
/// // Any free port: enough for public clients registered with `http://localhost`.
/// let any = Redirect::Localhost(vec![0]);
/// // The very URI of the app registration, as web applications need it.
/// let fixed = Redirect::Fixed(RedirectUri::parse("http://localhost:8400/callback")?);
/// # assert_ne!(any, fixed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// Exactly this URI.
    Fixed(RedirectUri),
    /// `http://localhost:PORT` with the first free port of the list; 0 is any free port.
    Localhost(Vec<u16>),
}

/// Waits for the browser to come back.
///
/// ```
/// use std::time::Duration;
/// use entra::client::RedirectUri;
/// use entra::ports::{InteractionError, Listener, Outcome};
/// use entra::secret::Secret;
///
/// /// The user pastes the address at which the browser ended.
/// struct Pasted {
///     redirect_uri: RedirectUri,
///     address: String,
/// }
///
/// impl Listener for Pasted {
///     fn redirect_uri(&self) -> &RedirectUri {
///         &self.redirect_uri
///     }
///
///     fn wait(
///         &mut self,
///         _timeout: Duration,
///         ours: &dyn Fn(&Secret) -> bool,
///     ) -> Result<Secret, InteractionError> {
///         let (_, query) = self.address.split_once('?').unwrap_or_default();
///         let answer = Secret::from(query);
///         ours(&answer).then_some(answer).ok_or(InteractionError::Unanswered)
///     }
///
///     fn finish(&mut self, _outcome: Outcome) {}
/// }
///
/// let mut listener = Pasted {
///     redirect_uri: RedirectUri::localhost(8400),
///     address: "http://localhost:8400/?code=x&state=y".to_owned(),
/// };
/// let answer = listener.wait(Duration::ZERO, &|answer| answer.expose().ends_with("state=y"))?;
/// assert_eq!(answer.expose(), "code=x&state=y");
/// # Ok::<(), InteractionError>(())
/// ```
pub trait Listener {
    /// The URI to send, with the port that is really listened on.
    fn redirect_uri(&self) -> &RedirectUri;

    /// Waits for an answer that `ours` accepts (a query or a posted form); all others are
    /// refused and ignored.
    ///
    /// # Errors
    ///
    /// [`InteractionError::Unanswered`] after `timeout`.
    fn wait(
        &mut self,
        timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError>;

    /// Shows the result in the browser.
    fn finish(&mut self, outcome: Outcome);
}

/// How a sign-in in the browser ended.
///
/// ```
/// use entra::ports::Outcome;
///
/// let page = |outcome| match outcome {
///     Outcome::SignedIn => "You can close this window.",
///     Outcome::Failed => "That did not work; the program says why.",
/// };
/// # assert_ne!(page(Outcome::SignedIn), page(Outcome::Failed));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The authority or the user said no, or the token could not be fetched.
    Failed,
    /// There is a token.
    SignedIn,
}

/// Why interaction failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InteractionError {
    /// Something else of the operating system.
    #[error(transparent)]
    Failed(BoxedError),
    /// No answer came in time.
    #[error("Browser did not respond")]
    Unanswered,
    /// The wanted port is taken.
    #[error("port {port} on localhost is already in use")]
    PortBusy {
        /// The port.
        port: u16,
    },
}

fn no_browser() -> InteractionError {
    InteractionError::Failed("this program opens no browser".into())
}
