//! Lists of `NO_PROXY`: each entry speaks for itself, and letter case says nothing.
#![no_main]

use entratool::os::http::is_excepted;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // The first line is the host, the rest is the list.
    let (host, list) = text.split_once('\n').unwrap_or((text, ""));
    for port in [80, 443] {
        let whole = is_excepted(list, host, port);
        let separator = |c: char| c == ',' || c.is_whitespace();
        let mut entries = list
            .split(separator)
            .map(|entry| is_excepted(entry, host, port));
        assert_eq!(whole, entries.any(|excepted| excepted));
        assert_eq!(whole, is_excepted(&list.to_ascii_uppercase(), host, port));
        assert_eq!(whole, is_excepted(list, &host.to_ascii_uppercase(), port));
        assert!(is_excepted(&format!("{list} *"), host, port));
        assert!(!is_excepted("", host, port));
    }
});
