//! How a profile's application proves who it is: from secure storage, else the environment.

use std::path::Path;

use entra::certificate::Certificate;
use entra::jwt::sign::{AssertionAlgorithm, ClientAssertion};
use entra::ports::{BoxedError, ClientCredential, CredentialSource};
use entra::secret::Secret;

use crate::command::input;
use crate::env;
use crate::failure::Failure;
use crate::profile::{Authentication, Profile};
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// The credential of one profile, looked up only when a request is made.
pub(super) struct Credentials<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) profile: &'a Profile,
}

/// The SHA-1 thumbprint of a profile's certificate, as the portal shows it, where it can be read.
pub(super) fn thumbprint(profile: &Profile, world: &World<'_>) -> Option<String> {
    let Authentication::Certificate(path) = &profile.authentication else {
        return None;
    };
    let credentials = Credentials { world, profile };
    let password = credentials.certificate_password().ok()?;
    let bytes = input::read_certificate(path).ok()?;
    let certificate = Certificate::open(&bytes, password.as_ref()).ok()?;
    Some(certificate.thumbprint_sha1())
}

impl CredentialSource for Credentials<'_> {
    fn credential(&self, audience: &str) -> Result<ClientCredential, BoxedError> {
        Ok(self.find(audience)?)
    }
}

impl Credentials<'_> {
    fn find(&self, audience: &str) -> Result<ClientCredential, Failure> {
        if let Authentication::Certificate(path) = &self.profile.authentication
            && path.exists()
        {
            let password = self.certificate_password()?;
            return self.assertion(path, password.as_ref(), audience);
        }
        if let Some(secret) = self.stored(SecretKind::ClientSecret)? {
            return Ok(ClientCredential::Secret(secret));
        }
        if let Some(credential) = self.in_environment(audience)? {
            return Ok(credential);
        }
        Err(Failure::CredentialMissing {
            profile: self.profile.name.to_string(),
            what: match &self.profile.authentication {
                Authentication::Certificate(path) => {
                    format!("certificate at `{}`", path.display())
                }
                Authentication::ClientSecret => "client secret".to_owned(),
                Authentication::None => "client credential".to_owned(),
            },
        })
    }

    /// The stored password; the environment's fills in for a missing one.
    fn certificate_password(&self) -> Result<Option<Secret>, Failure> {
        let stored = self.stored(SecretKind::CertificatePassword)?;
        let environment = &self.world.environment;
        Ok(stored.or_else(|| {
            let password = environment.text(env::AZURE_CLIENT_CERTIFICATE_PASSWORD);
            password.map(Secret::from)
        }))
    }

    /// An assertion for `audience`, signed with the certificate as it is now: a rotated file
    /// is picked up by itself.
    fn assertion(
        &self,
        path: &Path,
        password: Option<&Secret>,
        audience: &str,
    ) -> Result<ClientCredential, Failure> {
        let bytes = input::read_certificate(path)?;
        let failed = |error| Failure::Certificate {
            path: path.to_owned(),
            error,
        };
        let certificate = Certificate::open(&bytes, password).map_err(failed)?;
        let entropy = |bytes: &mut [u8]| self.world.machine.entropy().fill(bytes);
        let assertion = ClientAssertion {
            audience,
            client_id: self.profile.client_id.as_str(),
            issued_at: self.world.now(),
            lifetime: ClientAssertion::LIFETIME_LIMIT,
            algorithm: AssertionAlgorithm::default(),
            with_chain: false,
        };
        let signed = assertion.sign(&certificate, &entropy);
        Ok(ClientCredential::Assertion(
            signed.map_err(Failure::Signing)?,
        ))
    }

    fn stored(&self, kind: SecretKind) -> Result<Option<Secret>, Failure> {
        let name = SecretName::new(self.profile.name.as_str(), kind);
        // Without a home folder nothing is stored, and the environment may still have it.
        let Ok(vault) = self.world.vault() else {
            return Ok(None);
        };
        Ok(Secrets::new(vault).get(&name)?)
    }

    /// Fills in for a missing credential, but never lends another application's.
    fn in_environment(&self, audience: &str) -> Result<Option<ClientCredential>, Failure> {
        let environment = &self.world.environment;
        let same_client = environment
            .text(env::AZURE_CLIENT_ID)
            .is_none_or(|id| id.eq_ignore_ascii_case(self.profile.client_id.as_str()));
        if !same_client {
            return Ok(None);
        }
        if let Some(secret) = environment.text(env::AZURE_CLIENT_SECRET) {
            return Ok(Some(ClientCredential::Secret(secret.into())));
        }
        if let Some(path) = environment.path(env::AZURE_CLIENT_CERTIFICATE_PATH) {
            let password = environment.text(env::AZURE_CLIENT_CERTIFICATE_PASSWORD);
            let password = password.map(Secret::from);
            return self.assertion(&path, password.as_ref(), audience).map(Some);
        }
        let Some(path) = environment.path(env::AZURE_FEDERATED_TOKEN_FILE) else {
            return Ok(None);
        };
        // Read at each exchange: these tokens live for minutes and are replaced in place.
        let bytes = input::read(&path, 64 * 1024)?;
        let token = String::from_utf8(bytes).unwrap_or_default();
        if token.trim().is_empty() {
            return Err(Failure::usage(
                format!(
                    "{} `{}` holds no token",
                    env::AZURE_FEDERATED_TOKEN_FILE,
                    path.display()
                ),
                "check that the platform has written the federated token there",
            ));
        }
        Ok(Some(ClientCredential::Assertion(token.trim().into())))
    }
}
