//! Which servers are believed to be who they say they are.

use entra_emulator::{Options, ServerCertificate};

use crate::support::Sandbox;

#[test]
fn an_untrusted_certificate_is_named_by_its_issuer_and_nothing_is_sent() {
    let check = |server_certificate, problem: &str, issuer: &str| {
        let sandbox = Sandbox::with(Options {
            server_certificate,
            ..Options::default()
        });
        let run = sandbox.check(
            "get-token -p demo -f cc",
            6,
            &[],
            &[
                "error: no token for profile `demo`",
                &format!("  caused by: the certificate of localhost:PORT is not trusted: {problem} (issued by `{issuer}`)"),
                "hint: nothing was sent",
                "hint: if a proxy of your organisation inspects TLS, name its root certificate: `entratool config edit -p demo --ca-bundle FILE`, or SSL_CERT_FILE",
            ],
        );
        assert_eq!(sandbox.count(), 0, "{}", run.stderr);
        assert_eq!(
            sandbox.clock.slept(),
            [0; 0],
            "another attempt would end the same way"
        );
    };
    let ours = "CN=entratool emulator (development only)";
    check(
        ServerCertificate::UnknownAuthority,
        "none of the trusted root certificates issued it",
        "CN=Unknown Authority (development only)",
    );
    let problem = |kind| {
        let sandbox = Sandbox::with(Options {
            server_certificate: kind,
            ..Options::default()
        });
        let run = sandbox.fails(
            "get-token -p demo",
            6,
            &["is not trusted", ours, "nothing was sent"],
        );
        assert_eq!(sandbox.count(), 0);
        run.stderr
    };
    assert!(problem(ServerCertificate::Expired).contains("it, or one that issued it, expired 20"));
    assert!(problem(ServerCertificate::NotYetValid).contains("is not valid yet: from 20"));
    assert!(
        problem(ServerCertificate::OtherName).contains("it is for other names: emulator.localhost")
    );
}

#[test]
fn additional_roots_come_from_option_profile_and_environment() {
    let sandbox = Sandbox::new();
    let bundle = sandbox.path("certificates/ca.pem").display().to_string();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]
        .as_object_mut()
        .unwrap()
        .remove("caBundle");
    sandbox.write_profiles(&profiles);
    sandbox.fails("get-token -p demo", 6, &["is not trusted"]);
    sandbox.ok(&format!("get-token -p demo --ca-bundle {bundle}"));
    sandbox.set("SSL_CERT_FILE", &bundle);
    sandbox.ok("get-token -p demo --force");
    sandbox.set("SSL_CERT_FILE", "");
    sandbox.ok(&format!("config edit -p demo --ca-bundle {bundle}"));
    sandbox.ok("get-token -p demo --force");
}

/// A sandbox with such a server, and the arguments that name its own certificate as the CA bundle.
fn names_the_servers_own(server_certificate: ServerCertificate) -> (Sandbox, String) {
    let sandbox = Sandbox::with(Options {
        server_certificate,
        ..Options::default()
    });
    sandbox.write("server.pem", sandbox.server_certificate());
    let line = format!(
        "get-token -p demo --force --ca-bundle {}",
        sandbox.path("server.pem").display()
    );
    (sandbox, line)
}

#[test]
fn the_servers_own_certificate_may_be_the_bundle() {
    for kind in [
        ServerCertificate::SelfSigned,
        ServerCertificate::SelfSignedAuthority,
        ServerCertificate::UnknownAuthority,
    ] {
        let (sandbox, line) = names_the_servers_own(kind);
        let other = entra_emulator::demo::CERTIFICATE;
        sandbox.fails("get-token -p demo", 6, &["is not trusted"]);
        sandbox.ok(&line);
        sandbox.write(
            "server.pem",
            format!("{other}{}", sandbox.server_certificate()),
        );
        sandbox.ok(&line);
    }
}

#[test]
fn the_servers_own_certificate_must_fit_name_and_time() {
    let check = |kind, problem: &str| {
        let (sandbox, line) = names_the_servers_own(kind);
        sandbox.fails(&line, 6, &["is not trusted", problem, "nothing was sent"]);
        assert_eq!(sandbox.count(), 0);
    };
    check(ServerCertificate::Expired, "expired");
    check(ServerCertificate::NotYetValid, "is not valid yet");
    check(
        ServerCertificate::OtherName,
        "it is for other names: emulator.localhost",
    );
}

#[test]
fn an_authority_as_the_server_is_trusted_by_its_exact_certificate_only() {
    let (sandbox, line) = names_the_servers_own(ServerCertificate::SelfSignedAuthority);
    let (other, _) = names_the_servers_own(ServerCertificate::SelfSignedAuthority);
    // Of the same name, with another key.
    sandbox.write("server.pem", other.server_certificate());
    sandbox.fails(
        &line,
        6,
        &[
            "it is the certificate of an authority and serves as a server's own; name exactly this certificate as the CA bundle to trust it",
            "nothing was sent",
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_folder_of_roots_is_read_too() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]
        .as_object_mut()
        .unwrap()
        .remove("caBundle");
    sandbox.write_profiles(&profiles);
    // OpenSSL looks certificates up by a hash of their subject.
    let bundle = sandbox.read("certificates/ca.pem");
    sandbox.write("roots/0a1b2c3d.0", bundle);
    sandbox.set("SSL_CERT_DIR", sandbox.path("roots").to_str().unwrap());
    sandbox.ok("get-token -p demo");
}

#[test]
fn a_bundle_that_cannot_be_used_is_named_with_who_names_it() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.pem", "nothing here");
    let empty = sandbox.path("empty.pem").display().to_string();
    let folder = sandbox.path("certificates").display().to_string();
    let unusable =
        |path: &str, problem: &str| format!("error: CA bundle `{path}` cannot be used: {problem}");
    let typed = "hint: check the path of `--ca-bundle`";
    for (path, problem) in [
        (empty.as_str(), "it holds no certificate"),
        ("/nowhere/ca.pem", "No such file or directory"),
        (&folder, "it is a folder"),
    ] {
        let line = format!("get-token -p demo --ca-bundle {path}");
        sandbox.fails(&line, 1, &[&unusable(path, problem), typed]);
    }
    let pem = sandbox.path("certificates/ca.pem");
    let line = format!("get-token -p demo --ca-bundle {}", pem.display());

    sandbox.set("SSL_CERT_FILE", "/nowhere/env.pem");
    let said = unusable("/nowhere/env.pem", "No such file");
    sandbox.fails(
        &line,
        1,
        &[&said, "hint: correct the path in SSL_CERT_FILE"],
    );
    sandbox.set("SSL_CERT_FILE", "");

    let mut profiles = sandbox.profiles();
    profiles["profiles"][0]["caBundle"] = "gone.pem".into();
    sandbox.write_profiles(&profiles);
    let path = sandbox.path(".entratool/gone.pem").display().to_string();
    let said = unusable(&path, "No such file");
    let remedy = "name another: `entratool config edit -p demo --ca-bundle FILE`";
    sandbox.fails("get-token -p demo", 1, &[&said, remedy]);
    assert_eq!(sandbox.count(), 0);
    sandbox.ok(&line);
    sandbox.count();
    sandbox.fails("verify -p demo", 1, &[&said, remedy]);
    let said = unusable(&empty, "it holds no certificate");
    let line = format!("verify -p demo --ca-bundle {empty}");
    sandbox.fails(&line, 1, &[&said, typed]);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn plain_http_is_for_this_host_only() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["authority"] = "http://login.example".into();
    sandbox.write_profiles(&profiles);
    sandbox.fails(
        "get-token -p demo",
        1,
        &["authority `http://login.example` must use https; plain http is for this machine only"],
    );
}

/// The emulator's CA in every form, `--ca-bundle` each time.
#[test]
fn a_bundle_may_have_any_form() {
    let sandbox = Sandbox::new();
    let pem = sandbox.read("certificates/ca.pem");
    let other = entra_emulator::demo::CERTIFICATE;
    let utf16 = |text: &str| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let der = entra::certificate::Bundle::read(pem.as_bytes()).unwrap();
    let der = der.certificates()[0].clone();
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIgarbage\n-----END CERTIFICATE-----\n";
    let trusted = pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    let check = |file: &[u8]| {
        sandbox.write("bundle", file);
        let bundle = sandbox.path("bundle").display().to_string();
        sandbox.ok(&format!("get-token -p demo --force --ca-bundle {bundle}"));
    };
    check(pem.as_bytes());
    check(format!("\u{feff}{pem}").as_bytes());
    check(format!("\u{feff}{pem}{other}").as_bytes());
    check(format!("{other}\r\n{pem}").as_bytes());
    check(format!("{damaged}{pem}").as_bytes());
    check(format!("{pem}{damaged}").as_bytes());
    check(format!("# Grüße\n{pem}").as_bytes());
    check(trusted.as_bytes());
    check(&utf16(&pem));
    check(&der);
}

#[test]
fn damaged_and_unread_bundles_are_named_where_trust_fails() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]
        .as_object_mut()
        .unwrap()
        .remove("caBundle");
    sandbox.write_profiles(&profiles);
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIgarbage\n-----END CERTIFICATE-----\n";
    sandbox.write(
        "bundle.pem",
        [entra_emulator::demo::CERTIFICATE, damaged].concat(),
    );
    let bundle = sandbox.path("bundle.pem").display().to_string();
    sandbox.set("SSL_CERT_FILE", &bundle);
    sandbox.set("REQUESTS_CA_BUNDLE", &bundle);
    sandbox.set("CURL_CA_BUNDLE", "/x.pem");
    sandbox.fails(
        "get-token -p demo",
        6,
        &[
            &format!("of the certificates in `{bundle}`, 1 of 2 cannot be read"),
            "REQUESTS_CA_BUNDLE is not read here: name its file with `--ca-bundle FILE` or SSL_CERT_FILE",
            "CURL_CA_BUNDLE is not read here",
        ],
    );
    let run = sandbox.run("doctor -p demo");
    let said = format!("of the certificates in `{bundle}`, 1 of 2 cannot be read");
    assert!(run.stdout.contains(&said), "{}", run.stdout);
    sandbox.set("SSL_CERT_FILE", "");
    let run = sandbox.run("doctor -p demo");
    assert!(
        run.stdout.contains("REQUESTS_CA_BUNDLE is not read here"),
        "{}",
        run.stdout
    );
}
