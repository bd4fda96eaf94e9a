//! Tokens of any shape: what can be read can be written and read again with the same content.
#![no_main]

use entra::jwt::claims::Claims;
use entra::jwt::{UnverifiedJwt, base64url_encode, raw_part};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|token: &str| {
    let Ok(jwt) = UnverifiedJwt::parse(token) else {
        return;
    };
    for (index, part) in [jwt.header(), jwt.payload()].into_iter().enumerate() {
        let raw = raw_part(token, index).expect("a part that was read is JSON");
        let again: Map<String, Value> = serde_json::from_str(raw.get()).expect("JSON stays JSON");
        assert_eq!(again, *part);
    }
    let part = |members: &Map<String, Value>| {
        base64url_encode(&serde_json::to_vec(members).expect("JSON can be written"))
    };
    let (header, payload) = (part(jwt.header()), part(jwt.payload()));
    let again = UnverifiedJwt::parse(&format!("{header}.{payload}.{}", jwt.signature()))
        .expect("what was written can be read");
    assert_eq!(part(again.header()), header);
    assert_eq!(part(again.payload()), payload);
    let claims = Claims::new(jwt.payload());
    let _ = (claims.audience(), claims.scopes(), claims.roles());
    for moment in [claims.expires(), claims.not_before(), claims.issued()] {
        let _ = moment.map(|moment| moment.rfc3339());
    }
});
