//! Addresses.

use std::fmt;
use std::path::{Path, PathBuf};

use super::TransportError;

/// The longest path that a unix socket can have on Linux: `sun_path` holds 108 bytes, the last of them zero.
const MAX_PATH: usize = 107;

/// How processes of a run reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Protocol {
    /// Unix sockets in a private directory of this machine.
    #[default]
    Ipc,
    /// Authenticated tcp between machines.
    Tcp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipc => "ipc",
            Self::Tcp => "tcp",
        })
    }
}

/// An address that a socket binds or connects to. Written `ipc:///run/user/1000/noob-zmq/5f3a/command/outbox`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    path: PathBuf,
}

impl Endpoint {
    /// The unix socket at `path`.
    ///
    /// # Errors
    /// A path that is not absolute, not UTF-8, or longer than 107 bytes.
    pub fn ipc(path: impl Into<PathBuf>) -> Result<Self, TransportError> {
        let path = path.into();
        let Some(text) = path.to_str() else {
            return Err(TransportError::Address {
                address: path.display().to_string(),
                what: "the path is not UTF-8".into(),
            });
        };
        if text.len() > MAX_PATH {
            return Err(TransportError::PathTooLong {
                len: text.len(),
                max: MAX_PATH,
                path,
            });
        }
        if !path.is_absolute() || path.file_name().is_none() {
            return Err(TransportError::Address {
                address: format!("ipc://{text}"),
                what: "give an absolute path of a socket".into(),
            });
        }
        Ok(Self { path })
    }

    /// Reads an address, as [`Display`](fmt::Display) writes it.
    ///
    /// # Errors
    /// Anything else than `ipc://` and an absolute path of at most 107 bytes.
    pub fn parse(address: &str) -> Result<Self, TransportError> {
        match address.split_once("://") {
            Some(("ipc", path)) => Self::ipc(path),
            Some((other, _)) => Err(TransportError::Address {
                address: address.into(),
                what: format!("`{other}` is not among the protocols known here: `ipc`"),
            }),
            None => Err(TransportError::Address {
                address: address.into(),
                what: "it has no protocol; write `ipc://` and a path".into(),
            }),
        }
    }

    /// The path of the unix socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ipc://{}", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let written = "ipc:///run/x/command/outbox";
        assert_eq!(Endpoint::parse(written).unwrap().to_string(), written);
    }

    #[test]
    fn the_longest_path_is_taken_and_one_byte_more_is_refused_by_name() {
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
    fn addresses_that_cannot_be_used_say_why() {
        for (address, said) in [
            ("tcp://127.0.0.1:80", "`tcp` is not among"),
            ("/run/x", "it has no protocol"),
            ("ipc://run/x", "absolute path"),
            ("ipc:///", "absolute path of a socket"),
            ("", "it has no protocol"),
        ] {
            let error = Endpoint::parse(address).unwrap_err().to_string();
            assert!(error.contains(said), "{address}: {error}");
        }
    }
}
