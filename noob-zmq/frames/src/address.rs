//! Addresses of pools.

use std::path::PathBuf;

/// Place of a pool on its host: by this, other processes attach to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    /// Process that owns the pool.
    pub(crate) pid: u32,
    /// Number of the memfd in that process.
    pub(crate) fd: u32,
    /// Size of the pool.
    pub(crate) units: u32,
    /// Random id of the pool, by which a reused number is noticed.
    pub(crate) id: [u8; 16],
}

impl Address {
    /// Returns the path by which the memory is opened.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", self.pid, self.fd))
    }
}
