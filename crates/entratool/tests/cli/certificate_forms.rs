//! Certificate files of unusual forms, and values that are no files.

use entra::certificate::create::{KeySize, NewCertificate};
use entra::ports::{Entropy, SystemRandom};
use entra::token::Timestamp;
use entra_emulator::demo;
use serde_json::json;

use crate::support::clock::START;
use crate::support::identity::certificate;
use crate::support::{GRAPH, Jar};

/// Nothing of `secret` is on either stream.
#[track_caller]
fn hides(secret: &str, streams: &str) {
    let lines = secret
        .lines()
        .filter(|line| !line.starts_with('-') && line.len() > 40);
    for line in lines {
        assert!(!streams.contains(&line[..20]), "{streams}");
    }
}

#[test]
fn contents_instead_of_a_path_are_named_and_not_repeated() {
    let jar = Jar::empty();
    let pem = [demo::CERTIFICATE_KEY, demo::CERTIFICATE].concat();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let ids = format!(
        "--client-id {} --tenant-id {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID
    );
    jar.write("app.crt", demo::CERTIFICATE);
    let crt = jar.path("app.crt").display().to_string();
    for value in [pem.clone(), pem.replace('\n', "\\n"), base64] {
        let check = |line: &str| {
            for json in ["", "--json"] {
                let run = jar.run(&line.replace("JSON", json));
                let streams = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.exit, 2, "{streams}");
                assert!(streams.contains("itself, not a path"), "{streams}");
                hides(&pem, &streams);
            }
        };
        check(&format!("certificate show JSON -- '{value}'"));
        let create = format!("config create -n x {ids}");
        check(&format!("{create} --certificate='{value}'"));
        check(&format!(
            "{create} --certificate {crt} --certificate-key='{value}'"
        ));
        jar.set("AZURE_CLIENT_ID", demo::CERTIFICATE_CLIENT_ID);
        jar.set("AZURE_TENANT_ID", demo::TENANT_ID);
        jar.set("AZURE_CLIENT_CERTIFICATE_PATH", &value);
        jar.set("AZURE_AUTHORITY_HOST", jar.authority());
        let run = jar.run("get-token -s https://graph.microsoft.com/.default");
        assert_eq!(run.exit, 2, "{}", run.stderr);
        let said = "AZURE_CLIENT_CERTIFICATE_PATH holds the certificate itself, not a path";
        assert!(run.stderr.contains(said), "{}", run.stderr);
        hides(&pem, &run.stderr);
        let run = jar.run("doctor --offline");
        hides(&pem, &format!("{}{}", run.stdout, run.stderr));
        for name in [
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_CERTIFICATE_PATH",
        ] {
            jar.set(name, "");
        }
    }
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_warned_about_everywhere() {
    let jar = Jar::empty();
    let request = NewCertificate {
        common_name: "soon",
        key_size: KeySize::default(),
        not_before: Timestamp::from_unix(START).plus(2 * 24 * 60 * 60),
        days: 365,
    };
    let soon = request
        .create(&|bytes: &mut [u8]| SystemRandom.fill(bytes))
        .unwrap();
    jar.write_pfx("app.pfx", &soon, "");
    jar.register(&soon);
    let path = jar.path("app.pfx").display().to_string();
    let warning = format!("warning: the certificate in `{path}` is not valid before ");
    let run = jar.ok(&format!("certificate show {path}"));
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    assert!(run.stdout.contains("(in 2 days)"), "{}", run.stdout);
    let run = jar.ok(&format!("certificate show {path} --json"));
    assert!(
        run.stdout.contains("\"status\": \"notYetValid\""),
        "{}",
        run.stdout
    );
    let run = jar.ok(&format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {} --certificate {path}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        jar.authority(),
        jar.path("certificates/ca.pem").display(),
    ));
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    let run = jar.run("get-token -p x");
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    let run = jar.run("doctor -p x");
    let said = format!("certificate `{path}` is not valid for another 2 days");
    assert!(run.stdout.contains(&said), "{}", run.stdout);
    assert_eq!(run.exit, 1);
}

#[test]
fn a_certificate_is_shown_beside_a_key_that_cannot_be_read() {
    let jar = Jar::empty();
    let check = |key: &str, want: &str| {
        jar.write("app.pem", [key, demo::CERTIFICATE].concat());
        let run = jar.ok(&format!(
            "certificate show {}",
            jar.path("app.pem").display()
        ));
        assert!(run.stdout.starts_with("Subject: "), "{}", run.stdout);
        assert!(run.stdout.contains(want), "{}", run.stdout);
    };
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let cannot = |why: &str| format!("Private key: cannot be used: {why}");
    check("", "Private key: not included");
    check(
        &block("PRIVATE KEY", "!!"),
        &cannot("the PEM text cannot be read"),
    );
    check(
        &block("RSA PRIVATE KEY", "MAA="),
        &cannot("the private key cannot be read"),
    );
    check(
        &block("OPENSSH PRIVATE KEY", "MAA="),
        &cannot("it is a private key in the format of OpenSSH"),
    );
    let traditional =
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA";
    check(
        &block("RSA PRIVATE KEY", traditional),
        &cannot("it needs a password"),
    );
}

#[test]
fn other_kinds_of_files_come_with_the_command_that_helps() {
    let jar = Jar::empty();
    jar.write("app.crt", demo::CERTIFICATE);
    let check = |name: &str, file: &[u8], words: &[&str]| {
        jar.write(name, file);
        let path = jar.path(name).display().to_string();
        jar.fails(&format!("certificate show {path}"), 1, words);
        jar.write_profiles(&json!([jar.profile(
            "x",
            demo::CERTIFICATE_CLIENT_ID,
            &json!({"scope": GRAPH, "useCertificate": true, "certificatePath": path})
        )]));
        jar.fails("get-token -p x", 1, words);
    };
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    check(
        "store.jks",
        b"\xfe\xed\xfe\xed\0\0\0\x02",
        &[
            "it is a Java keystore (JKS)",
            "keytool -importkeystore -srckeystore ",
        ],
    );
    check(
        "request.csr",
        block("CERTIFICATE REQUEST", "MAA=").as_bytes(),
        &[
            "it is a certificate signing request",
            "`entratool certificate create`",
        ],
    );
    check(
        "public.pem",
        block("PUBLIC KEY", "MAA=").as_bytes(),
        &[
            "it is a public key without a certificate",
            "with certificate and key is needed",
        ],
    );
    check(
        "id_rsa",
        block("OPENSSH PRIVATE KEY", "MAA=").as_bytes(),
        &[
            "in the format of OpenSSH",
            "ssh-keygen -p -m PKCS8 -f converted.pem",
        ],
    );
    let camellia = "Proc-Type: 4,ENCRYPTED\nDEK-Info: CAMELLIA-256-CBC,00\n\nAAAA";
    let key = block("RSA PRIVATE KEY", camellia);
    jar.write("both.pem", [&key, demo::CERTIFICATE].concat());
    let both = jar.path("both.pem").display().to_string();
    jar.write_profiles(&json!([jar.profile(
        "x",
        demo::CERTIFICATE_CLIENT_ID,
        &json!({"scope": GRAPH, "useCertificate": true, "certificatePath": both})
    )]));
    jar.fails(
        "get-token -p x",
        1,
        &[
            "CAMELLIA-256-CBC",
            &format!("openssl pkcs12 -export -in {both} -out converted.pfx"),
            "entratool config edit -p x --certificate converted.pfx",
        ],
    );
    // A key of its own makes up for it.
    jar.has_certificate_and_key();
    let line = format!(
        "config create -n y --client-id {} --tenant-id {} --authority {} --ca-bundle {} --certificate {both} --certificate-key {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        jar.authority(),
        jar.path("certificates/ca.pem").display(),
        jar.path("app.key").display(),
    );
    jar.ok(&line);
    jar.ok("get-token -p y");
}

#[test]
fn password_files_may_be_empty_or_in_utf16() {
    let jar = Jar::empty();
    jar.write_pfx("open.pfx", certificate(), "");
    jar.write_pfx("closed.pfx", certificate(), "Grüße");
    let show = |file: &str, password: &[u8]| {
        jar.write("password", password);
        let (file, password) = (jar.path(file), jar.path("password"));
        let line = format!(
            "certificate show {} --password-file {}",
            file.display(),
            password.display()
        );
        let run = jar.ok(&line);
        assert!(
            run.stdout.contains("Private key: included"),
            "{}",
            run.stdout
        );
    };
    show("open.pfx", b"");
    show("open.pfx", b"\r\n");
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    show("closed.pfx", "Grüße".as_bytes());
    show("closed.pfx", "\u{feff}Grüße\r\n".as_bytes());
    show("closed.pfx", &utf16("\u{feff}Grüße\r\n", u16::to_le_bytes));
    show("closed.pfx", &utf16("\u{feff}Grüße", u16::to_be_bytes));
    let base = jar.path("new").display().to_string();
    let line = format!(
        "certificate create -o {base} --password-file {}",
        jar.path("empty").display()
    );
    jar.write("empty", "");
    jar.fails(&line, 2, &["an empty password protects nothing"]);
}
