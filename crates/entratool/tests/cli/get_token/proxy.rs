//! Proxies that let nothing through, and what is said about them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::Sandbox;

/// A proxy that answers every CONNECT with the same bytes, and how often it was asked.
struct Proxy {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    /// Without an answer it keeps the connection open and says nothing.
    fn answering(answer: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        break;
                    }
                    request.push(byte[0]);
                }
                count.fetch_add(1, Ordering::SeqCst);
                match answer {
                    // Whether a server still listens is not the proxy's affair.
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    None => open.push(stream),
                }
            }
        });
        Self { address, asked }
    }
}

#[test]
fn a_proxy_that_refuses_is_named_and_not_asked_again() {
    let check = |answer: Option<&'static str>, says: &str| {
        let sandbox = Sandbox::new();
        let proxy = Proxy::answering(answer);
        let Proxy { address, asked } = &proxy;
        sandbox.set("HTTPS_PROXY", &format!("http://alice:C4n4ry@{address}"));
        let host = sandbox.authority().replace("https://", "");
        let named = format!("the proxy {address} did not let us through to {host}: {says}");
        let run = sandbox.fails("get-token -p demo --timeout 300ms -vv", 6, &[&named]);
        assert!(run.stderr.contains("check HTTPS_PROXY and NO_PROXY"));
        assert!(!run.stderr.contains("C4n4ry") && !run.log.contains("C4n4ry"));
        assert_eq!((asked.load(Ordering::SeqCst), sandbox.count()), (1, 0));
    };
    check(
        Some("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n"),
        "it wants a user name and a password, or other ones (status 407)",
    );
    check(
        Some("HTTP/1.1 401 Unauthorized\r\n\r\n"),
        "it wants a user name and a password, or other ones (status 401)",
    );
    check(
        Some("HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\nC4n4ry"),
        "it answered with status 403",
    );
    check(
        Some("HTTP/1.1 302 Found\r\nlocation: http://C4n4ry/\r\n\r\n"),
        "it answered with status 302",
    );
    check(Some(""), "proxy server did not respond");
    check(Some("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "");
    check(None, "no connection within 300 ms");
}

#[test]
fn a_connection_that_breaks_behind_the_proxy_is_tried_again() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::answering(Some("HTTP/1.1 200 Connection established\r\n\r\n"));
    sandbox.set("HTTPS_PROXY", &proxy.address.to_string());
    let host = sandbox.authority().replace("https://", "");
    sandbox.fails(
        "get-token -p demo",
        6,
        &[&format!("cannot connect to {host}: ")],
    );
    assert_eq!(proxy.asked.load(Ordering::SeqCst), 3);
}

#[test]
fn a_proxy_that_is_not_trusted_is_not_taken_for_the_authority() {
    let sandbox = Sandbox::new();
    let other = Sandbox::new();
    let proxy = other.authority().replace("https://", "");
    sandbox.set("HTTPS_PROXY", other.authority());
    let named = format!("the certificate of {proxy} is not trusted");
    sandbox.fails("get-token -p demo", 6, &[&named]);
    assert_eq!(sandbox.count() + other.count(), 0);
}

#[test]
fn sign_in_methods_that_are_not_supported_are_named() {
    let check = |answer: &'static str, says: &str| {
        let sandbox = Sandbox::new();
        let proxy = Proxy::answering(Some(answer));
        let address = proxy.address.to_string();
        sandbox.set("HTTPS_PROXY", &address);
        let named = format!("the proxy {address} wants a sign-in by {says}");
        let run = sandbox.fails("get-token -p demo", 6, &[&named, "px or cntlm"]);
        assert!(!run.stderr.contains("password"), "{}", run.stderr);
        assert_eq!(proxy.asked.load(Ordering::SeqCst), 1);
        let run = sandbox.run("doctor -p demo");
        assert!(run.stdout.contains(&named), "{}", run.stdout);
    };
    check(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
        "Negotiate or NTLM, which is not supported here",
    );
    check(
        "HTTP/1.1 407 x\r\nproxy-authenticate: Kerberos, Digest realm=\"x\"\r\n\r\n",
        "Kerberos or Digest, which is not supported here",
    );
}

#[test]
fn a_variable_that_names_no_proxy_is_named() {
    let sandbox = Sandbox::new();
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        for (value, why) in [
            (
                "http://127.0.0.1:99999",
                "its port is not between 1 and 65535",
            ),
            ("http://alice:C4n4ry@home@127.0.0.1:1", "percent-encoded"),
            ("http://127.0.0.1:1 x", "white space"),
            ("gopher://127.0.0.1:1", "the scheme `gopher`"),
        ] {
            sandbox.set(variable, value);
            let named = format!("the proxy in {variable} cannot be used: ");
            let hint = format!("correct or unset {variable}");
            for line in [
                "get-token -p demo --force",
                "get-token -p demo --force --json",
            ] {
                let run = sandbox.fails(line, 2, &[&named, why, &hint]);
                assert!(!run.stderr.contains("C4n4ry"), "{}", run.stderr);
            }
            let run = sandbox.run("doctor -p demo");
            assert!(run.stdout.contains(&named), "{}", run.stdout);
            assert!(!run.stdout.contains("C4n4ry"), "{}", run.stdout);
        }
        sandbox.set(variable, "");
    }
    assert_eq!(sandbox.count(), 0);
    // White space around it does no harm, nor do quotation marks around exceptions.
    sandbox.set("HTTPS_PROXY", "http://127.0.0.1:1 \r\n");
    sandbox.set("NO_PROXY", "localhost;example.com\r");
    sandbox.ok("get-token -p demo --force");
}
