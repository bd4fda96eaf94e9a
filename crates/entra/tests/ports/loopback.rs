//! Which requests the loopback listener takes for the browser's answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use entra::client::RedirectUri;
use entra::ports::{
    Interaction, InteractionError, Listener, Loopback, LoopbackBrowser, Outcome, Redirect,
};
use entra::secret::Secret;

fn send(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(port: u16, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    send(port, &request)
}

/// Runs a browser beside the listener; gives back the answer and what the browser saw last.
fn meet(
    outcome: Outcome,
    browser: impl FnOnce(u16) -> String + Send + 'static,
) -> (Result<Secret, InteractionError>, String) {
    let mut listener = Loopback::listen(&Redirect::Localhost(vec![0])).unwrap();
    let port = listener.redirect_uri().port();
    let browser = thread::spawn(move || browser(port));
    let is_ours = |answer: &Secret| answer.expose().contains("state=ours");
    let answer = listener.wait(TIMEOUT, &is_ours);
    listener.finish(outcome);
    (answer, browser.join().unwrap())
}

#[test]
fn the_user_sees_how_it_ended_and_nothing_of_the_answer() {
    let check = |outcome, want: &str| {
        let (answer, page) = meet(outcome, |port| get(port, "/?code=c0de&state=ours"));
        assert_eq!(answer.unwrap().expose(), "code=c0de&state=ours");
        assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
        assert!(page.contains(want) && !page.contains("c0de"), "{page}");
        for header in [
            "Content-Security-Policy: default-src 'none'; ",
            "Cache-Control: no-store",
            "Referrer-Policy: no-referrer",
            "X-Content-Type-Options: nosniff",
        ] {
            assert!(page.contains(header), "{header}: {page}");
        }
    };
    check(Outcome::SignedIn, "You are signed in");
    check(Outcome::Failed, "Sign-in did not work");
}

#[test]
fn a_posted_form_is_an_answer() {
    let (answer, page) = meet(Outcome::SignedIn, |port| {
        let form = "Content-Type: application/x-www-form-urlencoded";
        let head = format!("POST / HTTP/1.1\r\nHost: localhost:{port}\r\n{form}");
        send(
            port,
            &format!("{head}\r\nContent-Length: 17\r\n\r\ncode=c&state=ours"),
        )
    });
    assert_eq!(answer.unwrap().expose(), "code=c&state=ours");
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
}

#[test]
fn only_the_answer_to_this_sign_in_ends_the_wait() {
    let (answer, _) = meet(Outcome::SignedIn, |port| {
        let check = |line: &str, host: &str, want: &str| {
            let answer = send(port, &format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {want}")),
                "{line}: {answer}"
            );
        };
        let ours = format!("localhost:{port}");
        check("GET /favicon.ico", &ours, "404 Not Found");
        check("GET /", &ours, "404 Not Found");
        check("GET /?state=theirs", &ours, "400 Bad Request");
        check("GET /x?state=ours", &ours, "404 Not Found");
        check("PUT /?state=ours", &ours, "405 Method Not Allowed");
        check("POST /?state=ours", &ours, "400 Bad Request");
        check(
            "GET /?state=ours",
            "evil.example",
            "421 Misdirected Request",
        );
        check("GET /?state=ours", "localhost:1", "421 Misdirected Request");
        check("\x16\x03\x01\x02", &ours, "400 Bad Request");
        get(port, "/?state=ours&code=c")
    });
    assert_eq!(answer.unwrap().expose(), "state=ours&code=c");
}

#[test]
fn ten_thousand_junk_requests_do_not_hide_the_answer() {
    let (answer, _) = meet(Outcome::SignedIn, |port| {
        for _ in 0..10_000 {
            let refusal = get(port, "/junk?code=x&state=ours");
            assert!(refusal.starts_with("HTTP/1.1 404"), "{refusal}");
        }
        get(port, "/?code=c&state=ours")
    });
    assert!(answer.is_ok());
}

#[test]
fn silent_connections_do_not_keep_the_answer_out() {
    let (answer, _) = meet(Outcome::SignedIn, |port| {
        let connect = |_| TcpStream::connect(("127.0.0.1", port)).unwrap();
        let silent: Vec<_> = (0..400).map(connect).collect();
        let begin = Instant::now();
        let page = get(port, "/?code=c&state=ours");
        assert!(
            begin.elapsed() < Duration::from_secs(1),
            "{:?}",
            begin.elapsed()
        );
        drop(silent);
        page
    });
    assert_eq!(answer.unwrap().expose(), "code=c&state=ours");
}

#[test]
fn connections_that_keep_coming_do_not_keep_the_answer_out() {
    let (answer, _) = meet(Outcome::SignedIn, |port| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let flood = thread::spawn(move || {
            let mut silent = std::collections::VecDeque::new();
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                let timeout = Duration::from_millis(100);
                let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
                silent.extend(TcpStream::connect_timeout(&address, timeout));
                if silent.len() > 250 {
                    silent.pop_front();
                }
            }
        });
        let page = get(port, "/?code=c&state=ours");
        drop(stop);
        flood.join().unwrap();
        page
    });
    assert_eq!(answer.unwrap().expose(), "code=c&state=ours");
}

#[test]
fn who_is_slow_does_not_prolong_the_wait() {
    let user = LoopbackBrowser(|_| Ok(()));
    let mut listener = user.listen(&Redirect::Localhost(vec![0])).unwrap();
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
    let unanswered = listener.wait(Duration::from_millis(200), &|_| true);
    assert!(matches!(
        unanswered.err(),
        Some(InteractionError::Unanswered)
    ));
    assert!(begin.elapsed() < Duration::from_secs(2));
    drop(listener);
    slow.join().unwrap();
}

#[test]
fn a_taken_port_and_a_missing_answer_are_errors() {
    let user = LoopbackBrowser(|_| Err(std::io::Error::other("no display")));
    let mut listener = user.listen(&Redirect::Localhost(vec![0])).unwrap();
    let uri = listener.redirect_uri().clone();
    let port = uri.port();
    let second = user.listen(&Redirect::Fixed(uri.clone()));
    assert!(
        matches!(second.err(), Some(InteractionError::PortBusy { port: busy }) if busy == port)
    );
    let free = user.listen(&Redirect::Localhost(vec![port, 0])).unwrap();
    assert_ne!(free.redirect_uri(), &RedirectUri::localhost(port));
    assert!(matches!(
        listener.wait(Duration::from_millis(1), &|_| true).err(),
        Some(InteractionError::Unanswered)
    ));
    let unopened = user.open_browser("https://x", &uri).unwrap_err();
    assert_eq!(
        unopened.to_string(),
        "the browser could not be opened: no display"
    );
}

/// Longer than the slowest machine takes for ten thousand requests.
const TIMEOUT: Duration = Duration::from_secs(120);
