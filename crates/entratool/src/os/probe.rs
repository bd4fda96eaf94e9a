//! What can be found out about this host and its network.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use entra::certificate::Bundle;
use entra::client::RedirectUri;
use entra::ports::{Http, HttpError, InteractionError, Loopback, Redirect, Request};

use crate::env::Environment;
use crate::file::NamedFile;
use crate::os::http::{self, Https};
use crate::os::{browser, port_user};
use crate::world::{HttpSettings, Probe, Visit};

/// The real host.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemProbe;

impl Probe for SystemProbe {
    /// The resolver cannot be interrupted, so one that takes too long is left behind.
    fn resolve(&self, host: &str, timeout: Duration) -> io::Result<Vec<IpAddr>> {
        let (sender, receiver) = channel();
        let host = host.to_owned();
        std::thread::spawn(move || {
            let found = (host.as_str(), 443).to_socket_addrs();
            let addresses = found.map(|found| found.map(|address| address.ip()).collect());
            // The receiver is gone if it took too long.
            let _ = sender.send(addresses);
        });
        receiver.recv_timeout(timeout).unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => io::ErrorKind::TimedOut.into(),
                RecvTimeoutError::Disconnected => io::Error::other("the resolver gave up"),
            })
        })
    }

    fn roots(&self, settings: &HttpSettings) -> Result<usize, HttpError> {
        http::roots(settings)
    }

    fn bundle(&self, file: &NamedFile) -> Result<Bundle, String> {
        http::bundle(file)
    }

    fn proxy(&self, settings: &HttpSettings, url: &str) -> Result<Option<String>, HttpError> {
        http::proxy(settings, url)
    }

    fn visit(&self, settings: HttpSettings, request: &Request<'_>) -> Visit {
        let https = Https::new(settings);
        let answer = https.send(request);
        Visit {
            issuer: https.issuer(),
            answer,
        }
    }

    fn port(&self, redirect: &RedirectUri) -> Result<(), InteractionError> {
        Loopback::listen(&Redirect::Fixed(redirect.clone())).map(drop)
    }

    fn port_user(&self, port: u16) -> Option<String> {
        port_user::find(port)
    }

    fn browser(&self, environment: &Environment) -> Option<String> {
        browser::program(environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up() {
        let addresses = SystemProbe.resolve("localhost", Duration::from_secs(30));
        assert!(addresses.unwrap().iter().all(IpAddr::is_loopback));
        let nowhere = SystemProbe.resolve("nowhere.invalid", Duration::ZERO);
        assert_eq!(nowhere.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
