//! Certificate files that do not serve: what is said when one goes into a profile, and when it is to sign.

use std::fs::File;

use entra_emulator::demo;
use serde_json::json;

use crate::support::identity::{DAYS, another, certificate};
use crate::support::prompter::Answer;
use crate::support::{GRAPH, Jar};

const ASK: &str = "a PFX (.pfx, .p12) or PEM file with certificate and key is needed";
const TOGETHER: &str = "export the certificate together with its private key, as PFX or PEM";

/// `config create` up to the certificate.
fn create(jar: &Jar) -> String {
    format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        jar.authority(),
        jar.path("certificates/ca.pem").display(),
    )
}

/// Writes a profile `x` whose certificate is `file`, as somebody does it by hand.
fn write_profile(jar: &Jar, file: &str) {
    let more = json!({"scope": GRAPH, "useCertificate": true, "certificatePath": jar.path(file)});
    jar.write_profiles(&json!([jar.profile(
        "x",
        demo::CERTIFICATE_CLIENT_ID,
        &more
    )]));
}

/// Whoever names the file is told `problem` and `hint`; nothing is stored, and nothing is sent.
#[track_caller]
fn check(jar: &Jar, file: &str, problem: &str, hint: &str) {
    let path = jar.path(file).display().to_string();
    let said = format!("error: certificate `{path}` cannot be {problem}\n");
    jar.fails(
        &format!("{} --certificate {path}", create(jar)),
        1,
        &[&said, hint],
    );
    assert!(!jar.path(".entratool/profiles.json").exists(), "{file}");
    write_profile(jar, file);
    jar.fails("get-token -p x", 1, &[&said, hint]);
    assert_eq!(jar.count(), 0, "{file}");
    std::fs::remove_file(jar.path(".entratool/profiles.json")).unwrap();
}

#[test]
fn what_cannot_sign_is_told_before_anything_is_stored_or_sent() {
    let jar = Jar::empty();
    jar.has_certificate_and_key();
    let other = another("somebody else").certificate().pem();
    jar.write("mismatch.pem", [jar.read("app.key"), other].concat());
    jar.write("nonsense.pfx", "PK\x03\x04 is how a zip file starts");
    jar.write("empty.pfx", "");

    let neither = "used: it is neither a PFX nor a PEM nor a DER file";
    check(&jar, "nonsense.pfx", neither, ASK);
    check(&jar, "empty.pfx", neither, ASK);
    check(
        &jar,
        "app.crt",
        "used: there is no private key in it",
        TOGETHER,
    );
    check(&jar, "app.key", "used: there is no certificate in it", ASK);
    check(
        &jar,
        "mismatch.pem",
        "used: the private key does not belong to the certificate",
        TOGETHER,
    );
}

#[test]
fn a_file_that_was_cut_off_is_told() {
    let jar = Jar::empty();
    jar.has_certificate("");
    let whole = std::fs::read(jar.path("app.pfx")).unwrap();
    for length in [5, whole.len() / 2, whole.len() - 1] {
        jar.write("app.pfx", &whole[..length]);
        check(
            &jar,
            "app.pfx",
            "used: it is cut off",
            "copy the file again",
        );
    }
}

#[test]
fn what_is_no_file_or_far_too_large_cannot_be_read() {
    let jar = Jar::empty();
    let huge = File::create(jar.path("huge.pfx")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    std::fs::create_dir(jar.path("folder.pfx")).unwrap();
    let hint = "check that you may read the file";
    let check = |file: &str, cause: &str| {
        write_profile(&jar, file);
        let path = jar.path(file).display().to_string();
        let said = format!("certificate `{path}` cannot be read");
        jar.fails(
            "get-token -p x",
            1,
            &[
                &said,
                cause,
                hint,
                "`entratool config edit -p x --certificate PATH`",
            ],
        );
        jar.fails(&format!("certificate show {path}"), 1, &[&said, cause]);
    };
    check("huge.pfx", "it is larger than 1024 KiB");
    check("folder.pfx", "Is a directory");
    check("nowhere.pfx", "No such file or directory");
    assert_eq!(jar.count(), 0);
}

#[test]
fn a_wrong_password_is_asked_for_twice_more() {
    let jar = Jar::empty();
    jar.has_certificate("right");
    let path = jar.path("app.pfx").display().to_string();
    let line = format!("{} --certificate {path}", create(&jar));
    let question = "Certificate password (hidden)";
    let again = "that is not the password\n";

    jar.person_answers(&[
        Answer::Hidden("a"),
        Answer::Hidden("b"),
        Answer::Hidden("c"),
    ]);
    let run = jar.fails(&line, 1, &[&format!("wrong password for `{path}`")]);
    assert_eq!(jar.asked(), [question; 3]);
    assert_eq!(run.stderr.matches(again).count(), 2, "{}", run.stderr);

    jar.person_answers(&[
        Answer::Hidden("a"),
        Answer::Hidden("b"),
        Answer::Hidden("right"),
    ]);
    jar.ok(&line);
    assert_eq!(jar.asked(), [question; 3]);
    jar.ok("get-token -p x");
    assert_eq!(jar.asked(), Vec::<String>::new());
}

#[test]
fn a_wrong_password_that_nobody_can_be_asked_about_is_an_error_at_once() {
    let jar = Jar::empty();
    jar.has_certificate("right");
    let path = jar.path("app.pfx").display().to_string();
    let said = format!("error: wrong password for `{path}`\n");
    let check = |line: &str, hint: &str, never: &str| {
        jar.type_in("wrong\n");
        let run = jar.fails(line, 1, &[&said, hint]);
        assert!(!run.stderr.contains(never), "{}", run.stderr);
    };
    check(
        &format!(
            "{} --certificate {path} --certificate-password-stdin",
            create(&jar)
        ),
        "`--certificate-password-stdin`",
        "config edit",
    );
    check(
        &format!("certificate show {path} --password-stdin"),
        "`--password-stdin`",
        "config",
    );
    write_profile(&jar, "app.pfx");
    jar.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", "wrong");
    check(
        "get-token -p x",
        "`entratool config edit -p x`, Certificate Password",
        "--password-stdin`, or answer",
    );
}

#[test]
fn a_password_that_nobody_gave_is_named_by_its_places() {
    let jar = Jar::empty();
    jar.has_certificate("right");
    write_profile(&jar, "app.pfx");
    jar.fails(
        "get-token -p x",
        1,
        &[
            "cannot be used: it needs a password",
            "entratool config edit -p x",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        ],
    );
    jar.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", "right");
    jar.ok("get-token -p x");
}

#[test]
fn a_key_that_everybody_can_read_is_warned_about() {
    let jar = Jar::empty();
    jar.has_certificate("");
    let path = jar.path("app.pfx").display().to_string();
    let warning = format!(
        "warning: every user of this computer can read the private key in `{path}`: `chmod 600 {path}`\n"
    );
    let check = |line: &str, warns: bool| {
        let run = jar.ok(line);
        assert_eq!(
            run.stderr.contains(&warning),
            warns,
            "{line}\n{}",
            run.stderr
        );
    };
    let create = format!("{} --overwrite --certificate {path}", create(&jar));
    jar.set_mode("app.pfx", 0o644);
    check(&create, true);
    check("get-token -p x", true);
    check("get-token -p x --force --silent", false);
    jar.set_mode("app.pfx", 0o600);
    check(&create, false);
    check("get-token -p x", false);
}

#[test]
fn a_certificate_that_is_not_registered_is_named_with_the_place_to_upload_it() {
    let jar = Jar::empty();
    jar.write_pfx("app.pfx", certificate(), "");
    write_profile(&jar, "app.pfx");
    let thumbprint = certificate().certificate().thumbprint_sha1();
    jar.fails(
        "get-token -p x",
        3,
        &[
            "AADSTS700027",
            "App registrations → your app → Certificates & secrets → Certificates → Upload certificate",
            &format!("thumbprint {thumbprint}"),
            "--assertion-alg RS256",
        ],
    );
}

#[test]
fn an_expired_certificate_is_tried_and_then_explained() {
    let jar = Jar::empty();
    jar.has_certificate("");
    write_profile(&jar, "app.pfx");
    let day = 24 * 60;
    let warning = "warning: the certificate in ";
    jar.advance((u64::from(DAYS) - 31) * day);
    assert!(!jar.ok("get-token -p x").stderr.contains(warning));
    jar.advance(2 * day);
    let run = jar.ok("get-token -p x");
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert!(run.stderr.contains("expires in 29 days"), "{}", run.stderr);
    assert_eq!(jar.ok("get-token -p x --force --silent").stderr, "");
    jar.advance(30 * day);
    jar.requests();
    jar.fails(
        "get-token -p x",
        3,
        &[
            warning,
            "AADSTS1000502: The provided certificate is not within its specified validity period.",
            "expired 1 day ago",
            "`entratool certificate create`",
        ],
    );
    assert_eq!(jar.count(), 1);
}
