//! Whole command lines in a folder of their own, for the tests of commands that ask no authority.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::path::PathBuf;
use std::rc::Rc;

use entra::ports::SystemRandom;

use crate::Host;
use crate::env::{self, Environment};
use crate::file::Files;
use crate::os::key_store::SystemKeyStores;
use crate::os::machine::SystemMachine;
use crate::os::prompt::TerminalPrompter;
use crate::ui::{Streams, Terminal};
use crate::vault::key_store::Backend;
use crate::vault::{Paths, Vault};

/// A home folder without a keyring.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) variables: Vec<(OsString, OsString)>,
}

/// What a command line did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let mut variables = vec![(home.into(), folder.path().into())];
        if cfg!(windows) {
            variables.push(("LOCALAPPDATA".into(), folder.path().into()));
        }
        Self { folder, variables }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.into(), value.into()));
    }

    /// Runs the words of `line`; `PATH/x` in it means a file in the home folder.
    pub(crate) fn run(&self, line: &str, stdin: &str) -> Run {
        let home = self.folder.path().display().to_string();
        let words = line.split(' ').map(|word| word.replace("PATH", &home));
        let (stdout, stderr) = (Sink::default(), Sink::default());
        let files = Files::system();
        let exit = crate::run(Host {
            arguments: std::iter::once("entratool".to_owned())
                .chain(words)
                .map(OsString::from)
                .collect(),
            environment: Environment::new(self.variables.clone()),
            streams: Streams {
                stdin: Box::new(Cursor::new(stdin.to_owned().into_bytes())),
                stdout: Box::new(stdout.clone()),
                stderr: Box::new(stderr.clone()),
                terminal: Terminal::default(),
            },
            prompter: Box::new(TerminalPrompter),
            machine: &SystemMachine,
            files: files.clone(),
            make_vault: &|paths, environment, _| vault(&files, paths, environment),
            start_logging: &|_| {},
        });
        Run {
            exit: exit.status(),
            stdout: stdout.text(),
            stderr: stderr.text(),
        }
    }

    /// Runs a line that has to end with `exit`.
    #[track_caller]
    pub(crate) fn check(&self, line: &str, stdin: &str, exit: u8) -> Run {
        let run = self.run(line, stdin);
        assert_eq!(run.exit, exit, "{line}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    /// Secure storage as another process has it.
    pub(crate) fn vault(&self) -> Vault {
        let environment = Environment::new(self.variables.clone());
        let paths = Paths {
            config: environment.config_folder().unwrap(),
            cache: environment.cache_folder().unwrap(),
        };
        vault(&Files::system(), paths, &environment)
    }
}

fn vault(files: &Files, paths: Paths, environment: &Environment) -> Vault {
    let passphrase = environment.secret(env::PASSPHRASE);
    let stores = SystemKeyStores::new(files.clone(), passphrase).preferring(vec![Backend::KeyFile]);
    let never = |_| panic!("no other process holds a lock");
    Vault::new(
        files.clone(),
        paths,
        Box::new(stores),
        Box::new(SystemRandom),
        Box::new(never),
    )
}

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
