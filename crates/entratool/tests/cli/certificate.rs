//! `certificate`: made here, uploaded, and signed in with.

use entra_emulator::demo;

use crate::support::prompter::Answer;
use crate::support::{GRAPH, Sandbox};

#[test]
fn a_new_certificate_signs_in_once_it_is_uploaded() {
    let sandbox = Sandbox::empty();
    let base = sandbox.path("app").display().to_string();
    sandbox.type_in("a new password");
    let run = sandbox.ok(&format!(
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
    let bundle = sandbox.path("certificates/ca.pem");
    let place = format!(
        "--authority {} --ca-bundle {}",
        sandbox.authority(),
        bundle.display()
    );
    sandbox.type_in("a new password");
    sandbox.ok(&format!(
        "config create -n cert {ids} {place} --certificate {base}.pfx --certificate-password-stdin"
    ));
    sandbox.fails("get-token -p cert", 3, &["AADSTS700027"]);
    let uploaded = std::fs::read(sandbox.path("app.cer")).unwrap();
    sandbox
        .control()
        .register_certificate(demo::CERTIFICATE_CLIENT_ID, &uploaded)
        .unwrap();
    sandbox.ok("get-token -p cert");
    assert_eq!(sandbox.requests()[1].field("scope"), Some(GRAPH));
    sandbox.advance(60 * 24 * 366);
    let run = sandbox.run("get-token -p cert --force");
    assert!(run.stderr.contains("warning: "), "{}", run.stderr);
}

#[test]
fn the_line_to_run_next_opens_the_new_file() {
    let ids = format!(
        "--client-id {} --tenant-id {}",
        demo::CERTIFICATE_CLIENT_ID,
        demo::TENANT_ID
    );
    let check = |prepare: &dyn Fn(&Sandbox), option: &str, asked: usize| {
        let sandbox = Sandbox::empty();
        let option = option.replace(
            "HOME",
            sandbox.path("").to_str().unwrap().trim_end_matches('/'),
        );
        prepare(&sandbox);
        let base = sandbox.path("an app").display().to_string();
        let run = sandbox.ok(&format!("certificate create --output '{base}' {option}"));
        let next = run.stderr.lines().last().unwrap().trim();
        let line = next.strip_prefix("2. entratool ").unwrap();
        let line = line.replace("--client-id CLIENT_ID --tenant-id TENANT_ID", &ids);
        prepare(&sandbox);
        sandbox.asked();
        sandbox.ok(&line.replace("NAME", "cert"));
        assert_eq!(sandbox.asked().len(), asked, "{line}");
    };
    check(
        &|sandbox| sandbox.write("a password", "hunter2\n"),
        "--password-file 'HOME/a password'",
        0,
    );
    check(
        &|sandbox| sandbox.set("PFX", "hunter2"),
        "--password-env PFX",
        0,
    );
    check(
        &|sandbox| sandbox.type_in("hunter2\n"),
        "--password-stdin",
        0,
    );
    let hidden = [Answer::Hidden("hunter2"); 2];
    check(&|sandbox| sandbox.user_answers(&hidden), "", 1);
}

#[test]
fn files_are_not_replaced_unasked() {
    let sandbox = Sandbox::empty();
    let base = sandbox.path("app").display().to_string();
    sandbox.write("app.pfx", "precious");
    sandbox.type_in("password");
    sandbox.fails(
        &format!("certificate create --output {base} --password-stdin"),
        1,
        &["app.pfx"],
    );
    assert_eq!(sandbox.read("app.pfx"), "precious");
}

#[test]
fn a_file_without_certificate_is_refused() {
    let sandbox = Sandbox::empty();
    sandbox.write("app.pfx", "nonsense");
    let path = sandbox.path("app.pfx").display().to_string();
    sandbox.fails(
        &format!("certificate show {path}"),
        1,
        &["a PFX (.pfx, .p12) or PEM file"],
    );
    sandbox.fails(
        "certificate show /nowhere",
        1,
        &[
            "certificate `/nowhere` cannot be read",
            "No such file or directory",
        ],
    );
}
