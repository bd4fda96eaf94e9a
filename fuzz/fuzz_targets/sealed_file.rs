//! Sealed files: what opens is exactly what this key sealed, byte for byte.
#![no_main]

use entra::secret::Secret;
use entratool::vault::key::Key;
use entratool::vault::sealed::{Format, NONCE_LENGTH, SealedError, key_id, open, seal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = Key::from_bytes(&[1; Key::LENGTH]).expect("a key of the right length");
    match open(&key, "token:demo", bytes.to_vec()) {
        Ok(text) => {
            assert_eq!(key_id(bytes), Ok(key.id()));
            let nonce = bytes[17..].first_chunk().expect("a nonce");
            let mut formats = [Format::Plain, Format::Owned].into_iter();
            assert!(formats.any(|format| seal(&key, format, "token:demo", *nonce, &text) == bytes));
        }
        Err(SealedError::WrongKey { found }) => assert_eq!(key_id(bytes), Ok(found)),
        Err(SealedError::Damaged) => {}
        Err(error) => assert_eq!(key_id(bytes), Err(error)),
    }
    let text = Secret::new(String::from_utf8_lossy(bytes).into_owned());
    let mut nonce = [0; NONCE_LENGTH];
    for (byte, random) in nonce.iter_mut().zip(bytes) {
        *byte = *random;
    }
    let sealed = seal(&key, Format::Owned, "token:demo", nonce, &text);
    let opened = open(&key, "token:demo", sealed.clone()).expect("what was sealed opens");
    assert_eq!(opened.expose(), text.expose());
    assert!(open(&key, "token:other", sealed).is_err());
});
