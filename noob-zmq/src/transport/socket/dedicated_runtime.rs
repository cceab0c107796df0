//! Dedicated single-threaded runtime for sockets that deadlock on a runtime with several threads.
//!
//! When three peers connect to a ROUTER of the `zeromq` crate at the same time, the tasks of two of
//! them can block their threads on a lock that is reserved for the third, which is queued on one of
//! these threads; then the process makes no progress. On one thread no task is interrupted while it
//! holds that lock. See `docs/upstream.md`.

use std::io;
use std::sync::Mutex;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};

use crate::sync::lock;
use crate::transport::SocketKind;

/// Returns the runtime for the tasks of a socket that binds: the current one, or the dedicated one
/// for kinds that need it.
///
/// The dedicated runtime is started on first use and lives as long as the process.
///
/// # Errors
/// The system gives no thread.
pub(super) fn for_kind(kind: SocketKind) -> io::Result<Handle> {
    static DEDICATED: Mutex<Option<Handle>> = Mutex::new(None);
    let current = Handle::current();
    if !kind.shares_peers() || current.runtime_flavor() == RuntimeFlavor::CurrentThread {
        return Ok(current);
    }
    // Held while the thread is started, so that two sockets opened at once share one runtime.
    let mut dedicated = lock(&DEDICATED);
    if let Some(dedicated) = &*dedicated {
        return Ok(dedicated.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    // The thread drives spawned tasks only; sockets close themselves when their handles are gone.
    std::thread::Builder::new()
        .name("noob-zmq-sockets".into())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    *dedicated = Some(handle.clone());
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/upstream.md` has the program that hangs otherwise, in one of some thousand rounds.
    #[test]
    fn sockets_with_a_shared_peer_table_run_on_one_thread() {
        let several = Builder::new_multi_thread().worker_threads(2).build();
        let several = several.unwrap();
        let _inside = several.enter();
        for kind in [
            SocketKind::Router,
            SocketKind::Dealer,
            SocketKind::Push,
            SocketKind::Pull,
            SocketKind::Pub,
            SocketKind::XPub,
        ] {
            let runtime = for_kind(kind).unwrap();
            assert_eq!(runtime.runtime_flavor(), RuntimeFlavor::CurrentThread);
            assert_eq!(runtime.id(), for_kind(kind).unwrap().id());
        }
        // A SUB has one peer, and stays on the runtime of its actor.
        let runtime = for_kind(SocketKind::Sub).unwrap();
        assert_eq!(runtime.id(), several.handle().id());
    }

    #[test]
    fn single_threaded_runtime_is_used_as_it_is() {
        let one = Builder::new_current_thread().build().unwrap();
        let _inside = one.enter();
        let runtime = for_kind(SocketKind::Router).unwrap();
        assert_eq!(runtime.id(), one.handle().id());
    }
}
