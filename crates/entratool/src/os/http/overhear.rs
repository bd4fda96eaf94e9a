//! What a proxy that wants a sign-in accepts: the names in the header that ureq does not return.

use std::sync::Arc;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};

use super::progress::Progress;

/// The last part of every new connection: reads along what a proxy answers.
#[derive(Debug)]
pub(super) struct Overhear(pub(super) Arc<Progress>);

impl<In: Transport> Connector<In> for Overhear {
    type Out = Either<In, Overheard<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(
            chained.map(|transport| match self.0.is_target(details.uri) {
                true => Either::A(transport),
                false => Either::B(Overheard {
                    transport,
                    progress: Arc::clone(&self.0),
                    is_over: false,
                }),
            }),
        )
    }
}

/// A connection to a proxy.
#[derive(Debug)]
pub(super) struct Overheard<In> {
    transport: In,
    progress: Arc<Progress>,
    is_over: bool,
}

impl<In: Transport> Transport for Overheard<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.transport.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let more = self.transport.await_input(timeout)?;
        if !self.is_over
            && let Some(methods) = methods(self.transport.buffers().input())
        {
            self.is_over = true;
            self.progress.see_proxy_methods(methods);
        }
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// The authentication schemes in the head of an answer (RFC 9110 §11.6); `None` before its end.
fn methods(answer: &[u8]) -> Option<Vec<String>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let challenges = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_challenge = ["proxy-authenticate", "www-authenticate"]
            .iter()
            .any(|known| name.trim().eq_ignore_ascii_case(known));
        is_challenge.then_some(value)
    });
    let mut methods: Vec<String> = Vec::new();
    // A comma separates challenges, and the parameters of each.
    for part in challenges.flat_map(|value| value.split(',')) {
        let word = part.split_whitespace().next().unwrap_or_default();
        let is_scheme = !word.is_empty()
            && word.len() <= LONGEST
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_scheme && !methods.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            methods.push(word.to_owned());
        }
    }
    methods.truncate(MOST);
    Some(methods)
}

const LONGEST: usize = 20;
const MOST: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_the_schemes_of_all_challenges() {
        let check = |answer: &str, want: Option<&[&str]>| {
            let found = methods(answer.as_bytes());
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), want, "{answer}");
        };
        check("HTTP/1.1 407 x\r\n", None);
        check("HTTP/1.1 407 x\r\n\r\n", Some(&[]));
        check(
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n",
            Some(&["Negotiate", "NTLM"]),
        );
        check(
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate, Digest realm=\"a b\", qop=auth, ntlm, NTLM\r\n\r\n",
            Some(&["Negotiate", "Digest", "ntlm"]),
        );
        check(
            "HTTP/1.1 407 x\r\nProxy-Authenticate: \u{1b}[31m, Basic\r\n\r\nProxy-Authenticate: NTLM",
            Some(&["Basic"]),
        );
    }
}
