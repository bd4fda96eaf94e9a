//! What machines and pipelines answer: tokens are fit for use, and challenges stay in their folder.
#![no_main]

use std::path::Path;

use entra::secret::Secret;
use entra::token::Timestamp;
use entra::wire::federation::is_jwt;
use entra::wire::identity::{arc, granted, refused};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let body = Secret::from(&*text);
    if let Some((reply, _)) = granted(&body, Timestamp::from_unix(1_772_366_400)) {
        let token = reply.access_token.expose();
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(reply.expires_in.is_none_or(|seconds| seconds >= 0));
    }
    if let Some(refusal) = refused(400, &body) {
        assert!(!refusal.to_string().chars().any(char::is_control));
    }
    if is_jwt(&body) {
        assert_eq!(text.split('.').count(), 3);
    }
    let folder = Path::new("/var/opt/azcmagent/tokens");
    if let Ok(path) = arc::key_file(&text, folder) {
        assert_eq!(path.parent(), Some(folder));
        assert_eq!(
            path.extension().and_then(|extension| extension.to_str()),
            Some("key")
        );
    }
});
