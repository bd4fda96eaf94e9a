//! Whole command lines within this process, so that the disk under them can be a faulty one.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::rc::Rc;

use entra::ports::SystemRandom;
use entra::secret::Secret;
use entratool::Host;
use entratool::env::Environment;
use entratool::file::Files;
use entratool::os::key_store::SystemKeyStores;
use entratool::os::machine::SystemMachine;
use entratool::os::prompt::TerminalPrompter;
use entratool::ui::{Streams, Terminal};
use entratool::vault::key_store::Backend;
use entratool::vault::{Paths, Vault};

use crate::stage::{PASSPHRASE, Stage};

/// What a command line did.
pub(crate) struct Run {
    pub(crate) exit: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    /// Runs the words of `line` on `files`; `HOME/x` in it means a file in the home folder.
    pub(crate) fn run_on(&self, files: Files, line: &str, stdin: &str) -> Run {
        let home = self.path("").to_str().unwrap().to_owned();
        let words = line.split(' ').map(|word| word.replace("HOME/", &home));
        let (stdout, stderr) = (Sink::default(), Sink::default());
        let variables = [
            ("HOME", home.as_str()),
            ("ENTRATOOL_PASSPHRASE", PASSPHRASE),
            ("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE),
        ];
        let exit = entratool::run(Host {
            arguments: std::iter::once("entratool".to_owned())
                .chain(words)
                .map(OsString::from)
                .collect(),
            environment: Environment::new(
                variables.map(|(name, value)| (name.into(), value.into())),
            ),
            streams: Streams {
                stdin: Box::new(Cursor::new(stdin.to_owned().into_bytes())),
                stdout: Box::new(stdout.clone()),
                stderr: Box::new(stderr.clone()),
                terminal: Terminal::default(),
            },
            prompter: Box::new(TerminalPrompter),
            machine: &SystemMachine,
            files: files.clone(),
            make_vault: &|paths, _, _| vault(files.clone(), paths),
            start_logging: &|_| {},
        });
        Run {
            exit: exit.status(),
            stdout: stdout.text(),
            stderr: stderr.text(),
        }
    }
}

/// Secure storage on `files`, as a process has it.
pub(crate) fn vault(files: Files, paths: Paths) -> Vault {
    let passphrase = Some(Secret::from(PASSPHRASE));
    let stores = SystemKeyStores::new(files.clone(), passphrase).preferring(vec![Backend::KeyFile]);
    let sleep = Box::new(std::thread::sleep);
    Vault::new(
        files,
        paths,
        Box::new(stores),
        Box::new(SystemRandom),
        sleep,
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
