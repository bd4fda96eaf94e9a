//! How a profile's application proves who it is: from secure storage, else the environment.

use std::cell::{Cell, OnceCell};
use std::path::Path;

use entra::certificate::Certificate;
use entra::jwt::sign::ClientAssertion;
use entra::ports::{BoxedError, ClientCredential, CredentialSource};
use entra::secret::Secret;
use entra::token::Timestamp;

use crate::certificate::file;
use crate::certificate::open::Closed;
use crate::client_secret;
use crate::env;
use crate::failure::{CertificatePurpose, Failure, SharedCredential};
use crate::file::NamedBy;
use crate::profile::flow::Flow;
use crate::profile::{Authentication, CertificateFiles, Profile};
use crate::token::selected::Origin;
use crate::token::{managed_identity, sharing, workload_identity};
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// The credential of one profile, looked up only when a request is made.
pub(crate) struct Credentials<'a> {
    world: &'a World<'a>,
    profile: &'a Profile,
    origin: Origin,
    flow: Option<Flow>,
    ca_bundle: Option<&'a Path>,
    used: OnceCell<UsedCertificate>,
    /// A secret is asked for more than once in a sign-in.
    is_warned: Cell<bool>,
}

/// The certificate that signed a request.
#[derive(Clone, Debug)]
pub(crate) struct UsedCertificate {
    /// SHA-1, as the portal shows it.
    pub(crate) thumbprint: String,
    /// Until when it is valid.
    pub(crate) not_after: Timestamp,
}

impl<'a> Credentials<'a> {
    pub(crate) fn new(world: &'a World<'a>, profile: &'a Profile, origin: Origin) -> Self {
        Self {
            world,
            profile,
            origin,
            flow: profile.flow,
            ca_bundle: profile.ca_bundle.as_deref(),
            used: OnceCell::new(),
            is_warned: Cell::new(false),
        }
    }

    /// The same for another flow than the profile's.
    pub(crate) fn with_flow(mut self, flow: Flow) -> Self {
        self.flow = Some(flow);
        self
    }

    /// The same where the command line names a CA bundle, if `named` is one: then the profile's own
    /// does not count.
    pub(crate) fn with_ca_bundle(mut self, named: Option<&Path>) -> Self {
        self.ca_bundle = self.ca_bundle.filter(|_| named.is_none());
        self
    }

    /// The certificate that signed a request, if one did.
    pub(crate) fn used_certificate(&self) -> Option<&UsedCertificate> {
        self.used.get()
    }

    /// The profile's certificate with its key, as the files are now: rotated ones are picked up by
    /// themselves.
    pub(crate) fn certificate(&self, files: &CertificateFiles) -> Result<Certificate, Failure> {
        let purpose = match (self.origin, &self.profile.authentication) {
            (Origin::File, Authentication::Certificate(_)) => {
                CertificatePurpose::Profile(self.profile.name.to_string())
            }
            _ => CertificatePurpose::Environment,
        };
        let closed = Closed::read(files, purpose)?;
        let certificate = closed.open(self.certificate_password()?.as_ref())?;
        Ok(certificate.valid_at(self.world.now()))
    }
}

impl CredentialSource for Credentials<'_> {
    fn credential(&self, audience: &str) -> Result<ClientCredential, BoxedError> {
        Ok(self.current(audience)?)
    }

    fn challenge_key(&self, path: &Path) -> Result<Secret, BoxedError> {
        Ok(managed_identity::challenge_key(path)?)
    }
}

impl Credentials<'_> {
    /// The credential as it is now, for requests to the token endpoint `audience`.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be used.
    pub(crate) fn current(&self, audience: &str) -> Result<ClientCredential, Failure> {
        if self.flow == Some(Flow::WorkloadIdentity) {
            let environment = &self.world.environment;
            return workload_identity::credential(
                self.profile,
                self.origin,
                self.ca_bundle,
                environment,
            );
        }
        self.find(audience)
    }

    fn find(&self, audience: &str) -> Result<ClientCredential, Failure> {
        if let Authentication::Certificate(files) = &self.profile.authentication {
            return self.assertion(files, audience);
        }
        if let Some(secret) = self.stored(SecretKind::ClientSecret)? {
            return Ok(ClientCredential::Secret(secret));
        }
        if let Some(credential) = self.in_environment(audience)? {
            return Ok(credential);
        }
        Err(Failure::CredentialMissing {
            whose: self.origin.whose(self.profile),
            what: match self.profile.authentication {
                Authentication::ClientSecret => "client secret".to_owned(),
                Authentication::Certificate(_) | Authentication::None => {
                    "client credential".to_owned()
                }
            },
        })
    }

    /// The stored password; the environment's fills in for a missing one.
    fn certificate_password(&self) -> Result<Option<Secret>, Failure> {
        let stored = self.stored(SecretKind::CertificatePassword)?;
        let environment = &self.world.environment;
        let variable = env::AZURE_CLIENT_CERTIFICATE_PASSWORD;
        Ok(stored.or_else(|| {
            let password = environment.secret(variable)?;
            if !self.is_warned.replace(true) {
                client_secret::warn_of_quotes(&password, variable, self.world);
            }
            Some(password)
        }))
    }

    /// An assertion for `audience`, signed with the certificate in `files`.
    fn assertion(
        &self,
        files: &CertificateFiles,
        audience: &str,
    ) -> Result<ClientCredential, Failure> {
        let certificate = self.certificate(files)?;
        // A request that is made again needs a new assertion, but no new warning.
        let used = UsedCertificate {
            thumbprint: certificate.thumbprint_sha1(),
            not_after: certificate.not_after(),
        };
        if self.used.set(used).is_ok() {
            file::warn(files, certificate.leaf(), self.world);
        }
        let entropy = |bytes: &mut [u8]| self.world.machine.entropy().fill(bytes);
        let assertion = ClientAssertion {
            audience,
            client_id: self.profile.client_id.as_str(),
            issued_at: self.world.now(),
            lifetime: ClientAssertion::LIFETIME_LIMIT,
            algorithm: self.profile.assertion_algorithm,
            with_chain: self.profile.send_x5c,
        };
        let signed = assertion.sign(&certificate, &entropy);
        Ok(ClientCredential::Assertion(
            signed.map_err(Failure::Signing)?,
        ))
    }

    fn stored(&self, kind: SecretKind) -> Result<Option<Secret>, Failure> {
        if self.origin != Origin::File {
            return Ok(None);
        }
        let profile = self.profile;
        let name = SecretName::new(profile.name.as_str(), kind);
        let name = name.of(&profile.client_id, &profile.authority);
        // Without a home folder nothing is stored, and the environment may still have it.
        let Ok(vault) = self.world.vault() else {
            return Ok(None);
        };
        Ok(Secrets::new(vault).get(&name)?)
    }

    fn check_sharing(&self, what: SharedCredential) -> Result<(), Failure> {
        sharing::check(what, self.profile, self.ca_bundle, &self.world.environment)
    }

    /// Fills in for a missing credential, but never with another application's.
    fn in_environment(&self, audience: &str) -> Result<Option<ClientCredential>, Failure> {
        let environment = &self.world.environment;
        environment.check_quotes(&[env::AZURE_CLIENT_ID, env::AZURE_AUTHORITY_HOST])?;
        let same_client = environment
            .text(env::AZURE_CLIENT_ID)
            .is_none_or(|id| id.eq_ignore_ascii_case(self.profile.client_id.as_str()));
        if !same_client {
            return Ok(None);
        }
        if let Some(secret) = environment.secret(env::AZURE_CLIENT_SECRET) {
            self.check_sharing(SharedCredential::Variable(env::AZURE_CLIENT_SECRET))?;
            if !self.is_warned.replace(true) {
                client_secret::warn(&secret, env::AZURE_CLIENT_SECRET, self.world);
            }
            return Ok(Some(ClientCredential::Secret(secret)));
        }
        environment.check_quotes(&[
            env::AZURE_CLIENT_CERTIFICATE_PATH,
            env::AZURE_FEDERATED_TOKEN_FILE,
        ])?;
        if let Some(path) = environment.path(env::AZURE_CLIENT_CERTIFICATE_PATH) {
            self.check_sharing(SharedCredential::Variable(
                env::AZURE_CLIENT_CERTIFICATE_PATH,
            ))?;
            let files = CertificateFiles::one(path);
            return self.assertion(&files, audience).map(Some);
        }
        let Some(path) = environment.path(env::AZURE_FEDERATED_TOKEN_FILE) else {
            return Ok(None);
        };
        self.check_sharing(SharedCredential::Variable(env::AZURE_FEDERATED_TOKEN_FILE))?;
        let token =
            workload_identity::token(&path, NamedBy::User, env::AZURE_FEDERATED_TOKEN_FILE)?;
        Ok(Some(ClientCredential::Assertion(token)))
    }
}
