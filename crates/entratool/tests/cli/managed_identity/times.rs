//! Times in the answers of managed identity endpoints, as old and new ones write them.

use entra_emulator::{Effect, Endpoint, Fault};
use serde_json::{Value, json};

use super::{VAULT, machine};
use crate::support::clock::START;

#[test]
fn an_expired_token_is_never_returned_whatever_its_answer_says() {
    let sandbox = machine();
    let payload = entra::jwt::base64url_encode(br#"{"aud":"x","exp":1700000000}"#);
    let token = format!("eyJhbGciOiJub25lIn0.{payload}.c2ln");
    let now = START * 1000;
    for said in [
        json!({"expires_on": now + 3_600_000}),
        json!({"expires_on": (now + 3_600_000).to_string()}),
        json!({"expires_in": 3599.0}),
        json!({}),
    ] {
        let mut body = json!({"access_token": token, "token_type": "Bearer"});
        for (name, value) in said.as_object().unwrap() {
            body[name] = value.clone();
        }
        let effect = Effect::reply(200, &body.to_string());
        let fault = Fault::new(Endpoint::ManagedIdentity, effect);
        sandbox.control().script(fault.times(1));
        let run = sandbox.run(VAULT);
        assert_eq!((run.exit, run.stdout.as_str()), (6, ""), "{body}");
    }
    sandbox.ok(VAULT);
}

#[test]
fn times_may_be_written_as_old_endpoints_write_them() {
    let check = |said: Value, want: &str| {
        let sandbox = machine();
        let mut body = json!({"access_token": "opaque-token", "token_type": "Bearer"});
        for (name, value) in said.as_object().unwrap() {
            body[name] = value.clone();
        }
        let effect = Effect::reply(200, &body.to_string());
        let fault = Fault::new(Endpoint::ManagedIdentity, effect);
        sandbox.control().script(fault.times(1));
        let got: Value = sandbox.ok(&format!("{VAULT} --json")).json();
        assert_eq!(got["expiresOn"], want, "{body}");
        sandbox.requests();
        assert_eq!(
            sandbox.ok(&format!("{VAULT} --json")).json()["expiresOn"],
            want
        );
        assert_eq!(sandbox.count(), 0);
    };
    let in_an_hour = "2026-03-01T13:00:00Z";
    check(
        json!({"expires_on": "03/01/2026 13:00:00 +00:00"}),
        in_an_hour,
    );
    check(
        json!({"expires_on": "03/01/2026 01:00:00 PM +00:00"}),
        in_an_hour,
    );
    check(
        json!({"expires_on": (START + 3600).to_string()}),
        in_an_hour,
    );
    check(json!({"expires_on": 1_772_370_000.0}), in_an_hour);
    check(json!({"expires_on": START * 1000}), in_an_hour);
    check(json!({"expires_in": "3600.0"}), in_an_hour);
    check(json!({"expires_in": 3600.0}), in_an_hour);
    check(json!({}), in_an_hour);
}
