//! Which certificate authorities are trusted: the system's, and those that the person names.

use entra::ports::HttpError;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::file::NamedFile;
use crate::world::HttpSettings;

/// Reads the system's store and adds the files and the folder of `settings`.
///
/// A file that somebody named and that holds no certificate is an error; the system's own
/// oddities are not.
pub(super) fn load(settings: &HttpSettings) -> Result<RootCertStore, HttpError> {
    with(system(), settings)
}

fn with(
    system: Vec<CertificateDer<'static>>,
    settings: &HttpSettings,
) -> Result<RootCertStore, HttpError> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(system);
    for file in &settings.ca_bundles {
        add(file, &mut store).map_err(|problem| HttpError::Roots {
            path: file.path.clone(),
            problem,
        })?;
    }
    if let Some(folder) = &settings.ca_folder {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(folder));
        store.add_parsable_certificates(found.certs);
    }
    if store.is_empty() {
        return Err(HttpError::NoRoots);
    }
    Ok(store)
}

/// Adds the certificates of a file, and says how many there were.
pub(super) fn add(file: &NamedFile, store: &mut RootCertStore) -> Result<usize, String> {
    if file.path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    let bundle = file.read(LIMIT).map_err(|error| error.to_string())?;
    let found = CertificateDer::pem_slice_iter(&bundle).filter_map(Result::ok);
    match store.add_parsable_certificates(found) {
        (0, _) => Err("it holds no certificate in PEM".to_owned()),
        (added, _) => Ok(added),
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
        // A comment in another encoding is no reason to trust nobody.
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
/// time of decoding must not tell, and so makes up half of the cost of a request.
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
    fn nobody_is_trusted_where_no_root_certificates_are() {
        let nothing = HttpSettings::default();
        assert_eq!(with(Vec::new(), &nothing).unwrap_err(), HttpError::NoRoots);
        assert!(!with(system(), &nothing).unwrap().is_empty());
        let folder = tempfile::tempdir().unwrap();
        let empty = HttpSettings {
            ca_folder: Some(folder.path().to_owned()),
            ..HttpSettings::default()
        };
        assert_eq!(with(Vec::new(), &empty).unwrap_err(), HttpError::NoRoots);
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
