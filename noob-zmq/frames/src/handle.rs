//! Handles: what is sent in place of a value.

/// Reference to a block of a pool, valid for one publication of the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    /// Random id of the pool.
    pub(crate) pool: [u8; 16],
    pub(crate) generation: u64,
    /// Length of the value, in bytes.
    pub(crate) len: u64,
    /// First unit of the block.
    pub(crate) start: u32,
}

impl Handle {
    /// Number of bytes of an encoded handle.
    pub const SIZE: usize = 40;
    const MARK: [u8; 4] = *b"nzf1";

    /// Returns the random id of the pool.
    #[must_use]
    pub const fn pool(&self) -> [u8; 16] {
        self.pool
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
        bytes[4..20].copy_from_slice(&self.pool);
        bytes[20..28].copy_from_slice(&self.generation.to_be_bytes());
        bytes[28..36].copy_from_slice(&self.len.to_be_bytes());
        bytes[36..].copy_from_slice(&self.start.to_be_bytes());
        bytes
    }

    /// Decodes a handle; `None` for bytes that are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk()?;
        let (pool, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let start = rest.try_into().ok()?;
        (*mark == Self::MARK).then(|| Self {
            pool: *pool,
            generation: u64::from_be_bytes(*generation),
            len: u64::from_be_bytes(*len),
            start: u32::from_be_bytes(start),
        })
    }
}
