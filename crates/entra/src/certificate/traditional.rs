//! OpenSSL's traditional encryption of PEM blocks: `Proc-Type: 4,ENCRYPTED` (RFC 1421 §4.6).

use cbc::cipher::{BlockCipherDecrypt, KeyInit};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::block_cipher::cbc_decrypt;
use super::error::{CertificateError, Container};
use super::password::Password;

/// Opens `data` as the header `DEK-Info` says: `AES-256-CBC,0123…`.
///
/// # Errors
///
/// [`CertificateError::WrongPassword`] if the padding is wrong afterwards, which happens with
/// all but one in 256 wrong passwords.
pub(super) fn decrypt(
    method: &str,
    data: &[u8],
    password: Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let (name, vector) = method.split_once(',').unwrap_or((method, ""));
    let name = name.trim().to_ascii_uppercase();
    let Some((_, cipher)) = CIPHERS.iter().find(|cipher| cipher.0 == name) else {
        return Err(CertificateError::UnsupportedEncryption {
            what: match name.as_str() {
                "" => "an unnamed cipher".to_owned(),
                _ => name
                    .chars()
                    .filter(|c| c.is_ascii_graphic())
                    .take(40)
                    .collect(),
            },
            container: Container::Key,
        });
    };
    let vector = bytes(vector.trim()).ok_or(MALFORMED)?;
    cipher(&vector, data, password)
}

/// A key derived by one iteration of MD5 over the password and the first 8 bytes of the vector:
/// OpenSSL's `EVP_BytesToKey`.
fn open<C: BlockCipherDecrypt + KeyInit>(
    vector: &[u8],
    data: &[u8],
    password: Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let salt = vector.get(..SALT).ok_or(MALFORMED)?;
    if vector.len() != C::block_size() {
        return Err(MALFORMED);
    }
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    let mut last = Zeroizing::new([0; 16]);
    while key.len() < C::key_size() {
        let mut hash = Md5::new();
        if !key.is_empty() {
            hash.update(*last);
        }
        hash.update(password.utf8());
        hash.update(salt);
        hash.finalize_into((&mut *last).into());
        key.extend_from_slice(&*last);
    }
    key.truncate(C::key_size());
    cbc_decrypt::<C>(&key, vector, data).ok_or(CertificateError::WrongPassword)
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

type Cipher = fn(&[u8], &[u8], Password<'_>) -> Result<Zeroizing<Vec<u8>>, CertificateError>;

const MALFORMED: CertificateError = CertificateError::Malformed {
    part: "encryption parameters",
};
const SALT: usize = 8;

const CIPHERS: [(&str, Cipher); 6] = [
    ("AES-128-CBC", open::<aes::Aes128>),
    ("AES-192-CBC", open::<aes::Aes192>),
    ("AES-256-CBC", open::<aes::Aes256>),
    ("DES-CBC", open::<des::Des>),
    ("DES-EDE-CBC", open::<des::TdesEde2>),
    ("DES-EDE3-CBC", open::<des::TdesEde3>),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_do_not_fit_are_refused() {
        let check = |method: &str, want: &str| {
            let error = decrypt(method, &[0; 16], Password::Text("x")).unwrap_err();
            assert_eq!(error.to_string(), want, "{method}");
        };
        let malformed = "the encryption parameters cannot be read";
        let zeros = "00".repeat(16);
        check(&format!("AES-256-CBC,{zeros}"), "wrong password");
        check(&format!(" aes-128-cbc , {zeros}"), "wrong password");
        check("AES-256-CBC", malformed);
        check("AES-256-CBC,0000000000000000", malformed);
        check("AES-256-CBC,000", malformed);
        check("DES-CBC,xx", malformed);
        check("DES-EDE3-CBC,é", malformed);
        let unsupported =
            |name: &str| format!("its key is protected by {name}, which is not supported");
        check("CAMELLIA-256-CBC,00", &unsupported("CAMELLIA-256-CBC"));
        check("", &unsupported("an unnamed cipher"));
    }
}
