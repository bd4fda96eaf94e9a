//! Files that cannot serve, and files that were made to do harm.

use entra::certificate::{Certificate, CertificateError, Container, certificates};
use entra::secret::Secret;

use crate::tools::Workshop;

#[test]
fn every_refusal_says_why() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    workshop.identity("other", "rsa:2048");
    workshop.identity("small", "rsa:1024");
    workshop.identity("large", "rsa:4608");
    for (name, kind) in [("curve", "ec"), ("edwards", "ed25519"), ("pss", "rsa-pss")] {
        let curve = ["-pkeyopt", "ec_paramgen_curve:P-256"];
        let options = if kind == "ec" { &curve[..] } else { &[] };
        let arguments = ["req", "-x509", "-nodes", "-newkey", kind, "-subj", "/CN=x"];
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let output = ["-keyout", &key, "-out", &certificate];
        workshop.openssl(&[&arguments, options, &output].concat());
    }
    let read = |names: &[&str]| {
        let files: Vec<_> = names.iter().map(|name| workshop.read(name)).collect();
        files.concat()
    };
    let check = |bytes: &[u8], want: CertificateError| {
        let error = Certificate::open(bytes, None).err();
        assert_eq!(error, Some(want), "{:?}", String::from_utf8_lossy(bytes));
    };
    let unsupported = |reason: &str| CertificateError::UnsupportedKey {
        reason: reason.to_owned(),
    };

    check(&read(&["leaf.crt"]), CertificateError::NoKey);
    check(&read(&["leaf.key"]), CertificateError::NoCertificate);
    check(
        &read(&["other.key", "leaf.crt"]),
        CertificateError::KeyMismatch,
    );
    check(
        &read(&["curve.key", "other.key", "leaf.crt"]),
        CertificateError::KeyMismatch,
    );
    check(
        &read(&["small.key", "small.crt"]),
        CertificateError::KeyTooSmall { bits: 1024 },
    );
    check(
        &read(&["large.key", "large.crt"]),
        unsupported("it has 4608 bits, at most 4096 are supported"),
    );
    for (name, kind) in [
        ("curve", "an elliptic-curve key"),
        ("edwards", "an Ed25519 key"),
        ("pss", "an RSA key bound to the PSS signature"),
    ] {
        let bytes = read(&[&format!("{name}.key"), &format!("{name}.crt")]);
        let reason = format!("it is {kind}, and certificate credentials take RSA keys only");
        check(&bytes, unsupported(&reason));
    }
    for format in ["PEM", "DER"] {
        let arguments = [
            "ec",
            "-in",
            "curve.key",
            "-outform",
            format,
            "-out",
            "sec1.key",
        ];
        workshop.openssl(&arguments);
        let key = workshop.read("sec1.key");
        let error = Certificate::open_with_key(&workshop.read("curve.crt"), &key, None).err();
        let reason = "it is an elliptic-curve key, and certificate credentials take RSA keys only";
        assert_eq!(error, Some(unsupported(reason)), "{format}");
    }

    check(b"", CertificateError::NotACertificateFile);
    check(b"hello", CertificateError::NotACertificateFile);
    check(
        b"{\"tenantId\":\"x\"}",
        CertificateError::NotACertificateFile,
    );
    check(b"<html>", CertificateError::NotACertificateFile);
    check(
        b"\x7fELF\x02\x01\x01",
        CertificateError::NotACertificateFile,
    );
    check(b"PK\x03\x04\xff", CertificateError::NotACertificateFile);
    let request = ["req", "-new", "-key", "leaf.key", "-subj", "/CN=x"];
    check(
        workshop.openssl(&request).as_bytes(),
        CertificateError::NotACertificateFile,
    );
    let armour = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----";
    check(
        armour.as_bytes(),
        CertificateError::Malformed {
            part: "certificate",
        },
    );
    let leaf_with = |text: &str| {
        let files = ["leaf.key", "leaf.crt"].map(|name| workshop.read(name));
        [text.as_bytes(), &files.concat()].concat()
    };
    // An issuer that cannot be read does no harm.
    assert!(Certificate::open(&leaf_with(&format!("{armour}\n")), None).is_ok());
    let unreadable = [&read(&["leaf.key"]), armour.as_bytes()].concat();
    check(
        &unreadable,
        CertificateError::Malformed {
            part: "certificate",
        },
    );
    check(
        &vec![b'A'; 100 << 20],
        CertificateError::TooLarge { limit: 1 << 20 },
    );

    let certificate_only = [
        "pkcs12", "-export", "-nokeys", "-in", "leaf.crt", "-passout", "pass:",
    ];
    workshop.openssl(&[&certificate_only[..], &["-out", "file.pfx"]].concat());
    check(&workshop.read("file.pfx"), CertificateError::NoKey);
    let key_only = [
        "pkcs12", "-export", "-nocerts", "-inkey", "leaf.key", "-passout", "pass:",
    ];
    workshop.openssl(&[&key_only[..], &["-out", "file.pfx"]].concat());
    check(&workshop.read("file.pfx"), CertificateError::NoCertificate);
}

#[test]
fn unsupported_encryption_is_named() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let check = |bytes: &[u8], what: &str, container| {
        let error = Certificate::open(bytes, Some(&Secret::from("x"))).err();
        let what = what.to_owned();
        assert_eq!(
            error,
            Some(CertificateError::UnsupportedEncryption { what, container })
        );
    };
    let traditional = [
        "rsa",
        "-traditional",
        "-aes256",
        "-in",
        "leaf.key",
        "-passout",
        "pass:x",
    ];
    let key = workshop.openssl(&traditional);
    let method = "OpenSSL's traditional method (`Proc-Type: 4,ENCRYPTED`)";
    check(key.as_bytes(), method, Container::Key);
    let camellia = [
        "pkcs8",
        "-topk8",
        "-v2",
        "camellia-256-cbc",
        "-in",
        "leaf.key",
    ];
    let key = workshop.openssl(&[&camellia[..], &["-passout", "pass:x"]].concat());
    check(
        key.as_bytes(),
        "the method `1.2.392.200011.61.1.1.1.4`",
        Container::Key,
    );
    if !workshop.has_legacy() {
        println!("openssl has no legacy provider: RC4 is not checked");
        return;
    }
    let cipher = "PBE-SHA1-RC4-128";
    workshop.openssl(&[
        "pkcs12", "-export", "-legacy", "-keypbe", cipher, "-certpbe", cipher, "-inkey",
        "leaf.key", "-in", "leaf.crt", "-out", "file.pfx", "-passout", "pass:x",
    ]);
    check(
        &workshop.read("file.pfx"),
        "RC4 with 128 bits",
        Container::Pfx,
    );
}

/// Files in every form, protected with few rounds so that many attempts are affordable.
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
