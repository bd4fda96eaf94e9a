//! `certificate`: made here, uploaded, and signed in with.

use entra_emulator::demo;

use crate::support::prompter::Answer;
use crate::support::{GRAPH, Jar};

#[test]
fn a_new_certificate_signs_in_once_it_is_uploaded() {
    let jar = Jar::empty();
    let base = jar.path("app").display().to_string();
    jar.type_in("a new password");
    let run = jar.ok(&format!(
        "certificate create --output {base} --password-stdin"
    ));
    assert!(
        run.stdout.contains("Thumbprint (SHA-1): "),
        "{}",
        run.stdout
    );
    let ids = format!(
        "--client-id {} --tenant-id {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID
    );
    let bundle = jar.path("certificates/ca.pem");
    let place = format!(
        "--authority {} --ca-bundle {}",
        jar.authority(),
        bundle.display()
    );
    jar.type_in("a new password");
    jar.ok(&format!(
        "config create -n cert {ids} {place} --certificate {base}.pfx --certificate-password-stdin"
    ));
    jar.fails("get-token -p cert", 3, &["AADSTS700027"]);
    let uploaded = std::fs::read(jar.path("app.cer")).unwrap();
    jar.control()
        .register_certificate(demo::CERTIFICATE_CLIENT_ID, &uploaded)
        .unwrap();
    jar.ok("get-token -p cert");
    assert_eq!(jar.requests()[1].field("scope"), Some(GRAPH));
    jar.advance(60 * 24 * 366);
    let run = jar.run("get-token -p cert --force");
    assert!(run.stderr.contains("warning: "), "{}", run.stderr);
}

#[test]
fn the_line_to_run_next_opens_the_new_file() {
    let ids = format!(
        "--client-id {} --tenant-id {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID
    );
    let check = |prepare: &dyn Fn(&Jar), option: &str, asked: usize| {
        let jar = Jar::empty();
        let option = option.replace("HOME", jar.path("").to_str().unwrap().trim_end_matches('/'));
        prepare(&jar);
        let base = jar.path("an app").display().to_string();
        let run = jar.ok(&format!("certificate create --output '{base}' {option}"));
        let next = run.stderr.lines().last().unwrap().trim();
        let line = next.strip_prefix("2. entratool ").unwrap();
        let line = line.replace("--client-id CLIENT_ID --tenant-id TENANT_ID", &ids);
        prepare(&jar);
        jar.asked();
        jar.ok(&line.replace("NAME", "cert"));
        assert_eq!(jar.asked().len(), asked, "{line}");
    };
    check(
        &|jar| jar.write("a password", "hunter2\n"),
        "--password-file 'HOME/a password'",
        0,
    );
    check(&|jar| jar.set("PFX", "hunter2"), "--password-env PFX", 0);
    check(&|jar| jar.type_in("hunter2\n"), "--password-stdin", 0);
    let hidden = [Answer::Hidden("hunter2"); 2];
    check(&|jar| jar.person_answers(&hidden), "", 1);
}

#[test]
fn files_are_not_replaced_unasked() {
    let jar = Jar::empty();
    let base = jar.path("app").display().to_string();
    jar.write("app.pfx", "precious");
    jar.type_in("password");
    jar.fails(
        &format!("certificate create --output {base} --password-stdin"),
        1,
        &["app.pfx"],
    );
    assert_eq!(jar.read("app.pfx"), "precious");
}

#[test]
fn what_is_no_certificate_is_told() {
    let jar = Jar::empty();
    jar.write("app.pfx", "nonsense");
    let path = jar.path("app.pfx").display().to_string();
    jar.fails(
        &format!("certificate show {path}"),
        1,
        &["a PFX (.pfx, .p12) or PEM file"],
    );
    jar.fails(
        "certificate show /nowhere",
        1,
        &[
            "certificate `/nowhere` cannot be read",
            "No such file or directory",
        ],
    );
}
