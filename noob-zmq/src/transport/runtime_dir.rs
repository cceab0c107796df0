//! Private directory of a run: created with mode 0700, locked while the run lives, then removed.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::TransportError;
use super::file_name::{MAX_FILE_NAME, file_name};

/// Length in bytes of the names that [`RuntimeDir::create`] gives to runs.
pub(crate) const RUN_NAME: usize = 8;
/// Name of the file that is locked while a run lives.
const LOCK: &str = "lock";

/// Returns the directory that holds the directories of all runs.
///
/// This is `$NOOB_ZMQ_RUNTIME_DIR`, else `$XDG_RUNTIME_DIR/noob-zmq`, else `noob-zmq-{uid}` in the
/// directory for temporary files. A relative `NOOB_ZMQ_RUNTIME_DIR` counts from the current
/// directory.
#[must_use]
pub fn runtime_root() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    set("NOOB_ZMQ_RUNTIME_DIR")
        // Absolute, because the nodes find the directory by this path.
        .map(|path| std::path::absolute(&path).unwrap_or_else(|_| path.into()))
        .or_else(|| {
            set("XDG_RUNTIME_DIR")
                .map(PathBuf::from)
                .filter(|path| path.is_absolute() && is_private(path).is_ok())
                .map(|path| path.join("noob-zmq"))
        })
        .unwrap_or_else(|| {
            std::env::temp_dir().join(format!("noob-zmq-{}", rustix::process::getuid().as_raw()))
        })
}

/// Returns the names of the live runs below `root`, the youngest last.
#[must_use]
pub fn runs(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        // A directory without a lock file is no run; one with a free lock is a dead run.
        if let Ok(lock) = File::open(entry.path().join(LOCK))
            && matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
            && let Ok(since) = lock.metadata().and_then(|about| about.modified())
            && let Ok(name) = entry.file_name().into_string()
        {
            found.push((since, name));
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Directory of one run below [`runtime_root`], locked while the run lives and removed on drop.
///
/// The directory of a run that was killed is removed by the nodes of that run, and by the next run
/// at the latest.
#[derive(Debug)]
pub struct RuntimeDir {
    path: PathBuf,
    runner_id: String,
    lock: File,
}

impl RuntimeDir {
    /// Creates the directory of a run below `root`, under an unused name; creates `root` too.
    ///
    /// # Errors
    /// A `root` that others own or can enter; any error of the file system.
    pub fn create(root: &Path) -> Result<Self, TransportError> {
        let _held = hold(root)?;
        sweep(root);
        loop {
            let runner_id = format!("{:08x}", random() >> 32);
            if !root.join(&runner_id).exists() {
                return Self::make(root, &runner_id);
            }
        }
    }

    /// Creates the directory of the run `runner_id` below `root`.
    ///
    /// The directory of a run of that name that was killed is removed first.
    ///
    /// # Errors
    /// As [`create`](Self::create); a name other than 1 to 24 bytes of letters, digits, `_`, `-`
    /// and inner `.`; and a directory of that name that exists, of a run that lives or of something
    /// else.
    pub fn claim(root: &Path, runner_id: &str) -> Result<Self, TransportError> {
        // Such a name fits into the paths of sockets, and cannot leave `root`.
        if runner_id.is_empty() || *file_name(runner_id) != *runner_id {
            let why = format!(
                "`{runner_id}` cannot be the name of a run; take 1 to {MAX_FILE_NAME} bytes of \
                 letters, digits, `_`, `-` and inner `.`"
            );
            return Err(TransportError::refused(
                "create a run in",
                root.display(),
                why,
            ));
        }
        let _held = hold(root)?;
        remove_dead(&root.join(runner_id));
        Self::make(root, runner_id)
    }

    fn make(root: &Path, runner_id: &str) -> Result<Self, TransportError> {
        let path = root.join(runner_id);
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => {
                    let why = if path.join(LOCK).exists() {
                        "it is there already, and belongs to a run that lives; end that run, or \
                         choose another name"
                    } else {
                        "it is there already, and is no directory of a run; remove it, or choose \
                         another name"
                    };
                    TransportError::refused("create", path.display(), why)
                }
                _ => unusable("create", &path, &error),
            })?;
        match create_locked(&path.join(LOCK)) {
            Ok(lock) => Ok(Self {
                path,
                runner_id: runner_id.to_owned(),
                lock,
            }),
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                Err(TransportError::refused(
                    "lock",
                    path.join(LOCK).display(),
                    error,
                ))
            }
        }
    }

    /// Returns the path of the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the directory that holds it.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Returns the name of the run: eight hexadecimal digits.
    #[must_use]
    pub fn runner_id(&self) -> &str {
        &self.runner_id
    }
}

impl Drop for RuntimeDir {
    fn drop(&mut self) {
        remove(&self.path);
        let _ = self.lock.unlock();
    }
}

/// Removes the directory of a run, and logs a failure.
///
/// Several processes may do so at once.
pub(crate) fn remove(path: &Path) {
    for _ in 0..8 {
        match fs::remove_dir_all(path) {
            Ok(()) => return,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !path.exists() {
                    return;
                }
            }
            // Another process has added or removed a file meanwhile.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
            Err(error) => {
                tracing::warn!(
                    path = %path.display(), %error, "the directory of the run is left behind"
                );
                return;
            }
        }
    }
}

/// Creates a file and locks it.
fn create_locked(path: &Path) -> std::io::Result<File> {
    let lock = File::create(path)?;
    lock.lock()?;
    Ok(lock)
}

/// Creates `root` if needed, and keeps other processes from creating and sweeping directories in it
/// until the file is dropped.
///
/// Between its creation and the lock of its file, a directory looks like that of a dead run.
fn hold(root: &Path) -> Result<File, TransportError> {
    make_private(root)?;
    let path = root.join(LOCK);
    create_locked(&path).map_err(|error| unusable("lock", &path, &error))
}

/// Returns the error of a directory in which nothing can be made, with the remedy.
fn unusable(doing: &'static str, path: &Path, error: &std::io::Error) -> TransportError {
    let reason = format!(
        "{error}; set `NOOB_ZMQ_RUNTIME_DIR` to a directory of your own that can be written to"
    );
    TransportError::refused(doing, path.display(), reason)
}

/// Removes directories whose lock is free: those of runs that were killed with all their nodes.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        remove_dead(&entry.path());
    }
}

/// Removes the directory of a run whose lock is free.
fn remove_dead(path: &Path) {
    // A directory without a lock file is no run.
    if let Ok(lock) = File::options().write(true).open(path.join(LOCK))
        && lock.try_lock().is_ok()
    {
        tracing::debug!(path = %path.display(), "removing the directory of a dead run");
        remove(path);
    }
}

/// Creates `path` with mode 0700, or checks that an existing one is private.
fn make_private(path: &Path) -> Result<(), TransportError> {
    match DirBuilder::new().recursive(false).mode(0o700).create(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => is_private(path),
        Err(error) => Err(unusable("create", path, &error)),
    }
}

/// Checks that `path` is a directory of this user, and closed to others.
fn is_private(path: &Path) -> Result<(), TransportError> {
    let not = |what: String, help| {
        Err(TransportError::NotPrivate {
            path: path.to_owned(),
            what,
            help,
        })
    };
    // Not through a symbolic link: its owner could change where the link leads.
    let meta = fs::symlink_metadata(path)
        .map_err(|error| TransportError::refused("look at", path.display(), error))?;
    if !meta.is_dir() {
        return not(
            "is no directory".into(),
            "set `NOOB_ZMQ_RUNTIME_DIR` to one",
        );
    }
    let me = rustix::process::getuid().as_raw();
    if meta.uid() != me {
        return not(
            format!("belongs to user {}, not to {me}", meta.uid()),
            "set `NOOB_ZMQ_RUNTIME_DIR` to a directory of your own",
        );
    }
    if meta.mode() & 0o077 != 0 {
        return not(
            format!(
                "can be entered by others (mode {:03o})",
                meta.mode() & 0o777
            ),
            "run `chmod 700` on it",
        );
    }
    Ok(())
}

/// Returns a number that others cannot guess, from the keys that std draws for its hash maps.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn root() -> (tempfile::TempDir, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("root");
        (outer, root)
    }

    #[test]
    fn directory_is_private_and_removed_on_drop() {
        let (_outer, root) = root();
        let dir = RuntimeDir::create(&root).unwrap();
        for path in [root.as_path(), dir.path()] {
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                0o700,
                "{}",
                path.display()
            );
        }
        fs::create_dir_all(dir.path().join("nodes/a")).unwrap();
        let path = dir.path().to_owned();
        drop(dir);
        assert!(!path.exists());
    }

    #[test]
    fn root_that_others_can_enter_is_rejected() {
        let (_outer, root) = root();
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        let error = RuntimeDir::create(&root).unwrap_err().to_string();
        assert!(
            error.contains("can be entered by others (mode 755)") && error.contains("chmod 700"),
            "{error}"
        );
    }

    #[test]
    fn symbolic_link_as_root_is_rejected() {
        let (outer, root) = root();
        let real = outer.path().join("real");
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &root).unwrap();
        assert!(
            RuntimeDir::create(&root)
                .unwrap_err()
                .to_string()
                .contains("is no directory")
        );
    }

    #[test]
    fn dead_run_is_swept_and_live_run_is_kept() {
        let (_outer, root) = root();
        let alive = RuntimeDir::create(&root).unwrap();
        let dead = root.join("deadbeef");
        fs::create_dir_all(dead.join("nodes/a")).unwrap();
        File::create(dead.join(LOCK)).unwrap();
        let other = root.join("not-ours");
        fs::create_dir(&other).unwrap();
        assert_eq!(runs(&root), [alive.runner_id()]);
        let next = RuntimeDir::create(&root).unwrap();
        assert_eq!(runs(&root), [alive.runner_id(), next.runner_id()]);
        assert!(alive.path().exists() && next.path().exists() && other.exists());
        assert!(!dead.exists());
    }

    #[test]
    fn run_name_is_claimed_once() {
        let (_outer, root) = root();
        let first = RuntimeDir::claim(&root, "twice").unwrap();
        assert!(
            RuntimeDir::claim(&root, "twice")
                .unwrap_err()
                .to_string()
                .contains("it is there already")
        );
        drop(first);
        RuntimeDir::claim(&root, "twice").unwrap();
    }

    #[test]
    fn run_name_that_leaves_the_root_is_rejected() {
        let (outer, root) = root();
        for name in ["", ".", "../x", "a/b", &"a".repeat(25)] {
            let error = RuntimeDir::claim(&root, name).unwrap_err().to_string();
            assert!(error.contains("cannot be the name of a run"), "{error}");
        }
        assert!(!outer.path().join("x").exists());
    }

    #[test]
    fn name_of_a_killed_run_can_be_claimed() {
        let (_outer, root) = root();
        drop(RuntimeDir::claim(&root, "mine").unwrap());
        // A SIGKILL leaves the directory, and unlocks its file.
        fs::create_dir_all(root.join("mine/nodes/a")).unwrap();
        File::create(root.join("mine").join(LOCK)).unwrap();
        let again = RuntimeDir::claim(&root, "mine").unwrap();
        assert!(!again.path().join("nodes").exists());
        fs::create_dir(root.join("other")).unwrap();
        let error = RuntimeDir::claim(&root, "other").unwrap_err().to_string();
        assert!(error.contains("no directory of a run"), "{error}");
    }
}
