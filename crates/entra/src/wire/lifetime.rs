//! Times in answers: how they are written, and which of them to believe.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::jwt;
use crate::secret::Secret;
use crate::token::Timestamp;

/// Seconds that `token` lives from `now` on: the shortest of what the answer says and of the
/// token's own `exp`, where both may be missing.
///
/// A time beyond [`LONGEST`] is not believed, because it is a time in milliseconds or a
/// placeholder; such a token would be returned from the cache long after its end.
pub(crate) fn of<const N: usize>(token: &Secret, now: Timestamp, said: [Option<i64>; N]) -> i64 {
    let own = jwt::expiry(token.expose()).map(|end| end.since(now));
    said.into_iter()
        .chain([own])
        .flatten()
        .filter(|seconds| *seconds <= LONGEST)
        .min()
        .unwrap_or(ASSUMED)
}

/// A number of seconds, or the same as text; `None` where there is neither.
///
/// # Errors
///
/// If it is negative, no number or no finite one.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if is_absent(&value) {
        return Ok(None);
    }
    let seconds = number(&value).ok_or_else(|| D::Error::custom("not a number of seconds"))?;
    Ok(Some(seconds))
}

/// Seconds since 1970 as number or text, an RFC 3339 date, or a date as App Service writes it.
///
/// # Errors
///
/// If it is none of these.
pub(super) fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if is_absent(&value) {
        return Ok(None);
    }
    let date = || date(value.as_str()?.trim());
    let unix = number(&value).or_else(date);
    let unix = unix.ok_or_else(|| D::Error::custom("not a time"))?;
    Ok(Some(Timestamp::from_unix(unix)))
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is between 0 and MOST, and fractions do not matter"
)]
fn number(value: &Value) -> Option<i64> {
    let number: f64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    (0.0..=MOST).contains(&number).then_some(number as i64)
}

fn date(text: &str) -> Option<i64> {
    let rfc3339 = OffsetDateTime::parse(text, &Rfc3339).ok();
    rfc3339
        .map(OffsetDateTime::unix_timestamp)
        .or_else(|| american_date(text))
}

/// `09/14/2017 00:00:00 PM +00:00`, as the 2017 version of App Service's endpoint writes it, with
/// or without `AM` and `PM`, always in UTC
/// (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>).
fn american_date(text: &str) -> Option<i64> {
    let text = text.to_ascii_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let (date, clock, half) = match words[..] {
        [date, clock] | [date, clock, "+00:00"] => (date, clock, ""),
        [date, clock, half @ ("AM" | "PM")] | [date, clock, half @ ("AM" | "PM"), "+00:00"] => {
            (date, clock, half)
        }
        _ => return None,
    };
    let [month, day, year] = three(date, '/')?;
    let [hour, minute, second] = three(clock, ':')?;
    let hour = match half {
        "AM" => hour % 12,
        "PM" if hour < 12 => hour + 12,
        _ => hour,
    };
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date =
        time::Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?);
    let [hour, minute, second] = [hour, minute, second].map(|part| u8::try_from(part).ok());
    let date = date.ok()?.with_hms(hour?, minute?, second?).ok()?;
    Some(date.assume_utc().unix_timestamp())
}

fn three(text: &str, separator: char) -> Option<[u32; 3]> {
    let mut parts = text.split(separator).map(|part| part.parse().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// The longest lifetime that is believed, in seconds: three days. Entra ID's tokens live for 28
/// hours at most.
pub(crate) const LONGEST: i64 = 3 * 24 * 60 * 60;

/// What is assumed of a token of which nothing is known, in seconds.
pub(crate) const ASSUMED: i64 = 60 * 60;

/// Numbers above are no seconds, nor milliseconds: 2^53.
const MOST: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lifetimes_are_the_shortest_that_is_believed() {
        const NOW: i64 = 1_700_000_000;
        let check = |exp: Value, said: [Option<i64>; 2], want: i64| {
            let payload = jwt::base64url_encode(json!({ "exp": exp }).to_string().as_bytes());
            let token = Secret::new(format!("e30.{payload}.c2ln"));
            let got = of(&token, Timestamp::from_unix(NOW), said);
            assert_eq!(got, want, "{exp} {said:?}");
        };
        check(json!(null), [Some(3599), None], 3599);
        check(json!(null), [Some(3599), Some(60)], 60);
        check(json!(null), [None, None], 3600);
        check(json!(null), [Some(LONGEST), None], LONGEST);
        check(json!(null), [Some(LONGEST + 1), None], 3600);
        check(json!(NOW + 100), [Some(3599), None], 100);
        check(json!(NOW + 100), [None, None], 100);
        check(json!(NOW + 9000), [Some(3599), None], 3599);
        check(json!(NOW - 100), [Some(3599), None], -100);
        check(json!((NOW + 100) * 1000), [Some(3599), None], 3599);
        check(json!((NOW + 100) * 1000), [None, None], 3600);
        check(json!("soon"), [Some(1_796_123_471_000 - NOW), None], 3600);
        let opaque = of(&"opaque".into(), Timestamp::from_unix(NOW), [None]);
        assert_eq!(opaque, 3600);
    }

    #[test]
    fn seconds_are_numbers_or_their_text() {
        let check = |value: Value, want: Option<Option<i64>>| {
            assert_eq!(seconds(&value).ok(), want, "{value}");
        };
        check(json!(3599), Some(Some(3599)));
        check(json!(3599.0), Some(Some(3599)));
        check(json!("3599"), Some(Some(3599)));
        check(json!(" 3599.7 "), Some(Some(3599)));
        check(json!(0), Some(Some(0)));
        check(json!(null), Some(None));
        check(json!(""), Some(None));
        for odd in [
            json!("NaN"),
            json!("inf"),
            json!("-inf"),
            json!("1e400"),
            json!(1e300),
            json!(u64::MAX),
            json!(-1),
            json!("-1"),
            json!("soon"),
            json!(true),
            json!([]),
            json!({}),
        ] {
            check(odd, None);
        }
    }

    #[test]
    fn moments_are_numbers_or_dates() {
        let check = |value: Value, want: Option<i64>| {
            let got = moment(&value).ok().flatten().map(Timestamp::unix);
            assert_eq!(got, want, "{value}");
        };
        check(json!(1_700_003_600), Some(1_700_003_600));
        check(json!(1_700_003_600.5), Some(1_700_003_600));
        check(json!("1700003600"), Some(1_700_003_600));
        check(json!("2023-11-14T23:13:20+00:00"), Some(1_700_003_600));
        check(json!("11/14/2023 23:13:20 +00:00"), Some(1_700_003_600));
        check(json!("11/14/2023 11:13:20 PM +00:00"), Some(1_700_003_600));
        check(json!("11/14/2023 23:13:20 PM +00:00"), Some(1_700_003_600));
        check(json!("11/14/2023 11:13:20 pm"), Some(1_700_003_600));
        check(json!("1/2/2023 12:00:00 AM +00:00"), Some(1_672_617_600));
        check(json!("11/14/2023 23:13:20 +01:00"), None);
        check(json!("14/11/2023 23:13:20 +00:00"), None);
        check(json!("11/14/2023 25:13:20"), None);
        check(json!("11/14/2023"), None);
        check(json!("11/14/2023/1 1:1:1"), None);
        check(json!("soon"), None);
        check(json!(-1), None);
        check(json!("NaN"), None);
        check(json!(null), None);
    }
}
