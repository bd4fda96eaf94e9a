//! The machine: a fake clock and browser, everything else real.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{
    Clock, Entropy, Http, HttpError, InteractionError, Listener, Outcome, Redirect, Request,
    SystemRandom,
};
use entra::secret::Secret;
use entra::token::Timestamp;
use entratool::env::Environment;
use entratool::file::NamedFile;
use entratool::os::http::Https;
use entratool::os::probe::SystemProbe;
use entratool::os::redirect;
use entratool::world::{HttpSettings, Machine, Probe, Visit};

use super::browser::Browser;
use super::clock::FakeClock;

/// What the commands of a sandbox run on.
pub(crate) struct FakeMachine {
    clock: Rc<FakeClock>,
    browser: Browser,
    no_browser: Cell<Option<&'static str>>,
    browser_looks: Cell<usize>,
    real_ports: Cell<bool>,
    no_name_servers: Cell<bool>,
    slowness: Cell<Duration>,
    visits: RefCell<Vec<u64>>,
    listened: RefCell<Vec<(Redirect, bool)>>,
    waited: Rc<RefCell<Vec<Duration>>>,
}

impl FakeMachine {
    pub(super) fn new(clock: Rc<FakeClock>, browser: Browser) -> Self {
        Self {
            clock,
            browser,
            no_browser: Cell::default(),
            browser_looks: Cell::default(),
            real_ports: Cell::default(),
            no_name_servers: Cell::default(),
            slowness: Cell::default(),
            visits: RefCell::default(),
            listened: RefCell::default(),
            waited: Rc::default(),
        }
    }

    /// From now on no browser can be opened, for this reason.
    pub(crate) fn has_no_browser(&self, reason: &'static str) {
        self.no_browser.set(Some(reason));
    }

    /// How often it was asked whether there is a browser, since the last look.
    pub(crate) fn browser_looks(&self) -> usize {
        self.browser_looks.take()
    }

    /// From now on ports 8080 and 5000 are those of this computer, which may be in use.
    pub(crate) fn use_real_ports(&self) {
        self.real_ports.set(true);
    }

    /// From now on no host name can be looked up.
    pub(crate) fn has_no_name_servers(&self) {
        self.no_name_servers.set(true);
    }

    /// From now on every host that is looked at takes this long, or as long as it may.
    pub(crate) fn has_a_slow_network(&self, slowness: Duration) {
        self.slowness.set(slowness);
    }

    /// How many seconds each host that was looked at had, since the last look.
    pub(crate) fn visits(&self) -> Vec<u64> {
        self.visits.take()
    }

    /// Where listeners were asked for since the last look, and whether with pasting.
    pub(crate) fn listened(&self) -> Vec<(Redirect, bool)> {
        self.listened.take()
    }

    /// How long listeners were to wait, since the last look.
    pub(crate) fn waited(&self) -> Vec<Duration> {
        self.waited.take()
    }
}

impl Machine for FakeMachine {
    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn entropy(&self) -> &dyn Entropy {
        &SystemRandom
    }

    fn http(&self, settings: HttpSettings) -> Box<dyn Http> {
        Box::new(Https::new(settings))
    }

    fn no_browser(&self, _environment: &Environment) -> Option<&'static str> {
        self.browser_looks.set(self.browser_looks.get() + 1);
        self.no_browser.get()
    }

    fn open_browser(&self, url: &str, _environment: &Environment) -> io::Result<()> {
        self.browser.open(url)
    }

    /// Many tests at once cannot all have port 8080: each gets a free one, and its browser finds
    /// that one under the number that was asked for.
    fn listen(
        &self,
        redirect: &Redirect,
        paste: bool,
    ) -> Result<Box<dyn Listener>, InteractionError> {
        self.listened.borrow_mut().push((redirect.clone(), paste));
        let wanted = match redirect {
            _ if self.real_ports.get() => None,
            Redirect::Fixed(uri) => Some(uri.clone()),
            Redirect::Localhost(ports) => ports.first().copied().map(RedirectUri::localhost),
        };
        let wanted =
            wanted.filter(|uri| uri.host() == "localhost" && [8080, 5000].contains(&uri.port()));
        let inner = match wanted {
            None => redirect::listen(redirect, false)?,
            Some(_) => redirect::listen(&Redirect::Localhost(vec![0]), false)?,
        };
        let shown = wanted.unwrap_or_else(|| inner.redirect_uri().clone());
        self.browser
            .route(shown.port(), inner.redirect_uri().port());
        Ok(Box::new(Door {
            inner,
            shown,
            browser: self.browser.clone(),
            clock: Rc::clone(&self.clock),
            waited: Rc::clone(&self.waited),
        }))
    }

    fn utc_offset(&self, _moment: Timestamp) -> i32 {
        UTC_OFFSET
    }

    fn arc_key_folder(&self, environment: &Environment) -> PathBuf {
        environment.home().unwrap().join("agent-keys")
    }

    fn catch_interrupts(&self) {}

    fn end_signals(&self) -> Receiver<()> {
        channel().1
    }

    fn run_to_end(&self, mut command: Command, _signals: Receiver<()>) -> io::Result<u8> {
        let status = command.status()?;
        Ok(status.code().unwrap_or(1).try_into().unwrap())
    }

    fn probe(&self) -> &dyn Probe {
        self
    }

    fn executable(&self) -> io::Result<PathBuf> {
        Ok(env!("CARGO_BIN_EXE_entratool").into())
    }
}

/// Looks at this computer, but for what is faked.
impl Probe for FakeMachine {
    fn resolve(&self, host: &str, timeout: Duration) -> io::Result<Vec<IpAddr>> {
        if self.no_name_servers.get() {
            return Err(io::Error::other("no name server answers"));
        }
        SystemProbe.resolve(host, timeout)
    }

    fn roots(&self, settings: &HttpSettings) -> Result<usize, HttpError> {
        SystemProbe.roots(settings)
    }

    fn bundle(&self, file: &NamedFile) -> Result<entra::certificate::Bundle, String> {
        SystemProbe.bundle(file)
    }

    fn proxy(&self, settings: &HttpSettings, url: &str) -> Result<Option<String>, HttpError> {
        SystemProbe.proxy(settings, url)
    }

    fn visit(&self, settings: HttpSettings, request: &Request<'_>) -> Visit {
        self.visits.borrow_mut().push(request.timeout.as_secs());
        self.clock.advance(self.slowness.get().min(request.timeout));
        SystemProbe.visit(settings, request)
    }

    fn port(&self, redirect: &RedirectUri) -> Result<(), InteractionError> {
        let faked = !self.real_ports.get() && [8080, 5000].contains(&redirect.port());
        if faked {
            return Ok(());
        }
        SystemProbe.port(redirect)
    }

    fn port_user(&self, port: u16) -> Option<String> {
        SystemProbe.port_user(port)
    }

    fn browser(&self, _environment: &Environment) -> Option<String> {
        Some("a-browser".to_owned())
    }
}

/// A listener under another port number, at which no connection arrives.
struct Door {
    inner: Box<dyn Listener>,
    shown: RedirectUri,
    browser: Browser,
    clock: Rc<FakeClock>,
    waited: Rc<RefCell<Vec<Duration>>>,
}

impl Listener for Door {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.shown
    }

    fn wait(
        &mut self,
        timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        self.waited.borrow_mut().push(timeout);
        // In real time only as long as a user may still come back.
        let mut answer = Err(InteractionError::Unanswered);
        let mut busy = true;
        while busy && answer.is_err() {
            busy = self.browser.is_busy();
            answer = self.inner.wait(STEP, ours);
        }
        if answer.is_err() {
            self.clock.advance(timeout);
        }
        answer
    }

    fn finish(&mut self, outcome: Outcome) {
        self.inner.finish(outcome);
    }
}

/// How often the test checks whether the user is done.
const STEP: Duration = Duration::from_millis(20);
/// Seconds; a zone that cannot be mistaken for UTC.
const UTC_OFFSET: i32 = 2 * 3600;
