//! Requests to the listener on loopback: how they are cut into packets changes nothing.
#![no_main]

use entra::client::RedirectUri;
use entra::wire::redirect::answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let here = RedirectUri::localhost(8080);
    let read = |bytes| {
        let fields = answer(&here, bytes);
        fields.map(|fields| fields.map(|fields| fields.expose().to_owned()))
    };
    let whole = read(bytes);
    for length in 0..bytes.len() {
        let part = read(&bytes[..length]);
        assert!(part == Ok(None) || part == whole, "{length}: {part:?}");
    }
});
