//! `certificate`: made here, uploaded, and signed in with.

use entra_emulator::demo;

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
