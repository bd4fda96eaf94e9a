//! A client's credential as options: from standard input, a file or a variable, never an argument.

use std::path::{Path, PathBuf};

use clap::Args;
use entra::secret::Secret;
use zeroize::Zeroizing;

use crate::around::trimmed;
use crate::certificate::file;
use crate::certificate::open::{self, Closed};
use crate::client_secret;
use crate::encoding;
use crate::failure::{CertificatePurpose, Failure};
use crate::input;
use crate::profile::{Authentication, CertificateFiles, Profile};
use crate::text;
use crate::ui::Question;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// Where a credential comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct CredentialArgs {
    /// Refused: other users and the shell's history see arguments
    #[arg(long, value_name = "SECRET", hide = true)]
    pub client_secret: Option<String>,
    /// Read the client secret from standard input
    #[arg(long, group = "secret")]
    pub client_secret_stdin: bool,
    /// Read the client secret from FILE
    #[arg(long, value_name = "FILE", group = "secret")]
    pub client_secret_file: Option<PathBuf>,
    /// Read the client secret from the environment variable VAR
    #[arg(long, value_name = "VAR", group = "secret")]
    pub client_secret_env: Option<String>,
    /// Authenticate the application with the certificate and key in PATH (PFX or PEM)
    #[arg(long, value_name = "PATH", conflicts_with = "secret")]
    pub certificate: Option<PathBuf>,
    /// The file with the private key, if it is not in the certificate file (PEM or DER)
    #[arg(long, value_name = "PATH", conflicts_with = "secret")]
    pub certificate_key: Option<PathBuf>,
    /// Refused: other users and the shell's history see arguments
    #[arg(long, value_name = "PASSWORD", hide = true)]
    pub certificate_password: Option<String>,
    /// Read the certificate's password from standard input
    #[arg(long, group = "password", conflicts_with = "secret")]
    pub certificate_password_stdin: bool,
    /// Read the certificate's password from FILE
    #[arg(
        long,
        value_name = "FILE",
        group = "password",
        conflicts_with = "secret"
    )]
    pub certificate_password_file: Option<PathBuf>,
    /// Read the certificate's password from the environment variable VAR
    #[arg(
        long,
        value_name = "VAR",
        group = "password",
        conflicts_with = "secret"
    )]
    pub certificate_password_env: Option<String>,
    /// Make the application a public client, without a credential
    #[arg(long, conflicts_with_all = ["secret", "certificate", "certificate_key", "password"])]
    pub no_credential: bool,
}

/// A credential that is ready to be stored.
pub(super) enum NewCredential {
    Certificate {
        files: CertificateFiles,
        password: Option<Secret>,
    },
    ClientSecret(Secret),
    None,
}

impl CredentialArgs {
    /// The credential that the options give; `None` if they give none. A key or password alone is
    /// for the certificate that the profile has.
    pub(super) fn read(
        &self,
        present: Option<&CertificateFiles>,
        world: &World<'_>,
    ) -> Result<Option<NewCredential>, Failure> {
        if self.client_secret.is_some() || self.certificate_password.is_some() {
            return Err(Failure::usage(
                "a secret on the command line is seen by other users and kept in the shell's history",
                "use `--client-secret-stdin`, `--client-secret-file FILE` or `--client-secret-env VAR` (likewise `--certificate-password-…`); change the secret if it was typed here",
            ));
        }
        if self.no_credential {
            return Ok(Some(NewCredential::None));
        }
        let secret = Source {
            stdin: self.client_secret_stdin,
            file: self.client_secret_file.as_deref(),
            variable: self.client_secret_env.as_deref(),
            what: "client secret",
            may_be_empty: false,
        };
        if let Some(secret) = secret.read(world)? {
            return Ok(Some(NewCredential::ClientSecret(secret)));
        }
        let password = Source {
            stdin: self.certificate_password_stdin,
            file: self.certificate_password_file.as_deref(),
            variable: self.certificate_password_env.as_deref(),
            what: "certificate password",
            may_be_empty: true,
        };
        let files = match (&self.certificate, present) {
            (Some(path), _) => CertificateFiles {
                certificate: path.clone(),
                key: self.certificate_key.clone(),
            },
            (None, _) if self.certificate_key.is_none() && !password.is_given() => return Ok(None),
            (None, Some(present)) => CertificateFiles {
                certificate: present.certificate.clone(),
                key: self.certificate_key.clone().or_else(|| present.key.clone()),
            },
            (None, None) => {
                return Err(Failure::usage(
                    "there is no certificate that the key or password could be for",
                    "name it with `--certificate PATH`",
                ));
            }
        };
        certificate(files, password.read(world)?, world).map(Some)
    }
}

/// Opens the certificate at once, so that a wrong password shows now, and so does a key that
/// others can read.
pub(super) fn certificate(
    files: CertificateFiles,
    password: Option<Secret>,
    world: &World<'_>,
) -> Result<NewCredential, Failure> {
    let absolute = |path: PathBuf| match std::path::absolute(&path) {
        // A value that is no path at all stays as it was given, to be named as what it is.
        Ok(absolute) if !open::is_contents(&path) => absolute,
        _ => path,
    };
    let files = CertificateFiles {
        certificate: absolute(files.certificate),
        key: files.key.map(absolute),
    };
    let option = "--certificate-password-stdin";
    let closed = Closed::read(&files, CertificatePurpose::Setting(option))?;
    let (certificate, password) = closed.open_asking(password, option, world, Closed::pair)?;
    file::warn(&files, certificate.valid_at(world.now()).leaf(), world);
    // A PFX without a password opens without a stored one.
    let password = password.filter(|password| !password.is_empty());
    Ok(NewCredential::Certificate { files, password })
}

/// Asks where the certificate is, and where its key is if that is not in the same file; `None` if
/// the present one stays, where there may be one.
pub(super) fn asked_for(
    prompt: &str,
    present: Option<Option<&CertificateFiles>>,
    world: &World<'_>,
) -> Result<Option<NewCredential>, Failure> {
    let before = present.map(|files| files.map(|files| files.certificate.as_path()));
    let Some(path) = ask_path(prompt, "--certificate", before, world)? else {
        return Ok(None);
    };
    let failure = match certificate(CertificateFiles::one(&path), None, world) {
        Err(Failure::Certificate(failure)) if failure.lacks_key() => failure,
        other => return other.map(Some),
    };
    world.ui.status(&failure.to_string());
    let files = CertificateFiles {
        certificate: path,
        key: ask_path("Certificate Key Path", "--certificate-key", None, world)?,
    };
    certificate(files, None, world).map(Some)
}

/// Asks where the key of a certificate is; `None` if the present one stays.
pub(super) fn key_asked_for(
    prompt: &str,
    present: &CertificateFiles,
    world: &World<'_>,
) -> Result<Option<NewCredential>, Failure> {
    let before = Some(present.key.as_deref());
    let path = ask_path(prompt, "--certificate-key", before, world)?;
    let files = path.map(|path| CertificateFiles {
        certificate: present.certificate.clone(),
        key: Some(path),
    });
    files
        .map(|files| certificate(files, None, world))
        .transpose()
}

/// `None` if the present path stays, where there may be one.
fn ask_path(
    prompt: &str,
    option: &str,
    present: Option<Option<&Path>>,
    world: &World<'_>,
) -> Result<Option<PathBuf>, Failure> {
    let shown = |path: &Path| path.display().to_string();
    let preset = present.map(|path| path.map(shown).unwrap_or_default());
    let answer = world.ui.ask(&Question {
        prompt,
        preset: preset.as_deref(),
        check: &|_| Ok(()),
        option,
    })?;
    let path = answer.trim();
    Ok((preset.as_deref() != Some(path)).then(|| world.environment.expand(path)))
}

impl NewCredential {
    /// What the profile says about it.
    pub(super) fn authentication(&self) -> Authentication {
        match self {
            Self::Certificate { files, .. } => Authentication::Certificate(files.clone()),
            Self::ClientSecret(_) => Authentication::ClientSecret,
            Self::None => Authentication::None,
        }
    }

    /// Puts it into secure storage. A secret of another kind stays: the profile needs it until the
    /// new one is written, which may fail.
    pub(super) fn store(&self, profile: &Profile, world: &World<'_>) -> Result<(), Failure> {
        let secrets = Secrets::new(world.vault()?);
        for (kind, value) in self.secrets() {
            if let Some(value) = value {
                if kind == SecretKind::ClientSecret {
                    client_secret::warn(value, "the client secret", world);
                }
                let name = SecretName::new(profile.name.as_str(), kind);
                secrets.set(&name.of(&profile.client_id, &profile.authority), value)?;
            }
        }
        world.show_notices();
        Ok(())
    }

    /// Removes the secrets that the profile, which is written by now, no longer needs.
    pub(super) fn forget_others(&self, profile: &str, world: &World<'_>) -> Result<(), Failure> {
        let secrets = Secrets::new(world.vault()?);
        for (kind, value) in self.secrets() {
            if value.is_none() {
                secrets.delete(&SecretName::new(profile, kind))?;
            }
        }
        Ok(())
    }

    fn secrets(&self) -> [(SecretKind, Option<&Secret>); 2] {
        let (secret, password) = match self {
            Self::Certificate { password, .. } => (None, password.as_ref()),
            Self::ClientSecret(secret) => (Some(secret), None),
            Self::None => (None, None),
        };
        [
            (SecretKind::ClientSecret, secret),
            (SecretKind::CertificatePassword, password),
        ]
    }
}

/// The places that a secret can come from; at most one is given.
pub(in crate::command) struct Source<'a> {
    pub(in crate::command) stdin: bool,
    pub(in crate::command) file: Option<&'a Path>,
    pub(in crate::command) variable: Option<&'a str>,
    /// What it is, for messages.
    pub(in crate::command) what: &'static str,
    /// Whether an empty one counts, as the password of a PFX that has none.
    pub(in crate::command) may_be_empty: bool,
}

impl Source<'_> {
    fn is_given(&self) -> bool {
        self.stdin || self.file.is_some() || self.variable.is_some()
    }

    /// The secret; `None` if no place is given.
    ///
    /// # Errors
    ///
    /// If there is none at the place, or it is not text.
    pub(in crate::command) fn read(&self, world: &World<'_>) -> Result<Option<Secret>, Failure> {
        let unusable = |problem: &str| {
            Failure::usage(
                format!("the {} {problem}", self.what),
                "check where it comes from",
            )
        };
        let bytes = if self.stdin {
            world.ui.read_all(self.what, LIMIT)?
        } else if let Some(path) = self.file {
            input::read(path, self.what, LIMIT, world)?
        } else if let Some(variable) = self.variable {
            let value = world.environment.text(variable);
            let unset = || {
                let variable = text::variable(variable);
                unusable(&format!("should be in `{variable}`, which is not set"))
            };
            value.ok_or_else(unset)?.as_bytes().to_vec()
        } else {
            return Ok(None);
        };
        let bytes = Zeroizing::new(bytes);
        let bytes = encoding::without_utf16(&bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| unusable("is not text"))?;
        // `echo`, editors and copying leave it there, and no secret has any.
        let text = trimmed(text);
        if text.is_empty() && !self.may_be_empty {
            return Err(unusable("is empty"));
        }
        Ok(Some(text.into()))
    }
}

const LIMIT: u64 = 64 * 1024;
