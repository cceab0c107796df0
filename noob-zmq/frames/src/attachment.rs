//! Attachments to the pools of other processes.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use crate::address::Address;
use crate::handle::Handle;
use crate::memory::{Reader, file_size};

/// Pool of another process, mapped for reading.
///
/// Cheap to clone. The attachment and its views outlive the process that owns the pool.
#[derive(Debug, Clone)]
pub struct Attachment {
    reader: Arc<Reader>,
    address: Address,
}

/// Reason why a process cannot attach to a pool.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttachError {
    /// The file cannot be opened or mapped.
    #[error(
        "cannot open the shared memory `{path}`: the process has ended, or belongs to another \
         user or container"
    )]
    Open {
        /// Path of the file.
        path: PathBuf,
        /// Error of the system.
        source: io::Error,
    },
    /// The file is not the pool that is meant.
    #[error("`{path}` is not the shared memory that was announced")]
    Other {
        /// Path of the file.
        path: PathBuf,
    },
}

impl Attachment {
    /// Attaches to a pool.
    ///
    /// # Errors
    /// The pool is gone, on another host or in another container, or belongs to another user.
    pub fn open(address: &Address) -> Result<Self, AttachError> {
        let path = address.path();
        match Self::try_open(&path, address) {
            Ok(Some(reader)) => Ok(Self {
                reader: Arc::new(reader),
                address: *address,
            }),
            Ok(None) => Err(AttachError::Other { path }),
            Err(source) => Err(AttachError::Open { path, source }),
        }
    }

    fn try_open(path: &PathBuf, address: &Address) -> io::Result<Option<Reader>> {
        // The opening of a device or a pipe could have an effect.
        let found = fs::metadata(path)?;
        if !found.is_file() || found.len() != file_size(address.units) as u64 {
            return Ok(None);
        }
        let mut options = OpenOptions::new();
        let file: File = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path)?;
        Reader::open(file, address.id, address.units)
    }

    /// Returns the address of the pool.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns the value of a handle; `None` if its block was used again, or never had the value.
    ///
    /// The owner does not use the block again before the last clone of the bytes is dropped.
    #[must_use]
    pub fn view(&self, handle: &Handle) -> Option<Bytes> {
        if handle.address != self.address {
            return None;
        }
        self.reader.hold(handle).map(Bytes::from_owner)
    }
}
