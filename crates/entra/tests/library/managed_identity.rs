//! Identities of machines: whom the request goes to, how often, and whose token comes back.

use entra::ports::{
    BoxedError, ClientCredential, CredentialSource, HttpError, Peer, Ports, Response,
};
use entra::wire::identity::{Endpoint, Identity, Thumbprint};
use entra::{Error, Policy, Scopes, Secret, TokenRequest, acquire, grant::ManagedIdentity};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

use crate::world::{World, answer, broken, not_connected, refused, status, with_header};

type Answer = Result<Response, HttpError>;

const ID: &str = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673";

fn request(endpoint: Endpoint, identity: &str) -> TokenRequest {
    let identity = Identity::parse(identity).unwrap();
    let scopes = Scopes::split("https://vault.azure.net/.default");
    TokenRequest::managed_identity(ManagedIdentity::new(endpoint, identity), scopes)
}

fn machine() -> Endpoint {
    Endpoint::VirtualMachine {
        host: "http://169.254.169.254".to_owned(),
    }
}

fn app_service() -> Endpoint {
    Endpoint::AppService {
        url: "http://127.0.0.1:41/msi/token/".to_owned(),
        header: "a-header".into(),
    }
}

fn service_fabric() -> Endpoint {
    Endpoint::ServiceFabric {
        url: "https://127.0.0.1:2377/token".to_owned(),
        header: "a-header".into(),
        thumbprint: Thumbprint::parse(&"0".repeat(40)).unwrap(),
    }
}

fn arc() -> Endpoint {
    Endpoint::Arc {
        url: "http://localhost:40342/metadata/identity/oauth2/token".to_owned(),
        key_folder: "/keys".into(),
    }
}

fn token(text: &str, more: &[(&str, &str)]) -> Answer {
    let mut body = json!({"access_token": text, "expires_in": "3600"});
    for (name, value) in more {
        body[*name] = Value::from(*value);
    }
    answer(200, &body)
}

#[test]
fn each_endpoint_is_asked_as_it_wants_to_be() {
    let check = |endpoint: Endpoint, line: &str, form: &str, header: (&str, &str)| {
        let world = World::new([token("t", &[])]);
        acquire(
            &request(endpoint, "system"),
            &Policy::default(),
            &world.ports(),
        )
        .unwrap();
        let asked = &world.asked()[0];
        assert!(asked.line.starts_with(line), "{asked:?}");
        assert_eq!(asked.form, form);
        assert_eq!(asked.header(header.0), header.1);
        assert_eq!(asked.peer, Peer::ThisMachine);
        assert_eq!(asked.is_pinned, header.0 == "secret");
    };
    let imds = "GET http://169.254.169.254/metadata/identity/oauth2/token?";
    check(machine(), imds, "", ("metadata", "true"));
    let app = "GET http://127.0.0.1:41/msi/token/?";
    check(app_service(), app, "", ("x-identity-header", "a-header"));
    let url = "http://localhost:50342/oauth2/token".to_owned();
    let resource = "resource=https%3A%2F%2Fvault.azure.net";
    let line = "POST http://localhost:50342/oauth2/token";
    check(
        Endpoint::CloudShell { url },
        line,
        resource,
        ("metadata", "true"),
    );
    let cluster = "GET https://127.0.0.1:2377/token?";
    check(service_fabric(), cluster, "", ("secret", "a-header"));
}

#[test]
fn a_network_that_cannot_compare_certificates_sends_no_secret() {
    let world = World::new([]);
    // No server is there: a connection that was tried would be another error.
    let agent = ureq::agent();
    let ports = Ports {
        http: &agent,
        ..world.ports()
    };
    let asked = acquire(
        &request(service_fabric(), "system"),
        &Policy::default(),
        &ports,
    );
    let Err(Error::Http(HttpError::Settings(problem))) = asked else {
        panic!("{asked:?}");
    };
    assert_eq!(
        problem,
        "ureq's agent cannot compare a certificate with a thumbprint"
    );
}

#[test]
fn a_machine_that_is_being_updated_is_asked_six_times() {
    let check = |endpoint: Endpoint, answers: &dyn Fn() -> Answer, want: usize| {
        let world = World::new((0..9).map(|_| answers()));
        let got = acquire(
            &request(endpoint, "system"),
            &Policy::default(),
            &world.ports(),
        );
        assert!(got.is_err());
        assert_eq!(world.asked().len(), want, "{:?}", answers());
    };
    // 1, 2, 4 and 8 seconds go by, and the next 16 are more than is left of 30.
    check(machine(), &|| status(404), 5);
    check(machine(), &|| status(410), 5);
    check(machine(), &|| status(503), 5);
    let soon = || with_header(429, &[("retry-after", "1")], &Value::Null);
    check(machine(), &soon, 6);
    check(machine(), &broken, 5);
    check(app_service(), &|| status(404), 1);
    check(app_service(), &|| status(429), 5);
    check(machine(), &|| status(400), 1);
    // Who listens on this machine was there before us.
    check(machine(), &not_connected, 1);
}

#[test]
fn a_host_without_an_identity_is_an_error_of_its_own() {
    let check = |answers: Vec<Answer>, want: &str| {
        let world = World::new(answers);
        let request = request(app_service(), "system");
        let error = acquire(&request, &Policy::default(), &world.ports()).unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    check(
        vec![not_connected()],
        "there is no managed identity endpoint here: cannot connect to h: refused",
    );
    check(vec![refused(400, "invalid_resource")], "invalid_resource");
    check(
        vec![answer(400, &json!({"message": "No identity"}))],
        "No identity",
    );
    let no_answer = "the managed identity endpoint gave no OAuth answer (HTTP status 200)";
    check(vec![status(200)], no_answer);
}

#[test]
fn a_machine_that_stays_busy_is_unavailable() {
    let world = World::new(
        (0..6).map(|_| with_header(410, &[("retry-after", "3")], &json!({"error": "gone"}))),
    );
    let got = acquire(
        &request(machine(), "system"),
        &Policy::default(),
        &world.ports(),
    );
    let Err(Error::Unavailable {
        status,
        retry_after,
        refusal,
    }) = got
    else {
        panic!("{got:?}");
    };
    assert_eq!((status, retry_after), (410, Some(Duration::from_secs(3))));
    assert_eq!(refusal.unwrap().error, "gone");
}

#[test]
fn each_identity_has_its_own_tokens() {
    let world = World::new([token("systems", &[]), token("users", &[])]);
    let get = |identity: &str| {
        let request = request(machine(), identity);
        let got = acquire(&request, &Policy::default(), &world.ports()).unwrap();
        got.token.access_token.expose().to_owned()
    };
    let object = format!("object:{}", ID.replace('7', "8"));
    assert_eq!(get("system"), "systems");
    assert_eq!(get(ID), "users");
    assert_eq!(get("system"), "systems");
    assert_eq!(get(ID), "users");
    assert_eq!(world.asked().len(), 2);
    world.answer(token("objects", &[]));
    assert_eq!(get(&object), "objects");
}

#[test]
fn scopes_name_one_resource() {
    let world = World::new([]);
    let mut request = request(machine(), "system");
    request.scopes = Scopes::split("User.Read");
    let error = acquire(&request, &Policy::default(), &world.ports()).unwrap_err();
    let want =
        "managed identities need exactly one scope of the form RESOURCE/.default, not `User.Read`";
    assert_eq!(error.to_string(), want);
}

/// Reads any key file as its own path.
struct Keys;

impl CredentialSource for Keys {
    fn credential(&self, _: &str) -> Result<ClientCredential, BoxedError> {
        Err("a machine has no secret".into())
    }

    fn challenge_key(&self, path: &Path) -> Result<Secret, BoxedError> {
        Ok(path.display().to_string().into())
    }
}

fn challenge(status: u16, realm: &str) -> Answer {
    let challenge = format!("Basic realm={realm}");
    with_header(status, &[("www-authenticate", &challenge)], &Value::Null)
}

#[test]
fn azure_arc_is_shown_the_key_that_it_asks_for() {
    let world = World::new([challenge(401, "/keys/a.key"), token("t", &[])]);
    let ports = world.ports().with_credentials(&Keys);
    acquire(&request(arc(), "system"), &Policy::default(), &ports).unwrap();
    let asked = world.asked();
    let shown: Vec<_> = asked
        .iter()
        .map(|asked| asked.header("authorization"))
        .collect();
    assert_eq!(shown, ["", "Basic /keys/a.key"]);
    assert_eq!(asked[0].line, asked[1].line);
}

#[test]
fn keys_are_for_azure_arc_alone_and_from_its_own_folder() {
    let check = |endpoint: Endpoint, first: Answer, want: &str| {
        let world = World::new([first]);
        let ports = world.ports().with_credentials(&Keys);
        let error = acquire(&request(endpoint, "system"), &Policy::default(), &ports).unwrap_err();
        assert_eq!(error.to_string(), want);
        assert_eq!(world.asked().len(), 1);
    };
    let elsewhere =
        "the challenge of the Azure Arc agent is refused: its key file is not in `/keys`";
    check(arc(), challenge(401, "/etc/shadow.key"), elsewhere);
    let no_answer = |status| {
        format!("the managed identity endpoint gave no OAuth answer (HTTP status {status})")
    };
    check(arc(), challenge(403, "/keys/a.key"), &no_answer(403));
    check(
        app_service(),
        challenge(401, "/keys/a.key"),
        &no_answer(401),
    );
}

#[test]
fn azure_arc_says_for_whom_its_token_is() {
    let check = |endpoint: Endpoint, identity: &str, confirmed: &[(&str, &str)], want: bool| {
        let world = World::new([token("t", confirmed)]);
        let request = request(endpoint, identity);
        let got = acquire(&request, &Policy::default(), &world.ports());
        assert_eq!(got.is_ok(), want, "{identity} {confirmed:?}: {got:?}");
    };
    check(arc(), "system", &[], true);
    check(arc(), ID, &[("client_id", ID)], true);
    check(arc(), ID, &[("client_id", "another")], false);
    check(arc(), ID, &[], false);
    check(machine(), ID, &[], true);
}

#[test]
fn tokens_of_two_hours_and_more_are_renewed_halfway() {
    let check = |lifetime: &str, renewed_after: u64, want: usize| {
        let body = json!({"access_token": "t", "expires_in": lifetime});
        let world = World::new([answer(200, &body), answer(200, &body)]);
        let request = request(machine(), "system");
        acquire(&request, &Policy::default(), &world.ports()).unwrap();
        world.clock.pass(renewed_after);
        acquire(&request, &Policy::default(), &world.ports()).unwrap();
        assert_eq!(world.asked().len(), want, "{lifetime} {renewed_after}");
    };
    check("7199", 3700, 1);
    check("7200", 3599, 1);
    check("7200", 3600, 2);
    check("86400", 43_199, 1);
    check("86400", 43_200, 2);
}
