//! Decision who may read a page: the token, and the headers `Host` and `Origin`.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, StatusCode, header};

use crate::runner::watch::report::host_name;

/// Bytes of a token.
const TOKEN: usize = 32;

/// Rules of a server.
pub(super) struct Access {
    token: String,
    address: SocketAddr,
    cookie: String,
}

/// Part of a request that shows the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The query of the address, which is to be replaced by a cookie.
    Query,
    /// The cookie, or the header `Authorization`.
    Header,
}

impl Access {
    /// Returns the rules of a server at this address, with a new token.
    ///
    /// # Errors
    /// A system without a source of random bytes.
    pub(super) fn new(address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            token: random()?,
            address,
            // Cookies are shared by all ports of a host: each server has its own.
            cookie: format!("noob_zmq_{}", address.port()),
        })
    }

    /// Returns the address of the page with the token.
    pub(super) fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            let loopback = match address.ip() {
                IpAddr::V4(_) => "127.0.0.1",
                IpAddr::V6(_) => "::1",
            };
            address.set_ip(loopback.parse().unwrap_or(address.ip()));
        }
        format!("http://{address}/?token={}", self.token)
    }

    /// Returns the value of `Set-Cookie` that lets a browser read on.
    pub(super) fn set_cookie(&self) -> String {
        let (name, token) = (&self.cookie, &self.token);
        format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/")
    }

    /// Returns how a request shows the token.
    ///
    /// # Errors
    /// The status and the text of a refusal.
    pub(super) fn admit(
        &self,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Shown, (StatusCode, &'static str)> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(host) = text(header::HOST).filter(|host| self.is_own_host(host)) else {
            // A page of another name that resolves to this address (DNS rebinding).
            let why = "this server answers to its own address only\n";
            return Err((StatusCode::MISDIRECTED_REQUEST, why));
        };
        if headers.contains_key(header::ORIGIN)
            && text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://")) != Some(host)
        {
            let why = "a page of another origin may not read this one\n";
            return Err((StatusCode::FORBIDDEN, why));
        }
        let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let cookies = headers.get_all(header::COOKIE).iter();
        let mut cookies = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie);
        if bearer.is_some_and(|token| self.is_token(token))
            || cookies.any(|(_, token)| self.is_token(token))
        {
            return Ok(Shown::Header);
        }
        let pairs = query.unwrap_or_default().split('&');
        let mut tokens = pairs.filter_map(|pair| pair.strip_prefix("token="));
        if tokens.any(|token| self.is_token(token)) {
            return Ok(Shown::Query);
        }
        let why = "open the address that was printed when the page was started: it has the token\n";
        Err((StatusCode::FORBIDDEN, why))
    }

    /// Returns whether the header `Host` names this server; its port may be that of a forwarding.
    fn is_own_host(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (host, "80"),
        };
        if port.parse::<u16>().is_err() {
            return false;
        }
        let own = self.address.ip();
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        match bare.unwrap_or(name).parse::<IpAddr>() {
            // No name is resolved here: addresses cannot be turned by others.
            Ok(address) if own.is_unspecified() => bare.is_some() == address.is_ipv6(),
            Ok(address) if own.is_loopback() => address.is_loopback(),
            Ok(address) => address == own,
            Err(_) if own.is_loopback() => name.eq_ignore_ascii_case("localhost"),
            Err(_) => {
                name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(&host_name())
            }
        }
    }

    /// Returns whether this is the token, in a time that does not depend on where it differs.
    fn is_token(&self, given: &str) -> bool {
        let (own, given) = (self.token.as_bytes(), given.as_bytes());
        let pairs = own.iter().zip(given);
        let differing = pairs.fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
        own.len() == given.len() && differing == 0
    }
}

/// Returns random bytes of the system, as hexadecimal text.
pub(super) fn random() -> io::Result<String> {
    let mut bytes = [0_u8; TOKEN];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(address: &str) -> Access {
        Access::new(address.parse().unwrap()).unwrap()
    }

    fn admitted(access: &Access, query: &str, headers: &[(&'static str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        match access.admit(Some(query), &map) {
            Ok(Shown::Query) => 302,
            Ok(Shown::Header) => 200,
            Err((status, _)) => status.as_u16(),
        }
    }

    #[test]
    fn token_is_in_the_query_a_cookie_or_a_header() {
        let access = access("127.0.0.1:4000");
        let token = access.token.clone();
        let host = ("host", "127.0.0.1:4000");
        let cookie = format!("other=1; noob_zmq_4000={token}");
        let bearer = format!("Bearer {token}");
        assert_eq!(
            admitted(&access, &format!("a=1&token={token}"), &[host]),
            302
        );
        assert_eq!(admitted(&access, "", &[host, ("cookie", &cookie)]), 200);
        assert_eq!(
            admitted(&access, "", &[host, ("authorization", &bearer)]),
            200
        );
    }

    #[test]
    fn all_but_the_token_is_refused() {
        let access = access("127.0.0.1:4000");
        let token = access.token.clone();
        let host = ("host", "127.0.0.1:4000");
        let wrong: String = token.chars().rev().collect();
        for given in ["", &token[1..], &format!("{token}0"), &wrong] {
            let cookie = format!("noob_zmq_4000={given}");
            let bearer = format!("Bearer {given}");
            let other = format!("noob_zmq_4001={token}");
            assert_eq!(admitted(&access, &format!("token={given}"), &[host]), 403);
            assert_eq!(admitted(&access, "", &[host, ("cookie", &cookie)]), 403);
            assert_eq!(admitted(&access, "", &[host, ("cookie", &other)]), 403);
            assert_eq!(
                admitted(&access, "", &[host, ("authorization", &bearer)]),
                403
            );
        }
    }

    #[test]
    fn each_server_has_a_token_of_its_own() {
        let one = access("127.0.0.1:4000");
        assert_ne!(one.token, access("127.0.0.1:4000").token);
        assert_eq!(one.token.len(), 2 * TOKEN);
    }

    #[test]
    fn foreign_hosts_are_refused_with_and_without_the_token() {
        let cases = [
            ("127.0.0.1:4000", "127.0.0.1:4000", true),
            ("127.0.0.1:4000", "localhost:9000", true),
            ("127.0.0.1:4000", "LocalHost", true),
            ("127.0.0.1:4000", "[::1]:4000", true),
            ("127.0.0.1:4000", "evil.example:4000", false),
            ("127.0.0.1:4000", "localhost.evil.example:4000", false),
            ("127.0.0.1:4000", "127.0.0.1.evil.example", false),
            ("127.0.0.1:4000", "192.0.2.1:4000", false),
            ("127.0.0.1:4000", "localhost:port", false),
            ("127.0.0.1:4000", "", false),
            ("192.0.2.1:4000", "192.0.2.1:4000", true),
            ("192.0.2.1:4000", "192.0.2.2:4000", false),
            ("0.0.0.0:4000", "192.0.2.2:4000", true),
            ("0.0.0.0:4000", "evil.example:4000", false),
        ];
        for (address, host, is_own) in cases {
            let access = access(address);
            let query = format!("token={}", access.token);
            let expected = if is_own { 302 } else { 421 };
            assert_eq!(
                admitted(&access, &query, &[("host", host)]),
                expected,
                "{host}"
            );
        }
        let access = access("127.0.0.1:4000");
        assert_eq!(
            admitted(&access, &format!("token={}", access.token), &[]),
            421
        );
    }

    #[test]
    fn foreign_origins_are_refused() {
        let access = access("127.0.0.1:4000");
        let query = format!("token={}", access.token);
        let host = ("host", "127.0.0.1:4000");
        let cases = [
            ("http://127.0.0.1:4000", 302),
            ("http://127.0.0.1:4001", 403),
            ("https://127.0.0.1:4000", 403),
            ("http://evil.example", 403),
            ("null", 403),
        ];
        for (origin, expected) in cases {
            let found = admitted(&access, &query, &[host, ("origin", origin)]);
            assert_eq!(found, expected, "{origin}");
        }
    }
}
