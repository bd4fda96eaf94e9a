//! Why a file cannot serve as a certificate credential.

use std::fmt;

use thiserror::Error;

/// Why a file cannot serve as a certificate credential.
///
/// No variant carries a password, a key or bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The private key belongs to none of the certificates.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// Entra ID accepts, and this program signs with, RSA keys of at least 2048 bits.
    #[error("the RSA key has {bits} bits, at least 2048 are needed")]
    KeyTooSmall {
        /// The length of the modulus in bits.
        bits: usize,
    },
    /// The file is of a known kind, but a part of it cannot be read.
    #[error("the {part} cannot be read")]
    Malformed {
        /// The name of the part, for example `PFX` or `certificate`.
        part: &'static str,
    },
    /// There is a key, but no certificate.
    #[error("there is no certificate in it")]
    NoCertificate,
    /// There is a certificate, but no private key.
    #[error("there is no private key in it")]
    NoKey,
    /// Neither PFX nor PEM nor DER.
    #[error("it is neither a PFX nor a PEM nor a DER file")]
    NotACertificateFile,
    /// The contents are encrypted, and no password was given.
    #[error("it needs a password")]
    PasswordNeeded,
    /// The file is larger than any certificate file is.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The largest size that is read, in bytes.
        limit: usize,
    },
    /// Turning the password into a key would take unreasonably long.
    #[error("its password protection takes more than {limit} rounds")]
    TooManyRounds {
        /// The largest number of rounds that are run for one file.
        limit: u64,
    },
    /// The file ends before its contents do.
    #[error("it is cut off")]
    Truncated,
    /// The contents are encrypted in a way that is not read here; OpenSSL can convert the file.
    #[error("its {container} is protected by {what}, which is not supported")]
    UnsupportedEncryption {
        /// The name of the method, or its object identifier.
        what: String,
        /// The kind of file, which decides how to convert it.
        container: Container,
    },
    /// Certificate credentials need an RSA key of 2048 to 4096 bits.
    ///
    /// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials> knows the
    /// algorithms PS256 and RS256 only.
    #[error("its key cannot be used: {reason}")]
    UnsupportedKey {
        /// What is wrong with the key, as a sentence.
        reason: String,
    },
    /// The contents are encrypted, and not with this password.
    #[error("wrong password")]
    WrongPassword,
}

/// The kind of a file that holds a private key.
///
/// ```
/// use entra::certificate::Container;
///
/// assert_eq!(Container::Pfx.to_string(), "PFX");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Container {
    /// PKCS#8 or PKCS#1, in PEM or DER.
    Key,
    /// PKCS#12, as `.pfx` or `.p12`.
    Pfx,
}

impl fmt::Display for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Key => "key",
            Self::Pfx => "PFX",
        })
    }
}
