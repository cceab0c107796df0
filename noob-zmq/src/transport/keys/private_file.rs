//! Files that decide who is trusted: read only where no other user can read or change them.

use std::fs::File;
use std::io::{Error, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::KeyError;

/// Conditions that a file must meet, with the texts for a file that does not.
pub(super) struct FileRules {
    /// Mode bits that must not be set.
    pub(super) forbidden: u32,
    /// Access that such a bit gives to other users, and the consequence.
    pub(super) exposed: (&'static str, &'static str),
    /// Remedy for a file with such a bit.
    pub(super) mode_help: &'static str,
    /// Remedy for a file of another user.
    pub(super) owner_help: &'static str,
    /// Whether the file may belong to root.
    pub(super) allows_root: bool,
    /// Whether the file must be a regular one, and no pipe.
    pub(super) regular_only: bool,
    /// Size in bytes of the largest file.
    pub(super) limit: u64,
}

/// Reads a file that meets `rules`.
///
/// # Errors
/// A file that others can access or that is too large; any error of the file system.
pub(super) fn read(path: &Path, rules: &FileRules) -> Result<Vec<u8>, KeyError> {
    let refused = |error: Error| KeyError::file("read", path, error);
    let exposed = |what: String, help| KeyError::Exposed {
        path: path.to_owned(),
        what,
        help,
    };
    // The open file is checked, and not its path: the path may lead elsewhere a moment later.
    let file = File::open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    if rules.regular_only && !metadata.is_file() {
        return Err(KeyError::file("read", path, "it is no file"));
    }
    let (mode, owner) = (metadata.mode() & 0o777, metadata.uid());
    if mode & rules.forbidden != 0 {
        let (access, consequence) = rules.exposed;
        return Err(exposed(
            format!("can be {access} by others (mode {mode:03o}), {consequence}"),
            rules.mode_help,
        ));
    }
    let user = rustix::process::getuid().as_raw();
    if owner != user && !(rules.allows_root && owner == 0) {
        return Err(exposed(
            format!("belongs to user {owner}, not to {user}"),
            rules.owner_help,
        ));
    }
    let mut bytes = Vec::new();
    file.take(rules.limit + 1)
        .read_to_end(&mut bytes)
        .map_err(refused)?;
    if bytes.len() as u64 > rules.limit {
        let limit = rules.limit;
        return Err(KeyError::file(
            "read",
            path,
            format!("it has more than {limit} bytes"),
        ));
    }
    Ok(bytes)
}
