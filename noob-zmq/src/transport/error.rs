//! What goes wrong below the messages.

use std::path::PathBuf;

/// What goes wrong below the messages.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The path of a socket is longer than the kernel takes.
    #[error(
        "the socket path `{path}` has {len} bytes, and the kernel takes {max}; \
         set `NOOB_ZMQ_RUNTIME_DIR` to a shorter directory, or shorten the node id"
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        len: usize,
        /// The longest that works.
        max: usize,
    },
    /// A directory that must be private is not.
    #[error("`{path}` {what}; sockets are only put where nobody else can reach them: {help}")]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do.
        help: &'static str,
    },
    /// An address that is none.
    #[error("`{address}` is no address: {what}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        what: String,
    },
    /// A protocol that cannot be used yet.
    #[error("`{protocol}` cannot be used yet: {help}")]
    Protocol {
        /// The protocol.
        protocol: String,
        /// What to do.
        help: &'static str,
    },
    /// Tcp without keys, where other machines could reach it.
    #[error(
        "`{address}` can be reached by other machines, and plain tcp lets everybody in; make a key by `noob-zmq keygen` and name the \
         keys that are let in, or listen on loopback (127.0.0.1)"
    )]
    NoKeys {
        /// Where it was to listen.
        address: String,
    },
    /// A key, or the file of one.
    #[cfg(feature = "remote")]
    #[error(transparent)]
    Key(#[from] super::keys::KeyError),
    /// The operating system or the `zeromq` crate refused something.
    #[error("cannot {doing} `{at}`: {why}")]
    Refused {
        /// What was tried: `bind`, `connect to`, `create`.
        doing: &'static str,
        /// The address or path.
        at: String,
        /// The reason given.
        why: String,
    },
    /// The owner of the socket is gone.
    #[error("the socket `{socket}` is closed")]
    Closed {
        /// The name of the socket.
        socket: String,
    },
}

impl TransportError {
    pub(crate) fn refused(doing: &'static str, at: impl ToString, why: impl ToString) -> Self {
        Self::Refused {
            doing,
            at: at.to_string(),
            why: why.to_string(),
        }
    }
}
