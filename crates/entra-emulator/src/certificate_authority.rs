//! The emulator's own certificate authority, and the server certificate it signs at each start.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use time::{Duration, OffsetDateTime};
use x509_cert::der::Decode;

use crate::StartError;
use crate::random;

/// What is wrong with the emulator's server certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerCertificate {
    /// Nothing: a client that trusts the emulator's authority accepts it.
    #[default]
    Valid,
    /// It ended yesterday.
    Expired,
    /// It begins tomorrow.
    NotYetValid,
    /// It is for `emulator.localhost`, a name that no client asks for.
    OtherName,
    /// An authority that no client knows has signed it.
    UnknownAuthority,
    /// It has signed itself.
    SelfSigned,
    /// It has signed itself and is the certificate of an authority, as `openssl req -x509` makes it.
    SelfSignedAuthority,
}

/// The server certificate in the forms by which clients know it.
pub(crate) struct Served {
    pub(crate) pem: String,
    /// SHA-1 in upper-case hexadecimal.
    pub(crate) thumbprint: String,
}

/// A certificate authority that certifies this host's loopback addresses and nothing else.
pub(crate) struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    /// The certificate that clients have to trust, in PEM.
    pub(crate) pem: String,
}

impl CertificateAuthority {
    /// A new authority that is never written to a file.
    pub(crate) fn in_memory() -> Result<Self, StartError> {
        Self::with_key(KeyPair::generate()?, None, AUTHORITY_NAME)
    }

    /// The authority stored in `directory`, which is made at the first start.
    ///
    /// The key is linked into place, never written there, so that of two emulators started at the
    /// same moment one finds the other's key complete.
    pub(crate) fn stored_in(directory: &Path) -> Result<Self, StartError> {
        let at = |source| StartError::CertificateDirectory {
            path: directory.to_owned(),
            source,
        };
        create_private_directory(directory).map_err(at)?;
        let key_path = directory.join(KEY_FILE);
        if !key_path.exists() {
            let fresh = KeyPair::generate()?;
            match place(&key_path, fresh.serialize_pem().as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(at(error));
                }
                _ => {}
            }
        }
        let key = KeyPair::from_pem(&fs::read_to_string(&key_path).map_err(at)?)?;
        let certificate_path = bundle_path(directory);
        let kept = fs::read_to_string(&certificate_path)
            .ok()
            .filter(|pem| certifies(pem, &key));
        let made = kept.is_none();
        let authority = Self::with_key(key, kept, AUTHORITY_NAME)?;
        if made {
            let temporary = temporary_beside(&certificate_path);
            write_private(&temporary, authority.pem.as_bytes()).map_err(at)?;
            fs::rename(&temporary, &certificate_path).map_err(at)?;
        }
        Ok(authority)
    }

    /// What a TLS server needs: a certificate for `localhost`, `127.0.0.1` and `::1`, unless
    /// something is to be wrong with it.
    pub(crate) fn server_config(
        &self,
        kind: ServerCertificate,
    ) -> Result<(ServerConfig, Served), StartError> {
        if kind == ServerCertificate::UnknownAuthority {
            let stranger = Self::with_key(KeyPair::generate()?, None, UNKNOWN_AUTHORITY_NAME)?;
            return stranger.server_config(ServerCertificate::Valid);
        }
        let key = KeyPair::generate()?;
        let parameters = server_parameters(kind);
        let certificate = match kind {
            ServerCertificate::SelfSigned | ServerCertificate::SelfSignedAuthority => {
                parameters.self_signed(&key)?
            }
            _ => parameters.signed_by(&key, &self.issuer)?,
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| StartError::Key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let served = Served {
            pem: certificate.pem(),
            thumbprint: thumbprint(certificate.der()),
        };
        Ok((config, served))
    }

    fn with_key(key: KeyPair, pem: Option<String>, name: &str) -> Result<Self, StartError> {
        let parameters = authority_parameters(name);
        let pem = match pem {
            Some(pem) => pem,
            None => parameters.self_signed(&key)?.pem(),
        };
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            pem,
        })
    }
}

/// SHA-1 in upper-case hexadecimal.
fn thumbprint(der: &[u8]) -> String {
    let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, der);
    digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02X}");
            text
        })
}

/// Where the certificate that clients have to trust is kept.
pub(crate) fn bundle_path(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

/// The name constraints make a leaked authority key useless against any other host.
fn authority_parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(
                Ipv6Addr::LOCALHOST.octets(),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    valid_for(&mut parameters, Duration::days(3650));
    parameters
}

/// Strict verifiers, Python 3.13's among them, want both key identifiers and the key usages.
fn server_parameters(kind: ServerCertificate) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    parameters.subject_alt_names = vec![
        // An ASCII constant is an IA5String.
        SanType::DnsName("localhost".try_into().expect("`localhost` is ASCII")),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid_for(&mut parameters, Duration::days(365));
    let now = OffsetDateTime::now_utc();
    match kind {
        ServerCertificate::Expired => {
            parameters.not_before = now - Duration::days(30);
            parameters.not_after = now - Duration::days(1);
        }
        ServerCertificate::NotYetValid => parameters.not_before = now + Duration::days(1),
        ServerCertificate::OtherName => {
            let name = "emulator.localhost".try_into();
            parameters.subject_alt_names = vec![SanType::DnsName(
                name.expect("`emulator.localhost` is ASCII"),
            )];
        }
        ServerCertificate::SelfSignedAuthority => {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            parameters.key_usages.clear();
            parameters.extended_key_usages.clear();
        }
        ServerCertificate::Valid
        | ServerCertificate::UnknownAuthority
        | ServerCertificate::SelfSigned => {}
    }
    parameters
}

fn valid_for(parameters: &mut CertificateParams, lifetime: Duration) {
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - Duration::days(1);
    parameters.not_after = now + lifetime;
}

/// Whether `pem` is a certificate of this very key that lives for a month at least.
fn certifies(pem: &str, key: &KeyPair) -> bool {
    let Ok(der) = CertificateDer::from_pem_slice(pem.as_bytes()) else {
        return false;
    };
    let Ok(certificate) = x509_cert::Certificate::from_der(&der) else {
        return false;
    };
    let certificate = certificate.tbs_certificate();
    let month_ahead = (OffsetDateTime::now_utc() + Duration::days(30)).unix_timestamp();
    let expires = certificate
        .validity()
        .not_after
        .to_unix_duration()
        .as_secs();
    let public_key = &certificate.subject_public_key_info().subject_public_key;
    public_key.raw_bytes() == key.public_key_raw() && expires.cast_signed() > month_ahead
}

fn place(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path);
    write_private(&temporary, content)?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    linked
}

fn temporary_beside(path: &Path) -> PathBuf {
    path.with_extension(random::short())
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

const AUTHORITY_NAME: &str = "entratool emulator (development only)";
const UNKNOWN_AUTHORITY_NAME: &str = "Unknown Authority (development only)";
const KEY_FILE: &str = "ca-key.pem";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_stored_in_a_directory_is_the_same_at_the_next_start() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("certificates");
        let first = CertificateAuthority::stored_in(&inside).unwrap().pem;
        let second = CertificateAuthority::stored_in(&inside).unwrap().pem;
        assert_eq!(first, second);
        assert_eq!(fs::read_to_string(bundle_path(&inside)).unwrap(), first);
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("certificates");
        CertificateAuthority::stored_in(&inside).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inside.join(KEY_FILE)), 0o600);
        assert_eq!(mode(&inside), 0o700);
    }

    #[test]
    fn a_certificate_that_is_not_of_the_key_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let first = CertificateAuthority::stored_in(directory.path())
            .unwrap()
            .pem;
        let other = CertificateAuthority::in_memory().unwrap().pem;
        fs::write(bundle_path(directory.path()), &other).unwrap();
        let second = CertificateAuthority::stored_in(directory.path())
            .unwrap()
            .pem;
        assert_ne!(second, other);
        assert_ne!(second, first);
    }

    #[test]
    fn a_broken_key_is_an_error_and_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(KEY_FILE), "nonsense").unwrap();
        assert!(CertificateAuthority::stored_in(directory.path()).is_err());
        let kept = fs::read_to_string(directory.path().join(KEY_FILE)).unwrap();
        assert_eq!(kept, "nonsense");
    }
}
