//! Faults of the HTTP exchange: answers that are late, broken, false in their framing or endless.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::Frame;
use tokio::time::{Sleep, sleep};

use crate::connection::{RawAnswer, RawAnswers};
use crate::reply;

use super::gzip::GzipBomb;
use super::{ClosePoint, Effect};

/// The answer to `request` with `effect` on it.
pub(crate) async fn apply(
    effect: Effect,
    connection: Option<RawAnswers>,
    next: Next,
    request: Request,
) -> Response {
    let replace = |bytes: Vec<u8>, reset: bool| {
        if let Some(connection) = connection {
            connection.replace_next(RawAnswer { bytes, reset });
        }
        reply::empty(StatusCode::INTERNAL_SERVER_ERROR)
    };
    match effect {
        Effect::Delay { milliseconds } => {
            sleep(Duration::from_millis(milliseconds)).await;
            next.run(request).await
        }
        Effect::Reply {
            status,
            headers,
            content_type,
            body,
        } => written(status, headers, content_type, body),
        Effect::Redirect { status, location } => written(
            status,
            vec![("location".to_owned(), location)],
            None,
            String::new(),
        ),
        Effect::Close { at, reset } => {
            let (head, body) = serialised(next.run(request).await, 0).await;
            let bytes = match at {
                ClosePoint::BeforeHeaders => Vec::new(),
                ClosePoint::InHeaders => head[..head.len().min(HALF_A_HEADER)].to_vec(),
                ClosePoint::InBody => [head.as_slice(), &body[..body.len() / 2]].concat(),
            };
            replace(bytes, reset)
        }
        Effect::ContentLength { difference } => {
            let (head, body) = serialised(next.run(request).await, difference).await;
            replace([head.as_slice(), &body].concat(), false)
        }
        Effect::Garbage { text } => replace(text.into_bytes(), false),
        Effect::Trickle {
            bytes,
            pause_milliseconds,
        } => {
            let (parts, body) = next.run(request).await.into_parts();
            let body = collected(body).await;
            let trickle = Trickle {
                rest: body,
                bytes: bytes.max(1),
                pause: Duration::from_millis(pause_milliseconds),
                waiting: None,
            };
            Response::from_parts(parts, Body::new(trickle))
        }
        Effect::LargeBody { bytes } => large(bytes),
        Effect::GzipBomb { bytes } => {
            let mut response = Response::new(Body::new(Pieces(GzipBomb::new(bytes))));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, JSON);
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        // These change what an answer says, and the handlers look for them.
        Effect::Refuse(_) | Effect::Forge { .. } | Effect::Device { .. } => next.run(request).await,
        // Too late for that: the request came over a connection.
        Effect::Handshake { .. } => next.run(request).await,
    }
}

fn written(
    status: u16,
    headers: Vec<(String, String)>,
    content_type: Option<String>,
    body: String,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let typed = content_type.map(|value| ("content-type".to_owned(), value));
    for (name, value) in headers.into_iter().chain(typed) {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Head and body as bytes, with `difference` added to the true length.
async fn serialised(response: Response, difference: i64) -> (Vec<u8>, Bytes) {
    let (parts, body) = response.into_parts();
    let body = collected(body).await;
    let mut head = Vec::new();
    // Writing into memory does not fail.
    let _ = write!(head, "HTTP/1.1 {}\r\n", parts.status);
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
    }
    let length = i64::try_from(body.len()).unwrap_or(i64::MAX);
    let claimed = length.saturating_add(difference).max(0);
    let _ = write!(head, "content-length: {claimed}\r\n\r\n");
    (head, body)
}

async fn collected(body: Body) -> Bytes {
    axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default()
}

/// Valid JSON of exactly so many bytes: white space around an empty object.
fn large(bytes: u64) -> Response {
    let mut left = bytes.saturating_sub(2);
    let spaces = std::iter::from_fn(move || {
        let length = left.min(SPACES.len() as u64);
        left -= length;
        (length > 0).then(|| &SPACES[..usize::try_from(length).unwrap_or(SPACES.len())])
    });
    let pieces = spaces.chain(std::iter::once(b"{}".as_slice()));
    let mut response = Response::new(Body::new(Pieces(pieces)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CONTENT_LENGTH, bytes.max(2).into());
    response
}

/// A body of pieces that are made while it is sent.
struct Pieces<I>(I);

impl<I: Iterator<Item: Into<Bytes>> + Unpin> hyper::body::Body for Pieces<I> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece.into()))))
    }
}

/// A body in small pieces with a pause before each but the first.
struct Trickle {
    rest: Bytes,
    bytes: usize,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for Trickle {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
        }
        let count = self.bytes.min(self.rest.len());
        let piece = self.rest.split_to(count);
        self.waiting = Some(Box::pin(sleep(self.pause)));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// Bytes: the end of the status line and the first letters of a header.
const HALF_A_HEADER: usize = 22;
static SPACES: [u8; 1 << 14] = [b' '; 1 << 14];
