//! The network: HTTPS by ureq and rustls, built when the first request is made.

mod distrust;
mod overhear;
mod progress;
mod proxy;
mod proxy_url;
mod roots;
mod tls;

use std::cell::OnceCell;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use entra::certificate::Bundle;
use entra::ports::{BODY_LIMIT, Body as Carried, Http, HttpError, Peer, Request, Response};
use entra::secret::Secret;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, SocksConnector, TcpConnector,
};
use ureq::{Agent, Body, RequestBuilder, Timeout};

use self::overhear::Overhear;
use self::progress::{Begin, Progress, Stage, bare};
pub use self::proxy::is_excepted;
use self::roots::Roots;
use self::tls::TlsConnector;
use crate::file::NamedFile;
use crate::world::HttpSettings;

/// A client that does not connect before the first request.
#[derive(Debug)]
pub struct Https {
    settings: HttpSettings,
    client: OnceCell<Client>,
}

#[derive(Debug)]
struct Client {
    agent: Agent,
    progress: Arc<Progress>,
}

impl Https {
    /// Remembers how to connect; opens no file and no socket.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self {
            settings,
            client: OnceCell::new(),
        }
    }

    /// Who issued the certificate that the last server showed; `None` if there was none yet.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        let certificate = self.client.get()?.progress.certificate();
        certificate.as_deref().map(tls::issuer)
    }

    fn client(&self) -> Result<&Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let roots = roots::load(&self.settings)?;
        let progress = Arc::new(Progress::default());
        let tls = TlsConnector::new(roots, self.settings.pinned.clone(), Arc::clone(&progress))
            .map_err(HttpError::Settings)?;
        let connector = Begin(Arc::clone(&progress))
            .chain(SocksConnector::default())
            .chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(tls)
            .chain(Overhear(Arc::clone(&progress)));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("entratool/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(HEADER_LIMIT)
            .input_buffer_size(HEADER_LIMIT + 8 * 1024)
            .output_buffer_size(REQUEST_BUFFER)
            .build();
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Ok(self.client.get_or_init(|| Client { agent, progress }))
    }
}

impl Http for Https {
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let client = self.client()?;
        let target = Target::parse(request.url, request.peer)?;
        if let Some(pinned) = request.pinned
            && !(target.is_https && self.settings.pinned.as_ref() == Some(pinned))
        {
            let problem = "the certificate of the endpoint cannot be compared with its thumbprint";
            return Err(HttpError::Settings(problem.to_owned()));
        }
        let proxy = proxy::choose(&self.settings.proxy, &target)?;
        let timeout = request.timeout.min(REQUEST_TIMEOUT);
        let failed = Failed {
            target: &target,
            proxy: proxy.as_ref(),
            progress: &client.progress,
            timeout: rounded(timeout),
        };
        client.progress.begin(&target.host, target.port);
        let settings = Settings {
            headers: request.headers,
            timeout,
            connect_timeout: target.connect_timeout(),
            proxy: proxy.as_ref(),
        };
        let agent = &client.agent;
        let result = match request.body {
            Carried::None => settings.of(agent.get(request.url)).call(),
            Carried::Form(form) => {
                let body = form.encode();
                settings
                    .of(agent.post(request.url))
                    .content_type("application/x-www-form-urlencoded")
                    .send(body.expose())
            }
            Carried::EmptyJson => settings
                .of(agent.post(request.url))
                .content_type("application/json")
                .send(""),
        };
        let response = result.map_err(|error| failed.explain(&error))?;
        read(response, &failed)
    }
}

/// For people: what is left of 2 s is 2 s, not 1999 ms.
fn rounded(timeout: Duration) -> Duration {
    let hundredths = timeout.as_millis().div_ceil(10);
    Duration::from_millis(u64::try_from(10 * hundredths).unwrap_or(u64::MAX))
}

/// How many root certificates `settings` makes trusted.
///
/// # Errors
///
/// If a named file holds none.
pub fn roots(settings: &HttpSettings) -> Result<usize, HttpError> {
    Ok(roots::load(settings)?.store.len())
}

/// The root certificates in a file.
///
/// # Errors
///
/// Says what is wrong with the file if it holds none.
pub fn bundle(file: &NamedFile) -> Result<Bundle, String> {
    Roots::empty().add(file)
}

/// The proxy that `settings` chooses for `url`: host and port.
///
/// # Errors
///
/// If the variable or `url` is no URL.
pub fn proxy(settings: &HttpSettings, url: &str) -> Result<Option<String>, HttpError> {
    let chosen = proxy::choose(&settings.proxy, &Target::parse(url, Peer::Anywhere)?)?;
    Ok(chosen.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
}

/// What every request is given, whatever its method.
struct Settings<'a> {
    headers: &'a [(&'a str, Secret)],
    timeout: Duration,
    connect_timeout: Duration,
    proxy: Option<&'a ureq::Proxy>,
}

impl Settings<'_> {
    fn of<Any>(&self, mut builder: RequestBuilder<Any>) -> RequestBuilder<Any> {
        for (name, value) in self.headers {
            builder = builder.header(*name, value.expose());
        }
        builder
            .config()
            .timeout_global(Some(self.timeout))
            .timeout_connect(Some(self.connect_timeout))
            .proxy(self.proxy.cloned())
            .build()
    }
}

fn read(response: ureq::http::Response<Body>, failed: &Failed<'_>) -> Result<Response, HttpError> {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(8 * 1024));
    body.into_reader()
        .take(BODY_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed.explain(&ureq::Error::from(error)))?;
    if bytes.len() as u64 > BODY_LIMIT {
        return Err(HttpError::BodyTooLarge {
            host: failed.target.name.clone(),
        });
    }
    Ok(Response {
        status: parts.status.as_u16(),
        headers,
        body: Secret::new(String::from_utf8_lossy(&bytes).into_owned()),
    })
}

/// Who is to be asked.
#[derive(Debug)]
pub(crate) struct Target {
    /// Host and port as the URL has them.
    name: String,
    host: String,
    port: u16,
    is_https: bool,
    peer: Peer,
}

impl Target {
    fn parse(url: &str, peer: Peer) -> Result<Self, HttpError> {
        let settings = || HttpError::Settings("the authority's URL cannot be used".to_owned());
        let uri: ureq::http::Uri = url.parse().map_err(|_| settings())?;
        let host = uri.host().ok_or_else(settings)?;
        let is_https = uri.scheme_str() == Some("https");
        peer.check(url)?;
        let port = uri.port_u16();
        Ok(Self {
            name: match port {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            host: bare(host).to_owned(),
            port: port.unwrap_or(if is_https { 443 } else { 80 }),
            is_https,
            peer,
        })
    }

    fn connect_timeout(&self) -> Duration {
        match self.peer {
            Peer::Anywhere => CONNECT_TIMEOUT,
            Peer::ThisMachine => NEARBY_CONNECT_TIMEOUT,
        }
    }
}

/// Derives what happened from ureq's error and the progress of the connection.
struct Failed<'a> {
    target: &'a Target,
    proxy: Option<&'a ureq::Proxy>,
    progress: &'a Progress,
    timeout: Duration,
}

impl Failed<'_> {
    fn explain(&self, error: &ureq::Error) -> HttpError {
        let host = self.target.name.clone();
        let stage = self.progress.stage();
        let proxy = self.proxy.filter(|_| stage == Stage::Begun);
        let proxy = proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        if let Some(problem) = self.progress.distrust() {
            let host = proxy.unwrap_or(host);
            return HttpError::Untrusted { host, problem };
        }
        if let (Some(proxy), Some(methods)) = (&proxy, self.unsupported_sign_in(error)) {
            let proxy = proxy.clone();
            return HttpError::ProxySignIn { proxy, methods };
        }
        let problem = self.describe(error);
        if let Some(proxy) = proxy {
            return HttpError::Proxy {
                proxy,
                host,
                problem,
            };
        }
        match error {
            // Over https nothing is sent before the handshake is done. Plain http has no such
            // mark, so only errors that come before a connection count.
            _ if stage != Stage::Connected => HttpError::NotConnected { host, problem },
            ureq::Error::Timeout(_) => HttpError::TimedOut {
                host,
                after: self.timeout,
            },
            _ => HttpError::Broken { host, problem },
        }
    }

    /// The methods by which a proxy wants a sign-in, if none of them is the one that is supported.
    fn unsupported_sign_in(&self, error: &ureq::Error) -> Option<Vec<String>> {
        let ureq::Error::ConnectProxyFailed(answer) = error else {
            return None;
        };
        let methods = self.progress.proxy_methods();
        let is_basic = |method: &String| method.eq_ignore_ascii_case("basic");
        let unsupported = !methods.is_empty() && !methods.iter().any(is_basic);
        (proxy::wants_sign_in(answer) && unsupported).then_some(methods)
    }

    fn describe(&self, error: &ureq::Error) -> String {
        let late = |limit: Duration| match (limit.as_secs(), limit.subsec_millis()) {
            (seconds, 0) => format!("no connection within {seconds} s"),
            _ => format!("no connection within {} ms", limit.as_millis()),
        };
        match error {
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::HostNotFound => "the host name cannot be resolved".to_owned(),
            ureq::Error::Timeout(Timeout::Connect) => {
                late(self.target.connect_timeout().min(self.timeout))
            }
            ureq::Error::Timeout(_) => late(self.timeout),
            ureq::Error::ConnectProxyFailed(answer) => proxy::explain(answer),
            other => other.to_string(),
        }
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The endpoint of a machine's identity is a hop away, or not there at all.
const NEARBY_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// ureq zeroes its buffers, two of each for a connection in TLS: what is not needed costs time.
const HEADER_LIMIT: usize = 64 * 1024;
const REQUEST_BUFFER: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let check = |url: &str, peer: Peer, want: bool| {
            assert_eq!(Target::parse(url, peer).is_ok(), want, "{url} {peer:?}");
        };
        for peer in [Peer::Anywhere, Peer::ThisMachine] {
            check("https://login.microsoftonline.com/x", peer, true);
            check("http://localhost:1/x", peer, true);
            check("http://[::1]/x", peer, true);
            check("http://login.microsoftonline.com/x", peer, false);
            check("http://10.0.0.1/x", peer, false);
            check("http://169.254.169.254.example/x", peer, false);
            check("http://2852039166/x", peer, false);
        }
        check("http://169.254.169.254/x", Peer::Anywhere, false);
        check("http://169.254.169.254/x", Peer::ThisMachine, true);
        check("http://[fe80::1]/x", Peer::Anywhere, false);
        check("http://[fe80::1]/x", Peer::ThisMachine, true);
    }
}
