//! Every kind of file, by every tool, with every kind of password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entra::certificate::Certificate;

use crate::table::Protection::{Nothing, Password};
use crate::table::{BEYOND, Matrix, PASSWORD, UNICODE};
use crate::tools::Workshop;

#[test]
fn every_kind_of_file_opens() {
    let workshop = Workshop::new();
    // Before the leaf: of two keys, the one whose certificate ends last serves.
    workshop.identity("other", "rsa:2048");
    workshop.identity("root", "rsa:2048");
    workshop.issued("intermediate", "root");
    workshop.issued("leaf", "intermediate");
    // Issuers in the wrong order, and a certificate that has nothing to do with them.
    let chain = ["root.crt", "other.crt", "intermediate.crt"].map(|name| workshop.read(name));
    workshop.write("chain.crt", chain.concat());
    let mut matrix = Matrix {
        workshop: &workshop,
        fingerprints: ["-sha1", "-sha256"].map(|hash| workshop.fingerprint("leaf.crt", hash)),
        rows: Vec::new(),
    };
    modern_pfx(&mut matrix);
    if workshop.has_legacy() {
        legacy_pfx(&mut matrix);
    } else {
        println!("openssl has no legacy provider: RC2 is not checked");
    }
    windows_pfx(&mut matrix);
    if workshop.has_keytool() {
        keytool(&mut matrix);
    } else {
        println!("Java's keytool is not there: its files are not checked");
    }
    key_vault(&mut matrix);
    pem(&mut matrix);
    println!(
        "{:<16} | {:<44} | {:<24} | result",
        "tool", "kind", "protection"
    );
    for [tool, kind, protection] in &matrix.rows {
        println!("{tool:<16} | {kind:<44} | {protection:<24} | pass");
    }
    println!("{} kinds", matrix.rows.len());
}

fn modern_pfx(matrix: &mut Matrix<'_>) {
    let mut check =
        |kind: &str, password: &str, options: &[&str]| matrix.openssl_pfx(kind, password, options);
    check("AES-256, SHA-256 MAC", PASSWORD, &[]);
    check("AES-256, SHA-256 MAC", "", &[]);
    check("AES-256, SHA-256 MAC", UNICODE, &[]);
    check("AES-256, SHA-256 MAC", BEYOND, &[]);
    check("AES-256, long password", &"long ".repeat(50), &[]);
    check("AES-256, chain", PASSWORD, &["-certfile", "chain.crt"]);
    check(
        "AES-256, friendly name and CSP",
        PASSWORD,
        &["-name", "Grüße", "-CSP", "Microsoft"],
    );
    check("AES-256, no MAC", PASSWORD, &["-nomac"]);
    check("AES-256, no MAC", "", &["-nomac"]);
    check(
        "AES-256, 100,000 iterations",
        PASSWORD,
        &["-iter", "100000"],
    );
    for digest in ["sha1", "sha224", "sha384", "sha512"] {
        check(
            &format!("AES-256, {digest} MAC"),
            PASSWORD,
            &["-macalg", digest],
        );
    }
    for cipher in ["AES-128-CBC", "AES-192-CBC", "DES-EDE3-CBC"] {
        check(cipher, PASSWORD, &["-keypbe", cipher, "-certpbe", cipher]);
    }
    check("certificate in the clear", PASSWORD, &["-certpbe", "NONE"]);
    check("key in the clear", PASSWORD, &["-keypbe", "NONE"]);
    check(
        "both in the clear",
        PASSWORD,
        &["-keypbe", "NONE", "-certpbe", "NONE"],
    );
    check(
        "both in the clear, no MAC",
        PASSWORD,
        &["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"],
    );
    for cipher in ["PBE-SHA1-3DES", "PBE-SHA1-2DES"] {
        let options = ["-keypbe", cipher, "-certpbe", cipher, "-macalg", "sha1"];
        check(cipher, PASSWORD, &options);
        check(cipher, UNICODE, &options);
    }
}

fn legacy_pfx(matrix: &mut Matrix<'_>) {
    let mut check =
        |kind: &str, password: &str, options: &[&str]| matrix.openssl_pfx(kind, password, options);
    check("legacy: RC2-40 and 3DES", PASSWORD, &["-legacy"]);
    check("legacy: RC2-40 and 3DES", "", &["-legacy"]);
    check("legacy: RC2-40 and 3DES", UNICODE, &["-legacy"]);
    check("legacy: RC2-40 and 3DES", BEYOND, &["-legacy"]);
    check(
        "legacy, chain",
        PASSWORD,
        &["-legacy", "-certfile", "chain.crt"],
    );
    check("legacy, no MAC", PASSWORD, &["-legacy", "-nomac"]);
    let cipher = "PBE-SHA1-RC2-128";
    check(
        cipher,
        PASSWORD,
        &["-legacy", "-keypbe", cipher, "-certpbe", cipher],
    );
}

/// With the ciphers, iterations, names and order that `certmgr` and PowerShell's `Export-PfxCertificate`
/// have, before Windows 10 and since.
fn windows_pfx(matrix: &mut Matrix<'_>) {
    let triple = "PBE-SHA1-3DES";
    let before = ["-keypbe", triple, "-certpbe", triple, "-macalg", "sha1"];
    let names = [
        "-certfile",
        "chain.crt",
        "-CSP",
        "Microsoft Software Key Storage Provider",
        "-name",
        "te-1b0c1f5e-36ad-4dd4-9b1e-grün",
        "-LMK",
        "-iter",
        "2000",
    ];
    for password in [PASSWORD, "", UNICODE] {
        let before = [&before[..], &names].concat();
        matrix.openssl_pfx("as Windows: TripleDES_SHA1", password, &before);
        matrix.openssl_pfx("as Windows: AES256_SHA256", password, &names);
    }
}

fn keytool(matrix: &mut Matrix<'_>) {
    let workshop = matrix.workshop;
    for [file, name, issuers] in [
        ["other", "other", "other"],
        ["leaf", "leaf", "leaf"],
        ["chain", "leaf", "chain"],
    ] {
        workshop.openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            &format!("{name}.key"),
            "-in",
            &format!("{name}.crt"),
            "-name",
            name,
            "-certfile",
            &format!("{issuers}.crt"),
            "-out",
            &format!("{file}.pfx"),
            "-passout",
            "pass:changeit",
        ]);
    }
    let import = |from: &str, to: &str, options: &[&str]| {
        let mut arguments = options.to_vec();
        arguments.extend([
            "-importkeystore",
            "-noprompt",
            "-srckeystore",
            from,
            "-srcstoretype",
            "PKCS12",
            "-srcstorepass",
            "changeit",
            "-destkeystore",
            to,
            "-deststoretype",
            "PKCS12",
            "-deststorepass",
            "changeit",
        ]);
        workshop.keytool(&arguments);
        workshop.read(to)
    };
    let bytes = import("leaf.pfx", "java.p12", &[]);
    matrix.check("keytool", "PKCS12", &bytes, Password("changeit"), 1);
    let bytes = import("leaf.pfx", "legacy.p12", &["-J-Dkeystore.pkcs12.legacy"]);
    matrix.check("keytool", "PKCS12, legacy", &bytes, Password("changeit"), 1);
    let bytes = import("chain.pfx", "chain.p12", &[]);
    matrix.check("keytool", "PKCS12, chain", &bytes, Password("changeit"), 3);
    // Both have their certificates, and that of the leaf does not end before the other.
    let bytes = import("other.pfx", "java.p12", &[]);
    matrix.check(
        "keytool",
        "PKCS12, two keys",
        &bytes,
        Password("changeit"),
        1,
    );
}

/// What Key Vault returns as a secret: a PFX without a password, in base64.
fn key_vault(matrix: &mut Matrix<'_>) {
    let workshop = matrix.workshop;
    workshop.openssl(&[
        "pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.crt", "-out", "file.pfx",
        "-passout", "pass:",
    ]);
    let text = STANDARD.encode(workshop.read("file.pfx"));
    let mut check = |kind: &str, bytes: &[u8]| matrix.check("base64", kind, bytes, Nothing, 1);
    check("PFX in one line", text.as_bytes());
    check("PFX, quoted", format!("\"{text}\"\r\n").as_bytes());
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|start| &text[start..text.len().min(start + 64)])
        .collect();
    check("PFX in lines", lines.join("\r\n").as_bytes());
    check("PFX in UTF-16", &utf16(&text));
    let pem = [workshop.read("leaf.key"), workshop.read("leaf.crt")].concat();
    check("PEM in one line", STANDARD.encode(pem).as_bytes());
}

fn pem(matrix: &mut Matrix<'_>) {
    let workshop = matrix.workshop;
    matrix.openssl_pem("PKCS#8", Nothing, &[]);
    for password in [PASSWORD, "", UNICODE, BEYOND] {
        matrix.openssl_pem("PKCS#8, AES-256", Password(password), &[]);
    }
    let mut check =
        |kind: &str, options: &[&str]| matrix.openssl_pem(kind, Password(PASSWORD), options);
    check("PKCS#8, AES-128", &["-v2", "aes-128-cbc"]);
    check("PKCS#8, 3DES", &["-v2", "des3"]);
    check("PKCS#8, HMAC-SHA1", &["-v2prf", "hmacWithSHA1"]);
    check("PKCS#8, HMAC-SHA512", &["-v2prf", "hmacWithSHA512"]);
    check("PKCS#8, scrypt", &["-scrypt"]);
    check("PKCS#8, PBE-SHA1-3DES", &["-v1", "PBE-SHA1-3DES"]);

    let key = String::from_utf8(workshop.read("leaf.key")).unwrap();
    let leaf = String::from_utf8(workshop.read("leaf.crt")).unwrap();
    let chain = String::from_utf8(workshop.read("chain.crt")).unwrap();
    let pkcs1 = workshop.openssl(&["rsa", "-traditional", "-in", "leaf.key"]);
    let mut check = |kind: &str, text: &str, certificates| {
        matrix.check("PEM", kind, text.as_bytes(), Nothing, certificates);
    };
    check("PKCS#1", &[&*pkcs1, &leaf].concat(), 1);
    check("certificate first", &[&*leaf, &key].concat(), 1);
    check(
        "issuers first, key in between",
        &[&*chain, &key, &leaf].concat(),
        3,
    );
    let other = String::from_utf8(workshop.read("other.key")).unwrap();
    check(
        "two keys, one certificate",
        &[&*other, &key, &leaf].concat(),
        1,
    );
    check("CRLF", &[&*key, &leaf].concat().replace('\n', "\r\n"), 1);
    check("byte order mark", &["\u{feff}", &key, &leaf].concat(), 1);
    let trusted = workshop.openssl(&["x509", "-in", "leaf.crt", "-trustout", "-setalias", "x"]);
    check("trusted certificate", &[&*trusted, &key].concat(), 1);
    matrix.check(
        "PEM",
        "UTF-16",
        &utf16(&[&*key, &leaf].concat()),
        Nothing,
        1,
    );

    // With bag attributes between the parts, among them a friendly name in Latin-1.
    workshop.openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        "leaf.key",
        "-in",
        "leaf.crt",
        "-name",
        "Grüße",
        "-certfile",
        "chain.crt",
        "-out",
        "file.pfx",
        "-passout",
        "pass:x",
    ]);
    let open = [
        "pkcs12", "-in", "file.pfx", "-passin", "pass:x", "-out", "file.pem",
    ];
    for (options, protection) in [
        (&["-nodes"][..], Nothing),
        (&["-passout", "pass:y"], Password("y")),
    ] {
        workshop.openssl(&[&open[..], options].concat());
        let bytes = workshop.read("file.pem");
        matrix.check(
            "openssl pkcs12",
            "PEM with bag attributes",
            &bytes,
            protection,
            3,
        );
    }

    for (kind, arguments) in [
        ("PKCS#8 in DER", &["pkcs8", "-topk8", "-nocrypt"][..]),
        ("PKCS#1 in DER", &["rsa", "-traditional"]),
        (
            "encrypted PKCS#8 in DER",
            &["pkcs8", "-topk8", "-passout", "pass:x"],
        ),
    ] {
        let output = ["-in", "leaf.key", "-outform", "DER", "-out", "key.der"];
        workshop.openssl(&[arguments, &output].concat());
        workshop.openssl(&[
            "x509", "-in", "leaf.crt", "-outform", "DER", "-out", "leaf.der",
        ]);
        let (certificate, key) = (workshop.read("leaf.der"), workshop.read("key.der"));
        let protection = if arguments.contains(&"pass:x") {
            Password("x")
        } else {
            Nothing
        };
        matrix.opens("two files", kind, protection, 1, &|password| {
            Certificate::open_with_key(&certificate, &key, password)
        });
    }
    let (certificate, key) = (workshop.read("leaf.crt"), workshop.read("leaf.key"));
    matrix.opens("two files", "PEM", Nothing, 1, &|password| {
        Certificate::open_with_key(&certificate, &key, password)
    });
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
