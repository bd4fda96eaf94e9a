//! The dates of a certificate (RFC 5280 §4.1.2.5), from 1950 on.

use time::{Date, Month, PrimitiveDateTime, Time};

use super::elements::{Element, GENERALIZED_TIME, UTC_TIME};
use crate::token::Timestamp;

/// A UTCTime or GeneralizedTime; `None` if it is neither, or no date of the calendar.
///
/// `der` has no dates before 1970, which old and hand-made certificates have.
pub(super) fn date(element: &Element<'_>) -> Option<Timestamp> {
    let text = str::from_utf8(element.value).ok()?.strip_suffix('Z')?;
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let year = number(text.get(..2)?)?;
            let century = if year < 50 { 2000 } else { 1900 };
            (century + year, text.get(2..)?)
        }
        GENERALIZED_TIME => (number(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let part = |index: usize| u8::try_from(number(rest.get(2 * index..2 * index + 2)?)?).ok();
    let seconds = match rest.len() {
        // Older tools leave the seconds out of a UTCTime.
        8 => 0,
        10 => part(4)?,
        _ => return None,
    };
    let month = Month::try_from(part(0)?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, part(1)?).ok()?;
    let time = Time::from_hms(part(2)?, part(3)?, seconds).ok()?;
    let moment = PrimitiveDateTime::new(date, time).assume_utc();
    Some(Timestamp::from_unix(moment.unix_timestamp()))
}

fn number(digits: &str) -> Option<u16> {
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_both_kinds_are_read() {
        let check = |tag, text: &str, want: Option<&str>| {
            let element = Element {
                tag,
                whole: &[],
                value: text.as_bytes(),
            };
            let got = date(&element).map(Timestamp::rfc3339);
            assert_eq!(got.as_deref(), want, "{text}");
        };
        check(UTC_TIME, "600101000000Z", Some("1960-01-01T00:00:00Z"));
        check(UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59Z"));
        check(UTC_TIME, "5001010000Z", Some("1950-01-01T00:00:00Z"));
        check(UTC_TIME, "610229000000Z", None);
        check(UTC_TIME, "600101000000+0100", None);
        check(UTC_TIME, "6001010000", None);
        check(UTC_TIME, "+10101000000Z", None);
        check(UTC_TIME, "ä", None);
        check(
            GENERALIZED_TIME,
            "19000101000000Z",
            Some("1900-01-01T00:00:00Z"),
        );
        check(
            GENERALIZED_TIME,
            "99991231235959Z",
            Some("9999-12-31T23:59:59Z"),
        );
        check(GENERALIZED_TIME, "20000101000000.5Z", None);
        check(super::super::elements::UTF8_STRING, "600101000000Z", None);
    }
}
