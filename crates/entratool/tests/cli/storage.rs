//! `storage`: where the key to everything secret lives.

use serde_json::Value;

use crate::support::Jar;

#[test]
fn status_names_the_place_of_the_key() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    let status: Value = serde_json::from_str(&jar.ok("storage status --json").stdout).unwrap();
    assert!(status.to_string().contains("key-file"), "{status}");
}

#[test]
fn unknown_places_are_refused_with_those_that_there_are() {
    let jar = Jar::new();
    jar.fails(
        "storage use cellar",
        2,
        &["cellar", "key-file", "passphrase"],
    );
}
