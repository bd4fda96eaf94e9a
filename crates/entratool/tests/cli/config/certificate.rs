//! Profiles that prove themselves with a certificate: made, moved, changed, and used without a question.

use entra::jwt::{UnverifiedJwt, base64url_encode};
use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::identity::another;
use crate::support::prompter::Answer;
use crate::support::{GRAPH, Jar};

/// `config create` of `x` with further options.
fn create(jar: &Jar, options: &str) -> String {
    format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {} {options}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        jar.authority(),
        jar.path("certificates/ca.pem").display(),
    )
}

fn path(jar: &Jar, file: &str) -> String {
    jar.path(file).display().to_string()
}

/// The members of the only profile that are about its certificate.
fn members(jar: &Jar) -> Value {
    let profile = &jar.profiles()["profiles"][0];
    let about = |member: &&str| !profile[*member].is_null();
    let names = ["useCertificate", "certificatePath", "certificateKeyPath"];
    let members = names.iter().filter(|name| about(name));
    members
        .map(|name| ((*name).to_owned(), profile[*name].clone()))
        .collect()
}

/// The SHA-256 thumbprint that the last assertion named, as base64url.
fn thumbprint_sent(jar: &Jar) -> String {
    let requests = jar.requests();
    let assertion = requests.last().unwrap().field("client_assertion").unwrap();
    let header = UnverifiedJwt::parse(assertion).unwrap().header().clone();
    header["x5t#S256"].as_str().unwrap().to_owned()
}

#[test]
fn the_key_may_have_a_file_of_its_own() {
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    let files = format!(
        "--certificate {} --certificate-key {}",
        path(&jar, "app.crt"),
        path(&jar, "app.key")
    );
    let run = jar.ok(&create(&jar, &files));
    assert!(!run.stderr.contains("everybody"), "{}", run.stderr);
    let both = json!({
        "useCertificate": true,
        "certificatePath": path(&jar, "app.crt"),
        "certificateKeyPath": path(&jar, "app.key"),
    });
    assert_eq!(members(&jar), both);
    jar.ok("get-token -p x");
    let shown = jar.ok("config show x").stdout;
    let line = format!("  Certificate Key Path: {}\n", path(&jar, "app.key"));
    assert!(shown.contains(&line), "{shown}");

    let exported = jar.ok("config export").stdout;
    jar.ok("config delete x --force");
    jar.write("exported.json", &exported);
    let run = jar.ok(&format!("config import -f {}", path(&jar, "exported.json")));
    assert_eq!(run.stderr, "✓ Profile 'x' imported\n");
    assert_eq!(members(&jar), both);
    jar.ok("get-token -p x");

    jar.has_certificate("p");
    jar.type_in("p");
    let pfx = path(&jar, "app.pfx");
    jar.ok(&format!(
        "config edit -p x --certificate {pfx} --certificate-password-stdin"
    ));
    let one = json!({"useCertificate": true, "certificatePath": pfx});
    assert_eq!(members(&jar), one);
}

#[test]
fn an_unusable_key_is_named_apart_from_its_certificate() {
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    jar.write(
        "other.crt",
        another("another application").certificate().pem(),
    );
    let check = |certificate: &str, key: &str, said: &str| {
        let files = format!(
            "--certificate {} --certificate-key {}",
            path(&jar, certificate),
            path(&jar, key)
        );
        let said = said.replace("HOME", &jar.path("").display().to_string());
        jar.fails(&create(&jar, &files), 1, &[&said.replace("//", "/")]);
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
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    let files = format!(
        "--certificate {} --certificate-key {}",
        path(&jar, "app.crt"),
        path(&jar, "app.key")
    );
    jar.set_mode("app.key", 0o644);
    let run = jar.ok(&create(&jar, &files));
    let warning = format!(
        "every user of this computer can read the private key in `{}`",
        path(&jar, "app.key")
    );
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
}

#[test]
fn a_certificate_without_a_key_prompts_for_it() {
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    jar.ok(&create(&jar, "--no-credential"));
    jar.type_in(format!(
        "8\n{}\n{}\nq\n",
        path(&jar, "app.crt"),
        path(&jar, "app.key")
    ));
    let run = jar.ok("config edit -p x");
    assert!(
        run.stderr.contains("Certificate Key Path: "),
        "{}",
        run.stderr
    );
    assert_eq!(
        members(&jar)["certificateKeyPath"],
        path(&jar, "app.key").as_str()
    );
    jar.ok("get-token -p x");
}

#[test]
fn a_key_or_password_alone_is_for_the_certificate_that_there_is() {
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    for option in ["--certificate-password-env P", "--certificate-key app.key"] {
        let said = "there is no certificate that the key or password could be for";
        jar.fails(&create(&jar, option), 2, &[said, "`--certificate PATH`"]);
    }
    let more = json!({"scope": GRAPH, "useCertificate": true, "certificatePath": "../app.crt"});
    let profile = jar.profile("x", demo::CERTIFICATE_CLIENT_ID, &more);
    jar.write_profiles(&json!([profile]));
    jar.fails("get-token -p x", 1, &["`--certificate-key PATH`"]);
    let key = path(&jar, "app.key");
    jar.ok(&format!("config edit -p x --certificate-key {key}"));
    assert_eq!(members(&jar)["certificateKeyPath"], key.as_str());
    jar.ok("get-token -p x");
}

#[test]
fn a_relative_path_starts_at_the_profile_file_and_stays_relative() {
    let jar = Jar::empty();
    jar.has_certificate("p");
    std::fs::create_dir_all(jar.path(".entratool/keys")).unwrap();
    std::fs::rename(jar.path("app.pfx"), jar.path(".entratool/keys/app.pfx")).unwrap();
    let more = json!({"scope": GRAPH, "useCertificate": true, "certificatePath": "keys/app.pfx"});
    let profile = jar.profile("x", demo::CERTIFICATE_CLIENT_ID, &more);
    jar.write_profiles(&json!([profile]));
    jar.type_in("p");
    jar.ok("config edit -p x --certificate-password-stdin");
    jar.type_in("9\np\nq\n");
    jar.ok("config edit -p x");
    assert_eq!(members(&jar)["certificatePath"], "keys/app.pfx");
    jar.ok("get-token -p x");
}

#[test]
fn a_rotated_file_is_picked_up_by_itself() {
    let jar = Jar::empty();
    jar.has_certificate("p");
    jar.type_in("p");
    let pfx = format!("--certificate {}", path(&jar, "app.pfx"));
    jar.ok(&create(
        &jar,
        &format!("{pfx} --certificate-password-stdin"),
    ));
    jar.ok("get-token -p x");
    let before = thumbprint_sent(&jar);
    let next = another("contoso, next year");
    jar.register(&next);
    jar.write_pfx("app.pfx", &next, "p");
    jar.ok("get-token -p x --force");
    let after = thumbprint_sent(&jar);
    assert_ne!(before, after);
    assert_eq!(after, base64url_encode(&next.certificate().sha256()));
}

/// The profile that the documentation shows, letter by letter but for its two identifiers and its
/// path, with the authority as a member more.
#[test]
fn the_documented_profile_signs_in_without_a_question() {
    let jar = Jar::empty();
    jar.has_certificate("of the file");
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
        .replace("/path/to/cert.pfx", &path(&jar, "app.pfx"))
        .replace(
            "\n}",
            &format!(",\n  \"authority\": \"{}\"\n}}", jar.authority()),
        );
    jar.write(".entratool/profiles.json", written);
    jar.set("SSL_CERT_FILE", &path(&jar, "certificates/ca.pem"));
    jar.person_answers(&[
        Answer::Line("9"),
        Answer::Hidden("of the file"),
        Answer::Line("q"),
    ]);
    jar.ok("config edit -p cert-profile");
    assert_eq!(jar.asked().len(), 3);
    jar.check(
        "get-token -p cert-profile -f ClientCredentials",
        0,
        &["TOKEN"],
        &["✓ Token acquired successfully", ""],
    );
    assert_eq!(jar.asked(), Vec::<String>::new());
    assert_eq!(jar.requests()[0].field("scope"), Some(GRAPH));
}
