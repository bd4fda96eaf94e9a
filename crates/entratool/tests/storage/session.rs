//! Login sessions of a test's own: a message bus, a keyring service, a kernel keyring.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// What the session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// GNOME Keyring, with its login keyring unlocked.
    Unlocked,
    /// A bus that starts GNOME Keyring when it is asked for, with no keyring in it.
    Fresh,
    /// A bus without a Secret Service.
    Deserted,
    /// No bus at all.
    Bare,
}

/// Runs `body` in a process of its own in such a session; `test` is the name of the test that
/// calls this, for it is run again in there.
pub(crate) fn within(session: Session, test: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let home = tempfile::tempdir().unwrap();
    let script = match session {
        Session::Unlocked => UNLOCKED,
        _ => "exec \"$@\"",
    };
    let mut command = clean("keyctl", home.path());
    command.args(["session", "-"]);
    if session != Session::Bare {
        command.arg("dbus-run-session");
        if session == Session::Deserted {
            let bus = home.path().join("bus.conf");
            fs::write(&bus, DESERTED).unwrap();
            command.arg("--config-file").arg(bus);
        }
        command.arg("--");
    }
    command
        .args(["bash", "-c", script, "bash"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1");
    let output = run(&mut command);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{session:?}: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The output of a tool that has to be there and to succeed.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = run(Command::new(program).args(arguments));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The process that offers the Secret Service on this session's bus.
pub(crate) fn service_process() -> String {
    let answer = ask_bus(&[
        "GetConnectionUnixProcessID",
        "string:org.freedesktop.secrets",
    ]);
    answer.split_whitespace().last().unwrap().to_owned()
}

/// Calls the bus itself; the method comes first.
fn ask_bus(call: &[&str]) -> String {
    let method = format!("org.freedesktop.DBus.{}", call[0]);
    let mut arguments = vec![
        "--session",
        "--print-reply=literal",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
        &method,
    ];
    arguments.extend(&call[1..]);
    output_of("dbus-send", &arguments)
}

/// Locks the login keyring of this session.
pub(crate) fn lock_keyring() {
    output_of(
        "dbus-send",
        &[
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ],
    );
}

/// `program` with nothing of our environment but the search path.
fn clean(program: &str, home: &Path) -> Command {
    let runtime = home.join("run");
    fs::create_dir(&runtime).unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", runtime);
    command
}

fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_string_lossy().into_owned();
    command
        .output()
        .unwrap_or_else(|error| panic!("`{program}` is needed for this test: {error}"))
}

const INSIDE: &str = "ENTRATOOL_TEST_INSIDE";
/// Starts the daemon, waits until the bus knows it, and ends it whatever the test did to it.
const UNLOCKED: &str = r#"
printf testpass | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
daemon=$!
owned() {
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true
}
for _ in $(seq 200); do owned && break; sleep 0.05; done
"$@"
status=$?
kill -KILL $daemon
exit $status
"#;
const DESERTED: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
