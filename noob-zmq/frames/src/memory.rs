//! Memory that is shared with other processes, and the types that own parts of it: the only module
//! with unsafe code.
//!
//! Each byte of the data of a pool belongs at any time to one value of these types. In the process
//! of the owner, a [`Region`] is exclusive and can be written; [`Region::publish`] turns it into a
//! [`Published`], which is read only. In other processes, a [`Hold`] reads what is published.
//! [`Published::reclaim`] makes a [`Region`] again when no [`Hold`] is left.
//!
//! Every safety argument assumes that the owner of a pool, a process of the same user that runs
//! this code, keeps this protocol. Nothing is assumed of the other processes: the seals keep them
//! from writing, and their locks only delay the owner.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr::{NonNull, null_mut};
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};

use crate::address::Address;
use crate::entry::{Entry, Locks};
use crate::handle::Handle;

/// Size in which memory is given out.
pub(crate) const UNIT: usize = 16 << 10;
/// Offset of the table of entries; the bytes before have the id of the pool.
const TABLE: usize = 64;
/// Seals of a pool: the size is fixed, and nobody but the owner can write.
const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::FUTURE_WRITE)
    .union(SealFlags::SEAL);

/// Returns the offset of the first unit in a pool of this many units.
const fn data_offset(units: u32) -> usize {
    // At the start of a page, whatever the size of pages is.
    (TABLE + units as usize * size_of::<Entry>()).next_multiple_of(64 << 10)
}

/// Returns the size of the file of a pool of this many units.
pub(crate) const fn file_size(units: u32) -> usize {
    data_offset(units) + units as usize * UNIT
}

/// File of a pool, mapped.
#[derive(Debug)]
struct Mapping {
    file: File,
    base: NonNull<u8>,
    units: u32,
}

// SAFETY: the memory belongs to the process, not to a thread; access to it is that of `Entry`,
// which is atomic, and of `Region`, `Published` and `Hold`, which exclude each other.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps a file, which has the size of a pool of this many units.
    fn new(file: File, units: u32, access: ProtFlags) -> io::Result<Self> {
        let size = file_size(units);
        // SAFETY: the kernel chooses the address, so that no other memory is replaced.
        let base =
            unsafe { rustix::mm::mmap(null_mut(), size, access, MapFlags::SHARED, &file, 0) };
        let base = NonNull::new(base?.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { file, base, units })
    }

    fn entry(&self, unit: u32) -> Option<&Entry> {
        if unit >= self.units {
            return None;
        }
        // SAFETY: the table of `units` entries lies within the mapping, which lives as long as
        // `self`, and whose file cannot shrink. `TABLE` and the size of an entry are multiples of
        // its alignment. Any bytes are an entry, and all access to them is atomic.
        Some(unsafe {
            self.base
                .add(TABLE)
                .cast::<Entry>()
                .add(unit as usize)
                .as_ref()
        })
    }

    /// Returns the address of a unit; a unit behind the last one has the address of the end.
    fn unit(&self, unit: u32) -> NonNull<u8> {
        let offset = data_offset(self.units) + unit.min(self.units) as usize * UNIT;
        // SAFETY: the offset is at most the size of the mapping.
        unsafe { self.base.add(offset) }
    }

    /// Changes the lock of the open file on a block, without waiting.
    fn lock(&self, kind: libc::c_int, block: u32) -> bool {
        // SAFETY: zeros are a `flock`, whose numbers are set below.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = kind as libc::c_short;
        lock.l_whence = libc::SEEK_SET as libc::c_short;
        lock.l_start = libc::off_t::from(block);
        lock.l_len = 1;
        // SAFETY: the descriptor is open, and the command reads one `flock`.
        unsafe { libc::fcntl(self.file.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) == 0 }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `new`, and nothing that refers to it outlives `self`. An
        // error leaves it mapped.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), file_size(self.units)) };
    }
}

impl Locks for Mapping {
    fn try_shared(&self, block: u32) -> bool {
        self.lock(libc::F_RDLCK, block)
    }

    fn try_exclusive(&self, block: u32) -> bool {
        self.lock(libc::F_WRLCK, block)
    }

    fn unlock(&self, block: u32) -> bool {
        self.lock(libc::F_UNLCK, block)
    }
}

/// Memory of a pool, in the process of its owner.
#[derive(Debug)]
pub(crate) struct Segment {
    mapping: Mapping,
    next_generation: AtomicU64,
}

impl Segment {
    /// Creates the memory of a pool, and returns it as one region.
    pub(crate) fn create(id: [u8; 16], units: u32) -> io::Result<(Arc<Self>, Region)> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let create = |flags| rustix::fs::memfd_create("noob-zmq", flags);
        // A kernel before 6.3 does not know the flag.
        let file = create(flags | MemfdFlags::NOEXEC_SEAL).or_else(|_| create(flags))?;
        let file = File::from(file);
        file.set_len(file_size(units) as u64)?;
        // Memory that was allocated here cannot be missing when it is accessed.
        let table = data_offset(units) as u64;
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, table)?;
        file.write_all_at(&id, 0)?;
        let mapping = Mapping::new(file, units, ProtFlags::READ | ProtFlags::WRITE)?;
        // Once the only mapping that can write is there.
        rustix::fs::fcntl_add_seals(&mapping.file, SEALS)?;
        let segment = Arc::new(Self {
            mapping,
            next_generation: AtomicU64::new(1),
        });
        let region = Region {
            segment: segment.clone(),
            start: 0,
            units,
        };
        Ok((segment, region))
    }

    /// Returns the number of the file in this process.
    pub(crate) fn fd(&self) -> i32 {
        self.mapping.file.as_raw_fd()
    }

    /// Allocates the memory of these units, so that it cannot be missing when it is accessed.
    pub(crate) fn allocate(&self, from: u32, to: u32) -> io::Result<()> {
        let offset = data_offset(self.mapping.units) + from as usize * UNIT;
        let len = to.saturating_sub(from) as usize * UNIT;
        let (file, none) = (&self.mapping.file, FallocateFlags::empty());
        Ok(rustix::fs::fallocate(
            file,
            none,
            offset as u64,
            len as u64,
        )?)
    }
}

/// Units that nobody else reads or writes.
#[derive(Debug)]
pub(crate) struct Region {
    // Private, and changed only by `split` and `join`: regions of a segment never overlap.
    segment: Arc<Segment>,
    start: u32,
    units: u32,
}

impl Region {
    pub(crate) const fn start(&self) -> u32 {
        self.start
    }

    pub(crate) const fn units(&self) -> u32 {
        self.units
    }

    pub(crate) const fn end(&self) -> u32 {
        self.start + self.units
    }

    /// Splits off what is behind the first `units` units.
    pub(crate) fn split(mut self, units: u32) -> (Self, Option<Self>) {
        if units == 0 || units >= self.units {
            return (self, None);
        }
        let rest = Self {
            segment: self.segment.clone(),
            start: self.start + units,
            units: self.units - units,
        };
        self.units = units;
        (self, Some(rest))
    }

    /// Joins the region with the one behind it.
    ///
    /// # Panics
    /// The other region is not the one behind.
    pub(crate) fn join(mut self, next: Self) -> Self {
        assert!(Arc::ptr_eq(&self.segment, &next.segment) && self.end() == next.start);
        self.units += next.units;
        self
    }

    /// Lets other processes read the first `len` bytes.
    ///
    /// # Panics
    /// The region has fewer bytes.
    pub(crate) fn publish(self, len: usize) -> Published {
        assert!(len <= self.units as usize * UNIT);
        let generation = &self.segment.next_generation;
        let generation = generation.fetch_add(1, Ordering::Relaxed);
        if let Some(entry) = self.segment.mapping.entry(self.start) {
            entry.publish(generation, len as u64);
        }
        Published {
            region: self,
            generation,
            len,
        }
    }
}

impl Deref for Region {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let start = self.segment.mapping.unit(self.start);
        // SAFETY: the units lie within the mapping, which `segment` keeps. They belong to this
        // value alone: no region overlaps, and no other process holds them, since `create` or
        // `reclaim` made the region. Bytes of a file are initialized.
        unsafe { slice::from_raw_parts(start.as_ptr(), self.units as usize * UNIT) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut [u8] {
        let start = self.segment.mapping.unit(self.start);
        // SAFETY: as in `deref`, and `self` is borrowed exclusively; the mapping is writable.
        unsafe { slice::from_raw_parts_mut(start.as_ptr(), self.units as usize * UNIT) }
    }
}

/// Region that other processes may read.
#[derive(Debug)]
pub(crate) struct Published {
    region: Region,
    generation: u64,
    len: usize,
}

impl Published {
    /// Returns the handle to the region in the pool at this address.
    pub(crate) const fn handle(&self, address: Address) -> Handle {
        Handle {
            address,
            generation: self.generation,
            len: self.len as u64,
            start: self.region.start,
        }
    }

    /// Takes the region back, unless another process reads it.
    pub(crate) fn reclaim(self) -> Result<Region, Self> {
        let (mapping, start) = (&self.region.segment.mapping, self.region.start);
        let entry = mapping.entry(start);
        match entry.is_some_and(|entry| entry.reclaim(mapping, start)) {
            true => Ok(self.region),
            false => Err(self),
        }
    }
}

impl AsRef<[u8]> for Published {
    fn as_ref(&self) -> &[u8] {
        &self.region[..self.len]
    }
}

/// Memory of the pool of another process.
#[derive(Debug)]
pub(crate) struct Reader {
    mapping: Mapping,
    /// Number of holds of each block: the file has one lock for all of them.
    holds: Mutex<HashMap<u32, usize>>,
}

impl Reader {
    /// Maps the file of a pool; `Ok(None)` if it is another file.
    pub(crate) fn open(file: File, id: [u8; 16], units: u32) -> io::Result<Option<Self>> {
        let mut found = [0; 16];
        let sealed = rustix::fs::fcntl_get_seals(&file).is_ok_and(|seals| seals.contains(SEALS));
        if !sealed || file.metadata()?.len() != file_size(units) as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut found, 0)?;
        if found != id {
            return Ok(None);
        }
        Ok(Some(Self {
            mapping: Mapping::new(file, units, ProtFlags::READ)?,
            holds: Mutex::default(),
        }))
    }

    /// Holds the block that a handle means; `None` if it is gone, or was never there.
    pub(crate) fn hold(self: &Arc<Self>, handle: &Handle) -> Option<Hold> {
        let &Handle {
            start,
            generation,
            len,
            ..
        } = handle;
        let entry = self.mapping.entry(start)?;
        let most = (self.mapping.units - start) as usize * UNIT;
        let bytes = usize::try_from(len).ok().filter(|len| *len <= most)?;
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        let held = match holds.get(&start) {
            Some(_) => entry.matches(generation, len),
            None => entry.hold(&self.mapping, start, generation, len),
        };
        if !held {
            return None;
        }
        *holds.entry(start).or_default() += 1;
        Some(Hold {
            reader: self.clone(),
            start,
            len: bytes,
        })
    }
}

/// Block of another process that is read here, and stays as it is.
#[derive(Debug)]
pub(crate) struct Hold {
    reader: Arc<Reader>,
    start: u32,
    len: usize,
}

impl AsRef<[u8]> for Hold {
    fn as_ref(&self) -> &[u8] {
        let start = self.reader.mapping.unit(self.start);
        // SAFETY: `hold` has checked that the bytes lie within the mapping, which `reader` keeps
        // and whose file cannot shrink. The lock on the block keeps its owner from writing, and
        // the seals keep all others from it. Bytes of a file are initialized.
        unsafe { slice::from_raw_parts(start.as_ptr(), self.len) }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut holds = self
            .reader
            .holds
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = holds.remove(&self.start).unwrap_or_default();
        if count > 1 {
            holds.insert(self.start, count - 1);
        } else {
            self.reader.mapping.unlock(self.start);
        }
    }
}
