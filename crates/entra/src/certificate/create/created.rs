//! What was made: a certificate with its key, and the files that programs read.

use std::fmt;

use zeroize::Zeroizing;

use super::{CreateError, pfx};
use crate::certificate::password::Password;
use crate::certificate::public::PublicCertificate;
use crate::secret::Secret;

/// A certificate with its key, before it is written to a file.
///
/// The key is wiped when this value is dropped.
///
/// ```
/// use entra::certificate::create::CreatedCertificate;
/// use entra::ports::{Entropy, SystemRandom};
///
/// /// One file for the portal, one for the program.
/// fn write(created: &CreatedCertificate, password: &entra::Secret) -> std::io::Result<()> {
///     std::fs::write("ci.cer", created.certificate().der())?;
///     let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
///     let pfx = created.pfx(password, &entropy).map_err(std::io::Error::other)?;
///     std::fs::write("ci.pfx", pfx) // for its owner only, in a true program
/// }
/// # let _ = write;
/// ```
pub struct CreatedCertificate {
    pub(super) certificate: PublicCertificate,
    /// `PrivateKeyInfo` in DER.
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) common_name: String,
}

impl CreatedCertificate {
    /// The certificate, of which the DER form is the `.cer` to upload.
    ///
    /// ```
    /// use entra::certificate::create::CreatedCertificate;
    ///
    /// fn what_the_portal_shows(created: &CreatedCertificate) -> String {
    ///     created.certificate().thumbprint_sha1()
    /// }
    /// # let _ = what_the_portal_shows;
    /// ```
    #[must_use]
    pub fn certificate(&self) -> &PublicCertificate {
        &self.certificate
    }

    /// The key and the certificate as a PFX: AES-256 for both, SHA-256 for integrity, readable
    /// by OpenSSL 1.1, Windows 10 1709 and Java 8u301, and by what came after them.
    ///
    /// `entropy` fills its argument with random bytes. The file is as safe as its password is hard
    /// to guess: a random one is best.
    ///
    /// ```
    /// use entra::certificate::Certificate;
    /// use entra::certificate::create::CreatedCertificate;
    /// use entra::ports::{Entropy, SystemRandom};
    ///
    /// fn check(created: &CreatedCertificate) -> Result<(), Box<dyn std::error::Error>> {
    ///     let password = entra::Secret::from("a long and random one");
    ///     let pfx = created.pfx(&password, &|bytes| SystemRandom.fill(bytes))?;
    ///     let read = Certificate::open(&pfx, Some(&password))?;
    ///     assert_eq!(read.leaf(), created.certificate());
    ///     Ok(())
    /// }
    /// # let _ = check;
    /// ```
    ///
    /// # Errors
    ///
    /// [`CreateError::Encoding`], in practice never.
    pub fn pfx(
        &self,
        password: &Secret,
        entropy: &dyn Fn(&mut [u8]),
    ) -> Result<Zeroizing<Vec<u8>>, CreateError> {
        pfx::write(self, Password::Text(password.expose()), entropy).ok_or(CreateError::Encoding)
    }
}

impl fmt::Debug for CreatedCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CreatedCertificate")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
