//! Workload identity federation: how a pipeline is asked, and which of its answers count.

use entra::ports::{ClientCredential, HttpError, Response};
use entra::wire::federation::Issuer;
use entra::{Error, Policy, Secret, acquire};
use serde_json::{Value, json};

use crate::world::{World, answer, application, broken, granted, status};

fn github() -> ClientCredential {
    ClientCredential::Federated(Issuer::GitHubActions {
        url: "https://run.example/idtoken?v=2".to_owned(),
        token: "t".into(),
    })
}

fn pipelines() -> ClientCredential {
    ClientCredential::Federated(Issuer::AzurePipelines {
        url: "https://dev.example/oidctoken".to_owned(),
        token: "t".into(),
        service_connection: "c".to_owned(),
    })
}

const JWT: &str = "eyJhbGciOiJub25lIn0.e30.c2ln";

#[test]
fn the_job_is_vouched_for_and_the_word_passed_on() {
    let check = |credential: ClientCredential, vouched: Value, line: &str, scheme: &str| {
        let world = World::new([answer(200, &vouched), granted("t", &json!({}))]);
        let ports = world.ports().with_credentials(&credential);
        acquire(&application(), &Policy::default(), &ports).unwrap();
        let asked = world.asked();
        assert_eq!(asked[0].line, line);
        assert_eq!(asked[0].header("authorization"), scheme);
        assert_eq!(asked[1].sent("client_assertion"), JWT);
        assert_eq!(
            asked[1].sent("client_assertion_type"),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
    };
    check(
        github(),
        json!({"value": JWT}),
        "GET https://run.example/idtoken?v=2&audience=api%3A%2F%2FAzureADTokenExchange",
        "bearer t",
    );
    check(
        pipelines(),
        json!({"oidcToken": JWT}),
        "POST JSON https://dev.example/oidctoken?api-version=7.1&serviceConnectionId=c",
        "Bearer t",
    );
}

#[test]
fn without_its_word_the_authority_is_not_asked() {
    let check = |first: Result<Response, HttpError>, want: u16| {
        let world = World::new([first]);
        let github = github();
        let ports = world.ports().with_credentials(&github);
        let error = acquire(&application(), &Policy::default(), &ports).unwrap_err();
        let Error::Assertion { issuer, status, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!((issuer, status), ("GitHub Actions", want));
        assert_eq!(world.asked().len(), 1);
    };
    check(answer(403, &json!({"value": JWT})), 403);
    check(answer(201, &json!({"value": JWT})), 201);
    check(answer(200, &json!({"value": "opaque"})), 200);
    check(status(200), 200);
}

#[test]
fn a_pipeline_in_trouble_is_asked_again() {
    let vouched = answer(200, &json!({"value": JWT}));
    let world = World::new([broken(), status(503), vouched, granted("t", &json!({}))]);
    let github = github();
    let ports = world.ports().with_credentials(&github);
    acquire(&application(), &Policy::default(), &ports).unwrap();
    assert_eq!(world.asked().len(), 4);
}

#[test]
fn an_assertion_at_hand_is_sent_as_it_is() {
    let world = World::new([granted("t", &json!({}))]);
    let assertion = ClientCredential::Assertion(Secret::from("x.y.z"));
    let ports = world.ports().with_credentials(&assertion);
    acquire(&application(), &Policy::default(), &ports).unwrap();
    assert_eq!(world.asked()[0].sent("client_assertion"), "x.y.z");
}
