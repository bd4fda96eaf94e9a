//! A user signs in with a browser on another device (RFC 8628).

use std::time::Duration;

use crate::Error;
use crate::grant::exchange::{exchange, post};
use crate::grant::{Granted, TokenRequest};
use crate::ports::{DeviceCodePrompt, Interaction, Ports};
use crate::retry::{Resend, no_oauth_answer, refused};
use crate::secret::Secret;
use crate::wire::Form;
use crate::wire::device::DeviceAuthorization;
use crate::wire::refusal::Refusal;

/// Shows a code and polls until the user has signed in.
///
/// # Errors
///
/// [`Error::DeviceCodeExpired`] if that took too long, or why the authority did not answer then;
/// [`Error::Refused`] if the user or the authority said no.
pub(crate) fn acquire(
    request: &TokenRequest,
    ports: &Ports<'_>,
    interaction: &dyn Interaction,
) -> Result<Granted, Error> {
    let device = authorize(request, ports)?;
    let lifetime = ports.within_deadline(Duration::from_secs(device.expires_in));
    let deadline = ports.clock.elapsed().saturating_add(lifetime);
    interaction.show_device_code(&DeviceCodePrompt {
        client_id: &request.client_id,
        authority: &request.authority,
        scopes: &request.scopes,
        user_code: &device.user_code,
        verification_uri: &device.verification_uri,
        expires_in: lifetime,
    });
    let mut interval = Duration::from_secs(device.interval);
    // Why the authority has not answered since it last did.
    let mut unanswered = None;
    loop {
        let remaining = deadline.saturating_sub(ports.clock.elapsed());
        if remaining.is_zero() {
            return Err(unanswered.unwrap_or(Error::DeviceCodeExpired));
        }
        interaction.waiting(remaining);
        ports.clock.sleep(interval.min(remaining));
        let left = ports.within_deadline(Duration::MAX);
        if left.is_zero() {
            return Err(unanswered.unwrap_or(Error::DeviceCodeExpired));
        }
        let poll_ports = Ports {
            timeout: ports.timeout.min(poll_timeout(left, interval)),
            ..*ports
        };
        match poll(request, &device.device_code, &poll_ports) {
            Err(Error::Refused(refusal)) => match (refusal.error.as_str(), unanswered) {
                ("authorization_pending", _) => unanswered = None,
                // RFC 8628 §3.5: from now on five seconds more between polls.
                ("slow_down", _) => {
                    unanswered = None;
                    interval += Duration::from_secs(5);
                }
                // The code works once, so the answer that was lost had the token.
                ("invalid_grant", Some(lost)) => return Err(lost),
                ("expired_token" | "code_expired", _) => return Err(Error::DeviceCodeExpired),
                _ => return Err(Error::Refused(refusal)),
            },
            // RFC 8628 §3.5: a broken connection is a reason to wait, not to give up.
            Err(error) if is_passing(&error) => {
                unanswered.get_or_insert(error);
                interval = longer(interval);
            }
            other => return other,
        }
    }
}

/// How long one poll may take if `left` remains: without an answer there is still time for another
/// poll, unless the pause before it would be too long anyway.
fn poll_timeout(left: Duration, interval: Duration) -> Duration {
    let without_pause = left.saturating_sub(longer(interval));
    if without_pause.is_zero() {
        left
    } else {
        without_pause / 2
    }
}

/// The pause after a poll without an answer.
fn longer(interval: Duration) -> Duration {
    (interval * 2).min(LONGEST_INTERVAL)
}

fn is_passing(error: &Error) -> bool {
    match error {
        Error::Http(error) => error.is_transient(),
        Error::Unavailable { .. } => true,
        _ => false,
    }
}

fn authorize(request: &TokenRequest, ports: &Ports<'_>) -> Result<DeviceAuthorization, Error> {
    let form = Form::default()
        .with("client_id", request.client_id.as_str())
        .with("scope", request.user_scopes().to_string())
        .with_some("claims", request.claims.as_deref());
    let url = request.authority.device_code_endpoint();
    let response = post(ports, &url, &form, Resend::Freely)?;
    if response.status == 200 {
        return DeviceAuthorization::parse(&response.body)
            .ok_or_else(|| no_oauth_answer("device code", &response));
    }
    Err(match Refusal::parse(response.status, &response.body) {
        Some(refusal) => refused(refusal, &response),
        None => no_oauth_answer("device code", &response),
    })
}

fn poll(request: &TokenRequest, device_code: &Secret, ports: &Ports<'_>) -> Result<Granted, Error> {
    let form = request
        .form(ports)?
        .with("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .with("device_code", device_code.clone());
    exchange(request, ports, &form, Resend::OnlyIfUnsent, None)
}

const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
