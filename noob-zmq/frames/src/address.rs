//! Addresses of pools: what a process needs to attach to one.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Place of a pool on its host, as text: `PID/FD/UNITS/ID`.
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
    /// Returns the random id of the pool.
    #[must_use]
    pub const fn id(&self) -> [u8; 16] {
        self.id
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u128::from_be_bytes(self.id);
        write!(f, "{}/{}/{}/{id:032x}", self.pid, self.fd, self.units)
    }
}

/// Text that is not the address of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0:.80}` is not the address of a pool: expected `PID/FD/UNITS/ID`")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = text.split('/');
        let mut number = || parts.next()?.parse().ok();
        let (pid, fd, units) = (number(), number(), number());
        let id = parts.next().filter(|id| id.len() == 32);
        let id = id.and_then(|id| u128::from_str_radix(id, 16).ok());
        match (pid, fd, units, id, parts.next()) {
            (Some(pid), Some(fd), Some(units), Some(id), None) => Ok(Self {
                pid,
                fd,
                units,
                id: id.to_be_bytes(),
            }),
            _ => Err(AddressError(text.to_owned())),
        }
    }
}
