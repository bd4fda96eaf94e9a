//! Which proxy to use: the environment's variables, read as curl reads them.

use std::net::IpAddr;

use entra::ports::{HttpError, Peer};
use ureq::Proxy;

use super::{Target, proxy_url};
use crate::world::ProxyVariables;

/// The proxy for `target`; `None` to connect directly.
pub(super) fn choose(
    variables: &ProxyVariables,
    target: &Target,
) -> Result<Option<Proxy>, HttpError> {
    // Plain http is allowed because it stays on this machine; so does what is asked of it.
    let stays_here = !target.is_https && entra::client::is_loopback(&target.host);
    if stays_here || target.peer == Peer::ThisMachine {
        return Ok(None);
    }
    let proxy = if target.is_https {
        &variables.https
    } else {
        &variables.http
    };
    let proxy = proxy.as_ref();
    let Some(proxy) = proxy.filter(|proxy| !proxy.value.trim().is_empty()) else {
        return Ok(None);
    };
    let exceptions = variables.except.as_deref().unwrap_or_default();
    if is_excepted(exceptions, &target.host, target.port) {
        return Ok(None);
    }
    proxy_url::parse(proxy).map(Some)
}

/// Whether a proxy's answer, in ureq's words, is about who is asking.
pub(super) fn wants_sign_in(answer: &str) -> bool {
    // 401 is a server's word, and some proxies' too.
    matches!(answer.rsplit('/').next(), Some("401" | "407"))
}

/// What a proxy that did not connect us said, in ureq's words: `proxy server responded 407/407`.
pub(super) fn explain(answer: &str) -> String {
    match answer.rsplit('/').next() {
        Some(status) if wants_sign_in(answer) => {
            format!("it wants a user name and a password, or other ones (status {status})")
        }
        Some(status) if status.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("it answered with status {status}")
        }
        _ => answer.to_owned(),
    }
}

/// Whether a host is on the list of `NO_PROXY`: names and their subdomains with or without a
/// leading dot, addresses, networks in CIDR notation, `*`; each may end in a port. Quotation marks
/// and the scheme of a URL are ignored.
#[must_use]
pub fn is_excepted(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    list.split(|c: char| ",;\"'".contains(c) || c.is_whitespace())
        .map(|entry| match entry.split_once("://") {
            Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
            None => entry,
        })
        .filter(|entry| !entry.is_empty())
        .any(|entry| matches(&entry.to_ascii_lowercase(), &host, port))
}

fn matches(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>()
        && let Some(network) = network(entry)
    {
        return contains(network, address);
    }
    let (name, only) = with_port(entry);
    if only.is_some_and(|only| only != port) {
        return false;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return name.parse() == Ok(address);
    }
    let name = name
        .trim_start_matches('*')
        .trim_start_matches('.')
        .trim_end_matches('.');
    host == name
        || (!name.is_empty()
            && host
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with('.')))
}

/// `name:port` or `[v6]:port`; a bare IPv6 address has colons and no port.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn network(entry: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = entry.split_once('/')?;
    Some((address.parse().ok()?, bits.parse().ok()?))
}

fn contains((network, bits): (IpAddr, u32), address: IpAddr) -> bool {
    let same = |network: u128, address: u128, width: u32| {
        let shift = width - bits.min(width);
        bits == 0 || network >> shift == address >> shift
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            same(network.to_bits().into(), address.to_bits().into(), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            same(network.to_bits(), address.to_bits(), 128)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_read_as_curl_reads_them() {
        let check = |list: &str, host: &str, want: bool| {
            assert_eq!(is_excepted(list, host, 443), want, "{list} {host}");
        };
        check("", "login.test", false);
        check("*", "login.test", true);
        check("test", "login.test", true);
        check(".test", "login.test", true);
        check("*.test", "login.test", true);
        check("est", "login.test", false);
        check("login.test", "LOGIN.test.", true);
        check("a, login.test", "login.test", true);
        check("login.test:443", "login.test", true);
        check("login.test:80", "login.test", false);
        check("login.test", "other.test", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.0/8", "127.1.2.3", true);
        check("10.0.0.0/8", "127.0.0.1", false);
        check("0.0.0.0/0", "127.0.0.1", true);
        check("10.0.0.0/99", "10.0.0.0", true);
        check("::1", "::1", true);
        check("[::1]:443", "::1", true);
        check("[::1]:80", "::1", false);
        check("fe80::/10", "fe80::1", true);
        check("fe80::/10", "::1", false);
        check("x/y", "login.test", false);
        check("\"login.test\"", "login.test", true);
        check("'a,login.test'\r", "login.test", true);
        check("a;login.test", "login.test", true);
        check("https://login.test/", "login.test", true);
        check("https://login.test:80/", "login.test", false);
    }

    #[test]
    fn plain_http_on_this_machine_meets_no_proxy() {
        let proxy = || {
            let (name, value) = ("https_proxy", "http://proxy.test:3128".to_owned());
            Some(crate::world::ProxyVariable { name, value })
        };
        let variables = ProxyVariables {
            https: proxy(),
            http: proxy(),
            except: None,
        };
        let check = |url: &str, peer: Peer, want: bool| {
            let target = Target::parse(url, peer).unwrap();
            let chosen = choose(&variables, &target).unwrap();
            assert_eq!(chosen.is_some(), want, "{url}");
        };
        check("http://localhost:8080/x", Peer::Anywhere, false);
        check("http://127.0.0.1/x", Peer::Anywhere, false);
        check("https://login.microsoftonline.com/x", Peer::Anywhere, true);
        check("http://169.254.169.254/x", Peer::ThisMachine, false);
        check("https://localhost:2377/x", Peer::ThisMachine, false);
    }

    proptest::proptest! {
        #[test]
        fn no_list_makes_it_panic(list in ".{0,60}", host in "[a-z0-9.:]{0,30}", port: u16) {
            let _ = is_excepted(&list, &host, port);
        }
    }
}
