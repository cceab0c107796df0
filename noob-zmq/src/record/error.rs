//! Errors of records.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::graph::Name;

/// Reason why a record cannot be written, read or replayed.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file cannot be read or written.
    ///
    /// The `source` is the error of the operating system.
    #[error("the record `{}` cannot be {action}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operation that failed, as a participle.
        action: &'static str,
        /// The error of the operating system.
        #[source]
        error: Arc<io::Error>,
    },
    /// The file of a new record exists already.
    #[error(
        "the record `{}` exists already, and is not overwritten; name another file, or remove it",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file is no record of this library.
    #[error("`{}` is no record of noob-zmq: {reason}", path.display())]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// Bytes of the file were changed after they were written, or by a faulty disk.
    #[error(
        "the record `{}` is damaged at byte {at}: {reason}; `noob-zmq record repair` keeps the \
         epochs before",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The offset of the damage.
        at: u64,
        /// The reason.
        reason: String,
    },
    /// A pattern of signals has no meaning for the tube.
    #[error("{0}")]
    Pattern(String),
    /// The runner is started or records already.
    #[error("{0}")]
    Busy(&'static str),
    /// The record does not fit the tube.
    #[error("the record does not fit the tube `{tube}`: {}", .mistakes.join("; "))]
    DoesNotFit {
        /// The tube.
        tube: Name,
        /// The parts that do not fit, each with the remedy.
        mistakes: Vec<String>,
    },
}

impl RecordError {
    /// Returns the error of an operation on a file.
    pub(super) fn io(path: &Path, action: &'static str, error: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            action,
            error: Arc::new(error),
        }
    }

    /// Returns the error of the crate `mcap` while a file was written.
    pub(super) fn writing(path: &Path, error: mcap::McapError) -> Self {
        let error = match error {
            mcap::McapError::Io(error) => error,
            other => io::Error::other(other.to_string()),
        };
        Self::io(path, "written", error)
    }

    /// Returns the error of damaged bytes.
    pub(super) fn damaged(path: &Path, at: u64, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            at,
            reason: reason.into(),
        }
    }

    /// Returns the error of a file of another kind.
    pub(super) fn not_a_record(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotARecord {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

crate::error_report::debug_as_report!(RecordError);
