//! The challenge of Azure Arc's agent, which may not lead to any other file than its keys.

use super::{ID, VAULT, arc, challenge};

#[test]
fn the_agents_challenge_leads_to_its_own_keys_only() {
    let check = |path: &str, said: &str| {
        let sandbox = arc();
        let home = sandbox.path("");
        let path = path.replace("HOME", home.to_str().unwrap().trim_end_matches('/'));
        challenge(&sandbox, &path);
        let run = sandbox.fails(&format!("{VAULT} -vv"), 1, &[said]);
        assert_eq!(sandbox.count(), 1, "{path} was not answered");
        assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
    };
    let elsewhere = "its key file is not in `";
    check("/etc/passwd", elsewhere);
    check("HOME/agent-keys/../secret.key", elsewhere);
    check("HOME/agent-keys/more/1.key", elsewhere);
    check("HOME/secret.key", elsewhere);
    check("agent-keys/1.key", elsewhere);
    check(
        "HOME/agent-keys/secret",
        "its key file does not end in `.key`",
    );
    check("", "it names no key file");
    check("HOME/agent-keys/2.key", "cannot be read");
}

#[test]
fn what_is_no_key_is_not_sent() {
    let check = |contents: &[u8], said: &str| {
        let sandbox = arc();
        sandbox.write("agent-keys/1.key", contents);
        sandbox.fails(VAULT, 1, &["the Azure Arc agent's key", said]);
        assert_eq!(sandbox.count(), 1);
    };
    check(&b"x".repeat(4097), "it is larger than 4 KiB");
    check(b"", "it holds no key");
    check(b"a\r\nX-Other: b", "it holds no key");
    check(&[0xff, 0xfe], "it holds no key");
    let full = arc();
    full.write("agent-keys/1.key", "x".repeat(4096));
    full.fails(VAULT, 3, &["Wrong key."]);
}

#[cfg(unix)]
#[test]
fn a_link_is_no_key() {
    let sandbox = arc();
    sandbox.write("secret", "C4n4ry");
    std::fs::remove_file(sandbox.path("agent-keys/1.key")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("secret"), sandbox.path("agent-keys/1.key")).unwrap();
    sandbox.fails(VAULT, 1, &["it is not a plain file"]);
    assert_eq!(sandbox.count(), 1);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_could_have_put_there_is_none() {
    let sandbox = arc();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(sandbox.path("agent-keys"), open).unwrap();
    sandbox.fails(VAULT, 1, &["another user could have put it there"]);
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn an_agent_that_answers_for_another_identity_is_noticed() {
    let sandbox = arc();
    sandbox
        .control()
        .configure(|settings| settings.arc_ignores_identities = true);
    sandbox.check(
        &format!("{VAULT} --identity {ID}"),
        1,
        &[],
        &[
            "error: no token for the managed identity of this host",
            &format!("  caused by: Azure Arc answered for another identity than `{ID}`"),
            "hint: nothing was cached",
            "hint: update the agent of Azure Arc, or use the system-assigned identity with `--identity system`",
        ],
    );
    sandbox.ok(VAULT);
}
