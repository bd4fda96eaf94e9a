//! Faults of the connection, seen from the raw bytes of a TLS stream.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entra_emulator::{
    ClosePoint, Effect, Endpoint, Fault, HandshakeFault, Options, ServerCertificate,
};
use flate2::read::GzDecoder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::Bench;

/// Sends a request for the key set and reads until the connection ends, however it does.
fn raw(bench: &Bench, effect: Effect) -> (Vec<u8>, Option<io::Error>) {
    let control = bench.emulator.control();
    control.script(Fault::new(Endpoint::Keys, effect));
    let mut stream = connect(bench);
    stream
        .write_all(b"GET /common/discovery/v2.0/keys HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).err();
    assert_eq!(control.waiting_faults(), []);
    (bytes, error)
}

fn connect(bench: &Bench) -> StreamOwned<ClientConnection, TcpStream> {
    let pem = bench.emulator.certificate_authority().as_bytes();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", bench.emulator.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    StreamOwned::new(connection, stream)
}

/// The value of a header and the body that follows the headers.
fn parts(answer: &[u8], header: &str) -> (Option<String>, Vec<u8>) {
    let end = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case(header).then(|| value.to_owned())
    });
    (value, answer[end + 4..].to_vec())
}

#[test]
fn a_connection_closes_where_the_fault_says() {
    let bench = Bench::start();
    for reset in [false, true] {
        let close = |at| raw(&bench, Effect::Close { at, reset });
        let (bytes, error) = close(ClosePoint::BeforeHeaders);
        assert_eq!(bytes, b"");
        assert!(error.is_some(), "no orderly end of the TLS stream");

        let (bytes, error) = close(ClosePoint::InHeaders);
        assert!(error.is_some());
        if !reset {
            assert_eq!(bytes, b"HTTP/1.1 200 OK\r\nconte");
        }

        let (bytes, error) = close(ClosePoint::InBody);
        assert!(error.is_some());
        if !reset {
            let (length, body) = parts(&bytes, "content-length");
            assert_eq!(body.len(), length.unwrap().parse::<usize>().unwrap() / 2);
        }
    }
}

#[test]
fn a_reset_is_a_reset() {
    let bench = Bench::start();
    let (_, error) = raw(
        &bench,
        Effect::Close {
            at: ClosePoint::BeforeHeaders,
            reset: true,
        },
    );
    assert_eq!(error.unwrap().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_content_length_can_be_false_both_ways() {
    let bench = Bench::start();
    for difference in [-10, 10] {
        let (bytes, _) = raw(&bench, Effect::ContentLength { difference });
        let (length, body) = parts(&bytes, "content-length");
        let claimed: i64 = length.unwrap().parse().unwrap();
        assert_eq!(claimed, i64::try_from(body.len()).unwrap() + difference);
        assert!(body.ends_with(b"}"), "the whole body is sent");
    }
}

#[test]
fn a_body_can_trickle() {
    let bench = Bench::start();
    let before = Instant::now();
    let (bytes, _) = raw(
        &bench,
        Effect::Trickle {
            bytes: 500,
            pause_milliseconds: 10,
        },
    );
    let (_, body) = parts(&bytes, "content-length");
    assert!(body.ends_with(b"}") || body.ends_with(b"0\r\n\r\n"));
    assert!(
        before.elapsed() >= Duration::from_millis(50),
        "several pauses"
    );
}

#[test]
fn an_answer_can_be_late() {
    let bench = Bench::start();
    let before = Instant::now();
    let (bytes, _) = raw(&bench, Effect::Delay { milliseconds: 60 });
    assert!(before.elapsed() >= Duration::from_millis(60));
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn an_answer_can_be_no_http_at_all() {
    let bench = Bench::start();
    let text = "SSH-2.0-OpenSSH_9.2\r\n".to_owned();
    let (bytes, _) = raw(&bench, Effect::Garbage { text });
    assert_eq!(bytes, b"SSH-2.0-OpenSSH_9.2\r\n");
}

#[test]
fn an_answer_can_lead_elsewhere() {
    let bench = Bench::start();
    let (bytes, _) = raw(
        &bench,
        Effect::Redirect {
            status: 307,
            location: "http://localhost:1/".to_owned(),
        },
    );
    assert!(bytes.starts_with(b"HTTP/1.1 307 "));
    assert_eq!(parts(&bytes, "location").0.unwrap(), "http://localhost:1/");
}

#[test]
fn a_large_body_is_json_of_exactly_that_size() {
    let bench = Bench::start();
    let (bytes, _) = raw(&bench, Effect::LargeBody { bytes: 3_000_000 });
    let (length, body) = parts(&bytes, "content-length");
    assert_eq!(length.unwrap(), "3000000");
    assert_eq!(body.len(), 3_000_000);
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&body).unwrap(),
        serde_json::json!({})
    );
}

#[test]
fn a_client_that_stops_reading_does_not_make_the_emulator_hold_a_large_body() {
    let bench = Bench::start();
    let effect = Effect::LargeBody { bytes: 1 << 40 };
    bench
        .emulator
        .control()
        .script(Fault::new(Endpoint::Keys, effect));
    let mut stream = connect(&bench);
    stream
        .write_all(b"GET /common/discovery/v2.0/keys HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut start = [0; 17];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK\r\n");
    drop(stream);
    assert_eq!(bench.get("/healthz").status, 200);
}

#[test]
fn a_gzip_bomb_is_small_on_the_wire() {
    let bench = Bench::start();
    let (bytes, _) = raw(&bench, Effect::GzipBomb { bytes: 20_000_000 });
    assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
    let (encoding, body) = parts(&bytes, "content-encoding");
    assert_eq!(encoding.unwrap(), "gzip");
    let packed = unchunked(&body);
    let unpacked = io::copy(&mut GzDecoder::new(packed.as_slice()), &mut io::sink()).unwrap();
    assert_eq!(unpacked, 20_000_000);
}

#[test]
fn a_server_certificate_can_be_wrong() {
    let check = |server_certificate, want: &str| {
        let bench = Bench::start_with(Options {
            server_certificate,
            ..Options::default()
        });
        let answer = bench.send("GET", "/healthz", &[], "");
        let error = answer
            .err()
            .map_or_else(|| "none".to_owned(), |error| error.to_string());
        assert!(error.contains(want), "{server_certificate:?}: {error}");
        assert_eq!(
            bench.emulator.control().requests().is_empty(),
            want != "none"
        );
    };
    check(ServerCertificate::Valid, "none");
    check(ServerCertificate::Expired, "certificate expired");
    check(ServerCertificate::NotYetValid, "certificate not valid yet");
    check(ServerCertificate::OtherName, "not valid for name");
    check(ServerCertificate::UnknownAuthority, "UnknownIssuer");
    check(ServerCertificate::SelfSigned, "UnknownIssuer");
    check(ServerCertificate::SelfSignedAuthority, "CaUsedAsEndEntity");
}

#[test]
fn a_connection_may_not_come_about() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    let check = |what, want: &str| {
        let effect = Effect::Handshake { what };
        control.script(Fault::new(Endpoint::Any, effect));
        let error = connect(&bench).flush().unwrap_err().to_string();
        assert!(error.contains(want), "{what:?}: {error}");
        assert_eq!(control.waiting_faults(), []);
    };
    check(HandshakeFault::Close, "unexpected end of file");
    check(HandshakeFault::Reset, "reset by peer");
    check(HandshakeFault::PlainHttp, "corrupt message");
    check(HandshakeFault::OldVersion, "peer is incompatible");
    check(HandshakeFault::Expired, "certificate expired");
    check(HandshakeFault::NotYetValid, "certificate not valid yet");
    check(HandshakeFault::OtherName, "not valid for name");
    check(HandshakeFault::SelfSigned, "UnknownIssuer");
    check(HandshakeFault::UnknownAuthority, "UnknownIssuer");
    assert_eq!(control.requests(), []);
    assert_eq!(bench.get("/healthz").status, 200);
}

#[test]
fn a_connection_may_be_met_with_silence() {
    let bench = Bench::start();
    let effect = Effect::Handshake {
        what: HandshakeFault::Silence,
    };
    bench
        .emulator
        .control()
        .script(Fault::new(Endpoint::Any, effect));
    let mut stream = connect(&bench);
    let timeout = Duration::from_millis(50);
    stream.sock.set_read_timeout(Some(timeout)).unwrap();
    assert_eq!(
        stream.flush().unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
    assert_eq!(bench.get("/healthz").status, 200);
}

/// RFC 9112 §7.1.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|bytes| bytes == b"\r\n").unwrap();
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}
