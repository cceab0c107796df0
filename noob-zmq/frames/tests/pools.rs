//! A pool and attachments to it in one process: use, reuse, limits, and what others cannot do.
#![cfg(not(loom))]

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use noob_zmq_frames::{Address, AttachError, Attachment, Handle, Pool};

const KIB: usize = 1 << 10;

/// Returns a pool of 64 KiB, which is four blocks of 16 KiB.
fn pool() -> (Pool, Attachment) {
    let pool = Pool::new(64 * KIB).unwrap();
    let attachment = Attachment::open(&pool.address()).unwrap();
    (pool, attachment)
}

fn path(pool: &Pool) -> PathBuf {
    pool.address().path()
}

#[test]
fn value_is_read_without_a_copy_of_its_own() {
    let (pool, attachment) = pool();
    let block = pool.copy(b"a value").unwrap();
    let [one, two] = [0; 2].map(|_| attachment.view(&block.handle()).unwrap());
    assert_eq!((&one[..], &two[..]), (&b"a value"[..], &b"a value"[..]));
    assert_eq!(one.as_ptr(), two.as_ptr());
    assert_eq!(block.bytes(), &one);
}

#[test]
fn value_that_is_written_in_place_is_read() {
    let (pool, attachment) = pool();
    let mut loan = pool.loan(20 * KIB).unwrap();
    assert_eq!((loan.len(), pool.used()), (20 * KIB, 32 * KIB));
    loan.fill(7);
    let block = loan.publish();
    assert_eq!(attachment.view(&block.handle()).unwrap(), vec![7; 20 * KIB]);
    drop(pool.loan(10).unwrap());
    drop(block);
    assert_eq!(pool.used(), 0);
}

#[test]
fn block_stays_while_anybody_reads_it() {
    let (pool, attachment) = pool();
    let other = Attachment::open(&pool.address()).unwrap();
    let block = pool.copy(&[1; 40 * KIB]).unwrap();
    let views = [&attachment, &attachment, &other].map(|a| a.view(&block.handle()).unwrap());
    drop(block);
    for view in views {
        assert_eq!(pool.used(), 48 * KIB);
        assert!(pool.copy(&[2; 40 * KIB]).is_none());
        assert_eq!(view, vec![1; 40 * KIB]);
    }
    assert_eq!(pool.used(), 0);
    assert!(pool.copy(&[2; 40 * KIB]).is_some());
}

#[test]
fn handle_of_an_earlier_value_is_rejected() {
    let (pool, attachment) = pool();
    let first = pool.copy(&[1; 100]).unwrap();
    let handle = first.handle();
    drop(first);
    // Nobody has used the block again: the value is still there.
    assert!(attachment.view(&handle).is_some());
    let second = pool.copy(&[2; 100]).unwrap();
    assert!(attachment.view(&handle).is_none());
    // Neither does a view of the second value let the first handle in.
    let view = attachment.view(&second.handle()).unwrap();
    assert!(attachment.view(&handle).is_none());
    assert_eq!(view, vec![2; 100]);
}

#[test]
fn full_pool_returns_nothing_and_recovers() {
    let (pool, attachment) = pool();
    for _ in 0..3 {
        let blocks: Vec<_> = (0..4).map(|n| pool.copy(&[n; 16 * KIB]).unwrap()).collect();
        assert!(pool.copy(&[9]).is_none());
        assert!(pool.loan(1).is_none());
        for (n, block) in (0..).zip(&blocks) {
            assert_eq!(attachment.view(&block.handle()).unwrap(), vec![n; 16 * KIB]);
        }
        drop(blocks);
        // Free blocks beside each other are one.
        assert!(pool.copy(&[1; 64 * KIB]).is_some());
    }
    assert!(pool.copy(&[1; 64 * KIB + 1]).is_none());
    assert!(pool.copy(&[]).is_none());
    assert!(pool.loan(usize::MAX).is_none());
}

#[test]
fn memory_is_allocated_when_it_is_used() {
    let pool = Pool::new(64 << 20).unwrap();
    let allocated = || {
        use std::os::unix::fs::MetadataExt;
        File::open(path(&pool))
            .unwrap()
            .metadata()
            .unwrap()
            .blocks()
            * 512
    };
    assert!(allocated() < 1 << 20);
    for _ in 0..100 {
        drop(pool.copy(&[1; 4 << 20]).unwrap());
    }
    assert!((4 << 20..5 << 20).contains(&allocated()), "{}", allocated());
}

#[test]
fn attachment_and_views_outlive_the_pool() {
    let (pool, attachment) = pool();
    let block = pool.copy(&[1; 100]).unwrap();
    let handle = block.handle();
    drop((pool, block));
    let view = attachment.view(&handle).unwrap();
    drop(attachment);
    assert_eq!(view, vec![1; 100]);
}

#[test]
fn others_can_neither_write_nor_resize_the_pool() {
    let (pool, _) = pool();
    let denied = Some(libc::EPERM);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path(&pool))
        .unwrap();
    assert_eq!(file.write(&[1]).unwrap_err().raw_os_error(), denied);
    for size in [0, 1 << 30] {
        assert_eq!(file.set_len(size).unwrap_err().raw_os_error(), denied);
    }
    for flags in [
        libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE,
        libc::FALLOC_FL_ZERO_RANGE,
    ] {
        #[expect(unsafe_code, reason = "the system call has no safe form")]
        // SAFETY: the call takes numbers only, and the descriptor is open.
        let done = unsafe { libc::fallocate(file.as_raw_fd(), flags, 0, 4096) };
        assert_eq!(done, -1);
    }
    let (write, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
    #[expect(unsafe_code, reason = "a mapping that can write")]
    // SAFETY: the kernel chooses the address, and the mapping is refused.
    let mapped = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            write,
            shared,
            file.as_raw_fd(),
            0,
        )
    };
    assert_eq!(mapped, libc::MAP_FAILED);
}

/// A process that locks what it does not own delays the owner, and no more.
#[test]
fn stranger_with_an_exclusive_lock_only_occupies_memory() {
    let (pool, attachment) = pool();
    let block = pool.copy(&[1; 100]).unwrap();
    let view = attachment.view(&block.handle()).unwrap();
    let stranger = File::options()
        .read(true)
        .write(true)
        .open(path(&pool))
        .unwrap();
    let lock = |kind: libc::c_int| {
        #[expect(unsafe_code, reason = "the system call has no safe form")]
        // SAFETY: zeros are a lock on the whole file; the command reads it.
        unsafe {
            let mut lock: libc::flock = std::mem::zeroed();
            lock.l_type = kind as libc::c_short;
            libc::fcntl(stranger.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock)
        }
    };
    assert_eq!(
        lock(libc::F_WRLCK),
        -1,
        "a block that is read has no exclusive lock"
    );
    drop(view);
    assert_eq!(lock(libc::F_WRLCK), 0);
    assert!(attachment.view(&block.handle()).is_none());
    drop(block);
    assert_eq!(pool.used(), 16 * KIB);
    drop(stranger);
    assert_eq!(pool.used(), 0);
}

/// Returns the address of a pool, with other numbers.
fn address(pool: &Pool, pid: u32, fd: i32, units: u32) -> Address {
    let mut bytes = pool.copy(&[1]).unwrap().handle().to_bytes();
    bytes[4..8].copy_from_slice(&pid.to_be_bytes());
    bytes[8..12].copy_from_slice(&fd.to_be_bytes());
    bytes[12..16].copy_from_slice(&units.to_be_bytes());
    Handle::from_bytes(&bytes).unwrap().address()
}

#[test]
fn file_that_is_not_the_pool_is_refused() {
    let (pool, _) = pool();
    let me = std::process::id();
    let other = Pool::new(64 * KIB).unwrap();
    let fd_of = |pool: &Pool| -> i32 {
        let path = path(pool);
        path.file_name().unwrap().to_str().unwrap().parse().unwrap()
    };
    assert_eq!(address(&pool, me, fd_of(&pool), 4), pool.address());
    let open = |fd, units| Attachment::open(&address(&pool, me, fd, units)).unwrap_err();
    // Another pool, another size, an ordinary file of the same size, a device, no file.
    let refused = |error| assert!(matches!(error, AttachError::Other { .. }), "{error}");
    refused(open(fd_of(&other), 4));
    refused(open(fd_of(&pool), 5));
    let mut file = tempfile();
    let size = File::open(path(&pool)).unwrap().metadata().unwrap().len();
    file.set_len(size).unwrap();
    file.write_all(&pool.copy(&[1]).unwrap().handle().to_bytes()[16..32])
        .unwrap();
    refused(open(file.as_raw_fd(), 4));
    let device = File::open("/dev/null").unwrap();
    refused(open(device.as_raw_fd(), 4));
    let error = open(999_999, 4).to_string();
    let expected = format!("cannot open the shared memory `/proc/{me}/fd/999999`");
    assert!(error.starts_with(&expected), "{error}");
    assert!(Attachment::open(&pool.address()).is_ok());
}

/// Returns a file without a name.
fn tempfile() -> File {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("noob-zmq-frames-{}", std::process::id()));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    file
}

#[test]
fn handles_of_another_pool_are_rejected() {
    let ((one, _), (_, two)) = (pool(), pool());
    let block = one.copy(&[1; 100]).unwrap();
    assert!(two.view(&block.handle()).is_none());
    assert_eq!(block.handle().address(), one.address());
    assert_eq!(block.handle().len(), 100);
}

#[test]
fn handle_is_read_as_it_was_written() {
    let (pool, _) = pool();
    let handle = pool.copy(&[1; 100]).unwrap().handle();
    let bytes = handle.to_bytes();
    assert_eq!(Handle::from_bytes(&bytes), Some(handle));
    assert_eq!(Handle::from_bytes(&bytes[1..]), None);
    assert_eq!(Handle::from_bytes(&[&bytes[..], &[0]].concat()), None);
    assert!(Pool::new(0).is_err());
}
