//! What the library writes to the log: who is asked for what, and never a secret.

use std::cell::RefCell;
use std::sync::Once;

use ::log::{LevelFilter, Log, Metadata, Record};
use entra::ports::ClientCredential;
use entra::wire::federation::Issuer;
use entra::{Policy, acquire, refresh};
use serde_json::json;

use crate::user::TestUser;
use crate::world::{World, answer, application, granted, interactive, not_connected, signed_in};

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the lines of each thread, and so of each test, apart.
struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target().starts_with("entra") {
            LINES.with_borrow_mut(|lines| lines.push(record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// What is logged meanwhile.
fn logged(run: impl FnOnce()) -> Vec<String> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        ::log::set_logger(&Lines).unwrap();
        ::log::set_max_level(LevelFilter::Trace);
    });
    LINES.take();
    run();
    LINES.take()
}

#[test]
fn the_log_names_server_and_request() {
    let github = ClientCredential::Federated(Issuer::GitHubActions {
        url: "https://run.example/idtoken?canary=canary".to_owned(),
        token: "canary".into(),
    });
    let vouched = answer(
        200,
        &json!({"value": "eyJhbGciOiJub25lIn0.eyJjIjoiY2FuYXJ5In0.canary"}),
    );
    let world = World::new([not_connected(), vouched, granted("canary", &json!({}))]);
    let ports = world.ports().with_credentials(&github);
    let lines = logged(|| {
        acquire(&application(), &Policy::default(), &ports).unwrap();
    });
    let token = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";
    let want = [
        "asking GitHub Actions at https://run.example/idtoken",
        "no answer from https://run.example/idtoken: cannot connect to h: refused",
        "trying again in 1.0 s",
        "HTTP status 200 from https://run.example/idtoken",
        &format!(
            "POST {token} client_id=11111111-2222-4333-8444-555555555555 client_info=1 \
             client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
             client_assertion=… grant_type=client_credentials \
             scope=https://vault.azure.net/.default"
        ),
        &format!("HTTP status 200 from {token}"),
    ];
    assert_eq!(lines, want);
}

#[test]
fn nothing_secret_is_logged_during_interactive_sign_in() {
    let secret = ClientCredential::Secret("canary".into());
    let world = World::new([signed_in("canary", "canary"), signed_in("canary", "canary")]);
    let user = TestUser::answering(|state| format!("code=canary&state={state}"));
    let ports = world.ports().with_credentials(&secret);
    let ports = ports.with_interaction(&user);
    let mut request = interactive();
    request.confidential = true;
    let lines = logged(|| {
        acquire(&request, &Policy::default(), &ports).unwrap();
        refresh(&request, &ports).unwrap();
    });
    assert_eq!(lines.len(), 4, "{lines:?}");
    let verifier = world.asked()[0].sent("code_verifier");
    for line in lines {
        assert!(
            !line.contains("canary") && !line.contains(&verifier),
            "{line}"
        );
    }
}
