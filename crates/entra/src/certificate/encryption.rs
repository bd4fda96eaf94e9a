//! The password-based encryption of PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292).

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode, ErrorKind};
use pkcs5::pbes2::{self, Kdf};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use pkcs12::pbe_params::{Pbes2Params, Pkcs12PbeParams};
use sha1::Sha1;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::block_cipher::cbc_decrypt;
use super::error::{CertificateError, Container};
use super::password::Password;
use crate::secret::Secret;

/// The passwords to try on a file, and how much work may still be spent on trying.
pub(super) struct Decryption<'a> {
    passwords: Vec<Password<'a>>,
    refusal: CertificateError,
    iterations_left: u64,
}

impl<'a> Decryption<'a> {
    /// Without a password, an empty and an absent one are tried.
    pub(super) fn new(password: Option<&'a Secret>) -> Self {
        let passwords = match password.map(Secret::expose) {
            Some(text) if !text.is_empty() => vec![Password::Text(text)],
            _ => vec![Password::Text(""), Password::Absent],
        };
        let refusal = match password {
            Some(_) => CertificateError::WrongPassword,
            None => CertificateError::PasswordNeeded,
        };
        Self {
            passwords,
            refusal,
            iterations_left: ITERATIONS_LIMIT,
        }
    }

    /// The first result that an attempt with one of the passwords gives.
    ///
    /// # Errors
    ///
    /// What `attempt` says, unless it is [`CertificateError::WrongPassword`]: then the next
    /// password has its turn, until no password is left.
    pub(super) fn attempt<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Self, Password<'a>) -> Result<T, CertificateError>,
    ) -> Result<T, CertificateError> {
        for password in self.passwords.clone() {
            match attempt(self, password) {
                Err(CertificateError::WrongPassword) => {}
                result => return result,
            }
        }
        Err(self.refusal.clone())
    }

    /// Accounts for a key derivation of so many iterations.
    ///
    /// # Errors
    ///
    /// [`CertificateError::TooManyIterations`] if the file as a whole has used up its allowance.
    pub(super) fn spend(&mut self, count: u64) -> Result<(), CertificateError> {
        self.iterations_left = self.iterations_left.checked_sub(count).ok_or(TOO_MANY)?;
        Ok(())
    }

    /// Opens `data` with one password.
    ///
    /// # Errors
    ///
    /// [`CertificateError::WrongPassword`] if the padding is wrong afterwards, which happens with
    /// all but one in 256 wrong passwords; the caller must expect garbage.
    pub(super) fn decrypt(
        &mut self,
        algorithm: &AlgorithmIdentifierOwned,
        data: &[u8],
        password: Password<'_>,
        container: Container,
    ) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
        let parameters = algorithm
            .parameters
            .as_ref()
            .and_then(|parameters| parameters.to_der().ok())
            .ok_or(MALFORMED_PARAMETERS)?;
        if algorithm.oid == pbes2::PBES2_OID {
            return self.pbes2(&parameters, data, password, container);
        }
        let Some((_, key_length, cipher)) = PKCS12_SCHEMES
            .iter()
            .find(|scheme| scheme.0 == algorithm.oid)
        else {
            return Err(unsupported(algorithm.oid, container));
        };
        let parameters =
            Pkcs12PbeParams::from_der(&parameters).map_err(|_| MALFORMED_PARAMETERS)?;
        let mut derive = |purpose, length| {
            self.pkcs12_key::<Sha1>(
                password,
                &parameters.salt,
                purpose,
                parameters.iterations,
                length,
            )
        };
        let key = derive(Pkcs12KeyType::EncryptionKey, *key_length)?;
        let initialization_vector = derive(Pkcs12KeyType::Iv, 8)?;
        cipher(&key, &initialization_vector, data).ok_or(CertificateError::WrongPassword)
    }

    /// The key derivation of RFC 7292 appendix B.
    ///
    /// # Errors
    ///
    /// If the number of iterations is not positive, or too large.
    pub(super) fn pkcs12_key<D>(
        &mut self,
        password: Password<'_>,
        salt: &OctetString,
        purpose: Pkcs12KeyType,
        count: i32,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CertificateError>
    where
        D: hmac::digest::Digest
            + hmac::digest::FixedOutputReset
            + hmac::digest::block_api::BlockSizeUser,
    {
        let work = u64::try_from(count).map_err(|_| MALFORMED_PARAMETERS)?;
        self.spend(work.max(1))?;
        let key = derive_key::<D>(&password.bmp(), salt.as_bytes(), purpose, count, length);
        Ok(key.into())
    }

    fn pbes2(
        &mut self,
        parameters: &[u8],
        data: &[u8],
        password: Password<'_>,
        container: Container,
    ) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
        let methods = Pbes2Params::from_der(parameters).map_err(|_| MALFORMED_PARAMETERS)?;
        if methods.encryption.oid == pbes2::DES_EDE3_CBC_OID {
            // pkcs5 0.8 panics on a shorter one.
            let vector = methods.encryption.parameters.as_ref();
            if vector.is_none_or(|vector| vector.value().len() != 8) {
                return Err(MALFORMED_PARAMETERS);
            }
        }
        let parameters =
            pbes2::Parameters::from_der(parameters).map_err(|error| match error.kind() {
                ErrorKind::OidUnknown { oid } => unsupported(oid, container),
                _ => MALFORMED_PARAMETERS,
            })?;
        self.spend(iterations_of(&parameters.kdf)?)?;
        let mut buffer = Zeroizing::new(data.to_vec());
        let length = match parameters.decrypt_in_place(password.utf8(), &mut buffer) {
            Ok(clear) => clear.len(),
            Err(pkcs5::Error::DecryptFailed) => return Err(CertificateError::WrongPassword),
            Err(pkcs5::Error::UnsupportedAlgorithm { oid }) => {
                return Err(unsupported(oid, container));
            }
            Err(_) => return Err(MALFORMED_PARAMETERS),
        };
        buffer.truncate(length);
        Ok(buffer)
    }
}

/// The work of a key derivation, in about the units of one hash computation.
fn iterations_of(kdf: &Kdf) -> Result<u64, CertificateError> {
    match kdf {
        Kdf::Pbkdf2(parameters) if parameters.iteration_count > 0 => {
            Ok(parameters.iteration_count.into())
        }
        Kdf::Scrypt(parameters) => {
            // pkcs5 0.8 panics on a cost of zero.
            if parameters.cost_parameter < 2 {
                return Err(MALFORMED_PARAMETERS);
            }
            let blocks = parameters
                .cost_parameter
                .saturating_mul(parameters.block_size.into());
            let memory = blocks.saturating_mul(128);
            if memory > SCRYPT_MEMORY_LIMIT {
                return Err(TOO_MANY);
            }
            Ok(blocks.saturating_mul(parameters.parallelization.into()))
        }
        _ => Err(MALFORMED_PARAMETERS),
    }
}

fn unsupported(oid: ObjectIdentifier, container: Container) -> CertificateError {
    let known = UNSUPPORTED_NAMES.iter().find(|name| name.0 == oid);
    CertificateError::UnsupportedEncryption {
        what: known.map_or_else(|| format!("the method `{oid}`"), |name| name.1.to_owned()),
        container,
    }
}

type Cipher = fn(&[u8], &[u8], &[u8]) -> Option<Zeroizing<Vec<u8>>>;

const TOO_MANY: CertificateError = CertificateError::TooManyIterations {
    limit: ITERATIONS_LIMIT,
};

const MALFORMED_PARAMETERS: CertificateError = CertificateError::Malformed {
    part: "encryption parameters",
};

/// Enough for 600,000 iterations each on the MAC, the key and the certificates of several keys;
/// some seconds on any machine.
///
/// A fuzzer finds nothing by waiting for hashes.
const ITERATIONS_LIMIT: u64 = if cfg!(fuzzing) { 5_000 } else { 10_000_000 };

const SCRYPT_MEMORY_LIMIT: u64 = 1 << 28;

/// The schemes of RFC 7292 appendix C with the length of their key in bytes; RC4 is left out.
const PKCS12_SCHEMES: [(ObjectIdentifier, usize, Cipher); 4] = [
    (
        scheme("1.2.840.113549.1.12.1.3"),
        24,
        cbc_decrypt::<des::TdesEde3>,
    ),
    (
        scheme("1.2.840.113549.1.12.1.4"),
        16,
        cbc_decrypt::<des::TdesEde2>,
    ),
    (
        scheme("1.2.840.113549.1.12.1.5"),
        16,
        cbc_decrypt::<rc2::Rc2>,
    ),
    (
        scheme("1.2.840.113549.1.12.1.6"),
        5,
        cbc_decrypt::<rc2::Rc2>,
    ),
];

const UNSUPPORTED_NAMES: [(ObjectIdentifier, &str); 9] = [
    (scheme("1.2.840.113549.1.5.1"), "MD2 and DES"),
    (scheme("1.2.840.113549.1.5.3"), "MD5 and DES"),
    (scheme("1.2.840.113549.1.5.4"), "MD2 and RC2"),
    (scheme("1.2.840.113549.1.5.6"), "MD5 and RC2"),
    (scheme("1.2.840.113549.1.5.10"), "SHA-1 and DES"),
    (scheme("1.2.840.113549.1.5.11"), "SHA-1 and RC2"),
    (scheme("1.2.840.113549.1.12.1.1"), "RC4 with 128 bits"),
    (scheme("1.2.840.113549.1.12.1.2"), "RC4 with 40 bits"),
    (scheme("1.3.14.3.2.7"), "DES"),
];

const fn scheme(oid: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(oid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::Any;
    use sha2::Sha256;

    // None of these tests does more work than is allowed, even if a limit did not hold.
    #[test]
    fn iterations_are_limited_for_the_whole_file() {
        let check = |all: &[u64], want: Result<(), CertificateError>| {
            let mut decryption = Decryption::new(None);
            let result = all.iter().try_for_each(|count| decryption.spend(*count));
            assert_eq!(result, want, "{all:?}");
        };
        check(&[1, 2048], Ok(()));
        check(&[10_000_000], Ok(()));
        check(&[10_000_001], Err(TOO_MANY));
        check(&[1, 10_000_000], Err(TOO_MANY));
    }

    #[test]
    fn every_derivation_of_pkcs12_is_accounted_for() {
        let check = |left: u64, count: i32, want: Result<(), CertificateError>| {
            let mut decryption = with_left(left);
            let salt = OctetString::new(*b"salt").unwrap();
            let (password, purpose) = (Password::Absent, Pkcs12KeyType::Mac);
            let key = decryption.pkcs12_key::<Sha256>(password, &salt, purpose, count, 32);
            assert_eq!(key.map(|_| ()), want, "{count}");
        };
        check(10, 10, Ok(()));
        check(10, 11, Err(TOO_MANY));
        check(10, -1, Err(MALFORMED_PARAMETERS));
        // No round at all derives a key, too.
        check(0, 0, Err(TOO_MANY));
    }

    #[test]
    fn scrypt_is_limited_in_memory_and_iterations() {
        let check = |cost_parameter, block_size, parallelization, want| {
            let salt = pbes2::Salt::new(b"salt").unwrap();
            let kdf = Kdf::Scrypt(pbes2::ScryptParams {
                salt,
                cost_parameter,
                block_size,
                parallelization,
                key_length: None,
            });
            let place = (cost_parameter, block_size, parallelization);
            assert_eq!(iterations_of(&kdf), want, "{place:?}");
        };
        check(2, 8, 1, Ok(16));
        check(2, 8, 3, Ok(48));
        check(1 << 18, 8, 1, Ok(1 << 21));
        // Few enough iterations, in 512 MiB.
        check(1 << 19, 8, 1, Err(TOO_MANY));
        check(1 << 30, 8, 1, Err(TOO_MANY));
        check(1 << 14, 0x7fff, 1, Err(TOO_MANY));
        check(0, 8, 1, Err(MALFORMED_PARAMETERS));
    }

    #[test]
    fn parameters_that_the_libraries_stumble_over_are_refused() {
        let check = |kdf: &str, cipher: &str, want: &CertificateError| {
            let parameters = sequence(&[hexadecimal(kdf), hexadecimal(cipher)].concat());
            let algorithm = AlgorithmIdentifierOwned {
                oid: pbes2::PBES2_OID,
                parameters: Some(Any::from_der(&parameters).unwrap()),
            };
            let result =
                with_left(10).decrypt(&algorithm, &[0; 32], Password::Absent, Container::Key);
            assert_eq!(result.as_ref().err(), Some(want), "{kdf} {cipher}");
        };
        let aes = "301d060960864801650304012a041000000000000000000000000000000000";
        let triple_des = |length: usize| {
            let vector = "00".repeat(length);
            format!(
                "30{:02x}06082a864886f70d0307 04{length:02x}{vector}",
                12 + length
            )
        };
        let pbkdf2 = |count: &str| {
            let length = count.len() / 2;
            format!(
                "30{:02x}06092a864886f70d01050c30{:02x}040100 02{length:02x}{count}",
                18 + length,
                5 + length,
            )
        };
        let scrypt = |cost: &str, block_size: &str| {
            let length = cost.len() / 2;
            let size = block_size.len() / 2;
            format!(
                "30{:02x}06092b06010401da47040b30{:02x}040100 02{length:02x}{cost} 02{size:02x}{block_size} 020101",
                23 + length + size,
                10 + length + size,
            )
        };
        let (wrong, malformed) = (&CertificateError::WrongPassword, &MALFORMED_PARAMETERS);
        check(&pbkdf2("0a"), aes, wrong);
        check(&pbkdf2("0b"), aes, &TOO_MANY);
        check(&pbkdf2("00"), aes, malformed);
        check(&pbkdf2("02"), &triple_des(8), wrong);
        check(&pbkdf2("02"), &triple_des(7), malformed);
        check(&pbkdf2("02"), &triple_des(0), malformed);
        check(&scrypt("02", "05"), aes, wrong);
        check(&scrypt("02", "06"), aes, &TOO_MANY);
        check(&scrypt("03", "02"), aes, malformed);
        check(&scrypt("00", "08"), aes, malformed);
        check(&scrypt("02", "00"), aes, malformed);
    }

    /// As after the other parts of a file, which left so many iterations.
    fn with_left(iterations: u64) -> Decryption<'static> {
        let mut decryption = Decryption::new(None);
        decryption.spend(ITERATIONS_LIMIT - iterations).unwrap();
        decryption
    }

    fn sequence(contents: &[u8]) -> Vec<u8> {
        let length = u8::try_from(contents.len()).unwrap();
        assert!(length < 0x80);
        [&[0x30, length], contents].concat()
    }

    fn hexadecimal(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|index| u8::from_str_radix(&digits[index..index + 2], 16).unwrap())
            .collect()
    }
}
