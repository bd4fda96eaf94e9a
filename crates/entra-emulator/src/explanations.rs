//! The page behind `error_uri`: what the emulator means by an AADSTS number.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use crate::incoming::Incoming;
use crate::pages::{self, escape};
use crate::reply;

/// `GET /error?code=N`.
pub(crate) async fn page(Extension(incoming): Extension<Arc<Incoming>>) -> Response {
    let asked = incoming.query.value("code").unwrap_or_default();
    let number = asked.strip_prefix("AADSTS").unwrap_or(asked);
    let known = EXPLANATIONS
        .iter()
        .find(|(code, _)| number.parse() == Ok(*code));
    let (title, text) = match known {
        Some((code, text)) => (format!("AADSTS{code}"), *text),
        None => (
            "Unknown code".to_owned(),
            "This emulator does not answer with that number. Microsoft's own lookup is at \
             login.microsoftonline.com/error.",
        ),
    };
    let html = pages::frame(&title, &format!("<p>{}</p>", escape(text)));
    reply::page(StatusCode::OK, html)
}

/// Numbers that this emulator answers with, and what makes it do so.
const EXPLANATIONS: [(u32, &str); 61] = [
    (
        28_000,
        "The scope names more than one resource; a token is for one.",
    ),
    (
        50_011,
        "The redirect URI is not registered for the application.",
    ),
    (
        50_013,
        "The token of the other identity provider has a wrong signature.",
    ),
    (
        50_020,
        "The account is neither a member nor a guest of the tenant.",
    ),
    (50_027, "The client assertion is not a JWT as it should be."),
    (50_034, "The user account does not exist any more."),
    (
        50_049,
        "Instance discovery was asked about a host that is no cloud.",
    ),
    (
        50_058,
        "A silent sign-in was requested and no user is signed in.",
    ),
    (
        50_059,
        "The client credentials grant needs a tenant, not an alias.",
    ),
    (
        50_089,
        "The sign-in page is too old, or was answered before.",
    ),
    (50_126, "The user name or the password is wrong."),
    (50_173, "The refresh token was revoked."),
    (
        50_194,
        "A single-tenant application was used through an alias.",
    ),
    (54_005, "The authorization code has been redeemed before."),
    (65_001, "The permission has no consent."),
    (65_004, "The user declined."),
    (
        70_000,
        "The code or refresh token is none of this emulator's, or is used up.",
    ),
    (70_003, "The grant type is not supported."),
    (70_007, "The response mode is not supported."),
    (70_008, "The authorization code has expired."),
    (
        70_011,
        "A scope is malformed, or .default stands beside other scopes.",
    ),
    (
        70_016,
        "The user has not finished the device sign-in; keep polling.",
    ),
    (70_018, "The code is not one that was given out."),
    (70_020, "The device code has expired."),
    (90_002, "There is no such tenant in this emulator."),
    (90_023, "The prompt parameter has an unsupported value."),
    (500_011, "There is no such resource in this emulator."),
    (
        500_112,
        "The redirect URI is not the one of the authorization request.",
    ),
    (500_113, "The application has no redirect URI."),
    (
        501_481,
        "The code verifier does not fit the code challenge.",
    ),
    (501_491, "The code challenge has a wrong size or method."),
    (650_053, "The resource has no such permission."),
    (700_005, "The code is for another tenant."),
    (
        700_007,
        "The code or refresh token is for another application.",
    ),
    (
        700_009,
        "The redirect URI is missing where the code is redeemed.",
    ),
    (700_016, "There is no such application in the tenant."),
    (
        700_021,
        "The client assertion's `iss` and `sub` are not the client id.",
    ),
    (700_023, "The client assertion is for another audience."),
    (
        700_024,
        "The client assertion is too old, or from the future.",
    ),
    (700_025, "A public client sent a secret or an assertion."),
    (
        700_027,
        "The certificate is not registered, or the signature is wrong.",
    ),
    (
        700_054,
        "The authorization endpoint answers with a code only.",
    ),
    (700_082, "The refresh token was not used for 90 days."),
    (
        700_211,
        "No federated credential has the assertion's issuer.",
    ),
    (
        700_212,
        "No federated credential has the assertion's audience.",
    ),
    (
        700_213,
        "No federated credential has the assertion's subject.",
    ),
    (
        900_023,
        "The tenant is neither a GUID nor a domain nor an alias.",
    ),
    (900_144, "A required parameter is missing."),
    (900_561, "The endpoint does not take that HTTP method."),
    (900_971, "The redirect URI is missing."),
    (
        901_002,
        "The version 2.0 endpoint takes `scope`, not `resource`.",
    ),
    (1_000_502, "The certificate is not valid at this time."),
    (
        1_002_012,
        "The client credentials grant needs a scope that ends in /.default.",
    ),
    (7_000_014, "The device code has been used."),
    (7_000_214, "The certificate has been revoked."),
    (7_000_215, "The client secret is wrong."),
    (7_000_218, "A confidential client sent no credential."),
    (7_000_222, "The client secret has expired."),
    (
        7_002_138,
        "The assertion's subject differs from the federated credential in letter case.",
    ),
    (9_002_313, "The claims parameter is not a JSON object."),
    (
        9_002_326,
        "A web page tried to redeem a code; that is for single-page applications.",
    ),
];
