//! What a command writes with `-v`, caught on the thread that runs it.

use std::cell::RefCell;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};

/// The log lines from its making on.
pub(super) struct Capture;

/// Starts again; until [`start`] is called nothing is caught, as without `-v`.
pub(super) fn capture() -> Capture {
    LINES.take();
    Capture
}

/// What `-v` does.
pub(super) fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
    LINES.set(Some(String::new()));
}

impl Capture {
    pub(super) fn text(&self) -> String {
        LINES.take().unwrap_or_default()
    }
}

struct Logger;

impl Log for Logger {
    /// The same choice as in production: libraries may log what they send.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("entra")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            LINES.with_borrow_mut(|lines| {
                if let Some(lines) = lines {
                    lines.push_str(&format!("{}\n", record.args()));
                }
            });
        }
    }

    fn flush(&self) {}
}

thread_local! {
    static LINES: RefCell<Option<String>> = const { RefCell::new(None) };
}
