//! Reads the records of an MCAP file from front to back, without trust in any of its bytes.
//!
//! A chunk is read whole and compared with its checksum, or skipped message by message where only
//! the places of messages are needed. A file that ends early is no error: its process was killed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use mcap::records::op;

use super::RecordError;

/// First and last bytes of a file.
const MAGIC: [u8; 8] = *b"\x89MCAP0\r\n";
/// Length of the head of a message: channel, sequence and two times.
const MESSAGE_HEAD: u64 = 22;
/// Maximum length of a record that is read whole and is neither a chunk nor a message.
const MAX_RECORD: u64 = 64 << 20;
/// Maximum length of a message or an attachment, which is read into memory as a whole.
const MAX_CONTENT: u64 = 4 << 30;

/// Record of a file, as far as a reader of runs needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Schema {
        id: u16,
        name: String,
        encoding: String,
        data: Vec<u8>,
    },
    Channel(ChannelItem),
    Message(MessageItem),
    Metadata {
        name: String,
        entries: BTreeMap<String, String>,
    },
    /// An attachment, whose data are these bytes of the file.
    Attachment {
        log_time: u64,
        create_time: u64,
        name: String,
        media_type: String,
        at: u64,
        len: u64,
    },
}

/// Channel of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChannelItem {
    pub(super) id: u16,
    pub(super) schema: u16,
    pub(super) topic: String,
    pub(super) encoding: String,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Message of a file, whose body are these bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageItem {
    pub(super) channel: u16,
    pub(super) sequence: u32,
    pub(super) log_time: u64,
    pub(super) publish_time: u64,
    pub(super) at: u64,
    pub(super) len: u64,
}

/// State of the end of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FileEnd {
    /// The file has its footer.
    Complete,
    /// The file ends early, as that of a killed process: its whole records end at this offset.
    Unfinished(u64),
    /// The bytes at this offset are no record, for this reason.
    Damaged(u64, String),
}

/// Reader of a file from front to back.
pub(super) struct Scanner {
    path: PathBuf,
    file: BufReader<File>,
    /// Offset of the next byte.
    at: u64,
    len: u64,
    /// End of the chunk that is being read.
    chunk_end: Option<u64>,
    /// Whether chunks are compared with their checksums.
    verifies: bool,
    end: Option<FileEnd>,
}

/// Reason why no record can be read: the end of the file, damage, or an error of the disk.
enum Stop {
    Early,
    Damaged(String),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Early,
            _ => Self::Io(error),
        }
    }
}

impl Scanner {
    /// Opens a file; with `verifies`, its chunks are compared with their checksums.
    ///
    /// # Errors
    /// A file that cannot be read, or is no MCAP file.
    pub(super) fn open(path: &Path, verifies: bool) -> Result<Self, RecordError> {
        let failed = |error| RecordError::io(path, "read", error);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(RecordError::not_a_record(path, "it is no regular file"));
        }
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut magic = [0; 8];
        match file.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(failed(error));
            }
            _ => {
                return Err(RecordError::not_a_record(
                    path,
                    "it does not begin as an MCAP file does",
                ));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            at: 8,
            len: metadata.len(),
            chunk_end: None,
            verifies,
            end: None,
        })
    }

    /// Returns the next record; `None` at the end, which [`end`](Self::end) then describes.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<Item>, RecordError> {
        while self.end.is_none() {
            let start = self.at;
            match self.record() {
                Ok(Some(item)) => return Ok(Some(item)),
                Ok(None) => {}
                Err(Stop::Early) => self.end = Some(FileEnd::Unfinished(start)),
                Err(Stop::Damaged(reason)) => self.end = Some(FileEnd::Damaged(start, reason)),
                Err(Stop::Io(error)) => return Err(RecordError::io(&self.path, "read", error)),
            }
        }
        Ok(None)
    }

    /// Returns the offset of the next byte.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// Returns the length of the file.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Returns the state of the end of the file, which was reached.
    pub(super) fn end(&self) -> FileEnd {
        self.end.clone().unwrap_or(FileEnd::Unfinished(self.at))
    }

    /// Reads a record; `None` for one that is of no use.
    fn record(&mut self) -> Result<Option<Item>, Stop> {
        if self.chunk_end == Some(self.at) {
            self.chunk_end = None;
        }
        let limit = self.chunk_end.unwrap_or(self.len);
        let opcode = self.bytes::<1>()?[0];
        let len = u64::from_le_bytes(self.bytes()?);
        let Some(end) = self.at.checked_add(len).filter(|end| *end <= limit) else {
            return Err(match self.chunk_end {
                Some(_) => Stop::Damaged("a record is longer than its chunk".to_owned()),
                None => Stop::Early,
            });
        };
        let item = match opcode {
            op::MESSAGE => Some(self.message(len)?),
            op::CHUNK if self.chunk_end.is_none() => {
                self.chunk(end)?;
                return Ok(None);
            }
            op::CHUNK => return Err(Stop::Damaged("a chunk lies in a chunk".to_owned())),
            op::SCHEMA | op::CHANNEL | op::METADATA => {
                if len > MAX_RECORD {
                    return Err(Stop::Damaged(format!("a record has {len} bytes")));
                }
                let mut content = vec![0; usize::try_from(len).unwrap_or(0)];
                self.file.read_exact(&mut content)?;
                self.at = end;
                let item = Fields(&content).item(opcode);
                Some(item.ok_or_else(|| Stop::Damaged("a record is cut short".to_owned()))?)
            }
            op::ATTACHMENT => Some(self.attachment(end)?),
            op::FOOTER => {
                self.skip_to(end)?;
                self.end = Some(match self.bytes::<8>() {
                    Ok(MAGIC) => FileEnd::Complete,
                    Ok(_) => FileEnd::Damaged(end, "the footer has no magic bytes".to_owned()),
                    Err(Stop::Io(error)) => return Err(Stop::Io(error)),
                    Err(_) => FileEnd::Unfinished(end),
                });
                return Ok(None);
            }
            0 => return Err(Stop::Damaged("a record has the type 0".to_owned())),
            _ => None,
        };
        self.skip_to(end)?;
        Ok(item)
    }

    fn message(&mut self, len: u64) -> Result<Item, Stop> {
        let Some(body) = len.checked_sub(MESSAGE_HEAD) else {
            return Err(Stop::Damaged("a message is cut short".to_owned()));
        };
        if body > MAX_CONTENT {
            return Err(Stop::Damaged(format!("a message has {body} bytes")));
        }
        Ok(Item::Message(MessageItem {
            channel: u16::from_le_bytes(self.bytes()?),
            sequence: u32::from_le_bytes(self.bytes()?),
            log_time: u64::from_le_bytes(self.bytes()?),
            publish_time: u64::from_le_bytes(self.bytes()?),
            at: self.at,
            len: body,
        }))
    }

    /// Reads the head of a chunk, and compares its records with their checksum.
    fn chunk(&mut self, end: u64) -> Result<(), Stop> {
        let _start_time: [u8; 8] = self.bytes()?;
        let _end_time: [u8; 8] = self.bytes()?;
        let uncompressed = u64::from_le_bytes(self.bytes()?);
        let checksum = u32::from_le_bytes(self.bytes()?);
        let name_len = u32::from_le_bytes(self.bytes()?);
        if name_len > 64 {
            return Err(Stop::Damaged("a chunk has a wrong head".to_owned()));
        }
        let mut name = vec![0; name_len as usize];
        self.file.read_exact(&mut name)?;
        self.at += u64::from(name_len);
        let len = u64::from_le_bytes(self.bytes()?);
        if !name.is_empty() {
            return Err(Stop::Damaged(format!(
                "a chunk is compressed with `{}`; uncompress the file with `mcap convert \
                 --compression none`",
                String::from_utf8_lossy(&name)
            )));
        }
        if len != uncompressed || self.at.checked_add(len) != Some(end) {
            return Err(Stop::Damaged("a chunk has a wrong length".to_owned()));
        }
        if self.verifies && checksum != 0 {
            let start = self.at;
            let mut hasher = crc32fast::Hasher::new();
            let mut buffer = [0; 1 << 14];
            while self.at < end {
                let part = buffer
                    .len()
                    .min(usize::try_from(end - self.at).unwrap_or(usize::MAX));
                self.file.read_exact(&mut buffer[..part])?;
                hasher.update(&buffer[..part]);
                self.at += part as u64;
            }
            if hasher.finalize() != checksum {
                return Err(Stop::Damaged(
                    "a chunk does not match its checksum".to_owned(),
                ));
            }
            self.file.seek(SeekFrom::Start(start))?;
            self.at = start;
        }
        self.chunk_end = Some(end);
        Ok(())
    }

    fn attachment(&mut self, end: u64) -> Result<Item, Stop> {
        let damaged = || Stop::Damaged("an attachment is cut short".to_owned());
        let log_time = u64::from_le_bytes(self.bytes()?);
        let create_time = u64::from_le_bytes(self.bytes()?);
        let mut texts = [String::new(), String::new()];
        for text in &mut texts {
            let len = u64::from(u32::from_le_bytes(self.bytes()?));
            if len > MAX_RECORD || self.at + len > end {
                return Err(damaged());
            }
            let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
            self.file.read_exact(&mut bytes)?;
            self.at += len;
            *text = String::from_utf8(bytes).map_err(|_| damaged())?;
        }
        let len = u64::from_le_bytes(self.bytes()?);
        let at = self.at;
        // A checksum of 4 bytes follows the data.
        if at.checked_add(len).and_then(|data| data.checked_add(4)) != Some(end) {
            return Err(damaged());
        }
        if len > MAX_CONTENT {
            return Err(Stop::Damaged(format!("an attachment has {len} bytes")));
        }
        let [name, media_type] = texts;
        Ok(Item::Attachment {
            log_time,
            create_time,
            name,
            media_type,
            at,
            len,
        })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// Continues at this offset, which must not lie before the current one.
    fn skip_to(&mut self, end: u64) -> Result<(), Stop> {
        let Some(step) = end.checked_sub(self.at) else {
            return Err(Stop::Damaged("a record is cut short".to_owned()));
        };
        self.file
            .seek_relative(i64::try_from(step).unwrap_or(i64::MAX))?;
        self.at = end;
        Ok(())
    }
}

/// Reads a part of a file, whose length was found in the file.
///
/// # Errors
/// A file that cannot be read or has become shorter, and a part for which there is no memory.
pub(super) fn read_part(file: &File, at: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    // A sparse file may be longer than the memory of this machine.
    bytes.try_reserve_exact(len).map_err(|_| {
        let reason = format!("there is no memory for a part of {len} bytes");
        io::Error::new(io::ErrorKind::OutOfMemory, reason)
    })?;
    bytes.resize(len, 0);
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

/// Fields of a record that are left to read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn item(mut self, opcode: u8) -> Option<Item> {
        Some(match opcode {
            op::SCHEMA => Item::Schema {
                id: self.number()?,
                name: self.text()?,
                encoding: self.text()?,
                data: self.part()?.to_vec(),
            },
            op::CHANNEL => Item::Channel(ChannelItem {
                id: self.number()?,
                schema: self.number()?,
                topic: self.text()?,
                encoding: self.text()?,
                metadata: self.texts()?,
            }),
            _ => Item::Metadata {
                name: self.text()?,
                entries: self.texts()?,
            },
        })
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Takes bytes with their length in front.
    fn part(&mut self) -> Option<&'a [u8]> {
        let len = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(len as usize)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.part()?.to_vec()).ok()
    }

    fn texts(&mut self) -> Option<BTreeMap<String, String>> {
        let mut part = Fields(self.part()?);
        let mut texts = BTreeMap::new();
        while !part.0.is_empty() {
            texts.insert(part.text()?, part.text()?);
        }
        Some(texts)
    }
}
