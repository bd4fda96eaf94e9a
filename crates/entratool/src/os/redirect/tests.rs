//! The listener as browsers, port scanners and attackers meet it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{InteractionError, Listener, Outcome, Redirect};
use entra::secret::Secret;

use super::listen;

fn listener() -> Box<dyn Listener> {
    listen(&Redirect::Localhost(vec![0]), false).unwrap()
}

fn send(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(port: u16, target: &str) -> String {
    send(
        port,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
    )
}

fn ours(answer: &Secret) -> bool {
    answer.expose().contains("state=right")
}

/// Runs a browser beside the listener; gives back the answer and what the browser saw.
fn meet(
    mut listener: Box<dyn Listener>,
    browser: impl FnOnce(u16) -> String + Send + 'static,
) -> (Result<Secret, InteractionError>, String) {
    let port = listener.redirect_uri().port();
    let browser = std::thread::spawn(move || browser(port));
    let answer = listener.wait(PATIENCE, &ours);
    listener.finish(Outcome::SignedIn);
    (answer, browser.join().unwrap())
}

#[test]
fn a_query_is_an_answer() {
    let (answer, page) = meet(listener(), |port| get(port, "/?code=c&state=right"));
    assert_eq!(answer.unwrap().expose(), "code=c&state=right");
    assert!(page.contains("You are signed in"));
    assert!(!page.contains("state=right"));
}

#[test]
fn a_posted_form_is_an_answer() {
    let (answer, page) = meet(listener(), |port| {
        let body = "code=c&state=right";
        send(
            port,
            &format!(
                "POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    });
    assert_eq!(answer.unwrap().expose(), "code=c&state=right");
    assert!(page.contains("You are signed in"));
}

#[test]
fn what_is_no_answer_is_refused_and_the_wait_goes_on() {
    let (answer, _) = meet(listener(), |port| {
        let check = |request: &str, want: &str| {
            let request = request.replace("PORT", &port.to_string());
            let answer = send(port, &request);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {want}")),
                "{request}: {answer}"
            );
        };
        let host = "Host: localhost:PORT\r\n\r\n";
        check(&format!("GET /favicon.ico HTTP/1.1\r\n{host}"), "404");
        check(&format!("GET / HTTP/1.1\r\n{host}"), "404");
        check(
            &format!("GET /?code=c&state=forged HTTP/1.1\r\n{host}"),
            "400",
        );
        check(
            &format!("GET /other?code=c&state=right HTTP/1.1\r\n{host}"),
            "404",
        );
        check(
            &format!("PUT /?code=c&state=right HTTP/1.1\r\n{host}"),
            "405",
        );
        check(
            "GET /?state=right HTTP/1.1\r\nHost: evil.example:PORT\r\n\r\n",
            "421",
        );
        check(
            "GET /?state=right HTTP/1.1\r\nHost: localhost:1\r\n\r\n",
            "421",
        );
        check("GET /?state=right HTTP/1.1\r\n\r\n", "421");
        check(
            &format!("POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n{host}x"),
            "400",
        );
        check(
            &format!(
                "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n{host}"
            ),
            "413",
        );
        check("\x16\x03\x01\x02 not http\r\n\r\n", "400");
        get(port, "/?code=c&state=right")
    });
    assert!(answer.is_ok());
}

#[test]
fn ten_thousand_junk_requests_do_not_hide_the_answer() {
    let (answer, _) = meet(listener(), |port| {
        for _ in 0..10_000 {
            let refusal = get(port, "/junk?code=x&state=wrong");
            assert!(refusal.starts_with("HTTP/1.1 404"), "{refusal}");
        }
        get(port, "/?code=c&state=right")
    });
    assert!(answer.is_ok());
}

#[test]
fn silent_connections_keep_nobody_waiting() {
    let (answer, _) = meet(listener(), |port| {
        let silent: Vec<_> = (0..10)
            .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
            .collect();
        let page = get(port, "/?code=c&state=right");
        drop(silent);
        page
    });
    assert!(answer.is_ok());
}

#[test]
fn nobody_answering_ends_the_wait() {
    let mut listener = listener();
    let answer = listener.wait(Duration::from_millis(10), &ours);
    assert_eq!(answer.unwrap_err(), InteractionError::NobodyAnswered);
}

#[test]
fn a_busy_port_is_named_or_passed_over() {
    let taken = listener();
    let port = taken.redirect_uri().port();
    let fixed = Redirect::Fixed(RedirectUri::localhost(port));
    let error = listen(&fixed, false).err().unwrap();
    assert_eq!(error, InteractionError::PortBusy { port });
    let other = listen(&Redirect::Localhost(vec![port, 0]), false).unwrap();
    assert_ne!(other.redirect_uri().port(), port);
}

/// Longer than the slowest machine takes for ten thousand requests.
const PATIENCE: Duration = Duration::from_secs(120);
