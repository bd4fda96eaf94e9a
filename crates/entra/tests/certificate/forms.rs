//! Unusual forms that serve: old encryption, escaped line ends, PKCS#7, PBMAC1, successors.

use entra::certificate::{Bundle, Certificate, CertificateError, certificates};
use entra::secret::Secret;
use entra::token::Timestamp;

use crate::tools::Workshop;

#[test]
fn traditionally_encrypted_keys_open() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let certificate = workshop.read("leaf.crt");
    let ciphers = ["-aes128", "-aes192", "-aes256", "-des3"];
    let legacy = ["-des", "-provider", "legacy", "-provider", "default"];
    let legacy = workshop.has_legacy().then_some(&legacy[..]);
    let ciphers = ciphers.iter().map(std::slice::from_ref).chain(legacy);
    for cipher in ciphers {
        let arguments = [
            "rsa",
            "-traditional",
            "-in",
            "leaf.key",
            "-passout",
            "pass:Grüße",
        ];
        let key = workshop.openssl(&[&arguments[..], cipher].concat());
        assert!(key.contains("Proc-Type: 4,ENCRYPTED"), "{key}");
        let file = [key.as_bytes(), &certificate].concat();
        let open = |password: Option<&str>| {
            Certificate::open(&file, password.map(Secret::from).as_ref()).map(|_| ())
        };
        assert_eq!(open(Some("Grüße")), Ok(()), "{cipher:?}");
        assert_eq!(open(None), Err(CertificateError::PasswordNeeded));
        for wrong in ["a", "b", "c", "d"] {
            assert_eq!(open(Some(wrong)), Err(CertificateError::WrongPassword));
        }
        let windows = String::from_utf8(file.clone())
            .unwrap()
            .replace('\n', "\r\n");
        let password = Secret::from("Grüße");
        assert!(Certificate::open(windows.as_bytes(), Some(&password)).is_ok());
        let two = Certificate::open_with_key(&certificate, key.as_bytes(), Some(&password));
        assert!(two.is_ok(), "{cipher:?}");
    }
}

#[test]
fn keys_beside_the_certificate_are_ignored_where_the_key_has_its_own_file() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let key = workshop.read("leaf.key");
    let encrypted = [
        "pkcs8",
        "-topk8",
        "-in",
        "leaf.key",
        "-passout",
        "pass:other",
    ];
    let encrypted = workshop.openssl(&encrypted);
    let broken = "-----BEGIN RSA PRIVATE KEY-----\n!!\n-----END RSA PRIVATE KEY-----\n";
    for before in [encrypted.as_str(), broken] {
        let file = [before.as_bytes(), &workshop.read("leaf.crt")].concat();
        assert!(Certificate::open_with_key(&file, &key, None).is_ok());
        assert_eq!(certificates(&file, None).unwrap().len(), 1);
    }
    let file = [encrypted.as_bytes(), &workshop.read("leaf.crt")].concat();
    let error = Certificate::open(&file, None).err();
    assert_eq!(error, Some(CertificateError::PasswordNeeded));
    // The certificate comes from the file that is named for it.
    workshop.identity("other", "rsa:2048");
    let pair = [workshop.read("other.key"), workshop.read("other.crt")].concat();
    let error = Certificate::open_with_key(&workshop.read("leaf.crt"), &pair, None).err();
    assert_eq!(error, Some(CertificateError::KeyMismatch));
}

#[test]
fn text_in_any_encoding_opens() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let file = [workshop.read("leaf.key"), workshop.read("leaf.crt")].concat();
    let text = String::from_utf8(file).unwrap();
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = format!("\u{feff}{text}");
    let check = |file: &[u8]| {
        assert!(Certificate::open(file, None).is_ok(), "{file:?}");
        assert_eq!(Bundle::read(file).unwrap().certificates().len(), 1);
    };
    check(text.replace('\n', "\\n").as_bytes());
    check(text.replace('\n', "\\r\\n").as_bytes());
    check(format!("\"{}\"", text.replace('\n', "\\n")).as_bytes());
    check(marked.as_bytes());
    check(&utf16(&marked, u16::to_le_bytes));
    check(&utf16(&marked, u16::to_be_bytes));
    check(&utf16(&text, u16::to_le_bytes));
    check(&utf16(&text, u16::to_be_bytes));
}

#[test]
fn pkcs7_holds_certificates() {
    let workshop = Workshop::new();
    workshop.identity("root", "rsa:2048");
    workshop.issued("leaf", "root");
    let chain = [workshop.read("root.crt"), workshop.read("leaf.crt")].concat();
    workshop.write("chain.crt", chain);
    for form in ["PEM", "DER"] {
        let collect = [
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            "chain.crt",
            "-outform",
            form,
        ];
        workshop.openssl(&[&collect[..], &["-out", "chain.p7b"]].concat());
        let file = workshop.read("chain.p7b");
        let found = certificates(&file, None).unwrap();
        // The leaf comes first, though the file has its issuer before it.
        let subjects: Vec<_> = found.iter().map(|one| one.subject()).collect();
        assert_eq!(subjects, ["CN=leaf", "CN=root,O=Contoso\\, Ltd"], "{form}");
        let error = Certificate::open(&file, None).err();
        assert_eq!(error, Some(CertificateError::NoKey), "{form}");
        let with_key = Certificate::open_with_key(&file, &workshop.read("leaf.key"), None);
        assert_eq!(with_key.unwrap().chain().count(), 2, "{form}");
        let bundle = Bundle::read(&file).unwrap();
        assert_eq!((bundle.certificates().len(), bundle.unreadable()), (2, 0));
    }
    workshop.write("empty.crt", "");
    workshop.openssl(&["crl2pkcs7", "-nocrl", "-out", "empty.p7b"]);
    let empty = workshop.read("empty.p7b");
    let none = Some(CertificateError::NoCertificate);
    assert_eq!(certificates(&empty, None).err(), none);
    assert_eq!(Bundle::read(&empty).err(), none);
}

#[test]
fn the_certificate_that_is_valid_serves() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let make = |name: &str, days: [&str; 2]| {
        let [from, until] = days.map(|day| format!("{day}000000Z"));
        workshop.dated("leaf", name, &from, &until);
        workshop.read(name)
    };
    let now = Timestamp::from_unix(1_733_054_400);
    let expired = make("expired", ["20231101", "20241101"]);
    let valid = make("valid", ["20241101", "20251101"]);
    let longer = make("longer", ["20241101", "20251201"]);
    let future = make("future", ["20250101", "20260101"]);
    let later = make("later", ["20250601", "20260101"]);
    let key = workshop.read("leaf.key");
    let check = |files: &[&Vec<u8>], want: &Vec<u8>| {
        let all: Vec<u8> = files.iter().flat_map(|file| file.iter().copied()).collect();
        let file = [&key[..], &all].concat();
        let certificate = Certificate::open(&file, None).unwrap().valid_at(now);
        let want = &certificates(want, None).unwrap()[0];
        assert_eq!(certificate.not_before(), want.not_before());
        assert_eq!(certificate.leaf(), want);
    };
    check(&[&expired, &valid], &valid);
    check(&[&valid, &expired], &valid);
    check(&[&valid, &longer], &longer);
    check(&[&valid, &future], &valid);
    check(&[&future, &expired], &future);
    check(&[&later, &future], &future);
    check(&[&expired], &expired);
    check(&[&future], &future);
    // With a key of its own, too.
    workshop.identity("other", "rsa:2048");
    let other = [workshop.read("other.key"), workshop.read("other.crt")].concat();
    let file = [&key[..], &expired, &other].concat();
    let certificate = Certificate::open(&file, None).unwrap();
    assert_eq!(certificate.subject(), "CN=other,O=Contoso\\, Ltd");
    let file = [&other, &key[..], &expired].concat();
    let certificate = Certificate::open(&file, None).unwrap();
    assert_eq!(certificate.subject(), "CN=other,O=Contoso\\, Ltd");
}

/// The check of RFC 9579, computed by `openssl kdf` and `openssl dgst`.
#[test]
fn a_pfx_with_pbmac1_opens() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    workshop.openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        "leaf.key",
        "-in",
        "leaf.crt",
        "-out",
        "file.pfx",
        "-passout",
        "pass:Grüße",
        "-nomac",
    ]);
    let pfx = workshop.read("file.pfx");
    // PFX ::= SEQUENCE { 3, SEQUENCE { data, [0] { OCTET STRING } } }, with lengths of two bytes.
    let contents = &pfx[4 + 3 + 4 + 11 + 4 + 4..];
    for (hash, prf, hmac) in [("SHA256", 9, 9), ("SHA512", 11, 11), ("SHA384", 10, 9)] {
        let names = [(9, "SHA256"), (10, "SHA384"), (11, "SHA512")];
        let digest = names.iter().find(|name| name.0 == hmac).unwrap().1;
        let options = [
            format!("digest:{hash}"),
            "pass:Grüße".to_owned(),
            "hexsalt:0102030405060708".to_owned(),
            "iter:2048".to_owned(),
        ];
        let mut derive = vec!["kdf", "-keylen", "32"];
        options
            .iter()
            .for_each(|option| derive.extend(["-kdfopt", option]));
        derive.push("PBKDF2");
        let key = workshop.openssl(&derive).trim().replace(':', "");
        workshop.write("contents", contents);
        let key = format!("hexkey:{key}");
        let digest_option = format!("-{}", digest.to_lowercase());
        workshop.openssl(&[
            "dgst",
            &digest_option,
            "-binary",
            "-mac",
            "HMAC",
            "-macopt",
            &key,
            "-out",
            "mac",
            "contents",
        ]);
        let mac = workshop.read("mac");
        let algorithm = |number: u8| {
            let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, number];
            sequence(&[&element(0x06, &oid)[..], &[5, 0]].concat())
        };
        let parameters = sequence(
            &[
                element(0x04, &[1, 2, 3, 4, 5, 6, 7, 8]),
                element(0x02, &[8, 0]),
                element(0x02, &[32]),
                algorithm(prf),
            ]
            .concat(),
        );
        let pkcs5 = |number| [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, number];
        let kdf = sequence(&[element(0x06, &pkcs5(12)), parameters].concat());
        let pbmac1 = sequence(&[kdf, algorithm(hmac)].concat());
        let check = |mac: &[u8]| {
            let scheme = sequence(&[element(0x06, &pkcs5(14)), pbmac1.clone()].concat());
            let digest = sequence(&[scheme, element(0x04, mac)].concat());
            let data = sequence(&[digest, element(0x04, b"unused"), vec![2, 1, 1]].concat());
            let file = sequence(&[&pfx[4..], &data].concat());
            let open = |password: &str| {
                Certificate::open(&file, Some(&Secret::from(password))).map(|_| ())
            };
            (open("Grüße"), open("other"))
        };
        let wrong = Err(CertificateError::WrongPassword);
        assert_eq!(check(&mac), (Ok(()), wrong.clone()), "{hash} {digest}");
        assert_eq!(check(&mac[1..]), (wrong.clone(), wrong), "{hash} {digest}");
    }
}

#[test]
fn a_bundle_reports_what_cannot_be_read() {
    let workshop = Workshop::new();
    workshop.identity("one", "rsa:2048");
    workshop.identity("two", "rsa:2048");
    let (one, two) = (workshop.read("one.crt"), workshop.read("two.crt"));
    let check = |parts: &[&[u8]], want: (usize, usize)| {
        let bundle = Bundle::read(&parts.concat()).unwrap();
        let found = (bundle.certificates().len(), bundle.unreadable());
        assert_eq!(
            found,
            want,
            "{:?}",
            String::from_utf8_lossy(&parts.concat())
        );
    };
    let begin = b"-----BEGIN CERTIFICATE-----\n";
    let end = b"-----END CERTIFICATE-----\n";
    check(&[&one, &two], (2, 0));
    check(&[b"\xef\xbb\xbf", &one, &two], (2, 0));
    check(&[b"# a comment, Gr\xfc\xdfe\n", &one, &two], (2, 0));
    check(&[&one, begin, b"MIIgarbage\n", end, &two], (2, 1));
    check(&[&one[..100], &two], (1, 1));
    check(&[&one, &two[..100]], (1, 1));
    let trusted = [
        "x509",
        "-in",
        "one.crt",
        "-trustout",
        "-addtrust",
        "serverAuth",
    ];
    let trusted = workshop.openssl(&trusted);
    assert!(trusted.contains("BEGIN TRUSTED CERTIFICATE"));
    check(&[trusted.as_bytes(), &two], (2, 0));
    workshop.openssl(&[
        "x509", "-in", "one.crt", "-outform", "DER", "-out", "one.der",
    ]);
    check(&[&workshop.read("one.der")], (1, 0));
    check(&[&workshop.read("one.key"), &two], (1, 0));

    let lacks = |bytes: &[u8], want: &str| {
        let error = Bundle::read(bytes).unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    lacks(b"hello", "it is neither a PFX nor a PEM nor a DER file");
    lacks(&workshop.read("one.key"), "there is no certificate in it");
    lacks(&one[..100], "the certificate cannot be read");
    lacks(b"\xfe\xed\xfe\xed\0\0\0\x02", "it is a Java keystore (JKS)");
    let request = workshop.openssl(&["req", "-new", "-key", "one.key", "-subj", "/CN=x"]);
    let kind = "it is a certificate signing request, not a certificate";
    lacks(request.as_bytes(), kind);
}

fn sequence(contents: &[u8]) -> Vec<u8> {
    element(0x30, contents)
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = match u8::try_from(contents.len()) {
        Ok(short @ 0..0x80) => vec![short],
        Ok(long) => vec![0x81, long],
        _ => {
            let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
            vec![0x82, length[0], length[1]]
        }
    };
    [&[tag], &length[..], contents].concat()
}
