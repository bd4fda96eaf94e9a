//! How a test sees what clients sent, and decides what happens to them.

pub(crate) mod http;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::certificate::{CertificateError, RegisteredCertificate};
use crate::faults::Fault;
use crate::federation;
use crate::model::DeviceStatus;
use crate::recorded::RecordedRequest;
use crate::settings::Settings;
use crate::state::Service;

/// The test's side of a running emulator. Cheap to clone; the same is offered to other programs
/// as JSON over HTTPS, see [`crate#control-over-https`].
#[derive(Clone)]
pub struct Control {
    service: Arc<Service>,
}

/// What a test may decide in place of the user with the device code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceDecision {
    /// The user with this user name signs in and approves.
    Approve(String),
    /// The user declines.
    Decline,
}

/// Something that the test named does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No such application in this emulator.
    #[error("there is no application `{0}`")]
    UnknownApplication(String),
    /// No device sign-in waits under this user code.
    #[error("no device waits for the code `{0}`")]
    UnknownUserCode(String),
    /// No such user in this emulator.
    #[error("there is no user `{0}`")]
    UnknownUser(String),
}

impl Control {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// The requests so far, oldest first; the oldest are forgotten when there are thousands.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.state().requests.iter().cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.service.state().requests.clear();
    }

    /// Puts a fault at the end of the queue.
    pub fn script(&self, fault: Fault) {
        self.service.state().script.add(fault);
    }

    /// The faults that have not happened yet.
    #[must_use]
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.service.state().script.waiting()
    }

    /// Empties the queue of faults.
    pub fn clear_faults(&self) {
        self.service.state().script.clear();
    }

    /// The settings as they are.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.service.state().settings.clone()
    }

    /// Changes settings: `control.configure(|settings| settings.expires_in = Some(60))`.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.service.state().settings);
    }

    /// Seconds since the epoch on the emulator's clock.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.service.clock.now()
    }

    /// Moves the emulator's clock forwards.
    pub fn advance(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        self.service.clock.advance(seconds);
    }

    /// Sets the emulator's clock, in seconds since the epoch; it goes on running from there.
    pub fn set_time(&self, unix: i64) {
        self.service.clock.set(unix);
    }

    /// Registers a certificate, in DER or PEM, as a credential of an application.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if it is no certificate with an RSA key, or the application is unknown.
    pub fn register_certificate(
        &self,
        client_id: &str,
        certificate: &[u8],
    ) -> Result<(), CertificateError> {
        let certificate = RegisteredCertificate::read(certificate)?;
        let mut state = self.service.state();
        let application = state
            .directory
            .application_mut(client_id)
            .ok_or_else(|| CertificateError::UnknownApplication(client_id.to_owned()))?;
        application.certificates.push(certificate);
        Ok(())
    }

    /// Revokes every certificate of an application (AADSTS7000214 from now on).
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownApplication`].
    pub fn revoke_certificates(&self, client_id: &str) -> Result<(), ControlError> {
        let mut state = self.service.state();
        let application = state
            .directory
            .application_mut(client_id)
            .ok_or_else(|| ControlError::UnknownApplication(client_id.to_owned()))?;
        for certificate in &mut application.certificates {
            certificate.revoked = true;
        }
        Ok(())
    }

    /// Registers a redirect URI of an application.
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownApplication`].
    pub fn register_redirect_uri(
        &self,
        client_id: &str,
        redirect_uri: &str,
    ) -> Result<(), ControlError> {
        let mut state = self.service.state();
        let application = state
            .directory
            .application_mut(client_id)
            .ok_or_else(|| ControlError::UnknownApplication(client_id.to_owned()))?;
        application.redirect_uris.push(redirect_uri.to_owned());
        Ok(())
    }

    /// Makes every refresh token so far useless (AADSTS50173), as an administrator's
    /// "revoke sessions" does, and signs every browser out.
    pub fn revoke_refresh_tokens(&self) {
        let mut state = self.service.state();
        for token in state.refresh_tokens.values_mut() {
            token.revoked = true;
        }
        state.sessions.retain(|_| false);
    }

    /// A token of the emulator's other identity provider for a workload, such as belongs into the
    /// file that `AZURE_FEDERATED_TOKEN_FILE` names. Entra ID's audience is
    /// `api://AzureADTokenExchange`, and [`crate::demo::WORKLOAD_SUBJECT`] is known.
    #[must_use]
    pub fn federated_token(&self, subject: &str, audience: &str) -> String {
        federation::token(&self.service, subject, audience)
    }

    /// Decides a device sign-in in place of the user.
    ///
    /// # Errors
    ///
    /// [`ControlError`] if nothing waits under the code, or the user name is unknown.
    pub fn decide_device(
        &self,
        user_code: &str,
        decision: &DeviceDecision,
    ) -> Result<(), ControlError> {
        let mut state = self.service.state();
        let status = match decision {
            DeviceDecision::Decline => DeviceStatus::Declined,
            DeviceDecision::Approve(username) => {
                let user = state
                    .directory
                    .user(username)
                    .ok_or_else(|| ControlError::UnknownUser(username.clone()))?;
                DeviceStatus::Approved {
                    username: user.username.clone(),
                }
            }
        };
        let device = state
            .devices
            .values_mut()
            .find(|device| {
                device.status == DeviceStatus::Pending
                    && device.user_code.eq_ignore_ascii_case(user_code)
            })
            .ok_or_else(|| ControlError::UnknownUserCode(user_code.to_owned()))?;
        device.status = status;
        Ok(())
    }
}

/// Where the control endpoints are.
pub(crate) const PATH: &str = "/__emulator";
