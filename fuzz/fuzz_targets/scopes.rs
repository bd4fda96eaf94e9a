//! Lists of scopes: splitting twice is splitting once, and nothing stands in a list twice.
#![no_main]

use entra::scope::{ScopeError, Scopes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let split = Scopes::split(text);
    let printed = split.to_string();
    assert_eq!(Scopes::split(&printed).to_string(), printed);
    let all: Vec<_> = split.iter().collect();
    for (index, scope) in all.iter().enumerate() {
        assert!(!scope.is_empty());
        let before = &all[..index];
        assert!(!before.iter().any(|other| other.eq_ignore_ascii_case(scope)));
    }
    assert!(split.covers(&split));
    assert!(split.clone().without(&all).is_empty());
    assert_eq!(split.clone().with(&all).to_string(), printed);
    match Scopes::parse(text) {
        Ok(scopes) => {
            assert_eq!(scopes.to_string(), printed);
            let suggestion = Scopes::split(&scopes.as_default());
            assert!(suggestion.single_default().is_some(), "{suggestion}");
        }
        Err(ScopeError::Empty) => assert!(split.is_empty()),
        Err(_) => assert!(!split.is_empty()),
    }
});
