//! Which certificate authorities are trusted: the system's, and those that the user names.

use entra::certificate::{Bundle, CertificateError};
use entra::ports::HttpError;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::file::NamedFile;
use crate::world::HttpSettings;

/// What is trusted.
pub(super) struct Roots {
    /// The authorities.
    pub(super) store: RootCertStore,
    /// The certificates, in DER, of the files that are named: a server's own counts as well.
    pub(super) named: Vec<Vec<u8>>,
}

/// Reads the system's store and adds the files and the folder of `settings`.
///
/// A named file that holds no certificate is an error; the system's own
/// oddities are not.
pub(super) fn load(settings: &HttpSettings) -> Result<Roots, HttpError> {
    with(system(), settings)
}

fn with(system: Vec<CertificateDer<'static>>, settings: &HttpSettings) -> Result<Roots, HttpError> {
    let mut roots = Roots::empty();
    roots.store.add_parsable_certificates(system);
    for file in &settings.ca_bundles {
        roots.add(file).map_err(|problem| HttpError::Roots {
            path: file.path.clone(),
            problem,
        })?;
    }
    if let Some(folder) = &settings.ca_folder {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(folder));
        roots.store.add_parsable_certificates(found.certs);
    }
    if roots.store.is_empty() {
        return Err(HttpError::NoRoots);
    }
    Ok(roots)
}

impl Roots {
    pub(super) fn empty() -> Self {
        Self {
            store: RootCertStore::empty(),
            named: Vec::new(),
        }
    }

    /// Adds the certificates of a file, and returns them.
    pub(super) fn add(&mut self, file: &NamedFile) -> Result<Bundle, String> {
        if file.path.is_dir() {
            return Err("it is a folder".to_owned());
        }
        let bytes = file.read(LIMIT).map_err(|error| error.to_string())?;
        let bundle = Bundle::read(&bytes).map_err(|error| match error {
            CertificateError::NotACertificateFile | CertificateError::NoCertificate => {
                "it holds no certificate".to_owned()
            }
            error => error.to_string(),
        })?;
        let found = bundle.certificates();
        let ders = found.iter().map(|der| CertificateDer::from_slice(der));
        match self.store.add_parsable_certificates(ders) {
            (0, _) => Err("none of its certificates can be read".to_owned()),
            (_, _) => {
                self.named.extend_from_slice(found);
                Ok(bundle)
            }
        }
    }
}

/// On Linux the first bundle that is there. The environment has no say in it: `SSL_CERT_FILE`
/// adds to the system's store and does not replace it.
#[cfg(target_os = "linux")]
fn system() -> Vec<CertificateDer<'static>> {
    const BUNDLES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/pki/tls/cacert.pem",
    ];
    let bundle = BUNDLES.iter().find_map(|path| std::fs::read(path).ok());
    let bundle = bundle.unwrap_or_default();
    match str::from_utf8(&bundle) {
        Ok(text) => certificates(text),
        // A comment in another encoding does not make the certificates unreadable.
        Err(_) => certificates(&String::from_utf8_lossy(&bundle)),
    }
}

#[cfg(not(target_os = "linux"))]
fn system() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// The certificates of a bundle in PEM, without those that are none.
///
/// The system's has more than a hundred. rustls' reader takes every text for a secret that the
/// time of decoding must not reveal, and so makes up half of the cost of a request.
#[cfg(target_os = "linux")]
fn certificates(bundle: &str) -> Vec<CertificateDer<'static>> {
    use base64::Engine as _;
    let mut certificates = Vec::new();
    let mut open: Option<String> = None;
    for line in bundle.lines() {
        match (line.trim_end(), &mut open) {
            ("-----BEGIN CERTIFICATE-----", _) => open = Some(String::with_capacity(4 * 1024)),
            ("-----END CERTIFICATE-----", _) => {
                let text = open.take().unwrap_or_default();
                if let Ok(der) = base64::engine::general_purpose::STANDARD.decode(text) {
                    certificates.push(der.into());
                }
            }
            (line, Some(text)) => text.push_str(line),
            (_, None) => {}
        }
    }
    certificates
}

/// In bytes; that of Mozilla has a quarter of a million.
const LIMIT: u64 = 16 * 1024 * 1024;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_bundle_is_read_whatever_stands_around_the_certificates() {
        let check = |bundle: &str, want: &[&[u8]]| {
            let found = certificates(bundle);
            let found: Vec<&[u8]> = found.iter().map(AsRef::as_ref).collect();
            assert_eq!(found, want, "{bundle}");
        };
        let begin = "-----BEGIN CERTIFICATE-----";
        let end = "-----END CERTIFICATE-----";
        check("", &[]);
        check(&format!("{begin}\nAQID\n{end}\n"), &[&[1, 2, 3]]);
        check(
            &format!("# one\r\n{begin}\r\nAQ\r\nID \r\n{end}\r\n\n{begin}\nBAU=\n{end}"),
            &[&[1, 2, 3], &[4, 5]],
        );
        let damaged =
            format!("{begin}\n*\n{end}\n{begin}\nAQ\n{begin}\nAQID\n{end}\n{begin}\nAQID");
        check(&damaged, &[&[1, 2, 3]]);
        check(
            "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n",
            &[],
        );
    }

    #[test]
    fn a_system_without_root_certificates_trusts_no_server() {
        let nothing = HttpSettings::default();
        assert_eq!(with(Vec::new(), &nothing).err(), Some(HttpError::NoRoots));
        assert!(!with(system(), &nothing).unwrap().store.is_empty());
        let folder = tempfile::tempdir().unwrap();
        let empty = HttpSettings {
            ca_folder: Some(folder.path().to_owned()),
            ..HttpSettings::default()
        };
        assert_eq!(with(Vec::new(), &empty).err(), Some(HttpError::NoRoots));
    }

    #[test]
    fn the_systems_bundle_is_read_as_rustls_reads_it() {
        let path = "/etc/ssl/certs/ca-certificates.crt".as_ref();
        let set = |certificates: Vec<CertificateDer<'_>>| -> BTreeSet<Vec<u8>> {
            certificates.iter().map(|der| der.to_vec()).collect()
        };
        let ours = set(system());
        let theirs = rustls_native_certs::load_certs_from_paths(Some(path), None);
        assert!(!ours.is_empty());
        assert!(ours == set(theirs.certs));
    }
}
