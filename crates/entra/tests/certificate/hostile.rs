//! Files that are damaged, cut off or unusual: what can be read is, and nothing does harm.

use entra::certificate::{Certificate, CertificateError, certificates};
use entra::secret::Secret;

use crate::tools::Workshop;

/// Files in every form, protected with few iterations so that many attempts are affordable.
fn specimens(workshop: &Workshop) -> Vec<(&'static str, Vec<u8>)> {
    workshop.identity("root", "rsa:2048");
    workshop.issued("leaf", "root");
    let pfx = |options: &[&str]| {
        let arguments = [
            "pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.crt", "-passout", "pass:x",
            "-iter", "2", "-out", "file.pfx",
        ];
        workshop.openssl(&[&arguments[..], options].concat());
        workshop.read("file.pfx")
    };
    let triple = "PBE-SHA1-3DES";
    workshop.openssl(&[
        "x509", "-in", "leaf.crt", "-outform", "DER", "-out", "leaf.der",
    ]);
    workshop.openssl(&[
        "pkcs8", "-topk8", "-in", "leaf.key", "-iter", "2", "-passout", "pass:x", "-outform",
        "DER", "-out", "key.der",
    ]);
    let modern = pfx(&[]);
    let ber = indefinite(&modern);
    vec![
        ("PFX", modern),
        ("PFX in BER", ber),
        ("PFX without MAC", pfx(&["-nomac"])),
        (
            "PFX in the clear",
            pfx(&["-nomac", "-keypbe", "NONE", "-certpbe", "NONE"]),
        ),
        (
            "PFX with 3DES",
            pfx(&["-keypbe", triple, "-certpbe", triple]),
        ),
        ("certificate", workshop.read("leaf.der")),
        ("encrypted key", workshop.read("key.der")),
        (
            "PEM",
            [workshop.read("leaf.key"), workshop.read("leaf.crt")].concat(),
        ),
    ]
}

#[test]
fn nss_writes_ber() {
    let workshop = Workshop::new();
    let specimens = specimens(&workshop);
    let (_, ber) = specimens
        .iter()
        .find(|(name, _)| *name == "PFX in BER")
        .unwrap();
    let certificate = Certificate::open(ber, Some(&Secret::from("x"))).unwrap();
    assert_eq!(certificate.subject(), "CN=leaf");
    let wrong = Certificate::open(ber, Some(&Secret::from("y"))).err();
    assert_eq!(wrong, Some(CertificateError::WrongPassword));
}

#[test]
fn files_cut_off_anywhere_are_refused() {
    let workshop = Workshop::new();
    let password = Secret::from("x");
    for (name, bytes) in specimens(&workshop) {
        // The line break at the end of a PEM file is not missed, nor are the last zeros of BER.
        let needed = match name {
            "PEM" => bytes.len() - 1,
            "PFX in BER" => bytes.len() - 2,
            _ => bytes.len(),
        };
        for length in 0..needed {
            let result = Certificate::open(&bytes[..length], Some(&password));
            assert!(result.is_err(), "{name} cut off after {length} bytes");
            let _ = certificates(&bytes[..length], None);
            if bytes[..2] == [0x30, 0x82] && length > 1 {
                assert_eq!(result.err(), Some(CertificateError::Truncated), "{name}");
            }
        }
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let workshop = Workshop::new();
    let password = Secret::from("x");
    for (name, bytes) in specimens(&workshop) {
        // Text has so many bytes that mean the same that every seventh will do.
        let step = if name == "PEM" { 7 } else { 1 };
        for offset in (0..bytes.len()).step_by(step) {
            for damage in [0x01, 0x80] {
                let mut damaged = bytes.clone();
                damaged[offset] ^= damage;
                let _ = Certificate::open(&damaged, Some(&password));
            }
        }
    }
}

/// The same PFX with the lengths left open on the outer layers, as NSS and Firefox write it.
fn indefinite(pfx: &[u8]) -> Vec<u8> {
    let (version, rest) = element(contents(pfx));
    let (safe, mac) = element(rest);
    let (kind, wrapped) = element(contents(safe));
    let octets = contents(contents(wrapped));
    let half = octets.len() / 2;
    let part = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[0x04, 0x82], &length[..], bytes].concat()
    };
    let (start, end) = ([0x80], [0, 0]);
    [
        &[0x30][..],
        &start,
        version,
        &[0x30],
        &start,
        kind,
        &[0xa0],
        &start,
        &[0x24],
        &start,
        &part(&octets[..half]),
        &part(&octets[half..]),
        &end,
        &end,
        &end,
        mac,
        &end,
    ]
    .concat()
}

/// The first element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let length = der.len() - contents_and_rest(der).1.len();
    der.split_at(length)
}

fn contents(der: &[u8]) -> &[u8] {
    contents_and_rest(der).0
}

fn contents_and_rest(der: &[u8]) -> (&[u8], &[u8]) {
    let (start, length) = match der[1] {
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        0x81 => (3, usize::from(der[2])),
        short => (2, usize::from(short)),
    };
    (&der[start..start + length], &der[start + length..])
}
