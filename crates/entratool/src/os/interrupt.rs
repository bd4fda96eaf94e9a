//! Ctrl-C and termination signals: a tidy end, with the terminal as it was.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::Once;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// From the first call on, Ctrl-C shows the cursor and what is typed again, and ends the process
/// with 130.
///
/// Files need no care: they are replaced in one step, and locks end with the process.
pub fn catch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let restore = terminal_modes();
        // Without a handler Ctrl-C still ends the process, only less tidily.
        let _ = ctrlc::set_handler(move || {
            restore();
            let terminal = console::Term::stderr();
            if terminal.is_term() {
                let _ = terminal.show_cursor();
            }
            end();
        });
    });
}

/// Puts the terminal's modes back as they are now: a prompt may have hidden what is typed.
#[cfg(unix)]
fn terminal_modes() -> impl Fn() + Send + 'static {
    use rustix::stdio::stdin;
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let modes = tcgetattr(stdin());
    move || {
        if let Ok(modes) = &modes {
            let _ = tcsetattr(stdin(), OptionalActions::Now, modes);
        }
    }
}

/// Under Windows the shells set the console's modes for themselves.
#[cfg(not(unix))]
fn terminal_modes() -> impl Fn() + Send + 'static {
    || {}
}

/// Each Ctrl-C or termination signal from now on; nothing at all where no handler can be set.
pub fn end_signals() -> Receiver<()> {
    let (sender, receiver) = channel();
    let handler = move || {
        // A receiver that is gone has ended already.
        let _ = sender.send(());
    };
    // Where no handler can be set, a signal ends this process the hard way.
    let _ = ctrlc::set_handler(handler);
    receiver
}

/// Runs `command` to its end and returns its exit status; `signals` that would end us end it.
pub fn outlive(mut command: Command, signals: Receiver<()>) -> io::Result<u8> {
    let mut child = command.spawn()?;
    let id = child.id();
    thread::spawn(move || signals.iter().for_each(|()| terminate(id)));
    child.wait().map(code)
}

/// Ctrl-C at a terminal reached the command already, and it may ignore both.
#[cfg(unix)]
fn terminate(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(process) = id.try_into().ok().and_then(Pid::from_raw) {
        let _ = kill_process(process, Signal::TERM);
    }
}

/// Under Windows the console signals every process of the group by itself.
#[cfg(not(unix))]
fn terminate(_id: u32) {}

#[cfg(unix)]
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().map(|signal| 128 + signal);
    let code = status.code().or(signal).unwrap_or(1);
    code.try_into().unwrap_or(1)
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> u8 {
    status
        .code()
        .and_then(|code| code.try_into().ok())
        .unwrap_or(1)
}

#[expect(clippy::exit, reason = "Ctrl-C ends the process wherever it is")]
fn end() -> ! {
    std::process::exit(130)
}
