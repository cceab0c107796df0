//! Errors of the transport.

use std::path::PathBuf;

/// Error of a socket, an address or a private directory.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Path of a socket that is longer than the kernel accepts.
    #[error(
        "the socket path `{path}` has {len} bytes, and the kernel takes {max}; \
         set `NOOB_ZMQ_RUNTIME_DIR` to a shorter directory"
    )]
    PathTooLong {
        /// Path of the socket.
        path: PathBuf,
        /// Length of the path in bytes.
        len: usize,
        /// Largest length in bytes.
        max: usize,
    },
    /// Directory of runs below which the paths of sockets are longer than the kernel accepts.
    #[error(
        "the directory `{path}` for the sockets of this run has {len} bytes, and may have {max}, \
         since the kernel limits the length of their paths; set `NOOB_ZMQ_RUNTIME_DIR` to a \
         shorter one"
    )]
    DirectoryTooLong {
        /// Path of the directory.
        path: PathBuf,
        /// Length of the path in bytes.
        len: usize,
        /// Largest length in bytes.
        max: usize,
    },
    /// Directory that must be private and is not.
    #[error("`{path}` {what}; sockets are only put where nobody else can reach them: {help}")]
    NotPrivate {
        /// Path of the directory.
        path: PathBuf,
        /// Mistake that was found.
        what: String,
        /// Remedy.
        help: &'static str,
    },
    /// Text that is no address.
    #[error("`{address}` is no address: {what}")]
    Address {
        /// Given text.
        address: String,
        /// Mistake that was found.
        what: String,
    },
    /// Tcp without keys at an address that other machines can reach.
    #[error(
        "`{address}` can be reached by other machines, and plain tcp lets everybody in; make a key \
         by `noob-zmq keygen` and name the keys that are let in, or listen on loopback (127.0.0.1)"
    )]
    NoKeys {
        /// Address of the listener.
        address: String,
    },
    /// Error of a key, or of a file with keys.
    #[cfg(feature = "remote")]
    #[error(transparent)]
    Key(#[from] super::keys::KeyError),
    /// Operation that the operating system or the `zeromq` crate refused.
    #[error("cannot {doing} `{at}`: {why}")]
    Refused {
        /// Operation: `bind`, `connect to`, `create`.
        doing: &'static str,
        /// Address or path.
        at: String,
        /// Reason given.
        why: String,
    },
    /// Socket whose task has ended.
    #[error("the socket `{socket}` is closed")]
    Closed {
        /// Name of the socket.
        socket: String,
    },
}

impl TransportError {
    pub(crate) fn address(address: impl ToString, what: impl Into<String>) -> Self {
        Self::Address {
            address: address.to_string(),
            what: what.into(),
        }
    }

    pub(crate) fn refused(doing: &'static str, at: impl ToString, why: impl ToString) -> Self {
        Self::Refused {
            doing,
            at: at.to_string(),
            why: why.to_string(),
        }
    }
}

crate::error_report::debug_as_report!(TransportError);
