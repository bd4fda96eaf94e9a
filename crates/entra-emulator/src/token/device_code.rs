//! The polls of a device that waits for a user (RFC 8628 §3.4 and §3.5).

use serde_json::Value;

use crate::authority::Segment;
use crate::claims::ClaimsRequest;
use crate::directory::User;
use crate::faults::{DeviceAnswer, Effect, Endpoint};
use crate::incoming::Incoming;
use crate::model::DeviceStatus;
use crate::refusal::Refusal;
use crate::scope::Scopes;
use crate::state::{Service, State};

use super::client;
use super::issue::{self, Issue};

/// Tokens once the user has approved. The scopes are those of the device authorization request;
/// a poll need not repeat them.
pub(crate) fn redeem(
    service: &Service,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<Value, Refusal> {
    let client = client::authenticate(service, segment, incoming)?;
    let claims = ClaimsRequest::parse(incoming.form.value("claims"))?;
    // MSAL for Python sends both, because the service once insisted on `code`.
    let device_code = incoming
        .form
        .value("device_code")
        .or_else(|| incoming.form.value("code"))
        .ok_or_else(|| Refusal::missing("device_code"))?;
    let (user, scopes) = poll(
        service,
        incoming.now,
        segment,
        device_code,
        &client.application.client_id,
    )?;
    issue::answer(
        service,
        incoming,
        Issue {
            tenant: &segment.tenant_of(&user)?,
            client: &client,
            user: Some(&user),
            permissions: scopes.single_resource()?,
            refreshable: scopes.offline_access,
            scopes: &scopes,
            nonce: None,
            claims,
        },
    )
}

fn poll(
    service: &Service,
    now: i64,
    segment: &Segment,
    device_code: &str,
    client_id: &str,
) -> Result<(User, Scopes), Refusal> {
    let mut state = service.state();
    let scripted = state.script.take(Endpoint::Token, |effect| match effect {
        Effect::Device { answer } => Some(*answer),
        _ => None,
    });
    let State {
        settings,
        devices,
        directory,
        ..
    } = &mut *state;
    let Some(device) = devices
        .get_mut(device_code)
        .filter(|device| device.client_id == client_id)
    else {
        return Err(Refusal::new(
            "bad_verification_code",
            70_018,
            "The device_code is not one that was given to this application.",
        ));
    };
    match scripted {
        Some(DeviceAnswer::Pending) => return Err(pending()),
        Some(DeviceAnswer::SlowDown) => return Err(slow_down()),
        Some(DeviceAnswer::Declined) => device.status = DeviceStatus::Declined,
        Some(DeviceAnswer::Expired) => device.status = DeviceStatus::Expired,
        None => {}
    }
    let earliest = device.last_poll.replace(now).map_or(i64::MIN, |last| {
        last + settings.device_interval.cast_signed()
    });
    device.polls += 1;
    if device.status == DeviceStatus::Pending && device.expires <= now {
        device.status = DeviceStatus::Expired;
    }
    if device.status == DeviceStatus::Pending
        && settings.auto_approve
        && device.polls > settings.device_pending_polls
    {
        let mut users = directory.users.iter();
        if let Some(user) = users.find(|user| segment.tenant_of(user).is_ok()) {
            device.status = DeviceStatus::Approved {
                username: user.username.clone(),
            };
        }
    }
    match device.status.clone() {
        DeviceStatus::Pending if settings.slow_down && now < earliest => Err(slow_down()),
        DeviceStatus::Pending => Err(pending()),
        DeviceStatus::Declined => Err(Refusal::new(
            "authorization_declined",
            65_004,
            "The user declined the device's sign-in.",
        )),
        DeviceStatus::Expired => Err(Refusal::new(
            "expired_token",
            70_020,
            "The provided value for the input parameter 'device_code' is not valid. This device \
             code has expired.",
        )),
        DeviceStatus::Redeemed => Err(Refusal::new(
            "invalid_grant",
            7_000_014,
            "The provided value for the input parameter 'device_code' is not valid: it has been \
             used.",
        )),
        DeviceStatus::Approved { username } => {
            device.status = DeviceStatus::Redeemed;
            let scopes = device.scopes.clone();
            let user = directory.user(&username).cloned().ok_or_else(pending)?;
            Ok((user, scopes))
        }
    }
}

fn pending() -> Refusal {
    Refusal::new(
        "authorization_pending",
        70_016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    )
}

fn slow_down() -> Refusal {
    Refusal::new(
        "slow_down",
        70_016,
        "OAuth 2.0 device flow error. Polls come faster than the interval allows.",
    )
}
