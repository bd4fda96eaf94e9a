//! Requests that are sent again where that helps and does no harm.

use std::fmt;
use std::time::Duration;

use crate::Error;
use crate::guid::random_guid;
use crate::ports::{Body, Clock, Entropy, Http, HttpError, Peer, Ports, Request, Response};
use crate::secret::Secret;
use crate::text::echo;
use crate::token::Timestamp;
use crate::wire::identity::Thumbprint;
use crate::wire::refusal::Refusal;
use crate::wire::{Form, sent};

/// What a request that may be sent again uses of the world.
///
/// ```
/// use std::time::Duration;
/// use entra::ports::{SystemClock, SystemRandom};
/// use entra::retry::Network;
/// # let http = entra::testing::Entra::default();
///
/// let network = Network {
///     http: &http,
///     clock: &SystemClock,
///     entropy: &SystemRandom,
///     timeout: Duration::from_secs(10),
/// };
/// # let _ = network;
/// ```
#[derive(Clone, Copy)]
pub struct Network<'a> {
    /// The network.
    pub http: &'a dyn Http,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// How long all tries may take together.
    pub timeout: Duration,
}

impl<'a> Network<'a> {
    /// The network of `ports`.
    ///
    /// ```
    /// use entra::ports::{MemoryTokens, Ports};
    /// use entra::retry::Network;
    /// # let http = entra::testing::Entra::default();
    ///
    /// let tokens = MemoryTokens::default();
    /// let network = Network::of(&Ports::new(&http, &tokens));
    /// # assert_eq!(network.timeout.as_secs(), 30);
    /// ```
    #[must_use]
    pub fn of(ports: &Ports<'a>) -> Self {
        Self {
            http: ports.http,
            clock: ports.clock,
            entropy: ports.entropy,
            timeout: ports.within_deadline(ports.timeout),
        }
    }
}

impl fmt::Debug for Network<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Network")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resend {
    /// After anything transient: receiving it twice does no harm.
    Freely,
    /// Only if the authority cannot have received it: what it carries works once.
    OnlyIfUnsent,
}

/// A request, and when it is sent again.
pub(crate) struct Question<'a> {
    pub(crate) url: &'a str,
    /// The URL for the log.
    pub(crate) shown: &'a str,
    /// In addition to those of every request.
    pub(crate) headers: &'a [(&'a str, Secret)],
    pub(crate) body: Body<'a>,
    pub(crate) peer: Peer,
    pub(crate) pinned: Option<&'a Thumbprint>,
    pub(crate) resend: Resend,
    /// Which statuses may be others a little later.
    pub(crate) is_transient: &'a dyn Fn(u16) -> bool,
    /// How often it is sent at most.
    pub(crate) attempts: u32,
}

impl<'a> Question<'a> {
    /// A GET.
    pub(crate) fn get(url: &'a str) -> Self {
        Self {
            url,
            shown: url,
            headers: &[],
            body: Body::None,
            peer: Peer::Anywhere,
            pinned: None,
            resend: Resend::Freely,
            is_transient: &is_overloaded,
            attempts: ATTEMPTS,
        }
    }

    /// A POST.
    pub(crate) fn post(url: &'a str, form: &'a Form, resend: Resend) -> Self {
        Self {
            body: Body::Form(form),
            resend,
            ..Self::get(url)
        }
    }

    /// How long to wait before the next attempt; `None` if there should be none.
    fn wait(
        &self,
        result: &Result<Response, HttpError>,
        attempt: u32,
        network: &Network<'_>,
    ) -> Option<Duration> {
        let backoff = || backoff(network.entropy, attempt);
        match result {
            Ok(response) => {
                let again = (self.is_transient)(response.status) && self.resend == Resend::Freely;
                again.then(|| {
                    retry_after(response, Some(network.clock.now())).unwrap_or_else(backoff)
                })
            }
            // Who listens on this machine was there before us.
            Err(HttpError::NotConnected { .. }) if self.peer == Peer::ThisMachine => None,
            Err(error) => {
                let safe = self.resend == Resend::Freely || error.nothing_was_sent();
                (error.is_transient() && safe).then(backoff)
            }
        }
    }
}

/// Sends a request, as often as it says and within [`Network::timeout`].
///
/// Waits as long as `Retry-After` says, else about 1 s, 2 s and so on, drawn at random so that many
/// clients do not come back at once. An answer that is not worth a retry is handed back as it is.
pub(crate) fn send(network: &Network<'_>, question: &Question<'_>) -> Result<Response, HttpError> {
    let deadline = network.clock.elapsed().saturating_add(network.timeout);
    let request_id = random_guid(|bytes| network.entropy.fill(bytes));
    let mut headers = vec![
        ("accept", "application/json".into()),
        ("client-request-id", request_id.into()),
    ];
    headers.extend_from_slice(question.headers);
    let shown = question.shown;
    let mut attempt = 0;
    loop {
        let result = network.http.send(&Request {
            url: question.url,
            headers: &headers,
            body: question.body,
            peer: question.peer,
            pinned: question.pinned,
            timeout: deadline.saturating_sub(network.clock.elapsed()),
        });
        match &result {
            Ok(response) => log::info!("HTTP status {} from {shown}", response.status),
            Err(error) => log::info!("no answer from {shown}: {error}"),
        }
        match question.wait(&result, attempt, network) {
            // Compared with what is left: a server may ask for more seconds than there will ever be.
            Some(wait)
                if attempt + 1 < question.attempts
                    && wait < deadline.saturating_sub(network.clock.elapsed()) =>
            {
                log::info!("trying again in {:.1} s", wait.as_secs_f32());
                network.clock.sleep(wait);
            }
            _ => return result.map(|response| without_sent(response, question)),
        }
        attempt += 1;
    }
}

/// An error answer without the secrets of the request: what it says may be shown.
fn without_sent(mut response: Response, question: &Question<'_>) -> Response {
    if (200..300).contains(&response.status) {
        return response;
    }
    let form = match question.body {
        Body::Form(form) => Some(form),
        Body::None | Body::EmptyJson => None,
    };
    let bearers: Vec<Secret> = question
        .headers
        .iter()
        .filter_map(|(_, value)| value.expose().strip_prefix("Bearer ").map(Secret::from))
        .collect();
    let headers = question.headers.iter().map(|(_, value)| value);
    let sent: Vec<_> = form
        .iter()
        .flat_map(|form| form.secrets())
        .chain(&bearers)
        .chain(headers)
        .collect();
    if let Some(body) = sent::removed(&response.body, &sent) {
        response.body = body;
    }
    response
}

/// The error for a refusal: a transient one is unavailability.
pub(crate) fn refused(mut refusal: Refusal, response: &Response) -> Error {
    refusal.server_time = response.date();
    if refusal.is_transient() {
        return Error::Unavailable {
            status: response.status,
            retry_after: time_to_wait(response),
            refusal: Some(Box::new(refusal)),
        };
    }
    Error::Refused(Box::new(refusal))
}

/// The error for an answer that is neither a grant nor a refusal.
pub(crate) fn no_oauth_answer(endpoint: &'static str, response: &Response) -> Error {
    match response.status {
        status @ 300..400 => Error::Redirected {
            status,
            location: response
                .header("location")
                .map(|location| location.split(['?', '#']).next().unwrap_or_default())
                .map(echo)
                .unwrap_or_default(),
        },
        status if is_overloaded(status) => Error::Unavailable {
            status,
            retry_after: time_to_wait(response),
            refusal: None,
        },
        status => Error::Malformed { endpoint, status },
    }
}

fn is_overloaded(status: u16) -> bool {
    status == 408 || status == 429 || (500..600).contains(&status)
}

/// What `Retry-After` asks for: seconds or an HTTP date (RFC 9110 §10.2.3).
fn retry_after(response: &Response, now: Option<Timestamp>) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        // Measured from the server's own clock where it shows it: ours may be wrong.
        Err(_) => {
            let until = Timestamp::from_http(value)?;
            let from = response.date().or(now)?;
            u64::try_from(until.since(from)).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds))
}

/// What `Retry-After` asks for. A date counts from the server's own clock, without which there is
/// nothing to measure it from.
pub(crate) fn time_to_wait(response: &Response) -> Option<Duration> {
    retry_after(response, response.date())
}

/// Doubles from 1 s, between half and one and a half of that.
fn backoff(entropy: &dyn Entropy, attempt: u32) -> Duration {
    let mut random = [0];
    entropy.fill(&mut random);
    let base = Duration::from_secs(1 << attempt.min(4));
    base / 2 + base * u32::from(random[0]) / 256
}

const ATTEMPTS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 503,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: "".into(),
        }
    }

    #[test]
    fn retry_after_is_read_in_both_spellings() {
        let now = Timestamp::from_unix(784_111_777);
        let check = |headers: &[(&str, &str)], want: Option<u64>| {
            let got = retry_after(&response(headers), Some(now));
            assert_eq!(got, want.map(Duration::from_secs), "{headers:?}");
        };
        check(&[], None);
        check(&[("retry-after", "7")], Some(7));
        check(&[("retry-after", "soon")], None);
        check(&[("retry-after", "-1")], None);
        check(
            &[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")],
            Some(10),
        );
        check(&[("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT")], Some(0));
        check(
            &[
                ("retry-after", "Sun, 06 Nov 1994 08:00:05 GMT"),
                ("date", "Sun, 06 Nov 1994 08:00:00 GMT"),
            ],
            Some(5),
        );
    }
}
