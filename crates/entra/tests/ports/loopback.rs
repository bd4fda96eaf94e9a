//! Which requests the loopback listener takes for the browser's answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use entra::client::RedirectUri;
use entra::ports::{Interaction, InteractionError, LoopbackBrowser, Outcome, Redirect};
use entra::secret::Secret;

fn send(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn only_the_answer_to_this_sign_in_ends_the_wait() {
    let person = LoopbackBrowser(|_| Ok(()));
    let mut listener = person.listen(&Redirect::Localhost(vec![0])).unwrap();
    let port = listener.redirect_uri().port();
    let browser = thread::spawn(move || {
        let check = |line: &str, host: &str, want: &str| {
            let request = format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            assert_eq!(send(port, &request), format!("HTTP/1.1 {want}"), "{line}");
        };
        let ours = format!("localhost:{port}");
        check("GET /favicon.ico", &ours, "404 Not Found");
        check("GET /?state=theirs", &ours, "400 Bad Request");
        check("GET /x?state=ours", &ours, "404 Not Found");
        check("GET /?state=ours", "evil.example", "404 Not Found");
        check("POST /?state=ours", &ours, "404 Not Found");
        check("GET /?state=ours&code=c", &ours, "200 OK");
    });
    let is_ours = |answer: &Secret| answer.expose().contains("state=ours");
    let answer = listener.wait(Duration::from_secs(30), &is_ours).unwrap();
    assert_eq!(answer.expose(), "state=ours&code=c");
    listener.finish(Outcome::SignedIn);
    browser.join().unwrap();
}

#[test]
fn who_is_silent_keeps_nobody_waiting() {
    let person = LoopbackBrowser(|_| Ok(()));
    let mut listener = person.listen(&Redirect::Localhost(vec![0])).unwrap();
    let port = listener.redirect_uri().port();
    let connect = |_| TcpStream::connect(("127.0.0.1", port)).unwrap();
    // More than are heard at once.
    let silent: Vec<_> = (0..20).map(connect).collect();
    let browser = thread::spawn(move || {
        let request = format!("GET /?code=c HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        assert_eq!(send(port, &request), "HTTP/1.1 200 OK");
    });
    let answer = listener.wait(Duration::from_secs(10), &|_| true).unwrap();
    assert_eq!(answer.expose(), "code=c");
    listener.finish(Outcome::SignedIn);
    browser.join().unwrap();
    drop(silent);
}

#[test]
fn who_is_slow_does_not_prolong_the_wait() {
    let person = LoopbackBrowser(|_| Ok(()));
    let mut listener = person.listen(&Redirect::Localhost(vec![0])).unwrap();
    let port = listener.redirect_uri().port();
    let mut slow = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let pause = Some(Duration::from_millis(50));
    slow.set_read_timeout(pause).unwrap();
    let slow = thread::spawn(move || {
        for _ in 0..100 {
            // Nothing comes back until the listener is gone: this is the pause.
            let is_over = slow.read(&mut [0]).is_ok();
            if is_over || slow.write_all(b"x").is_err() {
                break;
            }
        }
    });
    let begin = Instant::now();
    let nobody = listener.wait(Duration::from_millis(200), &|_| true);
    assert_eq!(nobody.err(), Some(InteractionError::NobodyAnswered));
    assert!(begin.elapsed() < Duration::from_secs(2));
    drop(listener);
    slow.join().unwrap();
}

#[test]
fn a_taken_port_and_a_missing_answer_are_told() {
    let person = LoopbackBrowser(|_| Err(std::io::Error::other("no display")));
    let mut listener = person.listen(&Redirect::Localhost(vec![0])).unwrap();
    let uri = listener.redirect_uri().clone();
    let port = uri.port();
    let second = person.listen(&Redirect::Fixed(uri.clone()));
    assert_eq!(second.err(), Some(InteractionError::PortBusy { port }));
    let free = person.listen(&Redirect::Localhost(vec![port, 0])).unwrap();
    assert_ne!(free.redirect_uri(), &RedirectUri::localhost(port));
    assert_eq!(
        listener.wait(Duration::from_millis(1), &|_| true).err(),
        Some(InteractionError::NobodyAnswered)
    );
    let unopened = person.open_browser("https://x", &uri).unwrap_err();
    assert_eq!(
        unopened.to_string(),
        "the browser could not be opened: no display"
    );
}
