//! A thread for sockets that must have one to themselves.
//!
//! Where three peers connect to a ROUTER of the crate `zeromq` at the same time, the tasks of two of them can wait, thread and all, for a lock
//! that is kept for the third, which waits in the queue of one of these threads: nothing goes on in that process any more. With one thread no
//! task is ever made to wait for another in the midst of its turn. See `docs/upstream.md`.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, RuntimeFlavor};

use crate::transport::SocketKind;

/// Where the tasks of a socket run that binds: here, or on the thread for those that need one to themselves. It is started when it is
/// first needed, and is there as long as the process.
///
/// # Errors
/// No thread to be had.
pub(super) fn place(kind: SocketKind) -> io::Result<Handle> {
    static ALONE: Mutex<Option<Handle>> = Mutex::new(None);
    let here = Handle::current();
    if !kind.shares_peers() || here.runtime_flavor() == RuntimeFlavor::CurrentThread {
        return Ok(here);
    }
    let mut place = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(place) = &*place {
        return Ok(place.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("noob-zmq-sockets".into())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    *place = Some(handle.clone());
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/upstream.md` has the program that stands still otherwise, in one of some thousand rounds.
    #[test]
    fn peers_that_come_to_one_table_are_served_by_one_thread() {
        let several = Builder::new_multi_thread().worker_threads(2).build();
        let several = several.unwrap();
        let _inside = several.enter();
        for kind in [
            SocketKind::Router,
            SocketKind::Dealer,
            SocketKind::Push,
            SocketKind::Pull,
        ] {
            let place = place(kind).unwrap();
            assert_eq!(place.runtime_flavor(), RuntimeFlavor::CurrentThread);
            assert_eq!(place.id(), super::place(kind).unwrap().id());
        }
        // What carries events stays where its actor is.
        for kind in [SocketKind::XPub, SocketKind::Sub] {
            assert_eq!(place(kind).unwrap().id(), several.handle().id());
        }
    }

    #[test]
    fn where_there_is_one_thread_anyway_it_serves_them() {
        let one = Builder::new_current_thread().build().unwrap();
        let _inside = one.enter();
        let place = place(SocketKind::Router).unwrap();
        assert_eq!(place.id(), one.handle().id());
    }
}
