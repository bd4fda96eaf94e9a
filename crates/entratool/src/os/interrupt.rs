//! Ctrl-C: the terminal as it was, and exit status 130.

use std::sync::Once;

/// From the first call on, Ctrl-C shows the cursor again and ends the process with 130.
///
/// Files need no care: they are replaced in one step, and locks end with the process.
pub fn catch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without a handler Ctrl-C still ends the process, only less tidily.
        let _ = ctrlc::set_handler(|| {
            let _ = console::Term::stderr().show_cursor();
            end();
        });
    });
}

#[expect(clippy::exit, reason = "Ctrl-C ends the process wherever it is")]
fn end() -> ! {
    std::process::exit(130)
}
