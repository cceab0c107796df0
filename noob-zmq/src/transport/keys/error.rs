//! Errors of keys and their files.

use std::path::PathBuf;

/// Error of a key, or of a file with keys.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Text that is no public key.
    #[error(
        "`{text}` is no public key: {what}; write the 43 characters that `noob-zmq keygen` printed"
    )]
    NoKey {
        /// Given text, shortened.
        text: String,
        /// Mistake in the text or file.
        what: String,
    },
    /// Invalid line of an allow file.
    #[error("{path}:{line}: {what}")]
    Line {
        /// Path of the file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Mistake in the line, and its correction.
        what: String,
    },
    /// File that others can read or change.
    #[error("`{path}` {what}; {help}")]
    Exposed {
        /// Path of the file.
        path: PathBuf,
        /// Access that others have.
        what: String,
        /// Remedy.
        help: &'static str,
    },
    /// File without a private key.
    #[error("`{path}` holds no private key: {what}; make one by `noob-zmq keygen`")]
    NotPrivateKey {
        /// Path of the file.
        path: PathBuf,
        /// Mistake in the text or file.
        what: String,
    },
    /// Failed operation of the file system.
    #[error("cannot {doing} `{path}`: {why}")]
    File {
        /// Operation that failed.
        doing: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Reason given by the system.
        why: String,
    },
    /// No key could be generated.
    #[error("cannot make a key: the system gives no random numbers")]
    NoRandom,
}

impl KeyError {
    pub(super) fn file(doing: &'static str, path: impl Into<PathBuf>, why: impl ToString) -> Self {
        Self::File {
            doing,
            path: path.into(),
            why: why.to_string(),
        }
    }
}

crate::error_report::debug_as_report!(KeyError);
