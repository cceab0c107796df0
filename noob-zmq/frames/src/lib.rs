//! Shared memory for large values between the processes of one user on one host.
//!
//! A process that emits large values has a [`Pool`]. Each value is copied once into a block of the
//! pool, or written there in place ([`Pool::loan`]). A [`Handle`] of 52 bytes travels over a
//! socket in place of the value. A process that receives from the pool has an [`Attachment`],
//! which makes `Bytes` of a handle without a copy; the block stays as it is until the last clone
//! of these `Bytes` is dropped.
//!
//! ```
//! use noob_zmq_frames::{Attachment, Handle, Pool};
//!
//! let pool = Pool::new(1 << 20)?;
//! let block = pool.copy(&[7; 100_000]).expect("the pool is empty");
//! // Usually in another process, to which the bytes of the handle were sent.
//! let handle = Handle::from_bytes(&block.handle().to_bytes()).expect("a handle");
//! let attachment = Attachment::open(&handle.address())?;
//! let bytes = attachment.view(&handle).expect("the block is there");
//! assert_eq!(bytes, &[7; 100_000][..]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Mechanism
//!
//! A pool is one memfd, mapped by its owner for writing and by others for reading. The kernel
//! enforces with seals that the memfd keeps its size, so that no access raises SIGBUS, and that
//! nobody but the owner writes to it. A memfd has no name: the memory is freed when the last
//! process that has it open is gone, however that process ended.
//!
//! - **Attachment.** A process opens `/proc/PID/fd/N` of the owner, for reading. The kernel allows
//!   this to processes of the same user (Yama restricts the tracing of processes, and not this),
//!   needs no socket and no unsafe code. A number may mean another file (the process ended and its
//!   number was used again, or the two processes are in different namespaces), so the size, the
//!   seals and a random id are compared. Where `/proc` is missing or access is refused,
//!   [`Attachment::open`] fails, and values have to be sent as bytes.
//! - **Release.** A process that reads a block has a shared lock of the kernel on it (an open file
//!   description lock), which ends with the process. The owner uses a block again when it gets the
//!   exclusive lock. No process writes into memory that another one trusts.
//! - **Generation.** Each block that is published has a generation, in a table that only the owner
//!   writes. The generation is set to zero under the exclusive lock before the block is used
//!   again, and is compared under the shared lock. A handle that is late, forged or of another
//!   pool is rejected, and reads nothing.
//!
//! A process that never drops what it reads occupies its blocks; the owner goes on with the
//! others, and [`Pool::copy`] returns `None` when there is none.

#[cfg(not(loom))]
mod address;
#[cfg(not(loom))]
mod attachment;
#[cfg(any(not(loom), test))]
mod entry;
#[cfg(not(loom))]
mod free_list;
#[cfg(not(loom))]
mod handle;
#[cfg(not(loom))]
#[expect(unsafe_code, reason = "memory that is shared with other processes")]
mod memory;
#[cfg(not(loom))]
mod pool;

#[cfg(not(loom))]
pub use self::{
    address::Address,
    attachment::{AttachError, Attachment},
    handle::Handle,
    pool::{Block, Loan, Pool},
};
