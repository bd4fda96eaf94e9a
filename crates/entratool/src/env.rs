//! The environment variables that are read, and where files live because of them.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use entra::secret::Secret;
use thiserror::Error;

use crate::around::{is_quoted, trimmed};

/// A copy of the environment, taken once at start.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, OsString>,
    account_home: Option<fn() -> Option<PathBuf>>,
}

/// Where relative paths start, and what `~` stands for.
#[derive(Clone, Copy, Debug)]
pub struct PathBase<'a> {
    folder: &'a Path,
    environment: Option<&'a Environment>,
}

/// A variable whose value stands in quotes, which a shell would have taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} has quotes around its value")]
pub struct QuotedVariable(pub &'static str);

impl Environment {
    /// Keeps the variables whose names are readable.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let readable = |(name, value): (OsString, OsString)| {
            (!value.is_empty()).then_some((name.into_string().ok()?, value))
        };
        Self {
            variables: variables.into_iter().filter_map(readable).collect(),
            account_home: None,
        }
    }

    /// The same environment; `home` is the user's home folder if no variable names one, as services
    /// are started without it.
    #[must_use]
    pub fn with_account_home(mut self, home: fn() -> Option<PathBuf>) -> Self {
        self.account_home = Some(home);
        self
    }

    /// A variable's value as text, without white space around it; `None` if that is unset, empty or
    /// not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name)?.to_str()
    }

    /// A variable's value as a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::from)
    }

    /// A variable's value as a path; `~` at its start is the home folder.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(|path| self.expand(path))
    }

    /// A variable's value without white space around it; `None` if nothing is left.
    ///
    /// Files with line ends of Windows, YAML and copied text leave white space there, and no
    /// variable has a use for it.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(name)?;
        let value = value
            .to_str()
            .map_or(value.as_os_str(), |text| OsStr::new(trimmed(text)));
        (!value.is_empty()).then_some(value)
    }

    /// Makes sure that none of these variables has quotes around its value.
    ///
    /// # Errors
    ///
    /// [`QuotedVariable`] names the first that has.
    pub fn check_quotes(&self, names: &[&'static str]) -> Result<(), QuotedVariable> {
        let quoted = |name: &&&'static str| self.text(name).is_some_and(is_quoted);
        match names.iter().find(quoted) {
            Some(name) => Err(QuotedVariable(name)),
            None => Ok(()),
        }
    }

    /// `path` with the home folder in the place of `~` at its start, for paths that no shell has
    /// seen: those of service files, container definitions, profiles, and answers to prompts.
    pub fn expand(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        let mut parts = path.components();
        if parts.next() != Some(Component::Normal(OsStr::new("~"))) {
            return path.to_owned();
        }
        match self.home() {
            Some(home) => home.join(parts.as_path()),
            None => path.to_owned(),
        }
    }

    /// The first of several spellings that is set, as proxies have them.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }

    /// Whether a variable is set at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The same environment, but with the variable `name` set to `value`.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut environment = self.clone();
        environment.variables.insert(name.to_owned(), value.into());
        environment
    }

    /// All variables, for a process that is started.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &OsString)> {
        self.variables.iter()
    }

    /// Where profiles and secrets live: `ENTRATOOL_CONFIG_PATH`, else `~/.entratool`.
    #[must_use]
    pub fn config_folder(&self) -> Option<PathBuf> {
        self.folder(CONFIG_PATH)
            .unwrap_or_else(|| Some(self.home()?.join(".entratool")))
    }

    /// Where tokens live: `ENTRATOOL_CACHE_PATH`, else `~/.msal/cache`
    /// (Windows: `%LOCALAPPDATA%\.msal\cache`).
    #[must_use]
    pub fn cache_folder(&self) -> Option<PathBuf> {
        self.folder(CACHE_PATH).unwrap_or_else(|| {
            let base = if cfg!(windows) {
                self.path("LOCALAPPDATA")?
            } else {
                self.home()?
            };
            Some(base.join(".msal").join("cache"))
        })
    }

    /// The folder that a variable names; inside, `None` if it needs a home folder and there is none.
    fn folder(&self, name: &str) -> Option<Option<PathBuf>> {
        let folder = self.path(name)?;
        Some(Some(folder).filter(|folder| !folder.starts_with("~")))
    }

    /// The user's home folder: that of the environment, else that of the account.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        let variable = self.raw(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let exists = |home: &PathBuf| {
            // The home of accounts that have none.
            !home.as_os_str().is_empty() && home != Path::new("/nonexistent")
        };
        let variable = variable.map(PathBuf::from).filter(exists);
        variable.or_else(|| self.account_home?().filter(exists))
    }
}

/// Whether a passphrase can be found by trying.
#[must_use]
pub fn is_short_passphrase(passphrase: &str) -> bool {
    passphrase.chars().count() < 12
}

impl<'a> PathBase<'a> {
    /// Paths that are relative to `folder`.
    #[must_use]
    pub fn new(folder: &'a Path, environment: &'a Environment) -> Self {
        Self {
            folder,
            environment: Some(environment),
        }
    }

    /// The path that `text` means here.
    #[must_use]
    pub fn path(&self, text: &str) -> PathBuf {
        match self.environment {
            Some(environment) if text.starts_with('~') => {
                self.folder.join(environment.expand(text))
            }
            _ => self.folder.join(text),
        }
    }
}

/// Without a home folder.
impl<'a> From<&'a Path> for PathBase<'a> {
    fn from(folder: &'a Path) -> Self {
        Self {
            folder,
            environment: None,
        }
    }
}

/// Which profile to use when none is named.
pub const PROFILE: &str = "ENTRATOOL_PROFILE";
/// The folder of `profiles.json` and the secrets.
pub const CONFIG_PATH: &str = "ENTRATOOL_CONFIG_PATH";
/// The folder of the token cache.
pub const CACHE_PATH: &str = "ENTRATOOL_CACHE_PATH";
/// Unlocks storage that is protected by a passphrase.
pub const PASSPHRASE: &str = "ENTRATOOL_PASSPHRASE";
/// Encrypts exports with secrets, and opens them.
pub const EXPORT_PASSPHRASE: &str = "ENTRATOOL_EXPORT_PASSPHRASE";

/// The tenant, for use without a profile (azure-identity's name, like all below).
pub const AZURE_TENANT_ID: &str = "AZURE_TENANT_ID";
/// The client ID.
pub const AZURE_CLIENT_ID: &str = "AZURE_CLIENT_ID";
/// The client secret.
pub const AZURE_CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
/// The certificate with its key.
pub const AZURE_CLIENT_CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
/// The certificate's password.
pub const AZURE_CLIENT_CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
/// A file with a token of another identity provider, read again at each exchange.
pub const AZURE_FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
/// The cloud's base URL; may lack a scheme.
pub const AZURE_AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";

/// The client ID that the Azure tasks of Azure Pipelines set, like the two below.
pub const AZURESUBSCRIPTION_CLIENT_ID: &str = "AZURESUBSCRIPTION_CLIENT_ID";
/// The service connection.
pub const AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: &str = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";
/// The tenant.
pub const AZURESUBSCRIPTION_TENANT_ID: &str = "AZURESUBSCRIPTION_TENANT_ID";
/// Where Azure Pipelines issues tokens for a job.
pub const SYSTEM_OIDCREQUESTURI: &str = "SYSTEM_OIDCREQUESTURI";
/// What proves to Azure Pipelines which job asks.
pub const SYSTEM_ACCESSTOKEN: &str = "SYSTEM_ACCESSTOKEN";
/// Set in every job of Azure Pipelines.
pub const TF_BUILD: &str = "TF_BUILD";
/// Where GitHub Actions issues tokens for a job.
pub const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What proves to GitHub Actions which job asks.
pub const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Set in every job of GitHub Actions.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";

/// The managed identity endpoint of App Service, Azure Arc and Service Fabric.
pub const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
/// The header value that App Service expects from its own programs.
pub const IDENTITY_HEADER: &str = "IDENTITY_HEADER";
/// Set by Service Fabric alone.
pub const IDENTITY_SERVER_THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";
/// Set by Azure Arc, beside `IDENTITY_ENDPOINT`.
pub const IMDS_ENDPOINT: &str = "IMDS_ENDPOINT";
/// The managed identity endpoint of Cloud Shell and Azure Machine Learning.
pub const MSI_ENDPOINT: &str = "MSI_ENDPOINT";
/// The header value that Azure Machine Learning expects from its own programs.
pub const MSI_SECRET: &str = "MSI_SECRET";
/// Another address of the instance metadata service.
pub const AZURE_POD_IDENTITY_AUTHORITY_HOST: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
/// The parent of the folder into which the agent of Azure Arc writes keys under Windows.
pub const PROGRAMDATA: &str = "ProgramData";

/// A file of additional root certificates.
pub const SSL_CERT_FILE: &str = "SSL_CERT_FILE";
/// A folder of additional root certificates.
pub const SSL_CERT_DIR: &str = "SSL_CERT_DIR";
/// Set in the jobs of most pipelines.
pub const CI: &str = "CI";
/// The commands that open a URL, tried in turn.
pub const BROWSER: &str = "BROWSER";
/// No colour, whatever the value (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// The kind of terminal; `dumb` has no colour.
pub const TERM: &str = "TERM";

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::new(variables.iter().map(|(k, v)| ((*k).into(), (*v).into())))
    }

    #[test]
    fn empty_variables_are_unset() {
        let environment = environment(&[("A", ""), ("B", "x")]);
        assert_eq!(environment.text("A"), None);
        assert_eq!(environment.first(&["A", "B"]), Some("x"));
    }

    #[test]
    fn white_space_around_values_is_dropped() {
        for around in [" ", "\t", "\r", "\n", "\r\n", "\u{feff}", "\u{a0}"] {
            let environment = environment(&[
                ("A", &format!("{around}x y{around}")),
                ("B", around),
                ("HOME", &format!("/h{around}")),
                ("P", &format!("~/p{around}")),
            ]);
            assert_eq!(environment.text("A"), Some("x y"), "{around:?}");
            assert_eq!(environment.text("B"), None, "{around:?}");
            assert!(!environment.has("B"), "{around:?}");
            if cfg!(unix) {
                assert_eq!(environment.path("P"), Some("/h/p".into()), "{around:?}");
            }
        }
    }

    #[test]
    fn quotes_around_values_are_found() {
        let check = |value: &str, want: bool| {
            let environment = environment(&[("A", value)]);
            let want = if want {
                Err(QuotedVariable("A"))
            } else {
                Ok(())
            };
            assert_eq!(environment.check_quotes(&["B", "A"]), want, "{value}");
        };
        check("\"x\"", true);
        check(" 'x'\r", true);
        check("\"\"", true);
        check("\u{201c}x\u{201d}", true);
        check("\"", false);
        check("x", false);
        check("it's", false);
        check("\"a\" b", false);
    }

    #[cfg(unix)]
    #[test]
    fn folders_follow_home_unless_variables_name_others() {
        let home = environment(&[("HOME", "/h")]);
        assert_eq!(home.config_folder(), Some("/h/.entratool".into()));
        assert_eq!(home.cache_folder(), Some("/h/.msal/cache".into()));
        let named = environment(&[("HOME", "/h"), (CONFIG_PATH, "/c"), (CACHE_PATH, "/t")]);
        assert_eq!(named.config_folder(), Some("/c".into()));
        assert_eq!(named.cache_folder(), Some("/t".into()));
        assert_eq!(environment(&[]).config_folder(), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_tilde_at_the_start_is_the_home_folder() {
        let home = environment(&[("HOME", "/h"), ("A", "~/a"), (CONFIG_PATH, "~/.e")]);
        let check = |path: &str, want: &str| assert_eq!(home.expand(path), Path::new(want));
        check("~", "/h");
        check("~/", "/h");
        check("~/a b/~", "/h/a b/~");
        check("~//a", "/h/a");
        check("a/~/b", "a/~/b");
        check("~a", "~a");
        check("./~/a", "./~/a");
        check("", "");
        check("-", "-");
        assert_eq!(home.path("A"), Some("/h/a".into()));
        assert_eq!(home.config_folder(), Some("/h/.e".into()));
        let base = PathBase::new(Path::new("/c"), &home);
        assert_eq!(base.path("~/a"), Path::new("/h/a"));
        assert_eq!(base.path("a"), Path::new("/c/a"));
        let homeless = environment(&[(CONFIG_PATH, "~/.e"), (CACHE_PATH, "~")]);
        assert_eq!(homeless.config_folder(), None);
        assert_eq!(homeless.cache_folder(), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_service_without_home_has_that_of_its_account() {
        let account = |variables: &[(&str, &str)], home: fn() -> Option<PathBuf>| {
            environment(variables).with_account_home(home).home()
        };
        let check = |variables: &[(&str, &str)], home: fn() -> Option<PathBuf>, want: &str| {
            assert_eq!(account(variables, home), Some(want.into()));
        };
        check(&[], || Some("/a".into()), "/a");
        check(&[("HOME", "")], || Some("/a".into()), "/a");
        check(&[("HOME", "/nonexistent")], || Some("/a".into()), "/a");
        check(&[("HOME", "/h")], || Some("/a".into()), "/h");
        assert_eq!(account(&[], || Some("/nonexistent".into())), None);
        assert_eq!(account(&[], || Some("".into())), None);
    }
}
