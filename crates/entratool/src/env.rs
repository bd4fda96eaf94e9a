//! The environment variables that are read, and where files live because of them.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A copy of the environment, taken once at start.
#[derive(Clone, Debug, Default)]
pub struct Environment(HashMap<String, OsString>);

impl Environment {
    /// Keeps the variables whose names are readable; an empty value counts as unset.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let readable = |(name, value): (OsString, OsString)| {
            (!value.is_empty()).then_some((name.into_string().ok()?, value))
        };
        Self(variables.into_iter().filter_map(readable).collect())
    }

    /// A variable's value as text; `None` if it is unset, empty or not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str()
    }

    /// A variable's value as a path.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(name).map(PathBuf::from)
    }

    /// The first of several spellings that is set, as proxies have them.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }

    /// Whether a variable is set at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The same environment, but with the variable `name` set to `value`.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = self.0.clone();
        variables.insert(name.to_owned(), value.into());
        Self(variables)
    }

    /// All variables, for a process that is started.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &OsString)> {
        self.0.iter()
    }

    /// Where profiles and secrets live: `ENTRATOOL_CONFIG_PATH`, else `~/.entratool`.
    #[must_use]
    pub fn config_folder(&self) -> Option<PathBuf> {
        self.path(CONFIG_PATH)
            .or_else(|| Some(self.home()?.join(".entratool")))
    }

    /// Where tokens live: `ENTRATOOL_CACHE_PATH`, else `~/.msal/cache`
    /// (Windows: `%LOCALAPPDATA%\.msal\cache`).
    #[must_use]
    pub fn cache_folder(&self) -> Option<PathBuf> {
        self.path(CACHE_PATH).or_else(|| {
            let base = if cfg!(windows) {
                self.path("LOCALAPPDATA")?
            } else {
                self.home()?
            };
            Some(base.join(".msal").join("cache"))
        })
    }

    /// The person's own folder.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
            .filter(|home| home.as_os_str() != OsStr::new("/nonexistent"))
    }
}

/// Which profile to use when none is named.
pub const PROFILE: &str = "ENTRATOOL_PROFILE";
/// The folder of `profiles.json` and the secrets.
pub const CONFIG_PATH: &str = "ENTRATOOL_CONFIG_PATH";
/// The folder of the token cache.
pub const CACHE_PATH: &str = "ENTRATOOL_CACHE_PATH";
/// Unlocks storage that is protected by a passphrase, and encrypts exports.
pub const PASSPHRASE: &str = "ENTRATOOL_PASSPHRASE";

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
/// A file with a token of another identity provider, read anew at each exchange.
pub const AZURE_FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
/// The cloud's base URL; may lack a scheme.
pub const AZURE_AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";

/// The client ID that the Azure tasks of Azure Pipelines set, like the two below.
pub const AZURESUBSCRIPTION_CLIENT_ID: &str = "AZURESUBSCRIPTION_CLIENT_ID";
/// The service connection.
pub const AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: &str = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";
/// The tenant.
pub const AZURESUBSCRIPTION_TENANT_ID: &str = "AZURESUBSCRIPTION_TENANT_ID";
/// Where Azure Pipelines hands out tokens for a job.
pub const SYSTEM_OIDCREQUESTURI: &str = "SYSTEM_OIDCREQUESTURI";
/// What proves to Azure Pipelines which job asks.
pub const SYSTEM_ACCESSTOKEN: &str = "SYSTEM_ACCESSTOKEN";
/// Set in every job of Azure Pipelines.
pub const TF_BUILD: &str = "TF_BUILD";
/// Where GitHub Actions hands out tokens for a job.
pub const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What proves to GitHub Actions which job asks.
pub const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Set in every job of GitHub Actions.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";

/// The managed identity endpoint of App Service, Azure Arc and Service Fabric.
pub const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
/// What App Service wants to be told by its own programs.
pub const IDENTITY_HEADER: &str = "IDENTITY_HEADER";
/// Set by Service Fabric alone.
pub const IDENTITY_SERVER_THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";
/// Set by Azure Arc, beside `IDENTITY_ENDPOINT`.
pub const IMDS_ENDPOINT: &str = "IMDS_ENDPOINT";
/// The managed identity endpoint of Cloud Shell and Azure Machine Learning.
pub const MSI_ENDPOINT: &str = "MSI_ENDPOINT";
/// What Azure Machine Learning wants to be told by its own programs.
pub const MSI_SECRET: &str = "MSI_SECRET";
/// Another address of the instance metadata service.
pub const AZURE_POD_IDENTITY_AUTHORITY_HOST: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
/// The parent of the folder into which the agent of Azure Arc writes keys under Windows.
pub const PROGRAMDATA: &str = "ProgramData";

/// A file of additional root certificates.
pub const SSL_CERT_FILE: &str = "SSL_CERT_FILE";
/// A folder of additional root certificates.
pub const SSL_CERT_DIR: &str = "SSL_CERT_DIR";
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

    #[cfg(unix)]
    #[test]
    fn folders_follow_home_unless_told() {
        let home = environment(&[("HOME", "/h")]);
        assert_eq!(home.config_folder(), Some("/h/.entratool".into()));
        assert_eq!(home.cache_folder(), Some("/h/.msal/cache".into()));
        let told = environment(&[("HOME", "/h"), (CONFIG_PATH, "/c"), (CACHE_PATH, "/t")]);
        assert_eq!(told.config_folder(), Some("/c".into()));
        assert_eq!(told.cache_folder(), Some("/t".into()));
        assert_eq!(environment(&[]).config_folder(), None);
    }
}
