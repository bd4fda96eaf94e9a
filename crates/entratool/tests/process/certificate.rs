//! Certificates as other processes meet them: without the right to read one, and in `emulator run`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::stage::*;

/// Root reads everything, but for a root that gave the right away.
#[test]
fn an_unreadable_certificate_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pfx");
    fs::write(&path, "secret").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = clean("setpriv");
        command.arg("--bounding-set=-dac_override,-dac_read_search");
        command.arg(BINARY);
        command
    } else {
        clean(BINARY)
    };
    let line = ["certificate", "show"].map(Path::new);
    let output = command.args(line).arg(&path).output();
    let output =
        output.unwrap_or_else(|error| panic!("`setpriv` is needed for this test: {error}"));
    assert_eq!(output.status.code(), Some(1));
    let path = path.display();
    assert_eq!(
        text(&output.stderr),
        format!(
            "error: certificate `{path}` cannot be read\n  \
             caused by: Permission denied (os error 13)\nhint: check the path, and that you may read the file\n"
        )
    );
}

#[test]
fn every_application_of_the_emulator_has_a_ready_profile() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        set -euo pipefail
        entratool get-token -p demo --silent | entratool inspect --claims | grep appidacr
        entratool get-token -p demo-cert | entratool inspect --claims | grep appidacr
        entratool config show demo-cert | grep -c 'Thumbprint (SHA-256)'
    "#;
    fs::write(folder.path().join("script"), script).unwrap();
    let line = "\"$ENTRATOOL\" emulator run -- bash ./script";
    let output = bash(line, folder.path());
    assert_eq!(
        text(&output.stdout),
        "  \"appidacr\": \"1\",\n  \"appidacr\": \"2\",\n1\n",
        "{}",
        text(&output.stderr)
    );
}
