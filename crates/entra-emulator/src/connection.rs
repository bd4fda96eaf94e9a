//! A connection whose next answer can be replaced by bytes that no HTTP library would write.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// Bytes to send instead of the next answer, after which the connection ends.
pub(crate) struct RawAnswer {
    pub(crate) bytes: Vec<u8>,
    /// Ends with a TCP reset.
    pub(crate) reset: bool,
}

/// The way from a request handler to its connection.
#[derive(Clone, Default)]
pub(crate) struct RawAnswers(Arc<Mutex<Option<RawAnswer>>>);

/// A connection that looks for a [`RawAnswer`] whenever the HTTP library writes.
pub(crate) struct Connection<S> {
    stream: S,
    raw_answers: RawAnswers,
    raw: Option<(RawAnswer, usize)>,
}

/// What is over TCP in the end.
pub(crate) trait OverTcp: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl OverTcp for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

impl RawAnswers {
    /// Whatever is written next on the connection is replaced by `answer`.
    pub(crate) fn replace_next(&self, answer: RawAnswer) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }

    fn take(&self) -> Option<RawAnswer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S: OverTcp> Connection<S> {
    pub(crate) fn new(stream: S, raw_answers: RawAnswers) -> Self {
        Self {
            stream,
            raw_answers,
            raw: None,
        }
    }

    /// Sends what there is to send, then fails, so that the HTTP library gives the connection up.
    fn poll_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some((answer, sent)) = &mut self.raw else {
            return Poll::Pending;
        };
        while *sent < answer.bytes.len() {
            let written = Pin::new(&mut self.stream).poll_write(context, &answer.bytes[*sent..]);
            match ready!(written) {
                Ok(0) => return Poll::Ready(io::ErrorKind::WriteZero.into()),
                Ok(count) => *sent += count,
                Err(error) => return Poll::Ready(error),
            }
        }
        if let Err(error) = ready!(Pin::new(&mut self.stream).poll_flush(context)) {
            return Poll::Ready(error);
        }
        if answer.reset
            && let Err(error) = self.stream.tcp().set_zero_linger()
        {
            return Poll::Ready(error);
        }
        Poll::Ready(io::ErrorKind::ConnectionAborted.into())
    }
}

impl<S: OverTcp> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: OverTcp> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.raw.is_none() {
            self.raw = self.raw_answers.take().map(|answer| (answer, 0));
        }
        if self.raw.is_some() {
            return self.poll_raw(context).map(Err);
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.raw.is_some() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
