//! Certificate files of unusual forms, and values that are no files.

use entra::certificate::create::{KeySize, NewCertificate};
use entra::ports::{Entropy, SystemRandom};
use entra::token::Timestamp;
use entra_emulator::demo;
use serde_json::json;

use crate::support::clock::START;
use crate::support::identity::certificate;
use crate::support::{GRAPH, Sandbox};

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
    let sandbox = Sandbox::empty();
    let pem = [demo::CERTIFICATE_KEY, demo::CERTIFICATE].concat();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let ids = format!(
        "--client-id {} --tenant-id {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID
    );
    sandbox.write("app.crt", demo::CERTIFICATE);
    let crt = sandbox.path("app.crt").display().to_string();
    for value in [pem.clone(), pem.replace('\n', "\\n"), base64] {
        let check = |line: &str| {
            for json in ["", "--json"] {
                let run = sandbox.run(&line.replace("JSON", json));
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
        sandbox.set("AZURE_CLIENT_ID", demo::CERTIFICATE_CLIENT_ID);
        sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
        sandbox.set("AZURE_CLIENT_CERTIFICATE_PATH", &value);
        sandbox.set("AZURE_AUTHORITY_HOST", sandbox.authority());
        let run = sandbox.run("get-token -s https://graph.microsoft.com/.default");
        assert_eq!(run.exit, 2, "{}", run.stderr);
        let said = "AZURE_CLIENT_CERTIFICATE_PATH holds the certificate itself, not a path";
        assert!(run.stderr.contains(said), "{}", run.stderr);
        hides(&pem, &run.stderr);
        let run = sandbox.run("doctor --offline");
        hides(&pem, &format!("{}{}", run.stdout, run.stderr));
        for name in [
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_CERTIFICATE_PATH",
        ] {
            sandbox.set(name, "");
        }
    }
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_warned_about_everywhere() {
    let sandbox = Sandbox::empty();
    let request = NewCertificate {
        common_name: "soon",
        key_size: KeySize::default(),
        not_before: Timestamp::from_unix(START).plus(2 * 24 * 60 * 60),
        days: 365,
    };
    let soon = request
        .create(&|bytes: &mut [u8]| SystemRandom.fill(bytes))
        .unwrap();
    sandbox.write_pfx("app.pfx", &soon, "");
    sandbox.register(&soon);
    let path = sandbox.path("app.pfx").display().to_string();
    let warning = format!("warning: the certificate in `{path}` is not valid before ");
    let run = sandbox.ok(&format!("certificate show {path}"));
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    assert!(run.stdout.contains("(in 2 days)"), "{}", run.stdout);
    let run = sandbox.ok(&format!("certificate show {path} --json"));
    assert!(
        run.stdout.contains("\"status\": \"notYetValid\""),
        "{}",
        run.stdout
    );
    let run = sandbox.ok(&format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {} --certificate {path}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        sandbox.authority(),
        sandbox.path("certificates/ca.pem").display(),
    ));
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    let run = sandbox.run("get-token -p x");
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
    let run = sandbox.run("doctor -p x");
    let said = format!("certificate `{path}` is not valid for another 2 days");
    assert!(run.stdout.contains(&said), "{}", run.stdout);
    assert_eq!(run.exit, 1);
}

#[test]
fn a_certificate_is_shown_beside_a_key_that_cannot_be_read() {
    let sandbox = Sandbox::empty();
    let check = |key: &str, want: &str| {
        sandbox.write("app.pem", [key, demo::CERTIFICATE].concat());
        let run = sandbox.ok(&format!(
            "certificate show {}",
            sandbox.path("app.pem").display()
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
    let sandbox = Sandbox::empty();
    sandbox.write("app.crt", demo::CERTIFICATE);
    let check = |name: &str, file: &[u8], words: &[&str]| {
        sandbox.write(name, file);
        let path = sandbox.path(name).display().to_string();
        sandbox.fails(&format!("certificate show {path}"), 1, words);
        sandbox.write_profiles(&json!([sandbox.profile(
            "x",
            demo::CERTIFICATE_CLIENT_ID,
            &json!({"scope": GRAPH, "useCertificate": true, "certificatePath": path})
        )]));
        sandbox.fails("get-token -p x", 1, words);
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
    sandbox.write("both.pem", [&key, demo::CERTIFICATE].concat());
    let both = sandbox.path("both.pem").display().to_string();
    sandbox.write_profiles(&json!([sandbox.profile(
        "x",
        demo::CERTIFICATE_CLIENT_ID,
        &json!({"scope": GRAPH, "useCertificate": true, "certificatePath": both})
    )]));
    sandbox.fails(
        "get-token -p x",
        1,
        &[
            "CAMELLIA-256-CBC",
            &format!("openssl pkcs12 -export -in {both} -out converted.pfx"),
            "entratool config edit -p x --certificate converted.pfx",
        ],
    );
    // A key of its own makes up for it.
    sandbox.has_certificate_and_key();
    let line = format!(
        "config create -n y --client-id {} --tenant-id {} --authority {} --ca-bundle {} --certificate {both} --certificate-key {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        sandbox.authority(),
        sandbox.path("certificates/ca.pem").display(),
        sandbox.path("app.key").display(),
    );
    sandbox.ok(&line);
    sandbox.ok("get-token -p y");
}

#[test]
fn password_files_may_be_empty_or_in_utf16() {
    let sandbox = Sandbox::empty();
    sandbox.write_pfx("open.pfx", certificate(), "");
    sandbox.write_pfx("closed.pfx", certificate(), "Grüße");
    let show = |file: &str, password: &[u8]| {
        sandbox.write("password", password);
        let (file, password) = (sandbox.path(file), sandbox.path("password"));
        let line = format!(
            "certificate show {} --password-file {}",
            file.display(),
            password.display()
        );
        let run = sandbox.ok(&line);
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
    let base = sandbox.path("new").display().to_string();
    let line = format!(
        "certificate create -o {base} --password-file {}",
        sandbox.path("empty").display()
    );
    sandbox.write("empty", "");
    sandbox.fails(&line, 2, &["an empty password protects nothing"]);
}
