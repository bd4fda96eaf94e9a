//! Files that cannot serve, each with its reason.

use entra::certificate::{Certificate, CertificateError, Container, FileKind, certificates};
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
        ("pss", "an RSA key restricted to RSASSA-PSS"),
    ] {
        let bytes = read(&[&format!("{name}.key"), &format!("{name}.crt")]);
        let reason = format!("it is {kind}, and certificate credentials take plain RSA keys only");
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
        let reason =
            "it is an elliptic-curve key, and certificate credentials take plain RSA keys only";
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
    let kind = FileKind::SigningRequest;
    check(
        workshop.openssl(&request).as_bytes(),
        CertificateError::OtherKind { kind },
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
fn sizes_are_those_of_the_modulus_and_not_of_its_bytes() {
    let workshop = Workshop::new();
    workshop.identity("odd", "rsa:2047");
    let certificate = workshop.read("odd.crt");
    let both = [workshop.read("odd.key"), certificate.clone()].concat();
    let error = Certificate::open(&both, None).err();
    assert_eq!(error, Some(CertificateError::KeyTooSmall { bits: 2047 }));
    let public = certificates(&certificate, None).unwrap();
    assert_eq!(public[0].key_bits(), Some(2047));
}

#[test]
fn a_key_of_the_largest_size_with_wrong_numbers_is_not_called_too_large() {
    let workshop = Workshop::new();
    workshop.identity("large", "rsa:4096");
    let certificate = workshop.read("large.crt");
    workshop.openssl(&[
        "rsa",
        "-in",
        "large.key",
        "-traditional",
        "-outform",
        "DER",
        "-out",
        "large.der",
    ]);
    let mut key = workshop.read("large.der");
    assert!(Certificate::open_with_key(&certificate, &key, None).is_ok());
    // The last number is the coefficient (RFC 8017 appendix A.1.2).
    *key.last_mut().unwrap() ^= 1;
    let error = Certificate::open_with_key(&certificate, &key, None).unwrap_err();
    let CertificateError::UnsupportedKey { reason } = error else {
        panic!("{error}");
    };
    assert!(
        reason.starts_with("its numbers do not pass the checks"),
        "{reason}"
    );
}

#[test]
fn an_unreadable_certificate_in_a_pfx_is_not_a_missing_one() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    workshop.openssl(&[
        "pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.crt", "-out", "file.pfx",
        "-passout", "pass:", "-nomac", "-keypbe", "NONE", "-certpbe", "NONE",
    ]);
    workshop.openssl(&[
        "x509", "-in", "leaf.crt", "-outform", "DER", "-out", "leaf.der",
    ]);
    let (mut pfx, leaf) = (workshop.read("file.pfx"), workshop.read("leaf.der"));
    assert!(Certificate::open(&pfx, None).is_ok());
    let place = pfx.windows(leaf.len()).position(|part| part == leaf);
    // What is to be signed is no sequence any more, but a set.
    pfx[place.unwrap() + 4] ^= 1;
    let unreadable = Some(CertificateError::Malformed {
        part: "certificate",
    });
    assert_eq!(Certificate::open(&pfx, None).err(), unreadable);
    // A readable PFX does not make up for the other file.
    assert_eq!(
        Certificate::open_with_key(&pfx, &pfx, None).err(),
        unreadable
    );
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
    let traditional = ["rsa", "-traditional", "-camellia128", "-in", "leaf.key"];
    let key = workshop.openssl(&[&traditional[..], &["-passout", "pass:x"]].concat());
    check(key.as_bytes(), "CAMELLIA-128-CBC", Container::Key);
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

#[test]
fn other_kinds_of_files_are_named() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    workshop.identity("curve", "ed25519");
    let (key, certificate) = (workshop.read("leaf.key"), workshop.read("leaf.crt"));
    let check = |file: &[u8], kind: FileKind| {
        let want = Some(CertificateError::OtherKind { kind });
        assert_eq!(Certificate::open(file, None).err(), want);
        assert_eq!(certificates(file, None).err(), want);
    };
    for form in ["PEM", "DER"] {
        let request = [
            "req", "-new", "-key", "leaf.key", "-subj", "/CN=x", "-outform",
        ];
        workshop.openssl(&[&request[..], &[form, "-out", "file"]].concat());
        check(&workshop.read("file"), FileKind::SigningRequest);
        for key in ["leaf.key", "curve.key"] {
            let public = [
                "pkey", "-pubout", "-outform", form, "-in", key, "-out", "file",
            ];
            workshop.openssl(&public);
            check(&workshop.read("file"), FileKind::PublicKey);
        }
    }
    check(b"\xfe\xed\xfe\xed\0\0\0\x02", FileKind::JavaKeyStore);
    check(b"\xce\xce\xce\xce\0\0\0\x02", FileKind::JavaKeyStore);
    check(b"ssh-rsa AAAAB3NzaC1yc2E= ci@host\n", FileKind::PublicKey);
    check(b"PuTTY-User-Key-File-3: ssh-rsa\n", FileKind::PuttyKey);
    let block = |label: &str| format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
    check(
        block("OPENSSH PRIVATE KEY").as_bytes(),
        FileKind::OpenSshKey,
    );
    check(block("X509 CRL").as_bytes(), FileKind::RevocationList);
    check(block("PGP PUBLIC KEY BLOCK").as_bytes(), FileKind::Pgp);

    // Beside what is wanted they say what is there in its place.
    let error = |file: &[u8]| Certificate::open(file, None).err();
    let kind = FileKind::OpenSshKey;
    let ssh = [block("OPENSSH PRIVATE KEY").as_bytes(), &certificate].concat();
    assert_eq!(error(&ssh), Some(CertificateError::OtherKind { kind }));
    let kind = FileKind::SigningRequest;
    let request = [block("CERTIFICATE REQUEST").as_bytes(), &key].concat();
    assert_eq!(error(&request), Some(CertificateError::OtherKind { kind }));
    let both = [block("PUBLIC KEY").as_bytes(), &key, &certificate].concat();
    assert_eq!(error(&both), None);
}
