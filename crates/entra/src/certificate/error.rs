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
    /// The file is of a kind that cannot serve, but that another program can convert or complete.
    #[error("it is {kind}")]
    OtherKind {
        /// What the file is.
        kind: FileKind,
    },
    /// Turning the password into a key would take unreasonably long.
    #[error("its password protection takes more than {limit} iterations")]
    TooManyIterations {
        /// The largest number of iterations that are run for one file.
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

/// What a file is that is neither a certificate nor a private key.
///
/// ```
/// use entra::certificate::{Certificate, CertificateError, FileKind};
///
/// let file = b"-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n";
/// let kind = FileKind::PublicKey;
/// assert_eq!(Certificate::open(file, None).err(), Some(CertificateError::OtherKind { kind }));
/// assert_eq!(kind.to_string(), "a public key without a certificate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A Java keystore of the old kinds, JKS or JCEKS.
    JavaKeyStore,
    /// A private key in OpenSSH's own format.
    OpenSshKey,
    /// A PGP key or message.
    Pgp,
    /// A public key, of SSH or in PEM.
    PublicKey,
    /// A private key of PuTTY.
    PuttyKey,
    /// A list of revoked certificates.
    RevocationList,
    /// A request (PKCS#10) that an authority has not answered with a certificate yet.
    SigningRequest,
}

impl FileKind {
    /// The kind of a PEM block that is no part of a certificate credential.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        Some(match label {
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::SigningRequest,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "OPENSSH PRIVATE KEY" => Self::OpenSshKey,
            "X509 CRL" => Self::RevocationList,
            _ if label.starts_with("PGP ") => Self::Pgp,
            _ => return None,
        })
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::JavaKeyStore => "a Java keystore (JKS)",
            Self::OpenSshKey => "a private key in the format of OpenSSH",
            Self::Pgp => "a PGP file",
            Self::PublicKey => "a public key without a certificate",
            Self::PuttyKey => "a private key of PuTTY",
            Self::RevocationList => "a list of revoked certificates",
            Self::SigningRequest => "a certificate signing request, not a certificate",
        })
    }
}
