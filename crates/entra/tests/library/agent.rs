//! ureq's agent as a network, when something is wrong between here and the server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use entra::ports::{BODY_LIMIT, Body, Http, HttpError, Peer, Request, Response};
use ureq::{Agent, Proxy};

fn send(agent: &Agent, url: &str, milliseconds: u64) -> Result<Response, HttpError> {
    agent.send(&Request {
        url,
        headers: &[],
        body: Body::None,
        peer: Peer::Anywhere,
        pinned: None,
        timeout: Duration::from_millis(milliseconds),
    })
}

/// An agent that takes no proxy from the environment.
fn direct() -> Agent {
    Agent::config_builder().proxy(None).build().into()
}

/// Answers one connection and hangs up; gives where.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(answer.as_bytes());
        // Closing with unread bytes resets the connection, answer and all.
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }));
    address
}

#[test]
fn errors_are_named_by_what_can_be_done_about_them() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent
        .local_addr()
        .map(|address| (silent, address))
        .unwrap();
    let host = silent.1.to_string();
    let url = format!("http://{host}/token?x=y");
    let error = send(&direct(), &url, 50).unwrap_err();
    let after = Duration::from_millis(50);
    assert_eq!(error, HttpError::TimedOut { host, after });

    let error = send(&direct(), "http://local host/", 1000).unwrap_err();
    assert!(matches!(error, HttpError::Settings(_)), "{error:?}");

    let host = server("HTTP/9 no such version\r\n\r\n");
    let error = send(&direct(), &format!("http://{host}/"), 10_000).unwrap_err();
    assert!(matches!(error, HttpError::Broken { host: named, .. } if named == host));

    let refusing = server("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let proxy = Proxy::new(&format!("http://{refusing}")).unwrap();
    let agent: Agent = Agent::config_builder().proxy(Some(proxy)).build().into();
    let error = send(&agent, "https://login.example/", 10_000).unwrap_err();
    let HttpError::Proxy { host, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(host, "login.example");
}

#[test]
fn plain_http_leaves_this_machine_on_no_way() {
    let check = |url: &str| {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        proxy.set_nonblocking(true).unwrap();
        let address = proxy.local_addr().unwrap();
        let proxied = Proxy::new(&format!("http://{address}")).unwrap();
        let agent: Agent = Agent::config_builder().proxy(Some(proxied)).build().into();
        let result = send(&agent, url, 1000);
        assert!(proxy.accept().is_err(), "{url} went through the proxy");
        result
    };
    let remote = check("http://login.microsoftonline.com/token");
    let said = "plain http to `login.microsoftonline.com` would show every secret to the network";
    assert_eq!(remote.unwrap_err(), HttpError::Settings(said.to_owned()));
    assert!(matches!(
        check("http://169.254.1.1/"),
        Err(HttpError::Settings(_))
    ));
    let here = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(check(&format!("http://{here}/")).unwrap().status, 200);
}

#[test]
fn an_answer_may_be_as_large_as_the_limit() {
    let body: &'static str = "x".repeat(usize::try_from(BODY_LIMIT).unwrap()).leak();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_LIMIT}\r\n\r\n{body}");
    assert_eq!(BODY_LIMIT, 1024 * 1024);
    let url = format!("http://{}/", server(answer.leak()));
    let response = send(&direct(), &url, 30_000).unwrap();
    assert_eq!(response.body.expose().len(), body.len());
}
