//! A sandbox: one user's host with an emulator instead of Entra ID, where whole command lines run.

pub(crate) mod browser;
pub(crate) mod clock;
pub(crate) mod identity;
mod log_lines;
mod machine;
pub(crate) mod prompter;
pub(crate) mod schema;
mod scrub;
mod shell;

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use entra::ports::SystemRandom;
use entra::secret::Secret;
use entra_emulator::{Control, Emulator, Options, RecordedRequest, demo};
use entratool::Host;
use entratool::env::Environment;
use entratool::file::Files;
use entratool::os::key_store::SystemKeyStores;
use entratool::ui::{Streams, Terminal};
use entratool::vault::key_store::Backend;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};
use entratool::vault::token_store::{TokenFile, TokenGuard};
use entratool::vault::{Paths, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::browser::{Browser, Tab};
use self::clock::FakeClock;
use self::machine::FakeMachine;
use self::prompter::{Answer, FakePrompter};
pub(crate) use self::shell::{Run, claims, free_port, names_in};
use self::shell::{Sink, words};

/// A home folder, an emulator, a clock and a browser; every command line meets all four.
pub(crate) struct Sandbox {
    home: TempDir,
    emulator: RefCell<Option<Emulator>>,
    authority: String,
    pub(crate) clock: Rc<FakeClock>,
    pub(crate) browser: Browser,
    prompter: FakePrompter,
    machine: FakeMachine,
    variables: RefCell<Vec<(OsString, OsString)>>,
    terminal: Cell<Terminal>,
    stdin: RefCell<Vec<u8>>,
}

impl Sandbox {
    /// With the four demo profiles and their secrets.
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    /// As [`Sandbox::new`], with an emulator of one's own.
    pub(crate) fn with(options: Options) -> Self {
        let sandbox = Self::bare(options);
        sandbox.write_profiles(&sandbox.demo_profiles());
        sandbox.store_secret("demo", demo::CLIENT_SECRET);
        sandbox.store_secret("demo-web", demo::WEB_CLIENT_SECRET);
        sandbox
    }

    /// As a machine is before the first use: no profile, no secret, no folder.
    pub(crate) fn empty() -> Self {
        Self::empty_with(Options::default())
    }

    /// As [`Sandbox::empty`], with an emulator of one's own.
    pub(crate) fn empty_with(options: Options) -> Self {
        Self::bare(options)
    }

    /// A job in the cloud or a pipeline, that knows which application it is, but not how to prove it.
    pub(crate) fn job() -> Self {
        let sandbox = Self::empty();
        sandbox.set("AZURE_CLIENT_ID", demo::CLIENT_ID);
        sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
        sandbox.trust();
        sandbox
    }

    /// Names the emulator and its CA in the environment.
    pub(crate) fn trust(&self) {
        self.set("AZURE_AUTHORITY_HOST", self.authority());
        let bundle = self.path("certificates/ca.pem");
        self.set("SSL_CERT_FILE", bundle.to_str().unwrap());
    }

    fn bare(options: Options) -> Self {
        let home = tempfile::tempdir().unwrap();
        let emulator = Emulator::start(Options {
            certificate_directory: Some(home.path().join("certificates")),
            ..options
        })
        .unwrap();
        let clock = Rc::new(FakeClock::new(emulator.control().clone()));
        let browser = Browser::new(emulator.certificate_bundle().unwrap());
        Self {
            machine: FakeMachine::new(Rc::clone(&clock), browser.clone()),
            authority: emulator.authority().to_owned(),
            emulator: RefCell::new(Some(emulator)),
            clock,
            browser,
            prompter: FakePrompter::default(),
            variables: RefCell::new(vec![("HOME".into(), home.path().into())]),
            terminal: Cell::default(),
            stdin: RefCell::default(),
            home,
        }
    }

    /// Runs `line` and compares everything that a shell would see of it.
    ///
    /// Tokens are shown as `TOKEN`, the home folder as `HOME`, and so on: see [`scrub`].
    #[track_caller]
    pub(crate) fn check(&self, line: &str, exit: u8, stdout: &[&str], stderr: &[&str]) -> Run {
        let run = self.run(line);
        let seen = scrub::scrub(&run, self.home.path(), &self.authority);
        let lines = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
        let wanted: (u8, String, String) = (exit, lines(stdout), lines(stderr));
        assert!(
            seen == wanted,
            "entratool {line}\n--- exit {}\n{}--- stderr\n{}--- wanted: exit {}\n{}--- stderr\n{}",
            seen.0,
            seen.1,
            seen.2,
            wanted.0,
            wanted.1,
            wanted.2
        );
        run
    }

    /// Runs `line`, which has to succeed.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> Run {
        let run = self.run(line);
        assert_eq!(run.exit, 0, "entratool {line}\n{}", run.stderr);
        run
    }

    /// Runs `line`, which has to fail with `exit` and to say all of `said` on stderr.
    #[track_caller]
    pub(crate) fn fails(&self, line: &str, exit: u8, said: &[&str]) -> Run {
        let run = self.run(line);
        assert_eq!(run.exit, exit, "entratool {line}\n{}", run.stderr);
        assert_eq!(run.stdout, "", "entratool {line}");
        for text in said {
            assert!(run.stderr.contains(text), "no `{text}` in\n{}", run.stderr);
        }
        run
    }

    /// Runs `line` as a shell would split it.
    pub(crate) fn run(&self, line: &str) -> Run {
        self.clock.set_the_emulators_clock();
        let (stdout, stderr) = (Sink::default(), Sink::default());
        self.clock.watch(&stderr.0);
        let log = log_lines::capture();
        let files = Files::system();
        let exit = entratool::run(Host {
            arguments: std::iter::once("entratool".to_owned())
                .chain(words(line))
                .map(OsString::from)
                .collect(),
            environment: Environment::new(self.variables.borrow().iter().cloned()),
            streams: Streams {
                stdin: Box::new(Cursor::new(self.stdin.take())),
                stdout: Box::new(stdout.clone()),
                stderr: Box::new(stderr.clone()),
                terminal: self.terminal.get(),
            },
            prompter: Box::new(self.prompter.clone()),
            machine: &self.machine,
            files: files.clone(),
            make_vault: &|paths, _, _| self.vault_in(paths, &files),
            start_logging: &|_| log_lines::start(),
        });
        self.browser.close();
        schema::check_errors(&stderr.text(), exit.status());
        Run {
            exit: exit.status(),
            stdout: stdout.text(),
            stderr: stderr.text(),
            log: log.text(),
        }
    }

    /// The test's side of the emulator.
    pub(crate) fn control(&self) -> Control {
        let emulator = self.emulator.borrow();
        emulator.as_ref().expect("it runs").control().clone()
    }

    /// Where the emulator serves managed identities without TLS, if enabled.
    pub(crate) fn identity_endpoint(&self) -> String {
        let emulator = self.emulator.borrow();
        let emulator = emulator.as_ref().expect("it runs");
        emulator.identity_endpoint().unwrap().to_owned()
    }

    /// The thumbprint of the emulator's server certificate.
    pub(crate) fn thumbprint(&self) -> String {
        let emulator = self.emulator.borrow();
        emulator.as_ref().expect("it runs").thumbprint().to_owned()
    }

    /// The emulator's server certificate, in PEM.
    pub(crate) fn server_certificate(&self) -> String {
        let emulator = self.emulator.borrow();
        let emulator = emulator.as_ref().expect("it runs");
        emulator.server_certificate().to_owned()
    }

    /// Ends the emulator: from now on its port is closed.
    pub(crate) fn stop_emulator(&self) {
        drop(self.emulator.take());
    }

    /// What the emulator was asked since the last look.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        let control = self.control();
        let requests = control.requests();
        control.clear_requests();
        requests
    }

    /// How often the emulator was asked since the last look.
    pub(crate) fn count(&self) -> usize {
        self.requests().len()
    }

    /// `https://localhost:PORT`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Lets time pass for the machine and the emulator.
    pub(crate) fn advance(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }

    /// Sets an environment variable; an empty one is as good as none.
    pub(crate) fn set(&self, name: &str, value: &str) {
        let mut variables = self.variables.borrow_mut();
        variables.retain(|(known, _)| known != name);
        variables.push((name.into(), value.into()));
    }

    /// What the next command line finds on standard input.
    pub(crate) fn type_in(&self, text: impl AsRef<[u8]>) {
        text.as_ref().clone_into(&mut self.stdin.borrow_mut());
    }

    /// From now on all three streams are terminals, and the prompts get these answers.
    pub(crate) fn user_answers(&self, answers: &[Answer]) {
        self.prompter.will_answer(answers);
        self.terminals(true, true, true);
    }

    /// The prompts so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.prompter.asked()
    }

    /// Which streams are terminals from now on: standard input, output and error.
    pub(crate) fn terminals(&self, stdin: bool, stdout: bool, stderr: bool) {
        self.terminal.set(Terminal {
            stdin,
            stdout,
            stderr,
        });
    }

    /// Where listeners were asked for, and for how long they were waited at.
    pub(crate) fn machine(&self) -> &FakeMachine {
        &self.machine
    }

    /// From now on the user at the browser does this.
    pub(crate) fn user_browses(&self, user: impl Fn(&Tab, &str) + Send + Sync + 'static) {
        self.browser.user(user);
    }

    /// A path below the home folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// The text of a file below the home folder.
    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// Writes a file below the home folder.
    pub(crate) fn write(&self, below: &str, text: impl AsRef<[u8]>) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes `profiles.json`.
    pub(crate) fn write_profiles(&self, profiles: &Value) {
        self.write(PROFILES, profiles.to_string());
    }

    /// `profiles.json` as it is.
    pub(crate) fn profiles(&self) -> Value {
        serde_json::from_str(&self.read(PROFILES)).unwrap()
    }

    /// A profile for this emulator: members of `more` come on top.
    pub(crate) fn profile(&self, name: &str, client_id: &str, more: &Value) -> Value {
        let mut profile = json!({
            "name": name,
            "clientId": client_id,
            "tenantId": demo::TENANT_ID,
            "authority": self.authority,
            "caBundle": self.path("certificates/ca.pem"),
        });
        for (member, value) in more.as_object().unwrap() {
            profile[member] = value.clone();
        }
        profile
    }

    /// The same four profiles that `emulator run` makes.
    pub(crate) fn demo_profiles(&self) -> Value {
        let user = "https://graph.microsoft.com/User.Read";
        json!({"profiles": [
            self.profile("demo", demo::CLIENT_ID, &json!({"scope": GRAPH, "flow": "ClientCredentials", "useClientSecret": true})),
            self.profile("demo-device", demo::PUBLIC_CLIENT_ID, &json!({"scope": user, "flow": "DeviceCode"})),
            self.profile("demo-browser", demo::PUBLIC_CLIENT_ID, &json!({"scope": user, "flow": "InteractiveBrowser"})),
            self.profile("demo-web", demo::WEB_CLIENT_ID, &json!({"scope": user, "flow": "AuthorizationCode", "useClientSecret": true})),
        ]})
    }

    /// Puts a client secret into secure storage, as `config create` would.
    pub(crate) fn store_secret(&self, profile: &str, secret: &str) {
        let vault = self.vault();
        let name = SecretName::new(profile, SecretKind::ClientSecret);
        Secrets::new(&vault)
            .set(&name, &Secret::from(secret))
            .unwrap();
    }

    /// Holds the lock of a profile, as another process does while it gets a token.
    pub(crate) fn another_process_gets(&self, profile: &str) -> TokenGuard<'static> {
        // The guard goes into closures that know nothing of this sandbox's lifetime.
        let vault: &'static Vault = Box::leak(Box::new(self.vault()));
        let free = |_| panic!("no other process holds the lock of `{profile}`");
        let file = TokenFile::new(vault, profile);
        file.lock(Duration::ZERO, &free).unwrap()
    }

    /// Secure storage as a new process has it.
    pub(crate) fn vault(&self) -> Vault {
        let paths = Paths {
            config: self.path(".entratool"),
            cache: self.path(".msal/cache"),
        };
        self.vault_in(paths, &Files::system())
    }

    fn vault_in(&self, paths: Paths, files: &Files) -> Vault {
        let stores = SystemKeyStores::new(files.clone(), None).preferring(vec![Backend::KeyFile]);
        let clock = Rc::clone(&self.clock);
        let sleep = move |pause| entra::ports::Clock::sleep(&*clock, pause);
        Vault::new(
            files.clone(),
            paths,
            Box::new(stores),
            Box::new(SystemRandom),
            Box::new(sleep),
        )
    }
}

/// Where profiles are, below the home folder.
pub(crate) const PROFILES: &str = ".entratool/profiles.json";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com/.default";
