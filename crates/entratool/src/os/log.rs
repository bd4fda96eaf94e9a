//! What `-v` shows: decisions and requests, whose secrets were redacted where they were written.

use std::io::Write;
use std::time::Instant;

use log::{Level, LevelFilter, Log, Metadata, Record};

/// Starts to log to standard error; `verbosity` is the number of `-v`.
#[expect(
    clippy::disallowed_methods,
    reason = "log lines are timed by the real clock"
)]
pub fn start(verbosity: u8) {
    let level = match verbosity {
        0 => LevelFilter::Off,
        1 => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    let logger = Box::new(Logger {
        start: Instant::now(),
    });
    if log::set_boxed_logger(logger).is_ok() {
        log::set_max_level(level);
    }
}

struct Logger {
    start: Instant,
}

impl Log for Logger {
    /// Only our own words: libraries may log what they send.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("entra") && metadata.level() <= Level::Debug
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the log runs beside the command's output"
    )]
    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let seconds = self.start.elapsed().as_secs_f32();
            let _ = writeln!(std::io::stderr(), "[{seconds:7.3}] {}", record.args());
        }
    }

    fn flush(&self) {}
}
