//! What others learn of a running process: neither its memory nor, after a crash, a core.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::stage::{BINARY, clean, send, text};

#[test]
fn other_programs_of_the_same_user_cannot_read_its_memory() {
    let user = User::new();
    let (ours, other) = (user.emulator(), user.sleeper());
    for file in ["environ", "mem", "maps"] {
        let read = |running: &Running| {
            let file = format!("/proc/{}/{file}", running.0.id());
            // Opening decides: the first page of `mem` is unknown's.
            let script = format!("exec 3<{file}");
            user.command(&["bash", "-c", &script]).output().unwrap()
        };
        let denied = read(&ours);
        assert!(!denied.status.success(), "{file}");
        let said = text(&denied.stderr);
        assert!(said.contains("Permission denied"), "{file}: {said}");
        assert!(read(&other).status.success(), "{file} of any program");
    }
}

#[test]
fn a_crash_leaves_no_core() {
    let user = User::new();
    // Not SIGQUIT: a shell that runs this in the background has it ignored.
    for signal in [Signal::ABORT, Signal::TRAP] {
        let mut ours = user.emulator();
        send(signal, &ours.0);
        let status = ours.0.wait().unwrap();
        assert_eq!(status.signal(), Some(signal.as_raw()));
        assert!(!status.core_dumped(), "{signal:?}");
    }
    for file in fs::read_dir(user.folder.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("core"), "{name}");
    }
}

#[test]
fn a_command_of_emulator_run_is_as_open_as_any_other() {
    let user = User::new();
    let script = "exec 3</proc/$$/environ && ulimit -c";
    let run = |program: &[&str]| {
        let words = [program, &["bash", "-c", script]].concat();
        let output = user.command(&words).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let inside = run(&[&user.binary, "emulator", "run", "-q", "--"]);
    assert_eq!(inside, run(&[]));
}

#[test]
fn its_own_files_below_proc_are_still_there() {
    let user = User::new();
    let create = "config create -n a --client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example";
    for (script, want) in [
        (format!("\"$0\" {create} 2>&1"), "created successfully"),
        (
            "\"$0\" config export -o /dev/stdout | cat".to_owned(),
            "1d4f8b62",
        ),
        (
            "\"$0\" config export -o >(cat); wait $!".to_owned(),
            "1d4f8b62",
        ),
    ] {
        let words = ["bash", "-c", &script, &user.binary];
        let output = user.command(&words).output().unwrap();
        let said = text(&output.stdout);
        assert!(
            said.contains(want),
            "{script}: {said}{}",
            text(&output.stderr)
        );
    }
}

/// A user without the rights of an administrator, who may read everything.
struct User {
    folder: TempDir,
    binary: String,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        // Other users may be unable to read where it was built.
        let binary = folder.path().join("entratool");
        fs::copy(BINARY, &binary).unwrap();
        let binary = binary.to_str().unwrap().to_owned();
        Self { folder, binary }
    }

    /// A command of that user, who wants every core there can be.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = clean("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "bash"]);
            command
        } else {
            clean("bash")
        };
        let script = "ulimit -c $(ulimit -Hc) && exec \"$@\"";
        command.args(["-c", script, "bash"]).args(words);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path());
        command
    }

    /// A process of ours that has started.
    fn emulator(&self) -> Running {
        self.started(&[&self.binary, "emulator", "start", "--port", "0", "--json"])
    }

    /// A process of another user.
    fn sleeper(&self) -> Running {
        self.started(&["bash", "-c", "echo started; exec sleep 600"])
    }

    fn started(&self, words: &[&str]) -> Running {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn().unwrap());
        let mut line = String::new();
        let mut stdout = BufReader::new(running.0.stdout.as_mut().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{words:?} did not start");
        running
    }
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
