//! Bodies of the token and device endpoints: whatever is taken for an answer is fit for use.
#![no_main]

use entra::scope::Scopes;
use entra::secret::Secret;
use entra::wire::device::DeviceAuthorization;
use entra::wire::token::Answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let body = Secret::new(String::from_utf8_lossy(bytes).into_owned());
    match Answer::parse(200, &body) {
        Some(Answer::Granted(reply)) => {
            let token = reply.access_token.expose();
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(reply.expires_in.is_none_or(|seconds| seconds >= 0));
            if let Some(scopes) = reply.scopes() {
                assert!(!scopes.is_empty());
                assert_eq!(Scopes::split(&scopes.to_string()), scopes);
            }
            for token in [&reply.refresh_token, &reply.id_token]
                .into_iter()
                .flatten()
            {
                assert!(!token.is_empty());
            }
        }
        Some(Answer::Refused(_)) => panic!("a success refuses nothing"),
        None => {}
    }
    assert!(!matches!(
        Answer::parse(400, &body),
        Some(Answer::Granted(_))
    ));
    if let Some(device) = DeviceAuthorization::parse(&body) {
        assert!((1..=300).contains(&device.interval));
        for shown in [&device.user_code, &device.verification_uri] {
            assert!(!shown.is_empty() && shown.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
});
