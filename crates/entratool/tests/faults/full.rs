//! Real disks without room, without names and without permission to write.

use std::process::Output;

use serde_json::Value;

use crate::stage::{Stage, printed};

/// What makes a disk unwritable, and what fixes it.
const DISKS: [(&str, &str, &str); 3] = [
    (
        "no room",
        "dd if=/dev/zero of=filler bs=1k status=none 2>&- || true",
        "rm filler",
    ),
    (
        "no more files",
        "for n in {1..200}; do mkdir -p fillers/$n 2>&- || break; done",
        "rm -r fillers",
    ),
    (
        "read-only",
        "mount -o remount,bind,ro $PWD",
        "mount -o remount,bind,rw $PWD",
    ),
];

#[test]
fn tokens_are_printed_though_nothing_can_be_written() {
    for (disk, spoil, _) in DISKS {
        let stage = used();
        for (line, kept) in [
            ("get-token -p demo", true),
            ("get-token -p demo --force", false),
            ("get-token -p user", false),
            ("refresh -p user", false),
        ] {
            let output = stage.on_a_small_disk(&format!("{spoil}; entratool {line}"));
            let story = format!("{disk}: {line}");
            prints_a_token(&output, kept, &story);
            // A signed-in user does not have to sign in again.
            let asked = stage.requests();
            let devices = asked
                .iter()
                .filter(|request| request.path.contains("devicecode"));
            assert_eq!(devices.count(), 0, "{story}");
        }
    }
}

#[test]
fn a_first_token_is_printed_though_nothing_can_be_written() {
    for (disk, spoil, _) in DISKS {
        let stage = Stage::new();
        let forget = "rm -r .entratool/locks .entratool/storage.json .entratool/key-*";
        for line in ["get-token -p user", "get-token -p browser -f device"] {
            let output = stage.on_a_small_disk(&format!("{forget}; {spoil}; entratool {line}"));
            prints_a_token(&output, false, &format!("{disk}: {line}"));
        }
    }
}

#[test]
fn changes_that_cannot_be_written_change_nothing() {
    let stage = used();
    let before = exported(&stage.on_a_small_disk(EXPORT));
    for (disk, spoil, fix) in DISKS {
        for line in [
            "get-token -p demo --force",
            "get-token -p user",
            "refresh -p user",
            "config edit -p web --client-secret-stdin",
            "config create -n new --client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example --client-secret-stdin",
            "storage use key-file",
        ] {
            let story = format!("{disk}: {line}");
            let change =
                format!("{spoil}; entratool {line} <<<secret &>/dev/null && echo done; {fix}");
            let look = "find . -name '*.tmp'; entratool config list; entratool get-token -p demo -q >/dev/null";
            let output = stage.on_a_small_disk(&format!("{change}; {look}; {EXPORT}"));
            let after = printed(&output, &story);
            let (done, after) = match after.strip_prefix("done\n") {
                Some(after) => (true, after),
                None => (false, after.as_str()),
            };
            assert_eq!(
                done,
                !line.starts_with("config") && !line.starts_with("storage"),
                "{story}"
            );
            assert!(!after.contains(".tmp"), "{story}: {after}");
            assert!(
                after.starts_with("demo\nuser\nbrowser\nweb\n"),
                "{story}: {after}"
            );
            if !line.starts_with("cache") {
                assert_eq!(
                    exported(&output)["RefreshToken"],
                    before["RefreshToken"],
                    "{story}"
                );
            }
        }
    }
}

/// A user of every kind of token, whose own is about to expire.
fn used() -> Stage {
    let stage = Stage::new();
    stage.ok("get-token -p demo");
    stage
        .control()
        .configure(|settings| settings.expires_in = Some(60));
    stage.ok("get-token -p user");
    stage.control().clear_requests();
    stage
}

#[track_caller]
fn prints_a_token(output: &Output, kept: bool, story: &str) {
    let token = printed(output, story);
    assert!(token.starts_with("eyJ"), "{story}: {token}");
    let said = String::from_utf8_lossy(&output.stderr);
    let warned = said.contains("warning: the token was not cached");
    assert_eq!(warned, !kept, "{story}: {said}");
}

/// The last line of the output, which is what [`EXPORT`] printed.
fn exported(output: &Output) -> Value {
    let text = printed(output, EXPORT);
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

const EXPORT: &str = "entratool cache export -p user --msal - | jq -c .";
