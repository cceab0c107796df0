//! Protocol by which the owner of a block and its readers exclude each other: the generation of
//! the block, and a lock of the kernel.
//!
//! The module has no unsafe code and makes no system call, so that a model can run all of it.

#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering, fence};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Entry of a block in the table of a pool; only the owner of the pool writes it.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Entry {
    /// The generation that is published; zero if none is.
    generation: AtomicU64,
    len: AtomicU64,
}

/// Locks on blocks, by number; they belong to one open file.
pub(crate) trait Locks {
    /// Takes the shared lock; `false` if another file has the exclusive one.
    fn try_shared(&self, block: u32) -> bool;
    /// Takes the exclusive lock; `false` if another file has any.
    fn try_exclusive(&self, block: u32) -> bool;
    /// Gives up the lock; `false` if the kernel cannot.
    fn unlock(&self, block: u32) -> bool;
}

impl Entry {
    /// Lets others read a block, whose content is written.
    pub(crate) fn publish(&self, generation: u64, len: u64) {
        self.len.store(len, Ordering::Relaxed);
        self.generation.store(generation, Ordering::Release);
    }

    /// Takes a block back; `false` if another process still reads it.
    ///
    /// After this, nobody can hold the block before it is published again.
    pub(crate) fn reclaim(&self, locks: &impl Locks, block: u32) -> bool {
        if !locks.try_exclusive(block) {
            return false;
        }
        self.generation.store(0, Ordering::Relaxed);
        locks.unlock(block)
    }

    /// Holds a block for reading; `false` if it is not the one that is meant.
    ///
    /// The caller has no lock on the block.
    pub(crate) fn hold(&self, locks: &impl Locks, block: u32, generation: u64, len: u64) -> bool {
        if !locks.try_shared(block) {
            return false;
        }
        let holds = self.matches(generation, len);
        if !holds {
            locks.unlock(block);
        }
        holds
    }

    /// Whether this generation is published, with this length; the caller has a lock.
    pub(crate) fn matches(&self, generation: u64, len: u64) -> bool {
        // Relaxed, with a fence: other orderings are not promised for memory that is read-only.
        let published = self.generation.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        published == generation && generation != 0 && self.len.load(Ordering::Relaxed) == len
    }
}

#[cfg(all(test, loom))]
mod model {
    use loom::cell::UnsafeCell;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    use super::*;

    const LEN: u64 = 8;

    /// The locks of all files on one block.
    #[derive(Default)]
    struct Kernel {
        shared: usize,
        exclusive: bool,
    }

    struct Shared {
        kernel: Mutex<Kernel>,
        entry: Entry,
        content: UnsafeCell<u64>,
    }

    // The content is guarded by the protocol that is tested.
    #[expect(unsafe_code, reason = "loom reports each race on the cell")]
    // SAFETY: a cell of loom panics where two threads use it at once.
    unsafe impl Sync for Shared {}

    impl Shared {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                kernel: Mutex::default(),
                entry: Entry {
                    generation: AtomicU64::new(0),
                    len: AtomicU64::new(0),
                },
                content: UnsafeCell::new(0),
            })
        }

        #[expect(unsafe_code, reason = "loom reports each race on the cell")]
        fn write(&self, value: u64) {
            // SAFETY: a cell of loom panics where two threads use it at once.
            self.content.with_mut(|content| unsafe { *content = value });
        }

        #[expect(unsafe_code, reason = "loom reports each race on the cell")]
        fn read(&self) -> u64 {
            // SAFETY: a cell of loom panics where two threads use it at once.
            self.content.with(|content| unsafe { *content })
        }

        /// Reads the block if it has this generation, and compares its content.
        fn read_generation(&self, generation: u64) -> bool {
            let file = Reader(self);
            let holds = self.entry.hold(&file, 0, generation, LEN);
            if holds {
                assert_eq!(self.read(), generation);
                assert!(self.entry.matches(generation, LEN));
                file.unlock(0);
            }
            holds
        }
    }

    /// File of a reader.
    struct Reader<'a>(&'a Shared);

    impl Locks for Reader<'_> {
        fn try_shared(&self, _block: u32) -> bool {
            let mut kernel = self.0.kernel.lock().unwrap();
            kernel.shared += usize::from(!kernel.exclusive);
            !kernel.exclusive
        }

        fn try_exclusive(&self, _block: u32) -> bool {
            unreachable!("a reader does not write")
        }

        fn unlock(&self, _block: u32) -> bool {
            self.0.kernel.lock().unwrap().shared -= 1;
            true
        }
    }

    /// File of the owner.
    struct Owner<'a> {
        shared: &'a Shared,
        /// Whether the locks of others are respected.
        respects: bool,
    }

    impl Locks for Owner<'_> {
        fn try_shared(&self, _block: u32) -> bool {
            unreachable!("the owner needs no lock to read")
        }

        fn try_exclusive(&self, _block: u32) -> bool {
            let mut kernel = self.shared.kernel.lock().unwrap();
            kernel.exclusive = kernel.shared == 0 || !self.respects;
            kernel.exclusive
        }

        fn unlock(&self, _block: u32) -> bool {
            self.shared.kernel.lock().unwrap().exclusive = false;
            true
        }
    }

    /// Publishes twice, the second time if the block can be taken back, while others read.
    fn publish_twice(respects: bool, readers: usize) {
        let mut model = loom::model::Builder::new();
        // Without a bound, two readers take hours.
        model.preemption_bound = Some(3);
        model.check(move || {
            let shared = Shared::new();
            shared.write(1);
            shared.entry.publish(1, LEN);
            let readers: Vec<_> = (0..readers)
                .map(|_| {
                    let shared = shared.clone();
                    thread::spawn(move || {
                        // The second handle may not be valid yet, and never becomes invalid.
                        shared.read_generation(1);
                        shared.read_generation(2);
                    })
                })
                .collect();
            let owner = Owner {
                shared: &shared,
                respects,
            };
            let reclaimed = shared.entry.reclaim(&owner, 0);
            if reclaimed {
                shared.write(2);
                shared.entry.publish(2, LEN);
            }
            for reader in readers {
                reader.join().unwrap();
            }
            assert_eq!(shared.read_generation(2), reclaimed);
            assert_eq!(shared.read_generation(1), !reclaimed);
        });
    }

    #[test]
    fn readers_see_what_was_published_and_nothing_else() {
        publish_twice(true, 1);
        publish_twice(true, 2);
    }

    #[test]
    #[should_panic]
    fn model_finds_an_owner_that_ignores_the_locks() {
        publish_twice(false, 1);
    }
}
