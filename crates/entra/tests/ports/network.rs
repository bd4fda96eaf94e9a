//! ureq's agent as a network: what it sends, and what becomes of each answer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use entra::ports::{Body, Http, HttpError, Peer, Request, Response};
use entra::wire::Form;

/// Sends a form to a server that answers with `answer`; gives what the server got as well.
fn exchange(answer: &str) -> (Result<Response, HttpError>, String) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", server.local_addr().unwrap());
    let answer = answer.to_owned();
    let served = thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"a=%C3%A4") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            bytes.push(byte[0]);
        }
        // The client has seen enough and hangs up before the end of a large answer.
        let _ = stream.write_all(answer.as_bytes());
        String::from_utf8(bytes).unwrap().to_ascii_lowercase()
    });
    let form = Form::default().with("a", "ä");
    let result = send(&url, Body::Form(&form));
    (result, served.join().unwrap())
}

fn send(url: &str, body: Body<'_>) -> Result<Response, HttpError> {
    ureq::agent().send(&Request {
        url,
        headers: &[("x-header", "value".into())],
        body,
        peer: Peer::ThisMachine,
        pinned: None,
        timeout: Duration::from_secs(10),
    })
}

#[test]
fn every_status_is_an_answer() {
    let check = |status: u16| {
        let answer = format!(
            "HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let (response, _) = exchange(&answer);
        let response = response.unwrap();
        assert_eq!(response.status, status);
        assert_eq!(response.header("location"), Some("http://127.0.0.1:1/"));
        assert_eq!(response.body.expose(), "{}");
    };
    check(200);
    check(302);
    check(400);
    check(503);
}

#[test]
fn forms_are_posted_with_the_headers() {
    let (_, request) = exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(request.starts_with("post /token http/1.1\r\n"), "{request}");
    for line in [
        "x-header: value",
        "content-type: application/x-www-form-urlencoded",
        "content-length: 8",
    ] {
        assert!(request.contains(&format!("{line}\r\n")), "{request}");
    }
}

#[test]
fn what_is_no_answer_says_whether_the_request_may_have_arrived() {
    let (cut_off, _) = exchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx");
    assert!(matches!(cut_off, Err(HttpError::Broken { .. })));
    let large = "x".repeat(1024 * 1024 + 1);
    let length = large.len();
    let (large, _) = exchange(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{large}"
    ));
    assert!(matches!(large, Err(HttpError::BodyTooLarge { .. })));

    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let Err(refused) = send(&url, Body::None) else {
        panic!("a server answered");
    };
    assert!(matches!(refused, HttpError::NotConnected { .. }));
    assert!(refused.nothing_was_sent() && refused.is_transient());
}
