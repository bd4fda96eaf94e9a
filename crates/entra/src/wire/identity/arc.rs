//! The agent of Azure Arc: it wants to see the contents of a file that only some may read.
//!
//! <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{Identity, Inquiry, metadata};
use crate::secret::Secret;
use crate::wire::with_query;

/// A request; the second one carries the `key` that the agent's challenge named.
pub(crate) fn inquiry(
    url: &str,
    key: Option<&Secret>,
    resource: &str,
    identity: &Identity,
) -> Inquiry {
    let version = [("api-version", "2020-06-01"), ("resource", resource)];
    let mut headers = vec![metadata()];
    if let Some(key) = key {
        let value = format!("Basic {}", key.expose());
        headers.push(("authorization", value.into()));
    }
    Inquiry {
        url: with_query(
            url,
            version.into_iter().chain(identity.parameter("msi_res_id")),
        ),
        headers,
        form: None,
    }
}

/// Why a challenge is not answered: a program at the agent's port could otherwise have any
/// file of this machine read out to them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChallengeError {
    /// There is none, or it names no file.
    #[error("it names no key file")]
    NoFile,
    /// It names a file elsewhere.
    #[error("its key file is not in `{}`", .0.display())]
    Elsewhere(PathBuf),
    /// It names a file of another kind.
    #[error("its key file does not end in `.key`")]
    Extension,
}

/// The file that a `WWW-Authenticate` header names: `Basic realm=PATH`, directly in `folder`.
///
/// ```
/// # #[cfg(unix)] {
/// use std::path::Path;
/// use entra::wire::identity::arc::key_file;
///
/// let folder = Path::new("/var/opt/azcmagent/tokens");
/// assert!(key_file("Basic realm=/var/opt/azcmagent/tokens/a.key", folder).is_ok());
/// assert!(key_file("Basic realm=/etc/shadow", folder).is_err());
/// # }
/// ```
///
/// # Errors
///
/// If it names none, or one that a true agent would not name.
pub fn key_file(challenge: &str, folder: &Path) -> Result<PathBuf, ChallengeError> {
    let (scheme, path) = challenge.split_once('=').ok_or(ChallengeError::NoFile)?;
    let path = path.trim().trim_matches('"');
    if !scheme.trim().eq_ignore_ascii_case("basic realm") || path.is_empty() {
        return Err(ChallengeError::NoFile);
    }
    let path = PathBuf::from(path);
    // A path with `..` in it has another parent than the folder.
    if !path.is_absolute() || path.parent() != Some(folder) {
        return Err(ChallengeError::Elsewhere(folder.to_owned()));
    }
    if path.extension().is_none_or(|extension| extension != "key") {
        return Err(ChallengeError::Extension);
    }
    Ok(path)
}

/// The agent's keys are no larger, in bytes.
pub const KEY_LIMIT: u64 = 4096;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_keys_in_the_agents_own_folder_are_read() {
        let folder = Path::new("/var/opt/azcmagent/tokens");
        let check = |challenge: &str, want: Result<&str, ChallengeError>| {
            let got = key_file(challenge, folder);
            assert_eq!(got, want.map(PathBuf::from), "{challenge}");
        };
        let good = "/var/opt/azcmagent/tokens/a.key";
        let elsewhere = || Err(ChallengeError::Elsewhere(folder.to_owned()));
        check("Basic realm=/var/opt/azcmagent/tokens/a.key", Ok(good));
        check(r#"basic realm="/var/opt/azcmagent/tokens/a.key""#, Ok(good));
        check("", Err(ChallengeError::NoFile));
        check("Basic realm=", Err(ChallengeError::NoFile));
        check("Bearer realm=/x", Err(ChallengeError::NoFile));
        check("Basic realm=/etc/shadow", elsewhere());
        check("Basic realm=a.key", elsewhere());
        check("Basic realm=/var/opt/azcmagent/tokens", elsewhere());
        check(
            "Basic realm=/var/opt/azcmagent/tokens/../a.key",
            elsewhere(),
        );
        check("Basic realm=/var/opt/azcmagent/tokens/x/a.key", elsewhere());
        check(
            "Basic realm=/var/opt/azcmagent/tokens/x/../a.key",
            elsewhere(),
        );
        check(
            "Basic realm=/var/opt/azcmagent/tokens/shadow",
            Err(ChallengeError::Extension),
        );
        check(
            "Basic realm=/var/opt/azcmagent/tokens/.key",
            Err(ChallengeError::Extension),
        );
    }

    proptest::proptest! {
        #[test]
        fn no_challenge_leads_elsewhere(challenge in "(Basic realm=)?[./a-z]{0,40}") {
            let folder = Path::new("/a");
            if let Ok(path) = key_file(&challenge, folder) {
                proptest::prop_assert_eq!(path.parent(), Some(folder));
            }
        }
    }
}
