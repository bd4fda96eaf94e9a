//! The answer of a browser, however much it says about itself.

use std::io::{Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use entra::ports::{Interaction, InteractionError, LoopbackBrowser, Outcome, Redirect};

/// Asks for `target` with a cookie of `length` before the host; gives the first line of the answer.
fn browse(port: u16, target: &str, length: usize) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let cookie = "x".repeat(length);
    let head =
        format!("GET {target} HTTP/1.1\r\nCookie: {cookie}\r\nHost: localhost:{port}\r\n\r\n");
    // A client that has read enough hangs up.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn long_headers_are_read_and_endless_ones_are_not() {
    let user = LoopbackBrowser(|_| Ok(()));
    let mut listener = user.listen(&Redirect::Localhost(vec![0])).unwrap();
    let port = listener.redirect_uri().port();
    let browser = thread::spawn(move || {
        let endless = browse(port, "/?endless", 100_000);
        assert!(!endless.contains("200"), "{endless}");
        assert_eq!(browse(port, "/?long", 50_000), "HTTP/1.1 200 OK");
    });
    let answer = listener.wait(Duration::from_secs(30), &|_| true).unwrap();
    listener.finish(Outcome::SignedIn);
    assert_eq!(answer.expose(), "long");
    browser.join().unwrap();
}

#[test]
fn a_port_in_use_on_the_other_address_is_taken() {
    // Without IPv6 there is no other address, and no program that takes the code there.
    let Ok(other) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        return;
    };
    let port = other.local_addr().unwrap().port();
    let user = LoopbackBrowser(|_| Ok(()));
    let taken = user.listen(&Redirect::Localhost(vec![port])).err();
    assert!(matches!(taken, Some(InteractionError::PortBusy { port: busy }) if busy == port));
}
