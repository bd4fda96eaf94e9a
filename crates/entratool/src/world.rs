//! What a command is given: streams, environment, storage, and this host behind ports.

use std::cell::OnceCell;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use entra::certificate::Bundle;
use entra::client::RedirectUri;
use entra::ports::{
    Clock, Entropy, Http, HttpError, InteractionError, Listener, Redirect, Request, Response,
};
use entra::token::Timestamp;
use entra::wire::identity::Thumbprint;

use crate::env::{self, Environment};
use crate::failure::Failure;
use crate::file::{Files, NamedBy, NamedFile, Waiting};
use crate::profile::store::ProfileFile;
use crate::ui::Ui;
use crate::vault::{Paths, Vault};

/// How connections are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// Files of additional root certificates, in PEM.
    pub ca_bundles: Vec<NamedFile>,
    /// A folder of additional root certificates.
    pub ca_folder: Option<PathBuf>,
    /// The proxy variables of the environment.
    pub proxy: ProxyVariables,
    /// The only certificate to trust, regardless of its issuer.
    pub pinned: Option<Thumbprint>,
}

/// The proxy variables of the environment, as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyVariables {
    /// `HTTPS_PROXY`, else `ALL_PROXY`.
    pub https: Option<ProxyVariable>,
    /// `http_proxy`, else `ALL_PROXY`.
    pub http: Option<ProxyVariable>,
    /// `NO_PROXY`.
    pub except: Option<String>,
}

/// A variable that names a proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyVariable {
    pub name: &'static str,
    /// May hold a password.
    pub value: String,
}

impl std::fmt::Debug for ProxyVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// This host behind ports: what differs between the real one and a test's.
pub trait Machine {
    /// Time.
    fn clock(&self) -> &dyn Clock;

    /// Randomness.
    fn entropy(&self) -> &dyn Entropy;

    /// A client for requests; opens no connection before the first one.
    fn http(&self, settings: HttpSettings) -> Box<dyn Http>;

    /// Why no browser can be opened here; `None` if one can.
    fn no_browser(&self, environment: &Environment) -> Option<&'static str>;

    /// Opens `url` in a browser and does not wait for it.
    ///
    /// # Errors
    ///
    /// If no browser could be started.
    fn open_browser(&self, url: &str, environment: &Environment) -> std::io::Result<()>;

    /// Listens for the browser's answer; with `paste`, also takes a URL pasted at the terminal.
    ///
    /// # Errors
    ///
    /// If no wanted port is free.
    fn listen(
        &self,
        redirect: &Redirect,
        paste: bool,
    ) -> Result<Box<dyn Listener>, InteractionError>;

    /// Seconds by which local time is ahead of UTC at `moment`.
    fn utc_offset(&self, moment: Timestamp) -> i32;

    /// From now on, Ctrl-C cleans up and exits with 130.
    fn catch_interrupts(&self);

    /// From now on, Ctrl-C and termination signals no longer end this process; each is received.
    fn end_signals(&self) -> Receiver<()>;

    /// Runs a command to its end and returns its exit status; 128 and the number of a signal that
    /// ended it. What `signals` receives before and meanwhile ends the command.
    ///
    /// # Errors
    ///
    /// If it could not be started.
    fn run_to_end(
        &self,
        command: std::process::Command,
        signals: Receiver<()>,
    ) -> std::io::Result<u8>;

    /// What can be found out about this host without changing it.
    fn probe(&self) -> &dyn Probe;

    /// The folder into which the agent of Azure Arc writes keys for those who may have tokens
    /// (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>).
    fn arc_key_folder(&self, environment: &Environment) -> PathBuf {
        if cfg!(windows) {
            let data = environment.path(env::PROGRAMDATA).unwrap_or_default();
            data.join("AzureConnectedMachineAgent").join("Tokens")
        } else {
            PathBuf::from("/var/opt/azcmagent/tokens")
        }
    }

    /// The file of this program.
    ///
    /// # Errors
    ///
    /// If the operating system does not know.
    fn executable(&self) -> std::io::Result<PathBuf>;
}

/// Looks at this host and its network, and changes nothing.
pub trait Probe {
    /// The addresses of a host name.
    ///
    /// # Errors
    ///
    /// If the name leads nowhere, or no resolver answers within `timeout`.
    fn resolve(&self, host: &str, timeout: Duration) -> std::io::Result<Vec<IpAddr>>;

    /// How many root certificates `settings` makes trusted.
    ///
    /// # Errors
    ///
    /// Says which file of theirs is no use.
    fn roots(&self, settings: &HttpSettings) -> Result<usize, HttpError>;

    /// The root certificates in a file.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the file if it holds none.
    fn bundle(&self, file: &NamedFile) -> Result<Bundle, String>;

    /// The proxy that `settings` chooses for `url`: host and port, without its password.
    ///
    /// # Errors
    ///
    /// If the variable is no proxy's URL.
    fn proxy(&self, settings: &HttpSettings, url: &str) -> Result<Option<String>, HttpError>;

    /// Sends a request, and reports who issued the certificate that the server showed.
    fn visit(&self, settings: HttpSettings, request: &Request<'_>) -> Visit;

    /// Whether the port of a redirect URI can be listened on; it is free again afterwards.
    ///
    /// # Errors
    ///
    /// [`InteractionError::PortBusy`] if another program listens there.
    fn port(&self, redirect: &RedirectUri) -> Result<(), InteractionError>;

    /// The program that listens on a port of this host, as far as that can be seen.
    fn port_user(&self, port: u16) -> Option<String>;

    /// The program that would open a URL, if it is there.
    fn browser(&self, environment: &Environment) -> Option<String>;
}

/// What came of a request.
#[derive(Debug)]
pub struct Visit {
    /// Who issued the server's certificate; `None` if it showed none.
    pub issuer: Option<String>,
    /// The answer.
    pub answer: Result<Response, HttpError>,
}

/// Makes a vault once its folders are known.
pub type MakeVault<'a> = &'a dyn Fn(Paths, &Environment, Persistence) -> Vault;

/// Whether the folders of a vault will still be there tomorrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// No: nothing of them may stay behind in the user's keyring.
    Temporary,
    /// Yes.
    Permanent,
}

/// What a command is given.
pub struct World<'a> {
    /// Streams.
    pub ui: Ui,
    /// The environment, as it was at start.
    pub environment: Environment,
    /// This host.
    pub machine: &'a dyn Machine,
    /// Files.
    pub files: Files,
    /// How key stores and the like are made, once paths are known.
    pub make_vault: MakeVault<'a>,
    vault: OnceCell<Vault>,
    paths: OnceCell<Paths>,
}

impl<'a> World<'a> {
    /// Puts a world together; reads nothing yet.
    #[must_use]
    pub fn new(
        ui: Ui,
        environment: Environment,
        machine: &'a dyn Machine,
        files: Files,
        make_vault: MakeVault<'a>,
    ) -> Self {
        Self {
            ui,
            environment,
            machine,
            files,
            make_vault,
            vault: OnceCell::new(),
            paths: OnceCell::new(),
        }
    }

    /// Where files live.
    ///
    /// # Errors
    ///
    /// If there is no home folder and no variable says otherwise.
    pub fn paths(&self) -> Result<&Paths, Failure> {
        if let Some(paths) = self.paths.get() {
            return Ok(paths);
        }
        let names = [env::CONFIG_PATH, env::CACHE_PATH];
        self.environment.check_quotes(&names)?;
        let config = self.environment.config_folder().ok_or(Failure::NoHome)?;
        let cache = self.environment.cache_folder().ok_or(Failure::NoHome)?;
        Ok(self.paths.get_or_init(|| Paths { config, cache }))
    }

    /// Secure storage.
    ///
    /// # Errors
    ///
    /// As [`World::paths`].
    pub fn vault(&self) -> Result<&Vault, Failure> {
        let paths = self.paths()?;
        Ok(self.vault.get_or_init(|| {
            (self.make_vault)(paths.clone(), &self.environment, Persistence::Permanent)
        }))
    }

    /// Shows what the user should know about the key, if secure storage was used.
    pub fn show_notices(&self) {
        for notice in self
            .vault
            .get()
            .map(Vault::take_notices)
            .unwrap_or_default()
        {
            self.ui.status(&notice.to_string());
            let passphrase = self.environment.text(env::PASSPHRASE);
            if notice.is_new_passphrase() && passphrase.is_some_and(env::is_short_passphrase) {
                self.ui.warning(SHORT_PASSPHRASE);
            }
        }
    }

    /// The profiles.
    ///
    /// # Errors
    ///
    /// As [`World::paths`].
    pub fn profiles(&self) -> Result<ProfileFile<'_>, Failure> {
        Ok(ProfileFile::new(&self.files, &self.paths()?.config))
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.machine.clock().now()
    }

    /// Lets time pass while a lock is held by another process.
    pub fn sleep(&self, duration: Duration) {
        self.machine.clock().sleep(duration);
    }

    /// Writes `contents` to the file that the user names, readable by this user only.
    ///
    /// # Errors
    ///
    /// As [`Files::save_output`].
    pub fn save(&self, path: &Path, contents: &[u8]) -> Result<(), Failure> {
        self.save_within(READER_LIMIT, path, contents)
    }

    /// As [`World::save`], but the reader of a pipe is waited for no longer than `limit`.
    ///
    /// # Errors
    ///
    /// As [`World::save`].
    pub fn save_within(
        &self,
        limit: Duration,
        path: &Path,
        contents: &[u8],
    ) -> Result<(), Failure> {
        let waiting = Waiting {
            limit: limit.min(READER_LIMIT),
            sleep: &|pause| self.sleep(pause),
        };
        Ok(self.files.save_output(path, contents, &waiting)?)
    }

    /// Why no browser may be opened, whether or not there is one: in a job of a pipeline no user
    /// would see it.
    #[must_use]
    pub fn unattended(&self) -> Option<&'static str> {
        let is_pipeline = |value: &str| !["false", "0"].contains(&value);
        let ci = self.environment.text(env::CI);
        ci.is_some_and(is_pipeline).then_some("CI is set")
    }

    /// How connections are made, with root certificates beside those of the environment.
    #[must_use]
    pub fn http_settings(&self, ca_bundle: Option<NamedFile>) -> HttpSettings {
        let environment = &self.environment;
        let named = |names: &[&'static str]| {
            let name = names.iter().find(|name| environment.text(name).is_some())?;
            let value = environment.text(name)?.to_owned();
            Some(ProxyVariable { name, value })
        };
        let from_environment = environment.path(env::SSL_CERT_FILE);
        let from_environment = from_environment.map(|path| NamedFile {
            path,
            named_by: NamedBy::User,
        });
        HttpSettings {
            ca_bundles: ca_bundle.into_iter().chain(from_environment).collect(),
            ca_folder: environment.path(env::SSL_CERT_DIR),
            proxy: ProxyVariables {
                https: named(&HTTPS_PROXY),
                // Upper-case HTTP_PROXY may be set by the client of a CGI script; curl ignores it.
                http: named(&["http_proxy", "all_proxy", "ALL_PROXY"]),
                except: environment.first(&NO_PROXY).map(str::to_owned),
            },
            pinned: None,
        }
    }

    /// The variables that say which proxy https goes through and which hosts it does not: those
    /// that are set, else those that people set.
    #[must_use]
    pub fn proxy_variables(&self) -> [&'static str; 2] {
        let set = |names: &[&'static str]| {
            let mut names = names.iter().copied();
            names.find(|name| self.environment.text(name).is_some())
        };
        [
            set(&HTTPS_PROXY).unwrap_or("HTTPS_PROXY"),
            set(&NO_PROXY).unwrap_or("NO_PROXY"),
        ]
    }
}

/// What to say about a passphrase that is short.
pub(crate) const SHORT_PASSPHRASE: &str = "a passphrase of fewer than 12 characters can be found \
     by trying, once a copy of the file is in the wrong hands";
/// How long the reader of a pipe is waited for.
const READER_LIMIT: Duration = Duration::from_secs(30);
/// As curl reads them: lower case wins.
const HTTPS_PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
