//! The value of a proxy variable, read so that what is wrong with it can be named.

use entra::ports::HttpError;
use ureq::Proxy;

use crate::text::shape;
use crate::world::ProxyVariable;

/// The proxy that the variable names.
///
/// # Errors
///
/// [`HttpError::ProxyVariable`], which names the variable and never repeats user name and password.
pub(super) fn parse(variable: &ProxyVariable) -> Result<Proxy, HttpError> {
    check(&variable.value)
        .and_then(|url| Proxy::new(&url).map_err(|_| EXAMPLE.to_owned()))
        .map_err(|problem| HttpError::ProxyVariable {
            variable: variable.name.to_owned(),
            problem,
        })
}

/// The URL without what follows the port.
fn check(value: &str) -> Result<String, String> {
    let value = value.trim();
    if !value.contains("://") && shape(value).is_some() {
        return Err("its value looks like a secret, not like a URL".to_owned());
    }
    if value.starts_with(QUOTES) || value.ends_with(QUOTES) {
        return Err("it has quotation marks around it; set it without them".to_owned());
    }
    if value.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("there is white space in it; percent-encode a space as %20".to_owned());
    }
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(
            match scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                true => format!("the scheme `{scheme}` is not one of {}", SCHEMES.join(", ")),
                false => EXAMPLE.to_owned(),
            },
        );
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    // A password with such a character ends the authority too early.
    if after.contains('@') {
        return Err(ENCODE.to_owned());
    }
    let host = match authority.rsplit_once('@') {
        Some((credentials, host)) if is_encoded(credentials) => host,
        Some(_) => return Err(ENCODE.to_owned()),
        None => authority,
    };
    check_host(host)?;
    Ok(format!("{scheme}://{authority}"))
}

fn check_host(host: &str) -> Result<(), String> {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("the address in brackets is not an IPv6 address".to_owned());
            }
            (address, port)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    if name.is_empty() {
        return Err(format!("it names no host; {EXAMPLE}"));
    }
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    if !name.bytes().all(in_name) {
        return Err(format!(
            "its host is not the name or address of a computer; {EXAMPLE}"
        ));
    }
    let Some(port) = port.strip_prefix(':') else {
        return match port {
            "" => Ok(()),
            _ => Err(EXAMPLE.to_owned()),
        };
    };
    match port.parse() {
        Ok(1..=u16::MAX) => Ok(()),
        // What stands there may be a password whose host is missing.
        _ if port.is_empty() || port.bytes().any(|byte| !byte.is_ascii_digit()) => {
            Err(format!("its port is not a number; {EXAMPLE}"))
        }
        _ => Err("its port is not between 1 and 65535".to_owned()),
    }
}

/// Whether user name and password are percent-encoded (RFC 3986 §3.2.1).
fn is_encoded(credentials: &str) -> bool {
    let mut bytes = credentials.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => (0..2).all(|_| bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

const QUOTES: [char; 2] = ['"', '\''];
const SCHEMES: [&str; 7] = [
    "http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h",
];
const EXAMPLE: &str = "a URL such as http://proxy.example.com:8080 is needed";
const ENCODE: &str = "its user name or password has a character that must be percent-encoded, such as `@` as %40, `#` as %23, `/` as %2F or `%` as %25";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_what_is_wrong_is_named() {
        let parse = |value: &str| {
            let name = "https_proxy";
            let value = value.to_owned();
            parse(&ProxyVariable { name, value })
        };
        let good = |value: &str, host: &str, port: u16| {
            let proxy = parse(value).unwrap();
            assert_eq!((proxy.host(), proxy.port()), (host, port), "{value}");
        };
        good("proxy.test:8080", "proxy.test", 8080);
        good("proxy.test", "proxy.test", 80);
        good(" http://proxy.test:8080/ \r\n", "proxy.test", 8080);
        good("HTTP://proxy.test:1", "proxy.test", 1);
        good("https://proxy.test", "proxy.test", 443);
        good("socks5h://proxy.test", "proxy.test", 1080);
        good("http://[::1]:3128", "[::1]", 3128);
        good("http://alice:p%40ss%23@proxy.test:8080", "proxy.test", 8080);
        good("http://a_b-c.test:8080?x", "a_b-c.test", 8080);

        let bad = |value: &str, want: &str| {
            let error = parse(value).unwrap_err().to_string();
            let named = "the proxy in https_proxy cannot be used: ";
            assert!(
                error.starts_with(named) && error.contains(want),
                "{value}: {error}"
            );
            assert!(!error.contains("s3cret"), "{error}");
        };
        bad("http://127.0.0.1:99999", "not between 1 and 65535");
        bad("http://127.0.0.1:0", "not between 1 and 65535");
        bad("http://proxy.test:", "port is not a number");
        bad("http://alice:s3cret", "port is not a number");
        bad("http://alice:s3cret@", "names no host");
        bad("http://", "names no host");
        bad("http://:8080", "names no host");
        bad(
            "ftp://proxy.test",
            "the scheme `ftp` is not one of http, https",
        );
        bad("alice:s3cret://x", "a URL such as");
        bad("http://alice:s3cret@home@proxy.test", "`@` as %40");
        bad("http://alice:s3cret#1@proxy.test", "`#` as %23");
        bad("http://alice:s3cret/1@proxy.test", "`/` as %2F");
        bad("http://alice:s3cret?1@proxy.test", "%40");
        bad("http://alice:100%s3cret@proxy.test", "`%` as %25");
        bad("http://alice:s3cret^@proxy.test", "percent-encoded");
        bad("http://alice:s3cretß@proxy.test", "percent-encoded");
        bad("\"http://proxy.test:8080\"", "quotation marks");
        bad("'http://proxy.test:8080'", "quotation marks");
        bad("http://proxy.test:8080 http://other.test", "white space");
        bad("http://proxy.test:80\r80", "white space");
        bad("http://pröxy.test", "its host is not");
        bad("http://[::1", "its host is not");
        bad("http://[x]:80", "not an IPv6 address");
        bad("http://a:b:c", "port is not a number");
    }

    proptest::proptest! {
        #[test]
        fn no_value_makes_it_panic(value in ".{0,60}") {
            let _ = parse(&ProxyVariable { name: "x", value });
        }
    }
}
