//! Tube files in a folder, and the ids that they state.
//!
//! This is the only module of the crate that opens files.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of a file within which its `noob_id` must stand.
const HEAD: u64 = 64 << 10;

/// Returns whether a path ends as those of tube files do.
#[must_use]
pub fn is_tube(path: &Path) -> bool {
    matches!(
        path.extension().and_then(OsStr::to_str),
        Some("yaml" | "yml")
    )
}

/// Returns the tube files of a folder, sorted by name, and the folders in it.
///
/// Links to folders are left out. A folder that cannot be read has nothing in it.
#[must_use]
pub fn list(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let is_folder = |path: &&PathBuf| path.is_dir() && !path.is_symlink();
    let folders = paths.iter().filter(is_folder).cloned().collect();
    paths.retain(|path| is_tube(path) && path.is_file());
    (paths, folders)
}

/// Returns the `noob_id` of a file, without reading the file as YAML: that of the first line that
/// begins with `noob_id:`.
#[must_use]
pub fn id_of(path: &Path) -> Option<String> {
    let head = BufReader::new(File::open(path).ok()?.take(HEAD));
    let line = head
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("noob_id:").map(str::to_owned))?;
    let line = line.trim();
    for quote in ['"', '\''] {
        let quoted = line.strip_prefix(quote);
        if let Some((id, _)) = quoted.and_then(|rest| rest.split_once(quote)) {
            return Some(id.to_owned());
        }
    }
    let id = line.split(" #").next().unwrap_or(line);
    Some(id.trim_end().to_owned())
}
