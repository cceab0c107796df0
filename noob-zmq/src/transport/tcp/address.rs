//! Addresses of sockets on other hosts: the key of a listener, its hosts, and the socket.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::transport::TransportError;
use crate::transport::keys::{KeyError, PublicKey};

/// Length in bytes of the longest name of a socket.
///
/// A request to host a node has the name of the node in it, of up to 255 bytes.
pub(super) const MAX_SOCKET: usize = 300;
/// Largest number of hosts in an address.
pub(crate) const MAX_HOSTS: usize = 16;

/// Address of a socket of another host, written `tcp://KEY@HOST:PORT/command/outbox`.
///
/// Of several hosts, separated by commas, the first that completes the handshake is taken. An
/// address without `KEY@` stands for plain tcp, which exists on loopback only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TcpAddress {
    key: Option<PublicKey>,
    hosts: Vec<String>,
    socket: String,
}

impl TcpAddress {
    /// Returns the address of `socket` behind the listener that has this key (none for plain tcp)
    /// and listens at one of `hosts` (`HOST:PORT`).
    ///
    /// # Errors
    /// No hosts, more than 16 of them, or one without a port; a name that is no socket: not
    /// relative, with `..`, or over 300 bytes.
    pub fn new(
        key: Option<PublicKey>,
        hosts: impl IntoIterator<Item = impl Into<String>>,
        socket: &str,
    ) -> Result<Self, TransportError> {
        let hosts: Vec<String> = hosts.into_iter().map(Into::into).collect();
        let made = Self {
            key,
            hosts,
            socket: socket.to_owned(),
        };
        match made.find_mistake() {
            None => Ok(made),
            Some(what) => Err(TransportError::address(made, what)),
        }
    }

    fn find_mistake(&self) -> Option<String> {
        if self.hosts.is_empty() || self.hosts.len() > MAX_HOSTS {
            return Some(format!(
                "it names {} hosts, and must name 1 to {MAX_HOSTS}",
                self.hosts.len()
            ));
        }
        if let Some(host) = self.hosts.iter().find(|host| split_host(host).is_none()) {
            return Some(format!(
                "`{host}` is no host with a port; write `10.0.0.7:5600`, `[fd00::7]:5600` or \
                 `name:5600`"
            ));
        }
        (!is_socket(&self.socket)).then(|| {
            format!(
                "`{}` names no socket of a run; write `command/outbox` or the like",
                self.socket
            )
        })
    }

    /// Parses an address, of which `rest` follows `tcp://`.
    pub(crate) fn parse(address: &str, rest: &str) -> Result<Self, TransportError> {
        let Some((peer, socket)) = rest.split_once('/') else {
            let what = "it names no socket; write `/command/outbox` or the like behind the port";
            return Err(TransportError::address(address, what));
        };
        let (key, hosts) = match peer.split_once('@') {
            Some((key, hosts)) => {
                let invalid = |error: KeyError| TransportError::address(address, error.to_string());
                (Some(key.parse().map_err(invalid)?), hosts)
            }
            None => (None, peer),
        };
        Self::new(key, hosts.split(','), socket).map_err(|error| match error {
            TransportError::Address { what, .. } => TransportError::address(address, what),
            error => error,
        })
    }

    /// Returns the key of the listener; `None` for plain tcp.
    #[must_use]
    pub const fn key(&self) -> Option<PublicKey> {
        self.key
    }

    /// Returns the hosts where the listener may be: `HOST:PORT` each.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Returns the path of the socket below the directory of the run.
    #[must_use]
    pub fn socket(&self) -> &str {
        &self.socket
    }

    /// Whether both addresses lead to one listener.
    #[must_use]
    pub fn same_listener(&self, other: &Self) -> bool {
        self.key == other.key && self.hosts == other.hosts
    }

    /// Returns the address of another socket behind the same listener.
    ///
    /// # Errors
    /// A name that is no socket.
    pub fn with_socket(&self, socket: &str) -> Result<Self, TransportError> {
        Self::new(self.key, self.hosts.iter().cloned(), socket)
    }
}

impl fmt::Display for TcpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tcp://")?;
        if let Some(key) = self.key {
            write!(f, "{key}@")?;
        }
        write!(f, "{}/{}", self.hosts.join(","), self.socket)
    }
}

/// Splits `HOST:PORT`, and removes the brackets of a v6 address; `None` for other texts.
pub(super) fn split_host(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']')?;
        // A zone (`%eth0`) is for the resolver.
        let address = inner.split('%').next().unwrap_or_default();
        address.parse::<Ipv6Addr>().ok()?;
        return Some((inner, port));
    }
    let name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    (!host.is_empty() && host.len() <= 253 && host.chars().all(name)).then_some((host, port))
}

/// Whether `name` can be the path of a socket below the directory of a run, and leads nowhere else.
pub(super) fn is_socket(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control)
    };
    name.len() <= MAX_SOCKET && name.split('/').all(plain)
}

/// Whether only this machine can reach an address.
pub(crate) const fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Endpoint;

    const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn address_is_parsed_as_it_is_displayed() {
        for written in [
            format!("tcp://{KEY}@10.0.0.7:5600/command/outbox"),
            format!("tcp://{KEY}@10.0.0.7:5600,[fd00::7]:5600,lab.local:1/nodes/a/outbox"),
            "tcp://127.0.0.1:5600/nodes/%2E./outbox".to_owned(),
        ] {
            let endpoint = Endpoint::parse(&written).unwrap();
            assert_eq!(endpoint.to_string(), written);
        }
    }

    #[test]
    fn unusable_address_is_rejected_with_a_reason() {
        for (address, reason) in [
            ("tcp://10.0.0.7:5600", "it names no socket"),
            ("tcp://10.0.0.7/a", "no host with a port"),
            ("tcp://10.0.0.7:0/a", "no host with a port"),
            ("tcp://fd00::7/a", "no host with a port"),
            ("tcp://[fd00::7:1/a", "no host with a port"),
            ("tcp://a b:1/a", "no host with a port"),
            ("tcp://short@10.0.0.7:1/a", "no public key"),
            ("tcp://10.0.0.7:1/", "names no socket"),
            ("tcp://10.0.0.7:1/../../etc/passwd", "names no socket"),
            ("tcp://10.0.0.7:1/nodes//outbox", "names no socket"),
        ] {
            let error = Endpoint::parse(address).unwrap_err().to_string();
            assert!(error.contains(reason), "{address}: {error}");
        }
    }

    #[test]
    fn loopback_is_recognized_in_both_families() {
        for (address, loopback) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("0.0.0.0", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(address.parse().unwrap()), loopback, "{address}");
        }
    }
}
