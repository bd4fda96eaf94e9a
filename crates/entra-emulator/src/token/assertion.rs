//! Client assertions: JWTs signed with the key of a registered certificate (RFC 7523 §2.2).

use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

use crate::authority::Segment;
use crate::certificate::RegisteredCertificate;
use crate::directory::Application;
use crate::incoming::{Incoming, LOOPBACK_NAMES};
use crate::refusal::Refusal;
use crate::state::Service;

use super::federated;
use super::jwt::{Jwt, Object, decode, moment};

/// Accepts an assertion that a registered, valid certificate signed for this very endpoint.
///
/// As tolerant as Entra ID is of what MSAL libraries send: padded thumbprints, times as fractions
/// or strings, no `nbf`.
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>
pub(super) fn check(
    service: &Service,
    application: &Application,
    segment: &Segment,
    incoming: &Incoming,
    assertion: &str,
) -> Result<(), Refusal> {
    match incoming.form.value("client_assertion_type") {
        Some(JWT_BEARER) => {}
        Some(_) => {
            return Err(malformed(
                "the client_assertion_type is not the one for JWTs",
            ));
        }
        None => return Err(Refusal::missing("client_assertion_type")),
    }
    let jwt = Jwt::parse(assertion)
        .ok_or_else(|| malformed("it is not three parts of base64url around JSON objects"))?;
    if federated::is_foreign(&jwt.claims) {
        return federated::check(service, application, &jwt.claims, assertion, incoming);
    }
    let certificate = signer(&jwt, application)?;
    let key = UnparsedPublicKey::new(algorithm(&jwt.header)?, &certificate.public_key);
    if key.verify(jwt.signed.as_bytes(), &jwt.signature).is_err() {
        return Err(not_verifiable(
            application,
            &format!(
                "the signature does not fit the certificate with thumbprint {}",
                hex(&certificate.sha1)
            ),
        ));
    }
    if certificate.revoked {
        return Err(Refusal::new(
            "invalid_client",
            7_000_214,
            format_args!(
                "The certificate with thumbprint {} has been revoked.",
                hex(&certificate.sha1)
            ),
        ));
    }
    if !(certificate.not_before..=certificate.not_after).contains(&incoming.now) {
        return Err(Refusal::new(
            "invalid_client",
            1_000_502,
            "The provided certificate is not within its specified validity period.",
        ));
    }
    check_claims(&jwt.claims, application, segment, incoming)?;
    check_replay(service, &jwt.claims, incoming.now)
}

fn algorithm(header: &Object) -> Result<&'static dyn VerificationAlgorithm, Refusal> {
    match header.get("alg").and_then(Value::as_str) {
        Some("PS256") => Ok(&RSA_PSS_2048_8192_SHA256),
        Some("RS256") => Ok(&RSA_PKCS1_2048_8192_SHA256),
        _ => Err(malformed("its algorithm is neither PS256 nor RS256")),
    }
}

/// The registered certificate that the header names by `x5t#S256`, `x5t` or `kid`.
fn signer<'a>(
    jwt: &Jwt<'_>,
    application: &'a Application,
) -> Result<&'a RegisteredCertificate, Refusal> {
    let member = |name: &str| jwt.header.get(name).and_then(Value::as_str);
    let (thumbprint, sha256) = if let Some(text) = member("x5t#S256") {
        (decode(text), true)
    } else if let Some(text) = member("x5t") {
        (decode(text), false)
    } else {
        (member("kid").and_then(unhex), false)
    };
    let Some(thumbprint) = thumbprint else {
        return Err(not_verifiable(
            application,
            "the assertion's header has no `x5t#S256`, `x5t` or `kid` that names a key",
        ));
    };
    application
        .certificates
        .iter()
        .find(|known| thumbprint == if sha256 { &*known.sha256 } else { &*known.sha1 })
        .ok_or_else(|| {
            not_verifiable(
                application,
                &format!(
                    "the key was not found. Thumbprint of key used by client: '{}'",
                    hex(&thumbprint)
                ),
            )
        })
}

fn check_claims(
    claims: &Object,
    application: &Application,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if [text("iss"), text("sub")]
        .iter()
        .any(|name| !name.eq_ignore_ascii_case(&application.client_id))
    {
        return Err(Refusal::new(
            "invalid_client",
            700_021,
            "The client assertion's application identifier does not match the 'client_id' parameter: \
             `iss` and `sub` both have to be the client id.",
        ));
    }
    if !audiences(segment, incoming).any(|known| known == text("aud")) {
        return Err(Refusal::new(
            "invalid_client",
            700_023,
            format_args!(
                "The client assertion's audience '{}' is not this token endpoint.",
                text("aud")
            ),
        ));
    }
    let expiry = moment(claims, "exp").ok_or_else(|| malformed("it has no `exp`"))?;
    let not_before = moment(claims, "nbf").unwrap_or(incoming.now);
    if expiry < incoming.now - SKEW || not_before > incoming.now + SKEW {
        return Err(Refusal::new(
            "invalid_client",
            700_024,
            format_args!(
                "Client assertion is not within its valid time range. Current time: {}, expiry time \
                 of assertion: {expiry}, valid from: {not_before}.",
                incoming.now
            ),
        ));
    }
    if text("jti").is_empty() {
        return Err(malformed("it has no `jti`"));
    }
    Ok(())
}

fn check_replay(service: &Service, claims: &Object, now: i64) -> Result<(), Refusal> {
    let mut state = service.state();
    if !state.settings.reject_replayed_assertions {
        return Ok(());
    }
    let identifier = claims
        .get("jti")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if state.assertions.get(identifier).is_some() {
        return Err(malformed("its `jti` was used before"));
    }
    let expiry = moment(claims, "exp").unwrap_or(now);
    state.assertions.insert(identifier.to_owned(), expiry);
    Ok(())
}

/// The token endpoint in both versions and the issuer in both, under every name of this machine
/// and with every name of the tenant.
fn audiences(segment: &Segment, incoming: &Incoming) -> impl Iterator<Item = String> {
    let port = incoming
        .origin
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or_else(String::new, |port| format!(":{port}"));
    let asked = incoming.path.split('/').nth(1).unwrap_or_default();
    let mut tenants = vec![segment.path().to_owned(), asked.to_owned()];
    if let Segment::Tenant(tenant) = segment {
        tenants.push(tenant.domain.clone());
    }
    LOOPBACK_NAMES.iter().flat_map(move |name| {
        let base = format!("https://{name}{port}");
        let tenants = tenants.clone();
        tenants.into_iter().flat_map(move |tenant| {
            AUDIENCE_ENDINGS.map(|ending| format!("{base}/{tenant}{ending}"))
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn not_verifiable(application: &Application, reason: &str) -> Refusal {
    Refusal::new(
        "invalid_client",
        700_027,
        format_args!(
            "The certificate with identifier used to sign the client assertion is not registered on \
             application '{}', or the signature is wrong. [Reason - {reason}.]",
            application.client_id
        ),
    )
}

fn malformed(reason: &str) -> Refusal {
    Refusal::new(
        "invalid_client",
        50_027,
        format_args!("The client assertion is not a valid JWT: {reason}."),
    )
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const AUDIENCE_ENDINGS: [&str; 4] = ["/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/"];
/// Seconds by which the clocks may differ.
const SKEW: i64 = 300;
