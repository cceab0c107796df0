//! Handles: what is sent in place of a value.

use crate::address::Address;

/// Reference to a block of a pool, valid for one publication of the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    pub(crate) address: Address,
    pub(crate) generation: u64,
    /// Length of the value, in bytes.
    pub(crate) len: u64,
    /// First unit of the block.
    pub(crate) start: u32,
}

impl Handle {
    /// Number of bytes of an encoded handle.
    pub const SIZE: usize = 52;
    const MARK: [u8; 4] = *b"nzf1";

    /// Returns the address of the pool.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns the length of the value, in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the value has no bytes, which no pool publishes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Encodes the handle.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..4].copy_from_slice(&Self::MARK);
        bytes[4..8].copy_from_slice(&self.address.pid.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.address.fd.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.address.units.to_be_bytes());
        bytes[16..32].copy_from_slice(&self.address.id);
        bytes[32..36].copy_from_slice(&self.start.to_be_bytes());
        bytes[36..44].copy_from_slice(&self.generation.to_be_bytes());
        bytes[44..].copy_from_slice(&self.len.to_be_bytes());
        bytes
    }

    /// Decodes a handle; `None` for bytes that are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk()?;
        let (pid, rest) = rest.split_first_chunk()?;
        let (fd, rest) = rest.split_first_chunk()?;
        let (units, rest) = rest.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (start, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let len = rest.try_into().ok()?;
        let address = Address {
            pid: u32::from_be_bytes(*pid),
            fd: u32::from_be_bytes(*fd),
            units: u32::from_be_bytes(*units),
            id: *id,
        };
        (*mark == Self::MARK).then(|| Self {
            address,
            generation: u64::from_be_bytes(*generation),
            len: u64::from_be_bytes(len),
            start: u32::from_be_bytes(*start),
        })
    }
}
