//! Many clients that ask an emulator for tokens, over connections that stay open.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// One request, sent again and again.
pub(crate) struct Load {
    port: u16,
    tls: Arc<ClientConfig>,
    request: Vec<u8>,
}

impl Load {
    /// Client credentials with a secret, for the server at `authority`, `https://localhost:PORT`.
    ///
    /// # Errors
    ///
    /// If the authority has no port or the roots cannot be read.
    pub(crate) fn new(
        authority: &str,
        tenant: &str,
        roots: &Path,
        body: &str,
    ) -> Result<Self, String> {
        let (_, port) = authority.rsplit_once(':').unwrap_or_default();
        let port = port
            .parse()
            .map_err(|_| format!("no port in `{authority}`"))?;
        let mut store = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(roots).map_err(|error| error.to_string())?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| error.to_string())?;
            store.add(certificate).map_err(|error| error.to_string())?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(store)
            .with_no_client_auth();
        let mut request = format!("POST /{tenant}/oauth2/v2.0/token HTTP/1.1\r\n");
        // Writing to a string cannot fail.
        let _ = write!(
            request,
            "Host: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(Self {
            port,
            tls: Arc::new(tls),
            request: request.into_bytes(),
        })
    }

    /// How many tokens a second come over `connections` connections, each with a thread that
    /// asks for the next token when it has one.
    ///
    /// # Errors
    ///
    /// If any answer is anything but a token.
    pub(crate) fn rate(&self, connections: usize, time: Duration) -> Result<f64, String> {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(self.connect()?);
        }
        let start = Instant::now();
        let counts: Result<Vec<u64>, String> = thread::scope(|scope| {
            let threads: Vec<_> = open
                .into_iter()
                .map(|connection| scope.spawn(move || self.ask(connection, start + time)))
                .collect();
            let ended = threads.into_iter().map(|thread| thread.join());
            ended
                .map(|count| count.map_err(|_| "a client panicked".to_owned())?)
                .collect()
        });
        #[expect(
            clippy::cast_precision_loss,
            reason = "far fewer tokens than an f64 counts"
        )]
        let tokens = counts?.iter().sum::<u64>() as f64;
        Ok(tokens / start.elapsed().as_secs_f64())
    }

    fn connect(&self) -> Result<Connection, String> {
        let text = |error: std::io::Error| error.to_string();
        let socket = TcpStream::connect(("127.0.0.1", self.port)).map_err(text)?;
        socket.set_nodelay(true).map_err(text)?;
        let name = ServerName::try_from("localhost").map_err(|error| error.to_string())?;
        let client = ClientConnection::new(Arc::clone(&self.tls), name)
            .map_err(|error| error.to_string())?;
        let mut connection = StreamOwned::new(client, socket);
        exchange(&mut connection, &self.request, &mut Vec::new())?;
        Ok(connection)
    }

    fn ask(&self, mut connection: Connection, end: Instant) -> Result<u64, String> {
        let mut answer = Vec::new();
        let mut tokens = 0;
        while Instant::now() < end {
            exchange(&mut connection, &self.request, &mut answer)?;
            tokens += 1;
        }
        Ok(tokens)
    }
}

/// Sends a request and reads its answer, which must be a token.
fn exchange(
    connection: &mut Connection,
    request: &[u8],
    answer: &mut Vec<u8>,
) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    connection.write_all(request).map_err(text)?;
    answer.clear();
    let mut piece = [0; 8 * 1024];
    while !is_complete(answer) {
        match connection.read(&mut piece).map_err(text)? {
            0 => return Err("the emulator ended a connection".to_owned()),
            count => answer.extend_from_slice(&piece[..count]),
        }
    }
    let is_token = answer.starts_with(b"HTTP/1.1 200 ") && contains(answer, b"\"access_token\"");
    is_token.then_some(()).ok_or_else(|| {
        let line = answer.split(|byte| *byte == b'\r').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
        format!("the emulator answered `{line}` under load")
    })
}

/// Whether the headers are there, and as much of a body as they announce (RFC 9112 §6.2).
fn is_complete(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok());
    length.is_none_or(|length| answer.len() >= end + 4 + length)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

type Connection = StreamOwned<ClientConnection, TcpStream>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        let check = |answer: &str, want: bool| {
            assert_eq!(is_complete(answer.as_bytes()), want, "{answer:?}");
        };
        check("", false);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", false);
        check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", true);
        check("HTTP/1.1 204 No Content\r\n\r\n", true);
    }
}
