//! Certificate files on their way from disk to a certificate; a missing password is asked for.

use std::path::Path;

use entra::certificate::{self, Certificate, CertificateError};
use entra::secret::Secret;
use entra::text::{self, SecretShape};
use zeroize::Zeroizing;

use crate::failure::{
    CertificateFailure, CertificatePart, CertificateProblem, CertificatePurpose, Failure,
};
use crate::file::{NamedBy, NamedFile};
use crate::profile::CertificateFiles;
use crate::world::World;

/// The contents of a certificate's files, still closed.
pub(crate) struct Closed<'a> {
    files: &'a CertificateFiles,
    certificate: Zeroizing<Vec<u8>>,
    key: Option<Zeroizing<Vec<u8>>>,
    purpose: CertificatePurpose,
}

impl<'a> Closed<'a> {
    /// Reads the files as they are now.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    pub(crate) fn read(
        files: &'a CertificateFiles,
        purpose: CertificatePurpose,
    ) -> Result<Self, Failure> {
        let named_by = match purpose {
            CertificatePurpose::Profile(_) => NamedBy::Profile,
            CertificatePurpose::Environment
            | CertificatePurpose::Setting(_)
            | CertificatePurpose::Showing(_) => NamedBy::User,
        };
        let read = |path: &Path, part| {
            let path = path.to_owned();
            let file = NamedFile { path, named_by };
            let read = match is_contents(&file.path) {
                true => Err(CertificateProblem::NotAPath),
                false => file.read(LIMIT).map_err(CertificateProblem::Unread),
            };
            read.map(Zeroizing::new).map_err(|problem| {
                Box::new(CertificateFailure {
                    path: file.path.clone(),
                    part,
                    problem,
                    purpose: purpose.clone(),
                })
            })
        };
        let key = files.key.as_deref();
        Ok(Self {
            files,
            certificate: read(&files.certificate, CertificatePart::Certificate)?,
            key: key.map(|key| read(key, CertificatePart::Key)).transpose()?,
            purpose,
        })
    }

    /// The certificate with its key.
    ///
    /// # Errors
    ///
    /// If they do not belong together or cannot sign, or the password is not this one.
    pub(crate) fn open(&self, password: Option<&Secret>) -> Result<Certificate, Failure> {
        self.pair(password)
            .map_err(|error| self.failed(error, password))
    }

    /// Opens at once, so that a wrong password shows now: asks for a missing one, and at a terminal
    /// up to twice more for a wrong one. Returns the password that did it.
    ///
    /// # Errors
    ///
    /// As [`Closed::open`]; or if the password, which `option` gives, cannot be asked for.
    pub(crate) fn open_asking<T>(
        &self,
        mut password: Option<Secret>,
        option: &str,
        world: &World<'_>,
        open: impl Fn(&Self, Option<&Secret>) -> Result<T, CertificateError>,
    ) -> Result<(T, Option<Secret>), Failure> {
        let mut tries = 0;
        loop {
            let error = match open(self, password.as_ref()) {
                Ok(opened) => return Ok((opened, password)),
                Err(error) => error,
            };
            tries += usize::from(password.is_some());
            let asks = match error {
                CertificateError::PasswordNeeded => password.is_none(),
                CertificateError::WrongPassword => world.ui.is_interactive() && tries < TRIES,
                _ => false,
            };
            if !asks {
                return Err(self.failed(error, password.as_ref()));
            }
            if password.is_some() {
                world.ui.warning("that is not the password");
            }
            password = Some(world.ui.ask_hidden("Certificate password", option)?);
        }
    }

    /// Certificate and key, from one file or two.
    pub(crate) fn pair(&self, password: Option<&Secret>) -> Result<Certificate, CertificateError> {
        match &self.key {
            Some(key) => Certificate::open_with_key(&self.certificate, key, password),
            None => Certificate::open(&self.certificate, password),
        }
    }

    /// The bytes of the certificate's own file.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Names the file at fault: the key's, if the certificate can be read without it.
    fn failed(&self, error: CertificateError, password: Option<&Secret>) -> Failure {
        let readable = || certificate::certificates(&self.certificate, password).is_ok();
        let (path, part) = match &self.files.key {
            Some(key) if readable() => (key, CertificatePart::Key),
            _ => (&self.files.certificate, CertificatePart::Certificate),
        };
        Failure::from(Box::new(CertificateFailure {
            path: path.clone(),
            part,
            problem: CertificateProblem::Unusable(error),
            purpose: self.purpose.clone(),
        }))
    }
}

/// Whether what should be a path is the certificate or key itself.
pub(crate) fn is_contents(path: &Path) -> bool {
    let shape = text::shape(&path.to_string_lossy());
    shape.is_some_and(SecretShape::is_certificate) && !path.exists()
}

/// In bytes; no certificate file comes near.
const LIMIT: u64 = 1024 * 1024;
/// How often a password may be typed.
const TRIES: usize = 3;
