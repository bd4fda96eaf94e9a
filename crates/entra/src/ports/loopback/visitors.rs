//! The connections to the listener that have not said yet what they want.
#![expect(clippy::disallowed_types, reason = "connections of this host")]

use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{page, peer, reply};
use crate::client::RedirectUri;
use crate::secret::Secret;
use crate::wire::redirect::{self, LONGEST, NoAnswer};

/// Connections in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Visitors(Vec<Visitor>);

/// A connection that has not said yet what it wants.
#[derive(Debug)]
struct Visitor {
    stream: TcpStream,
    since: Duration,
    received: Zeroizing<Vec<u8>>,
}

/// What a look at the connections gave.
pub(super) enum Seen {
    /// What may be the answer, with the connection that waits for a page.
    Answer(Secret, TcpStream),
    /// Connections that came or were sent away.
    Others,
    /// No change.
    Nothing,
}

impl Visitors {
    /// Accepts connections and reads from all of them: a silent or slow one keeps no other waiting,
    /// as any program of this host can connect.
    pub(super) fn look(
        &mut self,
        sockets: &[TcpListener],
        redirect_uri: &RedirectUri,
        now: Duration,
    ) -> Seen {
        let came = self.accept(sockets, now);
        let mut seen = if came { Seen::Others } else { Seen::Nothing };
        for index in (0..self.0.len()).rev() {
            let visitor = &mut self.0[index];
            let is_late = now.saturating_sub(visitor.since) >= SLOWEST;
            let said = match visitor.listen(redirect_uri) {
                Ok(None) if !is_late => continue,
                Ok(None) => Err(NoAnswer::NotHttp),
                Ok(Some(fields)) => Ok(fields),
                Err(reason) => Err(reason),
            };
            let mut visitor = self.0.remove(index);
            match said {
                Ok(fields) => return Seen::Answer(fields, visitor.stream),
                Err(reason) => {
                    reply(&mut visitor.stream, &page::refused(reason));
                    seen = Seen::Others;
                }
            }
        }
        self.make_room();
        seen
    }

    /// Takes connections from the sockets in turn, so that a flood at one address does not keep
    /// those at the other waiting. Whether any came.
    fn accept(&mut self, sockets: &[TcpListener], now: Duration) -> bool {
        let mut came = Vec::new();
        while came.len() < AT_ONCE {
            let before = came.len();
            let streams = sockets.iter().filter_map(|socket| socket.accept().ok());
            came.extend(streams.map(|(stream, _)| stream));
            if came.len() == before {
                break;
            }
        }
        let any = !came.is_empty();
        let foreign = peer::foreign(&came);
        for (mut stream, foreign) in came.into_iter().zip(foreign) {
            // Where it cannot be set, nothing could be read without waiting.
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            if foreign {
                log::info!("a connection of another user was refused");
                reply(&mut stream, &page::other_user());
                continue;
            }
            self.0.push(Visitor {
                stream,
                since: now,
                received: Zeroizing::default(),
            });
        }
        any
    }

    /// Drops connections that said nothing, the oldest first, then the oldest of all. A browser
    /// sends its request at once; what it keeps in reserve it can open again.
    fn make_room(&mut self) {
        let mut excess = self.0.len().saturating_sub(ROOM);
        self.0.retain(|visitor| {
            let drops = excess > 0 && visitor.received.is_empty();
            excess -= usize::from(drops);
            !drops
        });
        self.0.drain(..excess);
    }
}

impl Visitor {
    /// Reads what is there, without waiting for more.
    fn listen(&mut self, redirect_uri: &RedirectUri) -> Result<Option<Secret>, NoAnswer> {
        let mut chunk = Zeroizing::new([0; 4096]);
        loop {
            let room = chunk.len().min(LONGEST - self.received.len());
            match self.stream.read(&mut chunk[..room]) {
                Ok(0) => return Err(NoAnswer::NotHttp),
                Ok(count) => {
                    if self.received.is_empty() {
                        // Growing would leave copies behind that are not wiped.
                        self.received.reserve_exact(LONGEST);
                    }
                    self.received.extend_from_slice(&chunk[..count]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Err(NoAnswer::NotHttp),
            }
            if let Some(fields) = redirect::answer(redirect_uri, &self.received)? {
                return Ok(Some(fields));
            }
        }
    }
}

/// From connecting to the end of the request.
const SLOWEST: Duration = Duration::from_secs(5);
/// Connections that are kept. Each costs a file descriptor, of which a process has 256 at least.
const ROOM: usize = 128;
/// Connections that are accepted between two looks at those that are there.
const AT_ONCE: usize = 64;
