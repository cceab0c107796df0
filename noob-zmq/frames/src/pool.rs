//! Pools: memory into which a process puts values for other processes.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::address::Address;
use crate::free_list::FreeList;
use crate::handle::Handle;
use crate::memory::{Published, Region, Segment, UNIT};

/// Maximum number of blocks that one request tries to take back.
const MAX_RECLAIMS: usize = 64;

/// Memory of a process for values that other processes read.
///
/// Cheap to clone: all clones share the memory. Memory is allocated when it is used for the first
/// time, and freed when the last clone, block and attachment is gone.
#[derive(Debug, Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    segment: Arc<Segment>,
    address: Address,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: FreeList,
    /// Blocks that the owner has dropped, and others may still read; oldest first.
    dropped: VecDeque<Published>,
    /// Number of units that have memory: all below it.
    allocated: u32,
    /// Handles of the blocks that the owner has not dropped, by the addresses of their values.
    published: HashMap<usize, Handle>,
}

impl Pool {
    /// Creates a pool whose values have at most `limit` bytes together.
    ///
    /// # Errors
    /// The system lacks memory, descriptors or sealed files.
    pub fn new(limit: usize) -> io::Result<Self> {
        // The numbers of units are those of locks and handles.
        let units = u32::try_from(limit / UNIT).unwrap_or(u32::MAX);
        let mut id = [0; 16];
        if getrandom(&mut id, GetRandomFlags::empty())? < id.len() || units == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let (segment, region) = Segment::create(id, units)?;
        let mut free = FreeList::default();
        free.put(region);
        let address = Address {
            pid: std::process::id(),
            fd: segment.fd().unsigned_abs(),
            units,
            id,
        };
        let state = Mutex::new(State {
            free,
            dropped: VecDeque::new(),
            allocated: 0,
            published: HashMap::new(),
        });
        let inner = Inner {
            segment,
            address,
            state,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Returns the address by which other processes attach to the pool.
    #[must_use]
    pub fn address(&self) -> Address {
        self.inner.address
    }

    /// Copies a value into the pool; `None` if there is no room, or if the value is empty.
    #[must_use]
    pub fn copy(&self, value: &[u8]) -> Option<Block> {
        let mut loan = self.loan(value.len())?;
        loan.copy_from_slice(value);
        Some(loan.publish())
    }

    /// Lends memory of `len` bytes, into which a value is written in place; `None` if there is no
    /// room, or if `len` is zero.
    ///
    /// The memory may have bytes of earlier values.
    #[must_use]
    pub fn loan(&self, len: usize) -> Option<Loan> {
        let units = u32::try_from(len.div_ceil(UNIT)).ok()?;
        let mut state = self.inner.state();
        state.reclaim();
        let region = state.free.take(units).filter(|_| units > 0)?;
        if region.end() > state.allocated {
            let (from, to) = (state.allocated, region.end());
            if self.inner.segment.allocate(from, to).is_err() {
                state.free.put(region);
                return None;
            }
            state.allocated = to;
        }
        Some(Loan {
            region: Some(region),
            inner: self.inner.clone(),
            len,
        })
    }

    /// Returns the handle of a value that is a whole block of this pool; `None` for any other
    /// value.
    #[must_use]
    pub fn handle_of(&self, value: &Bytes) -> Option<Handle> {
        // The value is borrowed: if it is in a block, the block is published until after the call.
        let state = self.inner.state();
        let handle = state.published.get(&(value.as_ptr() as usize))?;
        (handle.len == value.len() as u64).then_some(*handle)
    }

    /// Returns the number of bytes that are lent, published or read.
    #[must_use]
    pub fn used(&self) -> usize {
        let mut state = self.inner.state();
        state.reclaim();
        (self.inner.address.units - state.free.units()) as usize * UNIT
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes back blocks that nobody reads any more.
    fn reclaim(&mut self) {
        // Those that are still read go to the end, so that the next request tries others.
        for _ in 0..self.dropped.len().min(MAX_RECLAIMS) {
            match self.dropped.pop_front().map(Published::reclaim) {
                Some(Ok(region)) => self.free.put(region),
                Some(Err(published)) => self.dropped.push_back(published),
                None => return,
            }
        }
    }
}

/// Memory of a pool that is written in place, and then published; dropped, it is free again.
#[derive(Debug)]
pub struct Loan {
    /// `None` only while the loan is dropped.
    region: Option<Region>,
    inner: Arc<Inner>,
    len: usize,
}

impl Loan {
    /// Publishes what was written.
    #[must_use]
    pub fn publish(mut self) -> Block {
        let inner = self.inner.clone();
        let published = self.region.take().map(|region| region.publish(self.len));
        let handle = published.as_ref().map(|block| block.handle(inner.address));
        let handle = handle.expect("a loan has its region until it is published");
        let owned = OwnedBlock { published, inner };
        let address = owned.as_ref().as_ptr() as usize;
        owned.inner.state().published.insert(address, handle);
        Block {
            handle,
            bytes: Bytes::from_owner(owned),
        }
    }
}

impl Deref for Loan {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.region
            .as_deref()
            .map_or(&[], |bytes| &bytes[..self.len])
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        self.region
            .as_deref_mut()
            .map_or(&mut [], |bytes| &mut bytes[..len])
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(region) = self.region.take() {
            self.inner.state().free.put(region);
        }
    }
}

/// Value in a pool, and the handle by which other processes read it.
///
/// The value stays as it is until the last clone of its bytes is dropped, here and elsewhere.
#[derive(Debug, Clone)]
pub struct Block {
    handle: Handle,
    bytes: Bytes,
}

impl Block {
    /// Returns the handle.
    #[must_use]
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// Returns the value, in the memory of the pool.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Share of the owner in a published block.
struct OwnedBlock {
    /// `None` only while the share is dropped.
    published: Option<Published>,
    inner: Arc<Inner>,
}

impl AsRef<[u8]> for OwnedBlock {
    fn as_ref(&self) -> &[u8] {
        self.published.as_ref().map_or(&[], AsRef::as_ref)
    }
}

impl Drop for OwnedBlock {
    fn drop(&mut self) {
        if let Some(published) = self.published.take() {
            let mut state = self.inner.state();
            state
                .published
                .remove(&(published.as_ref().as_ptr() as usize));
            state.dropped.push_back(published);
        }
    }
}
