//! The emulator's clock: the machine's, moved by as much as a test asks for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Seconds since 1970-01-01T00:00:00Z, plus an offset that tests may change.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// The present, in seconds since the epoch.
    pub(crate) fn now(&self) -> i64 {
        system_seconds() + self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock forwards, or backwards when `seconds` is negative.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Makes the present `unix`; the clock goes on running from there.
    pub(crate) fn set(&self, unix: i64) {
        self.offset
            .store(unix - system_seconds(), Ordering::Relaxed);
    }
}

/// `2026-01-02 03:04:05Z`, as the `timestamp` member of an error body writes it.
pub(crate) fn error_timestamp(unix: i64) -> String {
    formatted(unix, ERROR_TIMESTAMP)
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, for the `Date` header (RFC 9110 §5.6.7).
pub(crate) fn http_date(unix: i64) -> String {
    formatted(unix, HTTP_DATE)
}

/// `2026-01-02T03:04:05`, as Microsoft Graph writes the `date` in an error.
pub(crate) fn graph_date(unix: i64) -> String {
    formatted(unix, GRAPH_DATE)
}

fn formatted(unix: i64, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_default()
}

fn system_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs().cast_signed())
}

const ERROR_TIMESTAMP: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
const GRAPH_DATE: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
const HTTP_DATE: &[BorrowedFormatItem<'static>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_can_be_set_and_advanced() {
        let clock = Clock::default();
        clock.set(1_000_000);
        assert!((1_000_000..1_000_005).contains(&clock.now()));
        clock.advance(3600);
        assert!((1_003_600..1_003_605).contains(&clock.now()));
    }

    #[test]
    fn dates_are_written_as_the_protocol_writes_them() {
        assert_eq!(error_timestamp(1_767_323_045), "2026-01-02 03:04:05Z");
        assert_eq!(http_date(1_767_323_045), "Fri, 02 Jan 2026 03:04:05 GMT");
    }
}
