//! Which certificate authorities are trusted: the system's, and those that the person names.

use std::path::Path;

use rustls::RootCertStore;
use rustls_native_certs::CertificateResult;

use crate::world::HttpSettings;

/// Reads the system's store and adds the files and the folder of `settings`.
///
/// A file that somebody named and that holds no certificate is an error; the system's own
/// oddities are not.
pub(super) fn load(settings: &HttpSettings) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(system().certs);
    for path in &settings.ca_bundles {
        let found = rustls_native_certs::load_certs_from_paths(Some(path), None);
        let (added, _) = store.add_parsable_certificates(found.certs);
        if added == 0 {
            let problem = found.errors.first().map(|error| format!(": {error}"));
            return Err(format!(
                "`{}` holds no usable root certificate{}",
                path.display(),
                problem.unwrap_or_default()
            ));
        }
    }
    if let Some(folder) = &settings.ca_folder {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(folder));
        store.add_parsable_certificates(found.certs);
    }
    if store.is_empty() {
        return Err(
            "no root certificates: install the ca-certificates package, or set SSL_CERT_FILE"
                .to_owned(),
        );
    }
    Ok(store)
}

/// On Linux the first bundle that is there. The environment has no say in it: `SSL_CERT_FILE`
/// adds to the system's store and does not replace it.
#[cfg(target_os = "linux")]
fn system() -> CertificateResult {
    const BUNDLES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/pki/tls/cacert.pem",
    ];
    BUNDLES
        .iter()
        .map(Path::new)
        .find(|path| path.exists())
        .map(|path| rustls_native_certs::load_certs_from_paths(Some(path), None))
        .unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn system() -> CertificateResult {
    rustls_native_certs::load_native_certs()
}
