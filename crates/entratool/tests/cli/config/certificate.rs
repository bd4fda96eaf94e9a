//! Profiles that prove themselves with a certificate: made, moved, changed, and used without a question.

use entra::jwt::{UnverifiedJwt, base64url_encode};
use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::identity::another;
use crate::support::prompter::Answer;
use crate::support::{GRAPH, Sandbox};

/// `config create` of `x` with further options.
fn create(sandbox: &Sandbox, options: &str) -> String {
    format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {} {options}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        sandbox.authority(),
        sandbox.path("certificates/ca.pem").display(),
    )
}

fn path(sandbox: &Sandbox, file: &str) -> String {
    sandbox.path(file).display().to_string()
}

/// The members of the only profile that are about its certificate.
fn members(sandbox: &Sandbox) -> Value {
    let profile = &sandbox.profiles()["profiles"][0];
    let about = |member: &&str| !profile[*member].is_null();
    let names = ["useCertificate", "certificatePath", "certificateKeyPath"];
    let members = names.iter().filter(|name| about(name));
    members
        .map(|name| ((*name).to_owned(), profile[*name].clone()))
        .collect()
}

/// The SHA-256 thumbprint that the last assertion named, as base64url.
fn thumbprint_sent(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    let assertion = requests.last().unwrap().field("client_assertion").unwrap();
    let header = UnverifiedJwt::parse(assertion).unwrap().header().clone();
    header["x5t#S256"].as_str().unwrap().to_owned()
}

#[test]
fn the_key_may_have_a_file_of_its_own() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    let files = format!(
        "--certificate {} --certificate-key {}",
        path(&sandbox, "app.crt"),
        path(&sandbox, "app.key")
    );
    let run = sandbox.ok(&create(&sandbox, &files));
    assert!(!run.stderr.contains("everybody"), "{}", run.stderr);
    let both = json!({
        "useCertificate": true,
        "certificatePath": path(&sandbox, "app.crt"),
        "certificateKeyPath": path(&sandbox, "app.key"),
    });
    assert_eq!(members(&sandbox), both);
    sandbox.ok("get-token -p x");
    let shown = sandbox.ok("config show x").stdout;
    let line = format!("  Certificate Key Path: {}\n", path(&sandbox, "app.key"));
    assert!(shown.contains(&line), "{shown}");

    let exported = sandbox.ok("config export").stdout;
    sandbox.ok("config delete x --force");
    sandbox.write("exported.json", &exported);
    let run = sandbox.ok(&format!(
        "config import -f {}",
        path(&sandbox, "exported.json")
    ));
    assert_eq!(run.stderr, "✓ Profile 'x' imported\n");
    assert_eq!(members(&sandbox), both);
    sandbox.ok("get-token -p x");

    sandbox.has_certificate("p");
    sandbox.type_in("p");
    let pfx = path(&sandbox, "app.pfx");
    sandbox.ok(&format!(
        "config edit -p x --certificate {pfx} --certificate-password-stdin"
    ));
    let one = json!({"useCertificate": true, "certificatePath": pfx});
    assert_eq!(members(&sandbox), one);
}

#[test]
fn an_unusable_key_is_named_apart_from_its_certificate() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    sandbox.write(
        "other.crt",
        another("another application").certificate().pem(),
    );
    let check = |certificate: &str, key: &str, said: &str| {
        let files = format!(
            "--certificate {} --certificate-key {}",
            path(&sandbox, certificate),
            path(&sandbox, key)
        );
        let said = said.replace("HOME", &sandbox.path("").display().to_string());
        sandbox.fails(&create(&sandbox, &files), 1, &[&said.replace("//", "/")]);
    };
    check(
        "other.crt",
        "app.key",
        "certificate key `HOME/app.key` cannot be used: the private key does not belong to the certificate",
    );
    check(
        "app.crt",
        "app.crt",
        "certificate key `HOME/app.crt` cannot be used: there is no private key in it",
    );
    check(
        "app.key",
        "app.key",
        "certificate `HOME/app.key` cannot be used: there is no certificate in it",
    );
    check(
        "app.crt",
        "nowhere.key",
        "certificate key `HOME/nowhere.key` cannot be read",
    );
}

#[test]
fn only_the_file_of_the_key_has_to_be_private() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    let files = format!(
        "--certificate {} --certificate-key {}",
        path(&sandbox, "app.crt"),
        path(&sandbox, "app.key")
    );
    sandbox.set_mode("app.key", 0o644);
    let run = sandbox.ok(&create(&sandbox, &files));
    let warning = format!(
        "every user of this computer can read the private key in `{}`",
        path(&sandbox, "app.key")
    );
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
}

#[test]
fn a_certificate_without_a_key_prompts_for_it() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    sandbox.ok(&create(&sandbox, "--no-credential"));
    sandbox.type_in(format!(
        "8\n{}\n{}\nq\n",
        path(&sandbox, "app.crt"),
        path(&sandbox, "app.key")
    ));
    let run = sandbox.ok("config edit -p x");
    assert!(
        run.stderr.contains("Certificate Key Path: "),
        "{}",
        run.stderr
    );
    assert_eq!(
        members(&sandbox)["certificateKeyPath"],
        path(&sandbox, "app.key").as_str()
    );
    sandbox.ok("get-token -p x");
}

#[test]
fn a_key_or_password_alone_is_for_the_certificate_that_there_is() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    for option in ["--certificate-password-env P", "--certificate-key app.key"] {
        let said = "there is no certificate that the key or password could be for";
        sandbox.fails(
            &create(&sandbox, option),
            2,
            &[said, "`--certificate PATH`"],
        );
    }
    let more = json!({"scope": GRAPH, "useCertificate": true, "certificatePath": "../app.crt"});
    let profile = sandbox.profile("x", demo::CERTIFICATE_CLIENT_ID, &more);
    sandbox.write_profiles(&json!([profile]));
    sandbox.fails("get-token -p x", 1, &["`--certificate-key PATH`"]);
    let key = path(&sandbox, "app.key");
    sandbox.ok(&format!("config edit -p x --certificate-key {key}"));
    assert_eq!(members(&sandbox)["certificateKeyPath"], key.as_str());
    sandbox.ok("get-token -p x");
}

#[test]
fn a_relative_path_starts_at_the_profile_file_and_stays_relative() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("p");
    std::fs::create_dir_all(sandbox.path(".entratool/keys")).unwrap();
    std::fs::rename(
        sandbox.path("app.pfx"),
        sandbox.path(".entratool/keys/app.pfx"),
    )
    .unwrap();
    let more = json!({"scope": GRAPH, "useCertificate": true, "certificatePath": "keys/app.pfx"});
    let profile = sandbox.profile("x", demo::CERTIFICATE_CLIENT_ID, &more);
    sandbox.write_profiles(&json!([profile]));
    sandbox.type_in("p");
    sandbox.ok("config edit -p x --certificate-password-stdin");
    sandbox.type_in("9\np\nq\n");
    sandbox.ok("config edit -p x");
    assert_eq!(members(&sandbox)["certificatePath"], "keys/app.pfx");
    sandbox.ok("get-token -p x");
}

#[test]
fn a_rotated_file_is_picked_up_by_itself() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("p");
    sandbox.type_in("p");
    let pfx = format!("--certificate {}", path(&sandbox, "app.pfx"));
    sandbox.ok(&create(
        &sandbox,
        &format!("{pfx} --certificate-password-stdin"),
    ));
    sandbox.ok("get-token -p x");
    let before = thumbprint_sent(&sandbox);
    let next = another("contoso, next year");
    sandbox.register(&next);
    sandbox.write_pfx("app.pfx", &next, "p");
    sandbox.ok("get-token -p x --force");
    let after = thumbprint_sent(&sandbox);
    assert_ne!(before, after);
    assert_eq!(after, base64url_encode(&next.certificate().sha256()));
}

/// The profile that the documentation shows, letter by letter but for its two identifiers and its
/// path, with the authority as a member more.
#[test]
fn the_documented_profile_signs_in_without_a_question() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("of the file");
    let documented = r#"{
  "name": "cert-profile",
  "clientId": "...",
  "tenantId": "...",
  "certificatePath": "/path/to/cert.pfx",
  "useCertificate": true
}"#;
    let written = documented
        .replacen("...", demo::CERTIFICATE_CLIENT_ID, 1)
        .replacen("...", demo::TENANT_ID, 1)
        .replace("/path/to/cert.pfx", &path(&sandbox, "app.pfx"))
        .replace(
            "\n}",
            &format!(",\n  \"authority\": \"{}\"\n}}", sandbox.authority()),
        );
    sandbox.write(".entratool/profiles.json", written);
    sandbox.set("SSL_CERT_FILE", &path(&sandbox, "certificates/ca.pem"));
    sandbox.user_answers(&[
        Answer::Line("9"),
        Answer::Hidden("of the file"),
        Answer::Line("q"),
    ]);
    sandbox.ok("config edit -p cert-profile");
    assert_eq!(sandbox.asked().len(), 3);
    sandbox.check(
        "get-token -p cert-profile -f ClientCredentials",
        0,
        &["TOKEN"],
        &["✓ Token acquired successfully", ""],
    );
    assert_eq!(sandbox.asked(), Vec::<String>::new());
    assert_eq!(sandbox.requests()[0].field("scope"), Some(GRAPH));
}
