//! Addresses that sockets bind or connect to.

use std::fmt;
use std::path::{Path, PathBuf};

use super::TransportError;
#[cfg(feature = "remote")]
use super::tcp::TcpAddress;

/// Length in bytes of the longest path of a unix socket on Linux.
///
/// `sun_path` holds 108 bytes, the last of them zero.
const MAX_PATH: usize = 107;

/// Address that a socket binds or connects to.
///
/// An address is written `ipc:///run/user/1000/noob-zmq/5f3a/command/outbox` or, with the feature
/// `remote`, `tcp://KEY@10.0.0.7:5600/command/outbox`.
///
/// # Examples
/// ```
/// use noob_zmq::transport::Endpoint;
///
/// let endpoint = Endpoint::parse("ipc:///run/example/command/outbox")?;
/// assert_eq!(endpoint.to_string(), "ipc:///run/example/command/outbox");
/// # Ok::<_, noob_zmq::transport::TransportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint(At);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum At {
    Ipc(PathBuf),
    #[cfg(feature = "remote")]
    Tcp(TcpAddress),
}

/// Protocols that [`Endpoint::parse`] accepts, for its error.
const KNOWN: &str = if cfg!(feature = "remote") {
    "`ipc` and `tcp`"
} else {
    "`ipc`, and with the feature `remote` of noob-zmq `tcp`"
};

impl Endpoint {
    /// Returns the address of the unix socket at `path`.
    ///
    /// # Errors
    /// A path that is not absolute, not UTF-8, or longer than 107 bytes.
    pub fn ipc(path: impl Into<PathBuf>) -> Result<Self, TransportError> {
        let path = path.into();
        let Some(text) = path.to_str() else {
            return Err(TransportError::address(
                path.display(),
                "the path is not UTF-8",
            ));
        };
        if text.len() > MAX_PATH {
            return Err(TransportError::PathTooLong {
                len: text.len(),
                max: MAX_PATH,
                path,
            });
        }
        if !path.is_absolute() || path.file_name().is_none() {
            let what = "give an absolute path of a socket";
            return Err(TransportError::address(format!("ipc://{text}"), what));
        }
        Ok(Self(At::Ipc(path)))
    }

    /// Parses an address, as [`Display`](fmt::Display) writes it.
    ///
    /// # Errors
    /// Anything else than `ipc://` and an absolute path of at most 107 bytes, or `tcp://`, hosts
    /// with ports, and a socket.
    pub fn parse(address: &str) -> Result<Self, TransportError> {
        match address.split_once("://") {
            Some(("ipc", path)) => Self::ipc(path),
            #[cfg(feature = "remote")]
            Some(("tcp", rest)) => TcpAddress::parse(address, rest).map(Self::tcp),
            Some((other, _)) => Err(TransportError::address(
                address,
                format!("`{other}` is not among the protocols known here: {KNOWN}"),
            )),
            None => Err(TransportError::address(
                address,
                "it has no protocol; write `ipc://` and a path",
            )),
        }
    }

    /// Returns the address of a socket of another host.
    #[cfg(feature = "remote")]
    #[must_use]
    pub const fn tcp(address: TcpAddress) -> Self {
        Self(At::Tcp(address))
    }

    /// Returns the path of a unix socket; `None` for other addresses.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            At::Ipc(path) => Some(path),
            #[cfg(feature = "remote")]
            At::Tcp(_) => None,
        }
    }

    /// Returns the address of a socket of another host; `None` for other addresses.
    #[cfg(feature = "remote")]
    #[must_use]
    pub const fn remote(&self) -> Option<&TcpAddress> {
        match &self.0 {
            At::Ipc(_) => None,
            At::Tcp(address) => Some(address),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            At::Ipc(path) => write!(f, "ipc://{}", path.display()),
            #[cfg(feature = "remote")]
            At::Tcp(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_parsed_as_it_is_displayed() {
        let written = "ipc:///run/x/command/outbox";
        assert_eq!(Endpoint::parse(written).unwrap().to_string(), written);
    }

    #[test]
    fn path_over_the_limit_is_rejected_by_name() {
        let longest = format!("/{}", "a".repeat(106));
        assert!(Endpoint::ipc(&longest).is_ok());
        let error = Endpoint::ipc(format!("{longest}b"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("has 108 bytes")
                && error.contains("aaab")
                && error.contains("NOOB_ZMQ_RUNTIME_DIR"),
            "{error}"
        );
    }

    #[test]
    fn unusable_address_is_rejected_with_a_reason() {
        for (address, reason) in [
            ("udp://127.0.0.1:80", "`udp` is not among"),
            ("/run/x", "it has no protocol"),
            ("ipc://run/x", "absolute path"),
            ("ipc:///", "absolute path of a socket"),
            ("", "it has no protocol"),
        ] {
            let error = Endpoint::parse(address).unwrap_err().to_string();
            assert!(error.contains(reason), "{address}: {error}");
        }
    }
}
