//! Finds AADSTS codes in pasted text.

use crate::table;

/// The codes in `text`, the most specific first, each once.
///
/// Understands `AADSTS50011` and `aadsts50011`, a bare number, a whole error text or JSON answer, and Microsoft's
/// look-up address. Entra ID writes the general code before the specific one, so the last in the text comes first.
/// If the text holds no `AADSTS`, numbers in it count only if they are known codes, unless a number is all there is.
///
/// ```
/// use entra_explain::codes_in;
///
/// assert_eq!(codes_in("AADSTS70002: Error validating credentials. AADSTS500133: …"), [500133, 70002]);
/// assert_eq!(codes_in("50011"), [50011]);
/// ```
#[must_use]
pub fn codes_in(text: &str) -> Vec<u32> {
    let named = named_codes(text);
    if named.is_empty() {
        numbers(text)
    } else {
        named
    }
}

/// The codes that stand behind `AADSTS`.
pub(crate) fn named_codes(text: &str) -> Vec<u32> {
    specific_first(prefixed(text))
}

/// The number that `text` consists of, or the numbers in it that are known codes.
pub(crate) fn numbers(text: &str) -> Vec<u32> {
    match number(text.trim()).filter(|code| *code >= LEAST) {
        Some(code) => vec![code],
        None => specific_first(
            bare(text)
                .filter(|code| table::find(*code, None).is_some())
                .collect(),
        ),
    }
}

fn specific_first(codes: Vec<u32>) -> Vec<u32> {
    let mut specific_first = Vec::with_capacity(codes.len());
    for code in codes.into_iter().rev() {
        if !specific_first.contains(&code) {
            specific_first.push(code);
        }
    }
    specific_first
}

/// The numbers after `AADSTS`, in any case; white space, `:`, `-` or `#` may stand between.
fn prefixed(text: &str) -> Vec<u32> {
    let mut codes = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + PREFIX.len() <= bytes.len() {
        if !bytes[at..at + PREFIX.len()].eq_ignore_ascii_case(PREFIX) {
            at += 1;
            continue;
        }
        at += PREFIX.len();
        while matches!(bytes.get(at), Some(b' ' | b':' | b'-' | b'#')) {
            at += 1;
        }
        let end = at
            + bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
        codes.extend(number(&text[at..end]));
        at = end;
    }
    codes
}

/// The numbers that stand for themselves: not part of a word, a GUID, an address or a time.
fn bare(text: &str) -> impl Iterator<Item = u32> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':')))
        .map(|word| word.trim_end_matches(['.', ':', '-']))
        .filter_map(number)
}

/// `digits` as a code; nothing for other texts and for numbers that no code has.
fn number(digits: &str) -> Option<u32> {
    let plausible =
        (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|code| plausible && *code > 0)
}

const PREFIX: &[u8] = b"aadsts";
/// Digits; the longest known codes have eight.
const LONGEST: usize = 9;
/// All known codes have five digits at least; a shorter number is an HTTP status, or no code.
const LEAST: u32 = 10_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_found_wherever_they_stand() {
        fn check(text: &str, want: &[u32]) {
            assert_eq!(codes_in(text), want, "{text}");
        }
        check("AADSTS50011", &[50011]);
        check("aadsts50011", &[50011]);
        check("AadSts 50011", &[50011]);
        check("AADSTS-50011", &[50011]);
        check("AADSTS #50011", &[50011]);
        check("AADSTS: 50011", &[50011]);
        check("AADSTS=50012 or so", &[50012]);
        check("AADSTS=999999 or so", &[]);
        check("xAADSTS70000121x", &[70_000_121]);
        check("AADSTS123456789", &[123_456_789]);
        check("AADSTS1234567890", &[]);
        check("AADSTS0", &[]);
        check("AADST50011, AADSTS", &[]);
        check("50011. 50012: 50013-", &[50013, 50012, 50011]);
        check("v50011 50011.5 50011/x x-50011", &[]);
        check("  50011\r\n", &[50011]);
        check("7", &[]);
        check("403", &[]);
        check("AADSTS403", &[403]);
        check("9999", &[]);
        check("16000", &[16000]);
        check(
            "AADSTS50011: The redirect URI 'http://localhost:50076' …",
            &[50011],
        );
        check(
            "AADSTS70002: Error. AADSTS500133: Assertion …\r\nTrace ID: 50076",
            &[500_133, 70002],
        );
        check("AADSTS65001 … AADSTS50076 … AADSTS65001", &[65001, 50076]);
        check(
            "error_description=AADSTS50105%3a+Your+administrator",
            &[50105],
        );
        check(
            r#"{"error":"invalid_client","error_codes":[70002,500133]}"#,
            &[500_133, 70002],
        );
        check(
            "https://login.microsoftonline.com/error?code=7000215",
            &[7_000_215],
        );
        check("sign-in error code: 53003.", &[53003]);
        check(
            "Error code 53003, correlation ID 50076aaa-0000-50076",
            &[53003],
        );
        check("AADSTS4242424242", &[]);
        check("AADSTS", &[]);
        check("AADSTS: none, port 50011", &[50011]);
        check("999999", &[999_999]);
        check("it failed after 999999 requests", &[]);
        check("at 2026-01-02 03:04:50011", &[]);
        check("0", &[]);
        check("", &[]);
        check("nothing here", &[]);
        check("ÄADSTS50011 aadstſ50012", &[]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
            let codes = codes_in(&text);
            prop_assert!(codes.iter().all(|code| text.contains(&code.to_string())), "{:?}", codes);
        }

        #[test]
        fn text_full_of_prefixes_and_digits_is_read_without_a_panic(
            pieces in proptest::collection::vec("AADSTS|aadsts|[0-9]{0,12}|ä|'|: ", 0..40),
        ) {
            let text = pieces.concat();
            let codes = codes_in(&text);
            prop_assert!(codes.iter().all(|code| text.contains(&code.to_string())));
        }

        #[test]
        fn a_code_is_found_between_other_words(before in "[a-z ]{0,20}", code in 10_000..99_999_999_u32, after in "[a-z :]{0,20}") {
            let text = format!("{before}AADSTS{code}{after}");
            prop_assert_eq!(codes_in(&text), vec![code]);
        }
    }
}
