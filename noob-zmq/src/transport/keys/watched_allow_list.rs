//! Allowed keys at this moment: set by the program, or read from a file again when it changes, and
//! those of a run beside them.
//!
//! A task polls the file as long as the list is used.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::{AllowedKeys, KeyError, KeyRole, PublicKey};
use crate::sync::{lock, replace};

/// Interval at which an allow file is checked for changes.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Allowed keys at this moment.
///
/// Cheap to clone; all clones change together.
#[derive(Debug, Clone)]
pub struct AllowList {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    current: watch::Sender<Arc<AllowedKeys>>,
    /// Keys of the program or the file, and keys of the run.
    ///
    /// Locked for one change, never across an await.
    parts: Mutex<(AllowedKeys, AllowedKeys)>,
}

impl Shared {
    fn set(&self, allowed: AllowedKeys) {
        let mut parts = lock(&self.parts);
        parts.0 = allowed;
        replace(&self.current, Arc::new(parts.0.joined(&parts.1)));
    }
}

impl AllowList {
    /// Returns a list of these keys, until [`set`](Self::set) replaces them.
    #[must_use]
    pub fn new(allowed: AllowedKeys) -> Self {
        Self {
            shared: Arc::new(Shared {
                current: watch::Sender::new(Arc::new(allowed.clone())),
                parts: Mutex::new((allowed, AllowedKeys::default())),
            }),
        }
    }

    /// Returns the list of a file, which is checked for changes four times a second as long as the
    /// list is used.
    ///
    /// A key that is removed from the file is rejected, and its links are cut. A file that becomes
    /// invalid changes nothing and is logged; a file that is removed rejects every key.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    /// As [`AllowedKeys::load`].
    pub fn watch(path: &Path) -> Result<Self, KeyError> {
        let seen = file_version(path);
        let list = Self::new(AllowedKeys::load(path)?);
        tokio::spawn(poll_file(
            path.to_owned(),
            seen,
            Arc::downgrade(&list.shared),
        ));
        Ok(list)
    }

    /// Replaces the allowed keys.
    pub fn set(&self, allowed: AllowedKeys) {
        self.shared.set(allowed);
    }

    /// Allows a key of the run, which no change of the file removes.
    pub(crate) fn add_of_run(&self, key: PublicKey, name: &str, roles: &[KeyRole]) {
        let mut parts = lock(&self.shared.parts);
        parts.1 = std::mem::take(&mut parts.1).with(key, name, roles);
        replace(&self.shared.current, Arc::new(parts.0.joined(&parts.1)));
    }

    /// Removes a key of the run.
    pub(crate) fn remove_of_run(&self, key: &PublicKey) {
        let mut parts = lock(&self.shared.parts);
        parts.1.remove(key);
        replace(&self.shared.current, Arc::new(parts.0.joined(&parts.1)));
    }

    /// Returns the allowed keys.
    #[must_use]
    pub fn current(&self) -> Arc<AllowedKeys> {
        Arc::clone(&self.shared.current.borrow())
    }

    /// Returns a receiver that is notified of every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Arc<AllowedKeys>> {
        self.shared.current.subscribe()
    }
}

/// Inode, mode, size and time of change of a file, by which a change is detected.
type FileVersion = (u64, u32, u64, (i64, i64));

fn file_version(path: &Path) -> Option<FileVersion> {
    let about = std::fs::metadata(path).ok()?;
    let changed = (about.ctime(), about.ctime_nsec());
    Some((about.ino(), about.mode(), about.len(), changed))
}

async fn poll_file(path: PathBuf, mut seen: Option<FileVersion>, list: Weak<Shared>) {
    let mut interval = tokio::time::interval(POLL_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // Held weakly, so that this task does not keep the list alive.
        let Some(list) = list.upgrade() else {
            return;
        };
        let now = file_version(&path);
        if now == seen {
            continue;
        }
        seen = now;
        match AllowedKeys::load(&path) {
            Ok(allowed) => {
                tracing::info!(
                    path = %path.display(),
                    keys = allowed.iter().count(),
                    "the allow file was read again"
                );
                list.set(allowed);
            }
            Err(error) if now.is_none() => {
                tracing::error!(
                    %error, "the allow file is gone: nobody is let in until it is there again"
                );
                list.set(AllowedKeys::default());
            }
            Err(error) => {
                tracing::error!(
                    %error, "the allow file cannot be read again; its earlier content holds"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::keys::{KeyRole, PublicKey};

    fn line(key: PublicKey) -> String {
        format!("node {}\n", key.line("a"))
    }

    #[tokio::test]
    async fn changed_file_is_read_again_and_invalid_one_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("allow");
        let [one, two] = [1, 2].map(|byte| PublicKey::from_bytes([byte; 32]));
        std::fs::write(&path, line(one)).unwrap();
        let list = AllowList::watch(&path).unwrap();
        let mut changes = list.changes();
        assert!(
            list.current()
                .get(&one)
                .is_some_and(|entry| entry.has_any_role(&[KeyRole::Node]))
        );

        std::fs::write(&path, "what is this\n").unwrap();
        // The invalid file causes no notification; the next change does.
        tokio::time::sleep(POLL_INTERVAL * 2).await;
        assert!(list.current().get(&one).is_some());
        std::fs::write(&path, line(two)).unwrap();
        changes.changed().await.unwrap();
        assert!(list.current().get(&one).is_none() && list.current().get(&two).is_some());

        list.add_of_run(one, "of-run", &[KeyRole::Node]);
        changes.changed().await.unwrap();
        std::fs::remove_file(&path).unwrap();
        changes.changed().await.unwrap();
        let names = || {
            list.current()
                .iter()
                .map(|(_, entry)| entry.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(), ["of-run"]);
        list.remove_of_run(&one);
        assert!(names().is_empty());
    }
}
