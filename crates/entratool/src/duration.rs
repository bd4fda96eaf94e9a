//! Spans of time as people type and read them.

use std::time::Duration;

use thiserror::Error;

use crate::text::echo;

/// Why a text is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a duration such as 30s, 2m or 1h")]
pub struct DurationError(String);

/// Reads `30s`, `2m`, `1h`, `500ms`; a bare number is seconds.
///
/// # Errors
///
/// If the text is no number with one of these units.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError(echo(text));
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().map_err(|_| error())?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => seconds(1),
        "m" | "min" => seconds(60),
        "h" => seconds(60 * 60),
        _ => None,
    }
    .ok_or_else(error)
}

/// The largest fitting unit, rounded down: `42 minutes`, `1 hour 5 minutes`, `1 second`.
#[must_use]
pub fn words(seconds: i64) -> String {
    let count = |number: i64, unit: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    };
    let with = |first: String, rest: i64, unit: &str| match rest {
        0 => first,
        rest => format!("{first} {}", count(rest, unit)),
    };
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => count(seconds, "second"),
        (0, 0, _) => count(minutes, "minute"),
        (0, _, _) => with(count(hours, "hour"), minutes % 60, "minute"),
        _ => with(count(days, "day"), hours % 24, "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_parsed() {
        let check = |text: &str, want: Option<u64>| {
            assert_eq!(parse(text).ok(), want.map(Duration::from_millis), "{text}");
        };
        check("30s", Some(30_000));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("45", Some(45_000));
        check("500ms", Some(500));
        check("", None);
        check("s", None);
        check("-1s", None);
        check("1d", None);
        check("99999999999999999999s", None);
        check("18446744073709551615h", None);
    }

    #[test]
    fn spans_read_like_speech() {
        let check = |seconds, want: &str| assert_eq!(words(seconds), want);
        check(-5, "0 seconds");
        check(1, "1 second");
        check(59, "59 seconds");
        check(60, "1 minute");
        check(45 * 60 + 59, "45 minutes");
        check(3600, "1 hour");
        check(3900, "1 hour 5 minutes");
        check(90_000, "1 day 1 hour");
    }

    proptest::proptest! {
        #[test]
        fn numbers_survive(number in 0_u64..1 << 40) {
            for (unit, milliseconds) in [("ms", 1), ("", 1000), ("s", 1000), ("m", 60_000), ("h", 3_600_000)] {
                let want = Duration::from_millis(number * milliseconds);
                proptest::prop_assert_eq!(parse(&format!(" {number}{unit}")), Ok(want));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,30}", seconds: i64) {
            let _ = (parse(&text), words(seconds));
        }
    }
}
