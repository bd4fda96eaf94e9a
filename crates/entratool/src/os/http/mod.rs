//! The network: HTTPS by ureq and rustls, built when the first request is made.

mod proxy;
mod roots;
mod tls;

use std::cell::OnceCell;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use entra::ports::{BODY_LIMIT, Http, HttpError, Request, Response};
use entra::secret::Secret;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, SocksConnector, TcpConnector,
};
use ureq::{Agent, Body, Timeout};

pub use self::proxy::is_excepted;
use self::tls::{Handshakes, TlsConnector};
use crate::world::HttpSettings;

/// A client that connects to nobody before the first request.
#[derive(Debug)]
pub struct Https {
    settings: HttpSettings,
    client: OnceCell<Client>,
}

#[derive(Debug)]
struct Client {
    agent: Agent,
    handshakes: Arc<Handshakes>,
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
        self.client.get()?.handshakes.issuer()
    }

    fn client(&self) -> Result<&Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let roots = roots::load(&self.settings).map_err(HttpError::Settings)?;
        let handshakes = Arc::new(Handshakes::default());
        let tls = TlsConnector::new(roots, Arc::clone(&handshakes)).map_err(HttpError::Settings)?;
        let connector =
            ().chain(SocksConnector::default())
                .chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(tls);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("entratool/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .max_response_header_size(HEADER_LIMIT)
            .input_buffer_size(HEADER_LIMIT + 8 * 1024)
            .output_buffer_size(REQUEST_BUFFER)
            .build();
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Ok(self.client.get_or_init(|| Client { agent, handshakes }))
    }
}

impl Http for Https {
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let client = self.client()?;
        let target = Target::parse(request.url)?;
        let proxy = proxy::choose(&self.settings.proxy, &target)?;
        let timeout = request.timeout.min(REQUEST_TIMEOUT);
        let failed = Failed {
            target: &target,
            proxy: proxy.as_ref(),
            handshakes: &client.handshakes,
            timeout,
        };
        client.handshakes.begin();
        let result = match request.form {
            Some(form) => {
                let mut builder = client.agent.post(request.url);
                for (name, value) in request.headers {
                    builder = builder.header(*name, value.expose());
                }
                let body = form.encode();
                builder
                    .config()
                    .timeout_global(Some(timeout))
                    .proxy(proxy.clone())
                    .build()
                    .content_type("application/x-www-form-urlencoded")
                    .send(body.expose())
            }
            None => {
                let mut builder = client.agent.get(request.url);
                for (name, value) in request.headers {
                    builder = builder.header(*name, value.expose());
                }
                builder
                    .config()
                    .timeout_global(Some(timeout))
                    .proxy(proxy.clone())
                    .build()
                    .call()
            }
        };
        let response = result.map_err(|error| failed.explain(&error))?;
        read(response, &failed)
    }
}

/// How many root certificates `settings` makes trusted.
///
/// # Errors
///
/// If a file that somebody named holds none.
pub fn roots(settings: &HttpSettings) -> Result<usize, HttpError> {
    let store = roots::load(settings).map_err(HttpError::Settings)?;
    Ok(store.len())
}

/// The proxy that `settings` chooses for `url`: host and port.
///
/// # Errors
///
/// If the variable or `url` is no URL.
pub fn proxy(settings: &HttpSettings, url: &str) -> Result<Option<String>, HttpError> {
    let chosen = proxy::choose(&settings.proxy, &Target::parse(url)?)?;
    Ok(chosen.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
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
}

impl Target {
    fn parse(url: &str) -> Result<Self, HttpError> {
        let settings = || HttpError::Settings("the authority's URL cannot be used".to_owned());
        let uri: ureq::http::Uri = url.parse().map_err(|_| settings())?;
        let host = uri.host().ok_or_else(settings)?;
        let is_https = uri.scheme_str() == Some("https");
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if !is_https && !entra::client::is_loopback(bare) {
            return Err(HttpError::Settings(format!(
                "plain http to `{host}` would show every secret to the network"
            )));
        }
        let port = uri.port_u16();
        Ok(Self {
            name: match port {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            host: bare.to_owned(),
            port: port.unwrap_or(if is_https { 443 } else { 80 }),
            is_https,
        })
    }
}

/// Tells from ureq's error and from how far the connection came what happened.
struct Failed<'a> {
    target: &'a Target,
    proxy: Option<&'a ureq::Proxy>,
    handshakes: &'a Handshakes,
    timeout: Duration,
}

impl Failed<'_> {
    fn explain(&self, error: &ureq::Error) -> HttpError {
        let host = self.target.name.clone();
        if let Some(problem) = self.handshakes.distrust() {
            return HttpError::Untrusted { host, problem };
        }
        let problem = describe(error);
        if let Some(proxy) = self.proxy
            && !self.was_connected()
        {
            return HttpError::Proxy {
                proxy: format!("{}:{}", proxy.host(), proxy.port()),
                host,
                problem,
            };
        }
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                HttpError::NotConnected { host, problem }
            }
            ureq::Error::Timeout(_) => HttpError::TimedOut {
                host,
                after: self.timeout,
            },
            _ if !self.was_connected() => HttpError::NotConnected { host, problem },
            _ => HttpError::Broken { host, problem },
        }
    }

    /// Over https nothing is sent before the handshake is done. Plain http has no such mark,
    /// so only errors that come before a connection count.
    fn was_connected(&self) -> bool {
        self.handshakes.is_connected()
    }
}

fn describe(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "the host name cannot be resolved".to_owned(),
        ureq::Error::Timeout(Timeout::Connect) => {
            format!("no connection within {} s", CONNECT_TIMEOUT.as_secs())
        }
        ureq::Error::ConnectProxyFailed(answer) => answer.clone(),
        other => other.to_string(),
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// ureq zeroes its buffers, two of each for a connection in TLS: what is not needed costs time.
const HEADER_LIMIT: usize = 64 * 1024;
const REQUEST_BUFFER: usize = 16 * 1024;
