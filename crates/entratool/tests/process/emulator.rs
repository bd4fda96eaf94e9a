//! `emulator start` for a new user: every next step can be pasted.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use entra_emulator::demo;
use rustix::process::Signal;

use crate::stage::*;

#[test]
fn the_printed_commands_lead_to_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let (emulator, said) = Started::with(&["--auto-approve"], &home);
    for id in [
        demo::TENANT_ID,
        demo::CLIENT_ID,
        demo::CERTIFICATE_CLIENT_ID,
        demo::PUBLIC_CLIENT_ID,
        demo::WEB_CLIENT_ID,
        demo::USERNAME,
    ] {
        assert!(said.contains(id), "no {id} in {said}");
    }
    assert!(said.contains("/v1.0/me, /v1.0/users"), "{said}");
    assert_eq!(tokens_of(&said, 4, &home), 2);

    // Standard output is for data, and there is none.
    assert_eq!(emulator.stop(), "");
}

#[test]
fn a_registered_certificate_comes_with_the_commands_to_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    std::fs::write(home.join("password.txt"), "a password\n").unwrap();
    let create = "certificate create --output app --password-file password.txt";
    let output = bash(&format!("\"$ENTRATOOL\" {create}"), &home);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let check = |options: &[&str], file: &str| {
        let (emulator, said) = Started::with(options, &home);
        let confirmed = format!(
            "✓ Certificate {file} registered for client {} (thumbprint ",
            demo::CERTIFICATE_CLIENT_ID
        );
        assert!(said.contains(&confirmed), "{said}");
        let certificate = format!("--certificate '{}'", home.join("app.pfx").display());
        assert!(said.contains(&certificate), "{said}");
        // The user's sign-in would wait.
        let (_, lines) = said
            .split_once("With the registered certificate:\n")
            .unwrap();
        assert_eq!(tokens_of(lines, 2, &home), 1);
        assert_eq!(emulator.stop(), "");
    };
    let with_password = ["--certificate-password-file", "password.txt"];
    let mut options = vec!["--register-certificate", "app.pfx"];
    options.extend(with_password);
    check(&options, "app.pfx");
    options[1] = "app.cer";
    check(&options, "app.cer");
}

#[test]
fn the_folders_of_a_run_are_private_under_any_umask() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_in(folder.path());
    let look = r#"find "${PATH%%:*}/.." -not -type l -printf '%m %y %P\n'"#;
    std::fs::write(home.join("look"), look).unwrap();
    for umask in ["000", "002", "077"] {
        let run = format!("umask {umask}; \"$ENTRATOOL\" emulator run -- bash look");
        let output = bash(&run, &home);
        let listed = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(listed.lines().count() > 5, "{listed}");
        for line in listed.lines() {
            let (mode, rest) = line.split_once(' ').unwrap();
            let is_public = rest.ends_with(".pem") && rest.contains("ca");
            let want = if rest.starts_with('d') { "700" } else { "600" };
            assert!(mode == want || is_public, "umask {umask}: {line}");
        }
    }
}

/// A path that a shell would take apart.
fn home_in(folder: &Path) -> PathBuf {
    let home = folder.join("some home");
    std::fs::create_dir(&home).unwrap();
    home
}

/// Pastes the first `count` commands, and counts the tokens that they print.
fn tokens_of(said: &str, count: usize, home: &Path) -> usize {
    let commands = said.lines().filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<_> = commands
        .filter(|line| line.contains("entratool "))
        .collect();
    assert_eq!(commands.len(), count, "{said}");
    let script = format!(
        "entratool() {{ \"$ENTRATOOL\" \"$@\"; }}\nset -euo pipefail\n{}",
        commands
            .join("\n")
            .replace("config create", "config create --overwrite")
    );
    let output = bash(&script, home);
    let stderr = text(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let tokens = text(&output.stdout);
    let tokens: Vec<_> = tokens.lines().filter(|line| !line.is_empty()).collect();
    assert!(
        tokens.iter().all(|token| token.starts_with("eyJ")),
        "{tokens:?}"
    );
    tokens.len()
}

/// Ends with the test, however that ends.
struct Started(Child);

impl Started {
    /// An emulator at any free port, and what it prints.
    fn with(options: &[&str], home: &Path) -> (Self, String) {
        let mut child = clean(BINARY)
            .args(["emulator", "start", "--port", "0"])
            .args(options)
            .current_dir(home)
            .env("HOME", home)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = read_until(&mut child, "\nListening until Ctrl-C...\n");
        (Self(child), said)
    }

    /// Ends it, and gives what it wrote to standard output.
    fn stop(mut self) -> String {
        send(Signal::INT, &self.0);
        let mut said = String::new();
        let mut stdout = self.0.stdout.take().unwrap();
        stdout.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
