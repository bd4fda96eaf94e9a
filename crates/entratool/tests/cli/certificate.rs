//! `certificate`: made, shown and used without another tool.

use serde_json::Value;

use crate::support::Jar;

#[test]
fn a_made_certificate_can_be_shown() {
    let jar = Jar::empty();
    let base = jar.path("app").display().to_string();
    jar.type_in("pass\n");
    jar.ok(&format!(
        "certificate create --name app --output {base} --password-stdin"
    ));
    let shown: Value = serde_json::from_str(
        &jar.ok(&format!("certificate show {base}.cer --json"))
            .stdout,
    )
    .unwrap();
    assert!(shown.to_string().contains("CN=app"), "{shown}");
}

#[test]
fn nothing_is_overwritten_unasked() {
    let jar = Jar::empty();
    jar.write("app.pfx", "mine");
    let base = jar.path("app").display().to_string();
    jar.type_in("pass\n");
    jar.fails(
        &format!("certificate create --name app --output {base} --password-stdin"),
        1,
        &["--overwrite"],
    );
}
