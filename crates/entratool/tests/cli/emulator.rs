//! `emulator`: what can be seen of it without a process that serves.

use std::net::TcpListener;

use crate::support::Sandbox;

#[test]
fn a_port_that_is_taken_is_an_error() {
    let sandbox = Sandbox::empty();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    sandbox.fails(
        &format!("emulator start --port {port}"),
        1,
        &[
            &format!("cannot listen on port {port} of the loopback addresses"),
            "choose another port with `--port`, or 0 for any free one",
        ],
    );
}

#[test]
fn run_needs_a_command() {
    Sandbox::empty().fails("emulator run", 2, &["COMMAND"]);
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.fails(
        "emulator run -q -- no-such-command",
        1,
        &["cannot run `no-such-command`", "No such file or directory"],
    );
}

#[test]
fn the_help_names_the_demo_identities() {
    let help = Sandbox::empty().ok("emulator start --help").stdout;
    assert!(
        help.contains("alice@contoso.example / Correct-Horse+42"),
        "{help}"
    );
    let help = Sandbox::empty().ok("emulator run --help").stdout;
    for profile in ["demo ", "demo-device", "demo-browser", "demo-web"] {
        assert!(help.contains(profile), "{help}");
    }
}
