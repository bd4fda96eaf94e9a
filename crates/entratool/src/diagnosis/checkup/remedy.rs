//! What to do about each problem that `doctor` finds.

use entra_explain::{Facts, explain_code};

use super::Problem;
use crate::diagnosis::facts::portal_of;
use crate::paste::{self, CommandLine};

impl Problem {
    /// The next step.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::AzureIncomplete { missing, .. } => {
                format!("set {missing} too, or none of them")
            }
            Self::CacheForeign(name) => {
                let clear = CommandLine::new("cache clear").option("-p", name);
                format!("`{clear}` makes room; the next get-token signs in again")
            }
            Self::CacheSetAside(_) => {
                "only tokens are affected; `entratool cache clear` removes them all".to_owned()
            }
            Self::CacheUnreadable(_) => {
                "the next get-token of the profile sets the file aside and signs in again"
                    .to_owned()
            }
            Self::CaBundle { .. } => {
                "get the current certificates from the authority's administrator, and replace the file"
                    .to_owned()
            }
            Self::CertificateEnding { .. } | Self::CertificateExpired { .. } => {
                "make another with `entratool certificate create`, upload it to the app \
                 registration, and name it with `entratool config edit`"
                    .to_owned()
            }
            Self::CertificateExposed(path)
            | Self::Exposed {
                path, want: 0o600, ..
            } => {
                format!(
                    "close it with `{}`",
                    CommandLine::other("chmod 600").path(path)
                )
            }
            Self::Exposed { path, .. } => {
                format!(
                    "close it with `{}`",
                    CommandLine::other("chmod 700").path(path)
                )
            }
            Self::CertificateNotFile(_) => {
                "name the certificate's file with `entratool config edit`".to_owned()
            }
            Self::CertificateNotYetValid { .. } => {
                "wait until it is valid, use the one before it, or set the clock of this computer right"
                    .to_owned()
            }
            Self::ClockOff { .. } => {
                "correct this computer's clock, if possible with a time service (NTP)".to_owned()
            }
            Self::Foreign(path) => format!(
                "run the command as the user who owns it; after a run with sudo, give it back \
                 with `{}`",
                CommandLine::other("sudo chown -R \"$(id -u):$(id -g)\"").path(path)
            ),
            Self::NoBrowser(_) => "set BROWSER to the command that opens a URL, sign in with \
                 `-f DeviceCode`, or open the URL that `--no-browser` shows"
                .to_owned(),
            Self::NotEntra(_) => "the answer may be from a proxy or a captive portal; check the \
                 authority of the profile, too"
                .to_owned(),
            Self::NotFolder(_) => {
                "move it away, or set ENTRATOOL_CONFIG_PATH to a folder".to_owned()
            }
            Self::NoProfiles => "create one with `entratool config create`".to_owned(),
            Self::NotChosen(_) => "name one with `-p PROFILE` to check it".to_owned(),
            Self::OtherProfiles(_) => {
                "correct them with `entratool config edit -p NAME`, or in profiles.json".to_owned()
            }
            Self::PortBusy { .. } => "end that program, or register another redirect URI and set \
                 it with `entratool config edit`, select Redirect URI"
                .to_owned(),
            Self::PortClosed(_) => "use another port, or sign in with `-f DeviceCode`".to_owned(),
            Self::Proxy {
                variable,
                exceptions,
                ..
            } => format!("check {variable}, and name hosts that need no proxy in {exceptions}"),
            Self::Refused {
                refusal,
                profile,
                tenant,
                authority,
            } => {
                let profile = profile
                    .as_deref()
                    .map(|name| paste::word_or(name, "PROFILE"));
                let facts = Facts {
                    profile: profile.as_deref(),
                    tenant: Some(tenant),
                    authority: Some(authority),
                    portal: Some(portal_of(authority)),
                    ..Facts::default()
                };
                let found = refusal.code().map(|code| explain_code(code, &facts));
                match found.filter(|found| found.known) {
                    Some(found) => found.next_step,
                    None => "check tenant and authority of the profile".to_owned(),
                }
            }
            Self::Roots(_) => "install the system's root certificates, or name a file of them in \
                 SSL_CERT_FILE"
                .to_owned(),
            Self::Scopes { suggestion, .. } => {
                let edit = CommandLine::new("config edit").option("--scope", suggestion);
                format!("set it with `{edit}`")
            }
            Self::SecretsUnreadable(_) => {
                "store it again with `entratool config edit -p NAME --client-secret-stdin` (or \
                 `--certificate-password-stdin`)"
                    .to_owned()
            }
            Self::StorageUnfinished => {
                "the next change of a secret or token finishes it".to_owned()
            }
            Self::Unreachable(_) => {
                "check the network and its firewall, the authority of the profile, and whether \
                 a proxy is needed (HTTPS_PROXY)"
                    .to_owned()
            }
            Self::Unresolved { .. } => "check the network and its name servers, the authority of \
                 the profile, and whether a proxy is needed (HTTPS_PROXY)"
                .to_owned(),
            Self::Untrusted { profile, .. } => {
                let profile = profile.as_deref().unwrap_or("PROFILE");
                let edit = CommandLine::new("config edit").option("-p", profile);
                format!(
                    "if a proxy of your organisation inspects TLS, name its root certificate: `{}`, \
                     or SSL_CERT_FILE",
                    edit.with("--ca-bundle FILE")
                )
            }
        }
    }
}
