//! Limit of the open descriptors of this process, which is raised where a run needs more.
//!
//! A lack of descriptors is reported before anything is started: later it shows as failures of
//! whatever needs the next one, and as panics in libraries.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::runner::RunError;

/// Makes sure that this process can open so many further descriptors; raises the soft limit for
/// that, if the hard limit allows it.
///
/// # Errors
/// [`RunError::Descriptors`].
pub(crate) fn reserve(count: u64) -> Result<(), RunError> {
    let limit = getrlimit(Resource::Nofile);
    // Where nothing can be opened, not even the list of what is open, the count hardly matters.
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, |open| open.count() as u64);
    let needed = open + count;
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let possible = limit.maximum.is_none_or(|maximum| maximum >= needed);
    let raised = Rlimit {
        current: Some(needed),
        ..limit
    };
    if possible && setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    Err(RunError::Descriptors {
        needed,
        limit: limit.maximum.or(limit.current).unwrap_or_default(),
    })
}
