//! The redemption of authorization codes, and the ID token that comes of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_emulator::{Effect, Endpoint, Fault, Forgery, demo};
use serde_json::{Value, json};

use crate::authorize::url;
use crate::browser::Browser;
use crate::support::{Answer, Bench, token_path};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn code(bench: &Bench, tenant: &str, changes: &[(&str, &str)]) -> String {
    let returned = Browser::new(bench).approve(&url(tenant, changes));
    returned.value("code").to_owned()
}

/// Redeems a code of the public client, with changes.
fn redeem(bench: &Bench, tenant: &str, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("client_id", demo::PUBLIC_CLIENT_ID),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "http://localhost:51234"),
        ("code_verifier", VERIFIER),
        ("client_info", "1"),
    ];
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes);
    bench.post(&token_path(tenant), &fields)
}

#[test]
fn a_code_becomes_tokens_of_the_user() {
    let bench = Bench::start();
    let code = code(&bench, "common", &[]);
    let answer = redeem(&bench, "common", &code, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let members: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "access_token",
            "refresh_token",
            "id_token",
            "client_info"
        ]
    );
    assert_eq!(answer.member("scope"), "User.Read openid profile");

    let identity = answer.claims("id_token");
    assert_eq!(identity["aud"], demo::PUBLIC_CLIENT_ID);
    let issuer = format!("{}/{}/v2.0", bench.emulator.authority(), demo::TENANT_ID);
    assert_eq!(identity["iss"], issuer);
    assert_eq!(identity["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(identity["preferred_username"], demo::USERNAME);
    assert_eq!(identity["name"], "Alice Adler");
    assert_eq!(identity["tid"], demo::TENANT_ID);
    assert_eq!(identity["ver"], "2.0");

    let access = answer.claims("access_token");
    assert_eq!(access["scp"], "User.Read");
    assert_eq!(access["upn"], demo::USERNAME);
    assert_eq!(access["appidacr"], "0");
    assert_eq!(access["oid"], identity["oid"]);
    assert!(access.get("roles").is_none());

    let info = URL_SAFE_NO_PAD
        .decode(answer.member("client_info"))
        .unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(
        info,
        json!({ "uid": identity["oid"], "utid": demo::TENANT_ID })
    );
}

#[test]
fn a_guest_is_another_object_in_the_tenant_that_invited() {
    let bench = Bench::start();
    let tenant = demo::SECOND_TENANT_ID;
    let browser = Browser::new(&bench);
    let page = browser.open(&url(tenant, &[]));
    let page = browser.sign_in_as(&page, demo::SECOND_USERNAME, demo::SECOND_PASSWORD);
    let page = browser.submit(&page, &[], "accept");
    let code = crate::browser::Returned::read(&page)
        .value("code")
        .to_owned();
    let answer = redeem(&bench, tenant, &code, &[]);
    let identity = answer.claims("id_token");
    assert_eq!(identity["tid"], tenant);
    let home = format!("{}/{}/", bench.emulator.authority(), demo::TENANT_ID);
    assert_eq!(identity["idp"], home);
    let info = URL_SAFE_NO_PAD
        .decode(answer.member("client_info"))
        .unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info["utid"], demo::TENANT_ID);
    assert_ne!(info["uid"], identity["oid"]);
}

#[test]
fn a_code_is_good_for_its_request_only() {
    let bench = Bench::start();
    let check = |tenant: &str, changes: &[(&str, &str)], want: &str| {
        let code = code(&bench, demo::TENANT_ID, &[]);
        let answer = redeem(&bench, tenant, &code, changes);
        assert_eq!(answer.refusal(), want, "{changes:?}");
        let answer = redeem(&bench, demo::TENANT_ID, &code, &[]);
        assert_eq!(
            answer.status, 200,
            "a refused attempt does not use the code up"
        );
    };
    let tenant = demo::TENANT_ID;
    check(
        tenant,
        &[("code_verifier", "wrong")],
        "400 invalid_grant 501481",
    );
    check(
        tenant,
        &[("code_verifier", "")],
        "400 invalid_request 900144",
    );
    check(
        tenant,
        &[("redirect_uri", "http://localhost:51235")],
        "401 invalid_client 500112",
    );
    check(tenant, &[("redirect_uri", "")], "400 invalid_grant 700009");
    check(tenant, &[("code", "")], "400 invalid_request 900144");
    check(tenant, &[("code", "invented")], "400 invalid_grant 70000");
    check(demo::SECOND_TENANT_ID, &[], "400 invalid_grant 700005");
    check(
        tenant,
        &[("client_secret", "x")],
        "401 invalid_client 700025",
    );
    check(
        tenant,
        &[("client_id", demo::WEB_CLIENT_ID)],
        "401 invalid_client 7000218",
    );
    check(
        tenant,
        &[
            ("client_id", demo::WEB_CLIENT_ID),
            ("client_secret", demo::WEB_CLIENT_SECRET),
        ],
        "400 invalid_grant 700007",
    );
}

#[test]
fn a_code_is_good_once_and_for_ten_minutes() {
    let bench = Bench::start();
    let first = code(&bench, "common", &[]);
    assert_eq!(redeem(&bench, "common", &first, &[]).status, 200);
    let again = redeem(&bench, "common", &first, &[]);
    assert_eq!(again.refusal(), "400 invalid_grant 54005");

    let second = code(&bench, "common", &[]);
    bench
        .emulator
        .control()
        .advance(std::time::Duration::from_secs(600));
    let late = redeem(&bench, "common", &second, &[]);
    assert_eq!(late.refusal(), "400 invalid_grant 70008");
}

#[test]
fn a_web_page_of_another_origin_cannot_redeem_a_code() {
    let bench = Bench::start();
    let code = code(&bench, "common", &[]);
    let answer = bench.post_with(
        &token_path("common"),
        &[("origin", "http://localhost:51234")],
        &[
            ("client_id", demo::PUBLIC_CLIENT_ID),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://localhost:51234"),
            ("code_verifier", VERIFIER),
        ],
    );
    assert_eq!(answer.refusal(), "400 invalid_request 9002326");
}

#[test]
fn a_web_application_proves_who_it_is() {
    let bench = Bench::start();
    let changes = [
        ("client_id", demo::WEB_CLIENT_ID),
        ("redirect_uri", "http://localhost:5000/callback"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let code = code(&bench, demo::TENANT_ID, &changes);
    let mut fields = vec![
        ("client_id", demo::WEB_CLIENT_ID),
        ("redirect_uri", "http://localhost:5000/callback"),
        ("client_secret", demo::WEB_CLIENT_SECRET),
        ("code_verifier", "unasked for"),
    ];
    let answer = redeem(&bench, demo::TENANT_ID, &code, &fields);
    assert_eq!(answer.refusal(), "400 invalid_grant 501481");
    fields[3].1 = "";
    let answer = redeem(&bench, demo::TENANT_ID, &code, &fields);
    assert_eq!(answer.claims("access_token")["appidacr"], "1");
}

#[test]
fn consent_may_be_for_many_apis_and_a_token_for_one() {
    let bench = Bench::start();
    let both = "Mail.Read https://vault.azure.net/user_impersonation openid";
    let first = code(&bench, "common", &[("scope", both)]);
    let answer = redeem(&bench, "common", &first, &[("scope", both)]);
    assert_eq!(answer.refusal(), "400 invalid_scope 28000");
    let second = code(&bench, "common", &[("scope", both)]);
    let answer = redeem(&bench, "common", &second, &[]);
    assert_eq!(answer.member("scope"), "Mail.Read openid");
    let third = code(&bench, "common", &[("scope", both)]);
    let vault = [("scope", "https://vault.azure.net/.default")];
    let claims = redeem(&bench, "common", &third, &vault).claims("access_token");
    assert_eq!(claims["aud"], "https://vault.azure.net");
    assert_eq!(claims["scp"], "user_impersonation");
}

#[test]
fn an_id_token_is_forged_where_a_test_asks_for_it() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    let forged = |what: Forgery, value: Option<&str>| {
        control.script(Fault::new(
            Endpoint::Token,
            Effect::Forge {
                what,
                value: value.map(str::to_owned),
            },
        ));
        let code = code(&bench, "common", &[]);
        redeem(&bench, "common", &code, &[])
    };
    let honest = redeem(&bench, "common", &code(&bench, "common", &[]), &[]).claims("id_token");
    let check = |what: Forgery, claim: &str| {
        let claims = forged(what, None).claims("id_token");
        assert_ne!(claims[claim], honest[claim], "{claim}");
        let claims = forged(what, Some("1")).claims("id_token");
        assert_eq!(claims[claim].to_string().replace('"', ""), "1", "{claim}");
    };
    check(Forgery::Nonce, "nonce");
    check(Forgery::Audience, "aud");
    check(Forgery::Issuer, "iss");
    check(Forgery::Expiry, "exp");
    let expired = forged(Forgery::Expiry, None).claims("id_token");
    assert!(expired["exp"].as_i64().unwrap() < control.now());

    let token = forged(Forgery::Signature, None).member("id_token");
    let answer = bench.send(
        "GET",
        "/resource",
        &[("authorization", &format!("Bearer {token}"))],
        "",
    );
    let challenge = answer.unwrap().header("www-authenticate").to_owned();
    assert!(
        challenge.contains("the signature is invalid"),
        "{challenge}"
    );
}
