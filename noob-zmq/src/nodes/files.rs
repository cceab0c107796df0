//! Nodes that read files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use crate::{Signals, node};

/// Some lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Signals)]
pub struct Block {
    /// The lines, without their ends.
    pub lines: Vec<String>,
    /// Whether this is the last block.
    pub last: bool,
}

/// Why a file could not be read.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be opened.
    #[error("cannot open the file `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the file `{}` after line {line}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The last line that was read, from 1.
        line: u64,
        /// The reason.
        source: std::io::Error,
    },
}

/// Reads a text file, a block of lines each epoch.
///
/// - `path`: the file, relative to the working directory of the program.
/// - `limit`: maximum number of lines; all if it is not set.
/// - `block`: a block ends with the line that brings it to this many bytes (65536 if it is not
///   set); `1` emits a line each epoch.
///
/// Signals: `lines`, the lines of the block; `last`, whether the file (or `limit`) ends with the
/// block. There always is a last block: an empty file has one without lines.
///
/// A line ends with `\n` or `\r\n`, or with the file. A whole line is held in memory. Bytes that
/// are not UTF-8 are replaced by `U+FFFD`, the replacement character.
///
/// # Errors
/// The file cannot be opened (the node does not start) or read (that epoch fails).
#[node(name = "noob_zmq.files.lines")]
pub fn lines(
    path: PathBuf,
    limit: Option<u64>,
    #[param(default = 65536)] block: usize,
) -> Result<impl Iterator<Item = Result<Block, FileError>>, FileError> {
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(source) => return Err(FileError::Open { path, source }),
    };
    Ok(Blocks {
        path,
        file: BufReader::with_capacity(1 << 16, file),
        left: limit.unwrap_or(u64::MAX),
        line: 0,
        size: block,
        ended: false,
    })
}

/// The blocks of a file.
struct Blocks {
    path: PathBuf,
    file: BufReader<File>,
    /// Lines to read at most.
    left: u64,
    /// Lines that were read.
    line: u64,
    /// Bytes that fill a block.
    size: usize,
    ended: bool,
}

impl Iterator for Blocks {
    type Item = Result<Block, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let block = self.block();
        self.ended = block.as_ref().map_or(true, |block| block.last);
        Some(block.map_err(|source| FileError::Read {
            path: self.path.clone(),
            line: self.line,
            source,
        }))
    }
}

impl Blocks {
    fn block(&mut self) -> std::io::Result<Block> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        let mut line = Vec::new();
        while self.left > 0 && !self.file.fill_buf()?.is_empty() {
            line.clear();
            bytes += self.file.read_until(b'\n', &mut line)?;
            lines.push(String::from_utf8_lossy(without_end(&line)).into_owned());
            self.line += 1;
            self.left -= 1;
            if bytes >= self.size {
                break;
            }
        }
        let last = self.left == 0 || self.file.fill_buf()?.is_empty();
        Ok(Block { lines, last })
    }
}

/// A line without `\n` or `\r\n`.
fn without_end(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else {
        return line;
    };
    line.strip_suffix(b"\r").unwrap_or(line)
}

crate::error_report::debug_as_report!(FileError);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], limit: Option<u64>, block: usize) -> Vec<Block> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("text");
        std::fs::write(&path, text).unwrap();
        lines(path, limit, block)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    fn block(lines: &[&str], last: bool) -> Block {
        Block {
            lines: lines.iter().map(ToString::to_string).collect(),
            last,
        }
    }

    #[test]
    fn small_file_is_one_block() {
        assert_eq!(
            read(b"one\ntwo\r\n\nthree", None, 65536),
            [block(&["one", "two", "", "three"], true)]
        );
        assert_eq!(
            read(b"one\n", None, 4),
            [block(&["one"], true)],
            "no empty block comes after a full one"
        );
    }

    #[test]
    fn empty_file_is_one_empty_block() {
        assert_eq!(read(b"", None, 65536), [block(&[], true)]);
    }

    #[test]
    fn blocks_end_with_the_line_that_fills_them() {
        let blocks = read(b"aa\nbb\ncc\ndd\n", None, 4);
        assert_eq!(
            blocks,
            [block(&["aa", "bb"], false), block(&["cc", "dd"], true)]
        );
        assert_eq!(
            read(b"aa\nbb\n", None, 1),
            [block(&["aa"], false), block(&["bb"], true)]
        );
        assert_eq!(read(b"aa\n", None, 0), [block(&["aa"], true)]);
    }

    #[test]
    fn limit_bounds_the_lines() {
        assert_eq!(
            read(b"a\nb\nc\n", Some(2), 1),
            [block(&["a"], false), block(&["b"], true)]
        );
        assert_eq!(read(b"a\nb\n", Some(0), 1), [block(&[], true)]);
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        assert_eq!(
            read(b"a\xffb\xc3\n\r", None, 65536),
            [block(&["a\u{fffd}b\u{fffd}", "\r"], true)]
        );
    }

    #[test]
    fn unreadable_file_is_named() {
        let error = lines("no/such/file".into(), None, 1).err().unwrap();
        assert_eq!(error.to_string(), "cannot open the file `no/such/file`");
        let directory = tempfile::tempdir().unwrap();
        let mut blocks = lines(directory.path().into(), None, 1).unwrap();
        let error = blocks.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot read the file `{}` after line 0",
                directory.path().display()
            )
        );
        assert!(
            blocks.next().is_none(),
            "a source does not go on after it failed"
        );
    }
}
