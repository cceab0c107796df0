//! What goes wrong with keys.

use std::path::PathBuf;

/// What goes wrong with keys and with the files that they are in.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A text that is no public key.
    #[error(
        "`{text}` is no public key: {what}; write the 43 characters that `noob-zmq keygen` printed"
    )]
    NoKey {
        /// What was given, shortened.
        text: String,
        /// What is wrong with it.
        what: String,
    },
    /// A line of an allow file that cannot be read.
    #[error("{path}:{line}: {what}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, and what to write.
        what: String,
    },
    /// A file that others can read, or change.
    #[error("`{path}` {what}; {help}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// What others can do with it.
        what: String,
        /// What to do.
        help: &'static str,
    },
    /// A file that holds no key of ours.
    #[error("`{path}` holds no private key: {what}; make one by `noob-zmq keygen`")]
    NotPrivateKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The operating system refused something.
    #[error("cannot {doing} `{path}`: {why}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason given.
        why: String,
    },
    /// No key could be made.
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
