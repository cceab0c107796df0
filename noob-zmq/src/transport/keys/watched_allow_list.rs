//! The keys that are let in at this moment: a file that is read again when it changes, and whoever else has a say.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::{AllowedKeys, KeyError};

/// How often an allow file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// The keys that are let in at this moment. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct AllowList {
    current: Arc<watch::Sender<Arc<AllowedKeys>>>,
}

impl AllowList {
    /// These keys, until [`set`](Self::set) says otherwise.
    #[must_use]
    pub fn new(allowed: AllowedKeys) -> Self {
        Self {
            current: Arc::new(watch::Sender::new(Arc::new(allowed))),
        }
    }

    /// The keys of a file, which is looked at four times a second for as long as this list is used: a key that is taken out is locked out, and
    /// its links are cut. A file that cannot be read any more changes nothing, and is told in the log; one that is gone lets nobody in.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    /// What [`AllowedKeys::load`] refuses.
    pub fn follow(path: &Path) -> Result<Self, KeyError> {
        let seen = Seen::of(path);
        let list = Self::new(AllowedKeys::load(path)?);
        tokio::spawn(follow(path.to_owned(), seen, Arc::downgrade(&list.current)));
        Ok(list)
    }

    /// Lets these keys in from now on, and no others.
    pub fn set(&self, allowed: AllowedKeys) {
        set(&self.current, allowed);
    }

    /// The keys that are let in now.
    #[must_use]
    pub fn current(&self) -> Arc<AllowedKeys> {
        Arc::clone(&self.current.borrow())
    }

    /// Hears of every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Arc<AllowedKeys>> {
        self.current.subscribe()
    }
}

impl fmt::Debug for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AllowList").field(&self.current()).finish()
    }
}

fn set(current: &watch::Sender<Arc<AllowedKeys>>, allowed: AllowedKeys) {
    current.send_if_modified(|current| {
        let changed = **current != allowed;
        if changed {
            *current = Arc::new(allowed);
        }
        changed
    });
}

/// By what a change of a file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    inode: u64,
    mode: u32,
    size: u64,
    changed: (i64, i64),
}

impl Seen {
    fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        Some(Self {
            inode: about.ino(),
            mode: about.mode(),
            size: about.len(),
            changed: (about.ctime(), about.ctime_nsec()),
        })
    }
}

async fn follow(
    path: PathBuf,
    mut seen: Option<Seen>,
    list: Weak<watch::Sender<Arc<AllowedKeys>>>,
) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let Some(list) = list.upgrade() else {
            return;
        };
        let now = Seen::of(&path);
        if now == seen {
            continue;
        }
        seen = now;
        match AllowedKeys::load(&path) {
            Ok(allowed) => {
                tracing::info!(path = %path.display(), keys = allowed.iter().count(), "the allow file was read again");
                set(&list, allowed);
            }
            Err(error) if now.is_none() => {
                tracing::error!(%error, "the allow file is gone: nobody is let in until it is there again");
                set(&list, AllowedKeys::default());
            }
            Err(error) => {
                tracing::error!(%error, "the allow file cannot be read again; what it said before holds");
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
    async fn a_changed_file_is_read_again_and_a_broken_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("allow");
        let [one, two] = [1, 2].map(|byte| PublicKey::from_bytes([byte; 32]));
        std::fs::write(&path, line(one)).unwrap();
        let list = AllowList::follow(&path).unwrap();
        let mut changes = list.changes();
        assert!(
            list.current()
                .get(&one)
                .is_some_and(|entry| entry.may(&[KeyRole::Node]))
        );

        std::fs::write(&path, "what is this\n").unwrap();
        // Nothing is heard of it; the next change is.
        tokio::time::sleep(LOOK * 2).await;
        assert!(list.current().get(&one).is_some());
        std::fs::write(&path, line(two)).unwrap();
        changes.changed().await.unwrap();
        assert!(list.current().get(&one).is_none() && list.current().get(&two).is_some());

        std::fs::remove_file(&path).unwrap();
        changes.changed().await.unwrap();
        assert_eq!(list.current().iter().count(), 0);
    }
}
