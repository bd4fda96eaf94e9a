//! Certificate files that do not serve: what is said when one goes into a profile, and when it is to sign.

use std::fs::File;

use entra_emulator::demo;
use serde_json::json;

use crate::support::identity::{DAYS, another, certificate};
use crate::support::prompter::Answer;
use crate::support::{GRAPH, Sandbox};

const ASK: &str = "a PFX (.pfx, .p12) or PEM file with certificate and key is needed";
const TOGETHER: &str = "export the certificate together with its private key, as PFX or PEM";

/// `config create` up to the certificate.
fn create(sandbox: &Sandbox) -> String {
    format!(
        "config create -n x --client-id {} --tenant-id {} --authority {} --ca-bundle {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID,
        sandbox.authority(),
        sandbox.path("certificates/ca.pem").display(),
    )
}

/// Writes a profile `x` whose certificate is `file`, as users do by hand.
fn write_profile(sandbox: &Sandbox, file: &str) {
    let more =
        json!({"scope": GRAPH, "useCertificate": true, "certificatePath": sandbox.path(file)});
    sandbox.write_profiles(&json!([sandbox.profile(
        "x",
        demo::CERTIFICATE_CLIENT_ID,
        &more
    )]));
}

/// The error has `problem` and `hint`; nothing is stored, and nothing is sent.
#[track_caller]
fn check(sandbox: &Sandbox, file: &str, problem: &str, hint: &str) {
    let path = sandbox.path(file).display().to_string();
    let said = format!("error: certificate `{path}` cannot be {problem}\n");
    sandbox.fails(
        &format!("{} --certificate {path}", create(sandbox)),
        1,
        &[&said, hint],
    );
    assert!(!sandbox.path(".entratool/profiles.json").exists(), "{file}");
    write_profile(sandbox, file);
    sandbox.fails("get-token -p x", 1, &[&said, hint]);
    assert_eq!(sandbox.count(), 0, "{file}");
    std::fs::remove_file(sandbox.path(".entratool/profiles.json")).unwrap();
}

#[test]
fn a_key_that_cannot_sign_is_refused_before_anything_is_stored_or_sent() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate_and_key();
    let other = another("other").certificate().pem();
    sandbox.write("mismatch.pem", [sandbox.read("app.key"), other].concat());
    sandbox.write("nonsense.pfx", "PK\x03\x04 is how a zip file starts");
    sandbox.write("empty.pfx", "");

    let neither = "used: it is neither a PFX nor a PEM nor a DER file";
    check(&sandbox, "nonsense.pfx", neither, ASK);
    check(&sandbox, "empty.pfx", neither, ASK);
    check(
        &sandbox,
        "app.crt",
        "used: there is no private key in it",
        TOGETHER,
    );
    check(
        &sandbox,
        "app.key",
        "used: there is no certificate in it",
        ASK,
    );
    check(
        &sandbox,
        "mismatch.pem",
        "used: the private key does not belong to the certificate",
        TOGETHER,
    );
}

#[test]
fn a_truncated_file_is_refused() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("");
    let whole = std::fs::read(sandbox.path("app.pfx")).unwrap();
    for length in [5, whole.len() / 2, whole.len() - 1] {
        sandbox.write("app.pfx", &whole[..length]);
        check(
            &sandbox,
            "app.pfx",
            "used: it is cut off",
            "copy the file again",
        );
    }
}

#[test]
fn what_is_no_file_or_far_too_large_cannot_be_read() {
    let sandbox = Sandbox::empty();
    let huge = File::create(sandbox.path("huge.pfx")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    std::fs::create_dir(sandbox.path("folder.pfx")).unwrap();
    let hint = "check that you may read the file";
    let check = |file: &str, cause: &str| {
        write_profile(&sandbox, file);
        let path = sandbox.path(file).display().to_string();
        let said = format!("certificate `{path}` cannot be read");
        sandbox.fails(
            "get-token -p x",
            1,
            &[
                &said,
                cause,
                hint,
                "`entratool config edit -p x --certificate PATH`",
            ],
        );
        sandbox.fails(&format!("certificate show {path}"), 1, &[&said, cause]);
    };
    check("huge.pfx", "it is larger than 1024 KiB");
    check("folder.pfx", "Is a directory");
    check("nowhere.pfx", "No such file or directory");
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_wrong_password_is_asked_for_twice_more() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("right");
    let path = sandbox.path("app.pfx").display().to_string();
    let line = format!("{} --certificate {path}", create(&sandbox));
    let question = "Certificate password (hidden)";
    let again = "that is not the password\n";

    sandbox.user_answers(&[
        Answer::Hidden("a"),
        Answer::Hidden("b"),
        Answer::Hidden("c"),
    ]);
    let run = sandbox.fails(&line, 1, &[&format!("wrong password for `{path}`")]);
    assert_eq!(sandbox.asked(), [question; 3]);
    assert_eq!(run.stderr.matches(again).count(), 2, "{}", run.stderr);

    sandbox.user_answers(&[
        Answer::Hidden("a"),
        Answer::Hidden("b"),
        Answer::Hidden("right"),
    ]);
    sandbox.ok(&line);
    assert_eq!(sandbox.asked(), [question; 3]);
    sandbox.ok("get-token -p x");
    assert_eq!(sandbox.asked(), Vec::<String>::new());
}

#[test]
fn a_wrong_password_without_a_prompt_is_an_error_at_once() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("right");
    let path = sandbox.path("app.pfx").display().to_string();
    let said = format!("error: wrong password for `{path}`\n");
    let check = |line: &str, hint: &str, never: &str| {
        sandbox.type_in("wrong\n");
        let run = sandbox.fails(line, 1, &[&said, hint]);
        assert!(!run.stderr.contains(never), "{}", run.stderr);
    };
    check(
        &format!(
            "{} --certificate {path} --certificate-password-stdin",
            create(&sandbox)
        ),
        "`--certificate-password-stdin`",
        "config edit",
    );
    check(
        &format!("certificate show {path} --password-stdin"),
        "`--password-stdin`",
        "config",
    );
    write_profile(&sandbox, "app.pfx");
    sandbox.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", "wrong");
    check(
        "get-token -p x",
        "`entratool config edit -p x`, Certificate Password",
        "--password-stdin`, or answer",
    );
}

#[test]
fn a_missing_password_names_its_sources() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("right");
    write_profile(&sandbox, "app.pfx");
    sandbox.fails(
        "get-token -p x",
        1,
        &[
            "cannot be used: it needs a password",
            "entratool config edit -p x",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        ],
    );
    sandbox.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", "right");
    sandbox.ok("get-token -p x");
}

#[test]
fn a_key_that_everybody_can_read_is_warned_about() {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("");
    let path = sandbox.path("app.pfx").display().to_string();
    let warning = format!(
        "warning: every user of this computer can read the private key in `{path}`: `chmod 600 {path}`\n"
    );
    let check = |line: &str, warns: bool| {
        let run = sandbox.ok(line);
        assert_eq!(
            run.stderr.contains(&warning),
            warns,
            "{line}\n{}",
            run.stderr
        );
    };
    let create = format!("{} --overwrite --certificate {path}", create(&sandbox));
    sandbox.set_mode("app.pfx", 0o644);
    check(&create, true);
    check("get-token -p x", true);
    check("get-token -p x --force --silent", false);
    sandbox.set_mode("app.pfx", 0o600);
    check(&create, false);
    check("get-token -p x", false);
}

#[test]
fn a_certificate_that_is_not_registered_is_named_with_the_place_to_upload_it() {
    let sandbox = Sandbox::empty();
    sandbox.write_pfx("app.pfx", certificate(), "");
    write_profile(&sandbox, "app.pfx");
    let thumbprint = certificate().certificate().thumbprint_sha1();
    sandbox.fails(
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
    let sandbox = Sandbox::empty();
    sandbox.has_certificate("");
    write_profile(&sandbox, "app.pfx");
    let day = 24 * 60;
    let warning = "warning: the certificate in ";
    sandbox.advance((u64::from(DAYS) - 31) * day);
    assert!(!sandbox.ok("get-token -p x").stderr.contains(warning));
    sandbox.advance(2 * day);
    let run = sandbox.ok("get-token -p x");
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert!(run.stderr.contains("expires in 29 days"), "{}", run.stderr);
    assert_eq!(sandbox.ok("get-token -p x --force --silent").stderr, "");
    sandbox.advance(30 * day);
    sandbox.requests();
    sandbox.fails(
        "get-token -p x",
        3,
        &[
            warning,
            "AADSTS1000502: The provided certificate is not within its specified validity period.",
            "expired 1 day ago",
            "`entratool certificate create`",
        ],
    );
    assert_eq!(sandbox.count(), 1);
}
