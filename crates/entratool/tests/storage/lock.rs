//! What the kernel remembers of a passphrase, when that is printed, and how it forgets.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::session::{Session, output_of, within};

/// The command in a home folder of its own.
struct User<'a> {
    home: &'a Path,
}

struct Run {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

impl User<'_> {
    fn run(&self, line: &str, passphrase: &str, stdin: &str) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_entratool"))
            .args(line.split(' '))
            .env("HOME", self.home)
            .env("ENTRATOOL_PASSPHRASE", passphrase)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        Run {
            exit: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn check(&self, line: &str, passphrase: &str, exit: i32) -> Run {
        let run = self.run(line, passphrase, "");
        assert_eq!(run.exit, Some(exit), "{line}: {}", run.stderr);
        run
    }
}

#[test]
fn a_passphrase_is_remembered_until_the_storage_is_locked() {
    let test = "lock::a_passphrase_is_remembered_until_the_storage_is_locked";
    within(Session::Bare, test, || {
        let home = tempfile::tempdir().unwrap();
        let user = User { home: home.path() };
        let create = "config create --name a --client-id 11111111-2222-4333-8444-555555555555 \
             --tenant-id contoso.example --client-secret-stdin";
        let created = user.run(create, RIGHT, "s3cret");
        assert_eq!(created.exit, Some(0), "{}", created.stderr);
        let allowed = output_of("keyctl", &["list", "@s"]).contains("entratool:key:");
        // Said where it is true, once, and not to those who want silence.
        let printed = |run: &Run| run.stderr.matches(REMEMBERED).count();
        assert_eq!(
            printed(&created),
            usize::from(allowed),
            "{}",
            created.stderr
        );

        let forgotten = |want: bool| {
            let run = user.check("storage lock --json", "", 0);
            assert_eq!(run.stderr, "");
            let report: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!(report, json!({"forgotten": want}));
            let keys = output_of("keyctl", &["list", "@s"]);
            assert!(!keys.contains("entratool:key:"), "{keys}");
        };
        forgotten(allowed);
        forgotten(false);
        user.check("storage status", "", 7);
        user.check("storage status", WRONG, 7);

        let first = user.check("storage status", RIGHT, 0);
        assert_eq!(printed(&first), usize::from(allowed), "{}", first.stderr);
        assert_eq!(printed(&user.check("storage status", RIGHT, 0)), 0);
        user.check("storage status", WRONG, if allowed { 0 } else { 7 });

        let locked = user.check("storage lock", "", 0);
        let said = if allowed {
            "✓ The key is forgotten in this login session, and the next use needs what protects it\n"
        } else {
            "No key is remembered\n"
        };
        assert_eq!((locked.stdout.as_str(), locked.stderr.as_str()), ("", said));
        let again = user.check("storage lock", "", 0);
        assert_eq!(again.stderr, "No key is remembered\n");
        user.check("storage status", WRONG, 7);
        let silent = user.check("storage status -q", RIGHT, 0);
        assert_eq!(silent.stderr, "");
        forgotten(allowed);

        user.check("storage lock", "", 0);
        let import = "cache import -p a --msal -";
        let imported = user.run(import, RIGHT, &signed_in().to_string());
        assert_eq!(imported.exit, Some(0), "{}", imported.stderr);
        user.check("storage lock", "", 0);
        let get = "get-token -p a -f DeviceCode --no-interaction --timeout 1s --ca-bundle /no";
        let refused = user.check(get, WRONG, 7).stderr;
        let unseen = "`read -rs ENTRATOOL_PASSPHRASE && export ENTRATOOL_PASSPHRASE`";
        for words in ["not the one that protects", unseen, "--give-up-key`"] {
            assert!(refused.contains(words), "no `{words}` in {refused}");
        }
        assert!(!refused.contains("keyring"), "{refused}");

        let moved = user.check("storage use key-file", RIGHT, 0);
        assert_eq!(printed(&moved), 0, "{}", moved.stderr);
        forgotten(false);
        let back = user.check("storage use passphrase", RIGHT, 0);
        assert_eq!(printed(&back), usize::from(allowed), "{}", back.stderr);

        let failed = user.check(
            "get-token -p a --timeout 1s --ca-bundle /no --json",
            RIGHT,
            1,
        );
        assert_eq!(failed.stderr.lines().count(), 1, "{}", failed.stderr);
    });
}

#[test]
fn without_a_key_there_is_nothing_to_forget() {
    let home = tempfile::tempdir().unwrap();
    let user = User { home: home.path() };
    let run = user.check("storage lock", "", 0);
    assert_eq!(run.stderr, "No key is remembered\n");
    assert!(!home.path().join(".entratool").exists());
}

/// What MSAL caches of a user who signed in.
fn signed_in() -> Value {
    let client = "11111111-2222-4333-8444-555555555555";
    json!({
        "RefreshToken": {format!("u.t-login.microsoftonline.com-refreshtoken-{client}--"): {
            "credential_type": "RefreshToken", "secret": "s", "home_account_id": "u.t",
            "environment": "login.microsoftonline.com", "client_id": client, "target": "User.Read",
        }},
        "Account": {"u.t-login.microsoftonline.com-t": {
            "home_account_id": "u.t", "environment": "login.microsoftonline.com", "realm": "t",
            "local_account_id": "u", "username": "adele@contoso.com", "authority_type": "MSSTS",
        }},
    })
}

const RIGHT: &str = "correct horse";
const WRONG: &str = "correct mule";
const REMEMBERED: &str = "The kernel remembers the key until this login session ends; `entratool storage lock` makes it forget.\n";
