//! Ids of the actors in the directory of a run: each belongs to one actor of a spec at a time.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use super::{ActorError, Scope};

/// Id of an actor that runs: a lock file in the directory of the run.
///
/// The kernel unlocks the file when its process ends, in whatever way.
#[derive(Debug)]
pub(super) struct ActorId {
    path: PathBuf,
    _lock: File,
}

impl ActorId {
    /// Takes the id for an actor with the sockets of `spec`.
    ///
    /// Returns `None` if the directory of the run does not exist here, or cannot be written to:
    /// an actor may wait for a run that is not there yet.
    ///
    /// # Errors
    /// Returns [`ActorError::IdInUse`] if another actor has the id.
    pub(super) fn claim(scope: &Scope, spec: &'static str) -> Result<Option<Self>, ActorError> {
        let directory = scope.path("");
        if !directory.is_dir() {
            return Ok(None);
        }
        let path = scope.path(&format!("ids/{spec}.{{id}}"));
        let created = path.parent().map_or(Ok(()), fs::create_dir_all);
        let Ok(lock) = created.and_then(|()| File::create(&path)) else {
            return Ok(None);
        };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(ActorError::IdInUse {
                id: scope.id.clone(),
                actor: spec,
                directory: directory.display().to_string(),
            }),
            // A file system without locks cannot tell.
            Err(TryLockError::Error(_)) => Ok(None),
            Ok(()) => Ok(Some(Self { path, _lock: lock })),
        }
    }
}

impl Drop for ActorId {
    fn drop(&mut self) {
        // Removed before it is unlocked, so that nobody locks a file without a name.
        let _ = fs::remove_file(&self.path);
    }
}
