//! Takes what was just sent out of an answer that repeats it, because refusals are shown.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::wire::percent_encode;

/// `body` with `…` wherever a text of its JSON repeats one of `sent`; other bodies as they are.
///
/// Servers repeat values as they are, encoded for URLs, HTML or JSON, in base64, or in part.
pub(crate) fn removed(body: &Secret, sent: &[&Secret]) -> Option<Secret> {
    let sent: Vec<_> = sent
        .iter()
        .filter(|value| value.expose().len() >= SHORTEST)
        .collect();
    if sent.is_empty() {
        return None;
    }
    let mut document: Value = serde_json::from_str(body.expose()).ok()?;
    let mut is_changed = false;
    for value in sent {
        let value = value.expose();
        let forms = forms(value);
        let mut remove = |text: &mut String| {
            let found = forms.iter().filter(|form| text.contains(form.as_str()));
            let clean = found.fold(text.clone(), |text, form| text.replace(form.as_str(), GAP));
            let clean = without_parts(&clean, value);
            is_changed |= clean != *text;
            *text = clean;
        };
        in_every_text(&mut document, &mut remove);
    }
    is_changed.then(|| Secret::new(document.to_string()))
}

fn in_every_text(document: &mut Value, change: &mut impl FnMut(&mut String)) {
    match document {
        Value::String(text) => change(text),
        Value::Array(values) => {
            for value in values {
                in_every_text(value, change);
            }
        }
        Value::Object(members) => {
            for value in members.values_mut() {
                in_every_text(value, change);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The ways in which servers write a value.
fn forms(value: &str) -> Vec<Zeroizing<String>> {
    let mut percent = String::with_capacity(value.len() * 3);
    percent_encode(value, &mut percent);
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    let json = Value::from(value).to_string();
    let mut forms = vec![
        value.to_owned(),
        lower_escapes(&percent),
        percent.replace("%20", "+"),
        percent,
        html,
        json[1..json.len() - 1].to_owned(),
        STANDARD.encode(value),
        STANDARD_NO_PAD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        value.chars().rev().collect(),
    ];
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms.into_iter().map(Zeroizing::new).collect()
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escape, rest) = part.split_at(part.len().min(2));
        lower.push('%');
        lower.push_str(&escape.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// `text` without long parts of `value`, as a server that shortens values writes them.
fn without_parts(text: &str, value: &str) -> String {
    let value = value.as_bytes();
    if value.len() < 2 * PART || text.len() < PART {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut parts: Vec<&[u8]> = value.windows(PART).collect();
    parts.sort_unstable();
    let mut clean = String::with_capacity(text.len());
    let (mut shown, mut at) = (0, 0);
    while at + PART <= bytes.len() {
        if parts.binary_search(&&bytes[at..at + PART]).is_err() {
            at += 1;
            continue;
        }
        let start = at;
        while at + PART <= bytes.len() && parts.binary_search(&&bytes[at..at + PART]).is_ok() {
            at += 1;
        }
        let end = at + PART - 1;
        // Values are ASCII, and so are their parts; others are left alone.
        if let (Some(before), true) = (text.get(shown..start), text.is_char_boundary(end)) {
            clean.push_str(before);
            clean.push_str(GAP);
            shown = end;
        }
        at = end;
    }
    clean.push_str(&text[shown..]);
    clean
}

/// What takes the place of a value.
const GAP: &str = "…";
/// Characters of a value that is looked for: shorter ones are words.
const SHORTEST: usize = 6;
/// Characters of a part that gives a value away.
const PART: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "abc8Q~x+y/z=&%\"0123456789abcdefghijklmn";

    fn cleaned(description: &str) -> String {
        let body = serde_json::json!({"error": "x", "n": [1.5, {"d": description}]});
        let sent = Secret::from(VALUE);
        let removed = removed(&body.to_string().into(), &[&sent]);
        removed.map_or_else(|| body.to_string(), |body| body.expose().to_owned())
    }

    #[test]
    fn values_that_were_sent_are_taken_out_in_every_encoding() {
        let mut percent = String::new();
        percent_encode(VALUE, &mut percent);
        let json = Value::from(VALUE).to_string();
        for form in [
            VALUE.to_owned(),
            percent.clone(),
            lower_escapes(&percent),
            json.trim_matches('"').to_owned(),
            STANDARD.encode(VALUE),
            URL_SAFE_NO_PAD.encode(VALUE),
            VALUE.chars().rev().collect(),
            VALUE[..20].to_owned(),
            VALUE[12..].to_owned(),
        ] {
            let text = cleaned(&format!("The secret '{form}' is wrong."));
            assert!(!text.contains(&form), "{form}: {text}");
            assert!(!text.contains("123456789a"), "{form}: {text}");
            assert!(
                text.contains("The secret '") && text.contains("' is wrong."),
                "{text}"
            );
        }
    }

    #[test]
    fn what_was_not_sent_stays() {
        let text = "AADSTS7000215: Invalid client secret provided. é Trace ID: 0123";
        assert!(cleaned(text).contains(text));
        let body = Secret::from("<html>");
        assert!(removed(&body, &[&VALUE.into()]).is_none());
        assert!(removed(&r#"{"error":"abc"}"#.into(), &[&"abc".into()]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}", value in ".{0,30}") {
            let body = Value::from(text).to_string();
            let _ = removed(&body.into(), &[&value.into()]);
        }
    }
}
