//! Tube files in a folder, and the ids that they state.
//!
//! This is the only module of the crate that opens files.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of a file within which its `noob_id` must stand.
const HEAD: u64 = 64 << 10;

/// Returns the text of a file.
///
/// # Errors
/// A file that cannot be read, or the place where it is not UTF-8 and the remedy.
pub fn read_text(path: &Path) -> io::Result<String> {
    text_of(std::fs::read(path)?)
}

/// Returns the text of the bytes of a file.
///
/// # Errors
/// The place where the bytes are not UTF-8, and the remedy.
pub fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    let error = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    if is_utf16(&bytes) {
        return Err(error(
            "it is UTF-16, and a tube is UTF-8: save it as UTF-8, or convert it with `iconv -f \
             UTF-16 -t UTF-8`"
                .into(),
        ));
    }
    String::from_utf8(bytes).map_err(|wrong| {
        let at = wrong.utf8_error().valid_up_to();
        let bytes = wrong.as_bytes();
        let before = String::from_utf8_lossy(&bytes[..at]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default();
        error(format!(
            "line {line}, column {}: the byte 0x{:02X} is not UTF-8; save the file as UTF-8, or \
             convert it, with `iconv -f LATIN1 -t UTF-8` if it is Latin-1",
            column.chars().count() + 1,
            bytes[at]
        ))
    })
}

/// Returns whether bytes are UTF-16: by the mark at their start, or since every other one is 0.
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [0, first, 0, next, ..] | [first, 0, next, 0, ..] => *first != 0 && *next != 0,
        _ => false,
    }
}

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

/// Two files in one folder with the same id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` and `{}` have the same `noob_id: {id}`: give each an id of its own, or name the tube by \
     its path",
    files[0].display(),
    files[1].display()
)]
#[non_exhaustive]
pub struct SameId {
    /// The id that was looked up.
    pub id: String,
    /// The files.
    pub files: [PathBuf; 2],
}

/// Returns the file with an id, of the files in one folder with their ids.
///
/// # Errors
/// Two files with the id.
pub fn with_id<'f>(
    files: impl IntoIterator<Item = (&'f Path, &'f str)>,
    id: &str,
) -> Result<Option<&'f Path>, SameId> {
    let mut files = files.into_iter().filter(|(_, other)| *other == id);
    match (files.next(), files.next()) {
        (Some((first, _)), Some((second, _))) => Err(SameId {
            id: id.to_owned(),
            files: [first.to_owned(), second.to_owned()],
        }),
        (first, _) => Ok(first.map(|(path, _)| path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf_8_is_refused_with_place_and_remedy() {
        let utf16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        for (bytes, parts) in [
            (utf16("noob_id: t"), &["UTF-16", "iconv -f UTF-16"][..]),
            (utf16("\u{feff}noob_id: t"), &["UTF-16", "save it as UTF-8"]),
            (
                b"noob_id: t\ndescription: caf\xE9\n".to_vec(),
                &["line 2, column 17", "0xE9", "iconv -f LATIN1"],
            ),
        ] {
            let error = text_of(bytes).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{part}: {error}");
            }
        }
        assert_eq!(text_of("é".into()).unwrap(), "é");
    }
}
