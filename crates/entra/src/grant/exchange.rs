//! Where every grant ends: one form posted, retried where that is safe, one answer read.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::Error;
use crate::grant::{Granted, TokenRequest, id_token};
use crate::pkce::Nonce;
use crate::ports::{Body, Entropy, HttpError, Peer, Ports, Request, Response};
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::Form;
use crate::wire::refusal::Refusal;
use crate::wire::token::Answer;

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resend {
    /// After anything transient: receiving it twice does no harm.
    Freely,
    /// Only if the authority cannot have received it: what it carries works once.
    OnlyIfUnsent,
}

/// Posts `form` to the token endpoint and reads the grant.
///
/// `nonce` is what the ID token has to carry, where one was sent.
pub(super) fn exchange(
    request: &TokenRequest,
    ports: &Ports<'_>,
    form: &Form,
    resend: Resend,
    nonce: Option<&Nonce>,
) -> Result<Granted, Error> {
    let url = request.authority.token_endpoint();
    let response = post(ports, &url, form, resend)?;
    let received = ports.clock.now();
    match Answer::parse(response.status, &response.body) {
        Some(Answer::Granted(reply)) => {
            let account = id_token::account(request, &reply, nonce, received)?;
            Ok(Granted {
                reply: *reply,
                received,
                account,
            })
        }
        Some(Answer::Refused(refusal)) => Err(refused(*refusal, &response)),
        None => Err(no_oauth_answer("token", &response)),
    }
}

/// Posts `form` to the authority, and again where that is worth it.
pub(super) fn post(
    ports: &Ports<'_>,
    url: &str,
    form: &Form,
    resend: Resend,
) -> Result<Response, Error> {
    let question = Question {
        body: Body::Form(form),
        resend,
        ..Question::get(url, &[])
    };
    Ok(send(ports, &question)?)
}

/// A request, and when it is sent again.
pub(super) struct Question<'a> {
    pub(super) url: &'a str,
    /// In addition to those of every request.
    pub(super) headers: &'a [(&'a str, Secret)],
    pub(super) body: Body<'a>,
    pub(super) peer: Peer,
    pub(super) resend: Resend,
    /// Which statuses may be others a little later.
    pub(super) is_transient: &'a dyn Fn(u16) -> bool,
    /// How often it is sent at most.
    pub(super) attempts: u32,
}

impl<'a> Question<'a> {
    /// A GET.
    pub(super) fn get(url: &'a str, headers: &'a [(&'a str, Secret)]) -> Self {
        Self {
            url,
            headers,
            body: Body::None,
            peer: Peer::Anywhere,
            resend: Resend::Freely,
            is_transient: &is_overloaded,
            attempts: ATTEMPTS,
        }
    }

    /// How long to wait before the next attempt; `None` if there should be none.
    fn wait(
        &self,
        result: &Result<Response, HttpError>,
        attempt: u32,
        ports: &Ports<'_>,
    ) -> Option<Duration> {
        let backoff = || backoff(ports.entropy, attempt);
        match result {
            Ok(response) => {
                let again = (self.is_transient)(response.status) && self.resend == Resend::Freely;
                again.then(|| retry_after(response, ports.clock.now()).unwrap_or_else(backoff))
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

/// Sends a request as often as it says and within [`Ports::timeout`].
///
/// Waits as long as `Retry-After` says, else about 1 s, 2 s and so on, drawn at random so that many
/// clients do not come back at once. An answer that is not worth a retry is handed back as it is.
pub(super) fn send(ports: &Ports<'_>, question: &Question<'_>) -> Result<Response, HttpError> {
    let deadline = ports.clock.elapsed() + ports.timeout;
    let mut headers = TokenRequest::headers(ports).to_vec();
    headers.extend_from_slice(question.headers);
    // What a query of somebody else's URL says is not ours to show.
    let shown = match question.peer {
        Peer::Anywhere => question.url.split('?').next().unwrap_or_default(),
        Peer::ThisMachine => question.url,
    };
    match question.body {
        Body::None => log::info!("GET {shown}"),
        Body::Form(form) => log::info!("POST {shown} {}", form.redacted()),
        Body::EmptyJson => log::info!("POST {shown}"),
    }
    let mut attempt = 0;
    loop {
        let result = ports.http.send(&Request {
            url: question.url,
            headers: &headers,
            body: question.body,
            peer: question.peer,
            timeout: deadline.saturating_sub(ports.clock.elapsed()),
        });
        match &result {
            Ok(response) => log::info!("HTTP status {} from {shown}", response.status),
            Err(error) => log::info!("no answer from {shown}: {error}"),
        }
        match question.wait(&result, attempt, ports) {
            Some(wait)
                if attempt + 1 < question.attempts && ports.clock.elapsed() + wait < deadline =>
            {
                log::info!("trying again in {:.1} s", wait.as_secs_f32());
                ports.clock.sleep(wait);
            }
            _ => return result,
        }
        attempt += 1;
    }
}

/// The error for a refusal: a transient one is told as unavailability.
pub(super) fn refused(mut refusal: Refusal, response: &Response) -> Error {
    refusal.server_time = date(response);
    if refusal.is_transient() {
        return Error::Unavailable {
            status: response.status,
            retry_after: seconds_to_wait(response),
            refusal: Some(Box::new(refusal)),
        };
    }
    Error::Refused(Box::new(refusal))
}

/// The error for an answer that is neither a grant nor a refusal.
pub(super) fn no_oauth_answer(endpoint: &'static str, response: &Response) -> Error {
    match response.status {
        status @ 300..400 => Error::Redirected {
            status,
            location: response
                .header("location")
                .map(|location| location.split(['?', '#']).next().unwrap_or_default())
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect(),
        },
        status if is_overloaded(status) => Error::Unavailable {
            status,
            retry_after: seconds_to_wait(response),
            refusal: None,
        },
        status => Error::Malformed { endpoint, status },
    }
}

fn is_overloaded(status: u16) -> bool {
    status == 408 || status == 429 || (500..600).contains(&status)
}

/// What `Retry-After` asks for: seconds or an HTTP date (RFC 9110 §10.2.3).
fn retry_after(response: &Response, now: Timestamp) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        // Measured from the server's own clock where it shows it: ours may be wrong.
        Err(_) => {
            let until = http_date(value)?;
            let from = date(response).unwrap_or(now);
            u64::try_from(until.since(from)).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds))
}

pub(super) fn seconds_to_wait(response: &Response) -> Option<u64> {
    let value = response.header("retry-after")?;
    value.trim().parse().ok()
}

/// The server's clock, from the `Date` header.
fn date(response: &Response) -> Option<Timestamp> {
    http_date(response.header("date")?)
}

/// An IMF-fixdate (RFC 9110 §5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(Timestamp::from_unix(date.unix_timestamp()))
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
            let got = retry_after(&response(headers), now);
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
