//! The certificate itself (RFC 5280): what it says, signed with its own key.

use std::time::Duration;

use der::asn1::{Any, ObjectIdentifier, Utf8StringRef};
use der::{DateTime, Encode};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::EncodePublicKey;
use sha2::Sha256;
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::NewCertificate;
use super::random::Random;
use crate::token::Timestamp;

/// The certificate as `wanted`, in DER; nothing if a format cannot express it.
pub(super) fn sign(
    wanted: &NewCertificate<'_>,
    key: &RsaPrivateKey,
    random: &mut Random<'_>,
) -> Option<Vec<u8>> {
    let mut serial_number = [0; 16];
    (random.0)(&mut serial_number);
    // Positive, and never zero (RFC 5280 §4.1.2.2).
    serial_number[0] = serial_number[0] & 0x7f | 0x40;
    let not_after = wanted.not_before.plus(i64::from(wanted.days) * 86_400);
    let public = key.to_public_key().to_public_key_der().ok()?;
    let builder = CertificateBuilder::new(
        ClientAuthentication(name(wanted.common_name)?),
        SerialNumber::new(&serial_number).ok()?,
        Validity::new(time(wanted.not_before)?, time(not_after)?),
        SubjectPublicKeyInfo::try_from(public.as_bytes()).ok()?,
    );
    let signer = SigningKey::<Sha256>::new(key.clone());
    let certificate = builder.ok()?.build_with_rng(&signer, random).ok()?;
    certificate.to_der().ok()
}

/// A self-signed certificate that can do nothing but identify a client.
struct ClientAuthentication(Name);

impl BuilderProfile for ClientAuthentication {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        body: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let subject = body.subject();
        let constraints = BasicConstraints {
            ca: false,
            path_len_constraint: None,
        };
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        let extended = ExtendedKeyUsage(vec![CLIENT_AUTHENTICATION]);
        Ok(vec![
            (&constraints).to_extension(subject, &[])?,
            (&usage).to_extension(subject, &[])?,
            (&extended).to_extension(subject, &[])?,
            (&SubjectKeyIdentifier::try_from(key)?).to_extension(subject, &[])?,
        ])
    }
}

fn name(common_name: &str) -> Option<Name> {
    let text = Utf8StringRef::new(common_name).ok()?;
    let attribute = AttributeTypeAndValue {
        oid: COMMON_NAME,
        value: Any::encode_from(&text).ok()?,
    };
    let mut names = RdnSequence::default();
    names.push(RelativeDistinguishedName::try_from(vec![attribute]).ok()?);
    Some(Name::hazmat_from_rdn_sequence(names))
}

fn time(moment: Timestamp) -> Option<Time> {
    let since_1970 = Duration::from_secs(u64::try_from(moment.unix()).ok()?);
    Some(DateTime::from_unix_duration(since_1970).ok()?.into())
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
