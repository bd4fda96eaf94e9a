//! Round trips, the vector of RFC 7517, tampering with every part, and what is refused unopened.

use std::cell::Cell;

use proptest::prelude::*;
use serde_json::Value;

use super::algorithm::{
    A128GCM, A256GCM, PBES2_HS256_A128KW, PBES2_HS384_A192KW, PBES2_HS512_A256KW,
};
use super::*;

/// Bytes that differ from call to call.
struct Counting(Cell<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0.set(self.0.get().wrapping_mul(5).wrapping_add(3));
            *byte = self.0.get();
        }
    }
}

const TEXT: &str = r#"{"profiles":[{"name":"a","clientSecret":"canary"}]}"#;

fn sealed(pair: (&'static KeyManagement, &'static Content)) -> Value {
    let entropy = Counting(Cell::new(1));
    let text = seal_with(&TEXT.into(), &"passphrase".into(), &entropy, pair, 1000);
    serde_json::from_str(&text).unwrap()
}

fn strongest() -> Value {
    sealed((&PBES2_HS512_A256KW, &A256GCM))
}

fn compact(written: &Value) -> String {
    ["protected", "encrypted_key", "iv", "ciphertext", "tag"]
        .map(|part| written[part].as_str().unwrap())
        .join(".")
}

fn header(written: &Value) -> Value {
    let protected = written["protected"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(protected).unwrap()).unwrap()
}

/// `written` with another protected header.
fn with_header(written: &Value, change: impl Fn(&mut Value)) -> Value {
    let (mut written, mut header) = (written.clone(), header(written));
    change(&mut header);
    written["protected"] = URL_SAFE_NO_PAD.encode(header.to_string()).into();
    written
}

fn opened(text: &str, passphrase: &str) -> Result<Secret, SealedBundleError> {
    let bundle = SealedBundle::parse(text)?.expect("it is encrypted");
    bundle.open(&passphrase.into())
}

#[test]
fn every_pair_of_algorithms_opens_in_both_serializations() {
    for key_management in [
        &PBES2_HS256_A128KW,
        &PBES2_HS384_A192KW,
        &PBES2_HS512_A256KW,
    ] {
        for content in [&A128GCM, &A256GCM] {
            let written = sealed((key_management, content));
            for text in [written.to_string(), format!("{}\n", compact(&written))] {
                assert!(opened(&text, "passphrase").unwrap().equals(TEXT), "{text}");
                assert!(!text.contains("canary"));
            }
        }
    }
}

#[test]
fn what_is_written_has_the_strength_that_is_promised() {
    let entropy = Counting(Cell::new(1));
    let text = seal(&TEXT.into(), &"passphrase".into(), &entropy);
    let header = header(&serde_json::from_str(&text).unwrap());
    assert_eq!(header["alg"], "PBES2-HS512+A256KW");
    assert_eq!(header["enc"], "A256GCM");
    assert_eq!(header["cty"], "json");
    assert_eq!(header["p2c"], 210_000);
    let salt = URL_SAFE_NO_PAD.decode(header["p2s"].as_str().unwrap());
    assert_eq!(salt.unwrap().len(), 16);
    let again = seal(&TEXT.into(), &"passphrase".into(), &entropy);
    assert_ne!(text, again, "salt, nonce and key are new each time");
    assert!(opened(&text, "passphrase").unwrap().equals(TEXT));
}

#[test]
fn the_wrapped_key_of_rfc_7517_appendix_c_unwraps() {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let passphrase = "Thus from my lips, by yours, my sin is purged.";
    let wrapping =
        PBES2_HS256_A128KW.derive(&passphrase.into(), &decode("2WCTcJZ1Rvd_CJuJripQ1w"), 4096);
    assert_eq!(wrapping[..4], [110, 171, 169, 92]);
    let wrapped = decode("TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA");
    let key = PBES2_HS256_A128KW.unwrap(&wrapping, &wrapped).unwrap();
    assert_eq!(key[..4], [111, 27, 25, 52]);
    assert_eq!(PBES2_HS256_A128KW.wrap(&wrapping, &key), wrapped);
}

#[test]
fn another_passphrase_opens_nothing() {
    let text = strongest().to_string();
    for passphrase in ["Passphrase", "passphrase ", "passphras", ""] {
        assert_eq!(
            opened(&text, passphrase).unwrap_err(),
            SealedBundleError::WrongPassphrase
        );
    }
}

#[test]
fn a_change_anywhere_is_noticed() {
    let written = strongest();
    for part in ["protected", "encrypted_key", "iv", "ciphertext", "tag"] {
        let text = written[part].as_str().unwrap();
        for at in 0..text.len() {
            for by in ["A", "b"] {
                let mut changed = text.to_owned();
                changed.replace_range(at..=at, by);
                let mut all = written.clone();
                all[part] = changed.clone().into();
                let result = opened(&all.to_string(), "passphrase");
                assert!(changed == text || result.is_err(), "{part}, character {at}");
            }
            let mut all = written.clone();
            all[part] = text[..at].into();
            let cut = opened(&all.to_string(), "passphrase");
            assert!(cut.is_err(), "{part}, {at} characters left");
        }
    }
}

#[test]
fn header_parameters_cannot_be_exchanged() {
    let check = |change: &dyn Fn(&mut Value), want: SealedBundleError| {
        let changed = with_header(&strongest(), change);
        assert_eq!(
            opened(&changed.to_string(), "passphrase").unwrap_err(),
            want
        );
    };
    let wrong = SealedBundleError::WrongPassphrase;
    check(&|header| header["p2c"] = 1001.into(), wrong.clone());
    check(
        &|header| header["p2s"] = "AAAAAAAAAAAAAAAAAAAAAA".into(),
        wrong.clone(),
    );
    check(&|header| header["alg"] = "PBES2-HS384+A192KW".into(), wrong);
    check(
        &|header| header["cty"] = "text".into(),
        SealedBundleError::Damaged,
    );
}

#[test]
fn salt_and_iterations_may_be_in_the_recipients_header() {
    let (salt, nonce, key) = ([7; 8], [0; NONCE_LENGTH], [9; 32]);
    let protected = json!({"alg": "PBES2-HS512+A256KW", "enc": "A256GCM"});
    let protected = URL_SAFE_NO_PAD.encode(protected.to_string());
    let wrapping = PBES2_HS512_A256KW.derive(&"passphrase".into(), &salt, 1000);
    let mut text = TEXT.as_bytes().to_vec();
    let tag = A256GCM.seal(&key, nonce, &protected, &mut text);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut written = json!({
        "protected": protected,
        "header": {"p2s": encode(&salt), "p2c": 1000, "kid": "mine"},
        "encrypted_key": encode(&PBES2_HS512_A256KW.wrap(&wrapping, &key)),
        "iv": encode(&nonce),
        "ciphertext": encode(&text),
        "tag": encode(tag.as_ref()),
    });
    let open = |written: &Value| opened(&written.to_string(), "passphrase");
    assert!(open(&written).unwrap().equals(TEXT));
    written["header"]["p2c"] = 1001.into();
    let error = open(&written).unwrap_err();
    assert_eq!(error, SealedBundleError::WrongPassphrase);
}

#[test]
fn what_is_unreasonable_is_refused_before_any_work() {
    let check = |change: &dyn Fn(&mut Value), want: &str| {
        let changed = with_header(&strongest(), change).to_string();
        let error = SealedBundle::parse(&changed).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    };
    check(
        &|header| header["p2c"] = 10_000_001.into(),
        "asks for 10000001",
    );
    check(
        &|header| header["p2c"] = u64::MAX.into(),
        "iterations of PBKDF2",
    );
    check(&|header| header["p2c"] = 999.into(), "1000 to 10000000");
    check(&|header| header["p2c"] = (-5).into(), "cannot be read");
    check(
        &|header| header["p2c"] = Value::Null,
        "asks for 0 iterations",
    );
    check(&|header| header["p2s"] = "AAAA".into(), "its salt");
    check(
        &|header| header["p2s"] = "A".repeat(2000).into(),
        "its salt",
    );
    check(&|header| header["p2s"] = "A A".into(), "not base64url");
    check(&|header| header["alg"] = "dir".into(), "its `alg` is `dir`");
    check(&|header| header["alg"] = "\u{1b}[2J".into(), "`\\u{1b}[2J`");
    check(&|header| header["alg"] = Value::Null, "its `alg` is ``");
    check(
        &|header| header["enc"] = "A128CBC-HS256".into(),
        "`A128CBC-HS256`",
    );
    check(&|header| header["enc"] = "A128GCM".into(), "another length");
    for crit in [json!(["exp"]), json!([]), json!("exp"), Value::Null] {
        check(&|header| header["crit"] = crit.clone(), "`crit`");
    }
    check(&|header| header["zip"] = "DEF".into(), "compressed");
    check(&|header| header["zip"] = Value::Null, "compressed");
    check(&|header| *header = json!([]), "cannot be read");
}

#[test]
fn what_is_not_protected_is_refused() {
    let check = |member: &str, value: Value, want: &str| {
        let mut written = strongest();
        written[member] = value;
        let error = SealedBundle::parse(&written.to_string()).unwrap_err();
        assert!(error.to_string().contains(want), "{error}");
    };
    check("header", json!({"alg": "dir"}), "not protected");
    check("header", json!({"enc": "A256GCM"}), "not protected");
    check("header", json!({"p2c": 1000}), "there twice");
    check("header", json!({"crit": ["x"]}), "`crit`");
    check("header", json!({"crit": null}), "`crit`");
    check("header", json!({"zip": "DEF"}), "compressed");
    check("header", json!({"p2c": "1000"}), "is no text");
    check("unprotected", json!({}), "`unprotected`");
    check("aad", "AAAA".into(), "`aad`");
    check("recipients", json!([{}]), "several recipients");
    check("unprotected", Value::Null, "`unprotected`");
    check("aad", Value::Null, "`aad`");
    check("recipients", Value::Null, "several recipients");
    check("protected", Value::Null, "cannot be read");
    check("iv", Value::Null, "is missing");
    check("tag", 7.into(), "is no text");
    check("tag", "AAAA".into(), "another length");
}

#[test]
fn other_texts_are_left_to_others() {
    let check = |text: &str, want: bool| {
        assert_eq!(SealedBundle::parse(text).unwrap().is_some(), want, "{text}");
    };
    check(TEXT, false);
    check("", false);
    check("[]", false);
    check("{", false);
    check("a.b.c", false);
    check("....... ", false);
    check(r#"["ciphertext"]"#, false);
    check(&format!(" \r\n{}\r\n", compact(&strongest())), true);
    check(&format!("\n{:#}\n", strongest()), true);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_comes_back_under_any_passphrase(
        text in "\\PC{0,200}",
        passphrase in "\\PC{1,20}",
        other in "\\PC{1,20}",
        start: u8,
    ) {
        let entropy = Counting(Cell::new(start));
        let pair = (&PBES2_HS256_A128KW, &A256GCM);
        let passphrase_ = Secret::from(passphrase.as_str());
        let sealed = seal_with(&text.as_str().into(), &passphrase_, &entropy, pair, 1000);
        prop_assert!(opened(&sealed, &passphrase).unwrap().equals(&text));
        prop_assert!(passphrase == other || opened(&sealed, &other).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,100}") {
        let _ = SealedBundle::parse(&text);
    }
}
