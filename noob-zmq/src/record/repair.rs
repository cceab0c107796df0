//! Completes the record of a killed process: whole epochs, index and footer in a new file.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::Path;

use mcap::records::{MessageHeader, Metadata};
use mcap::write::NoSeek;
use mcap::{Attachment, McapError, Writer};

use super::scan::{Item, Scanner, read_part};
use super::writer::options;
use super::{Record, RecordError};

/// Result of a repair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// Epochs that the new file has.
    pub epochs: u64,
    /// Epochs that were begun, and have no end marker.
    pub cut: u64,
    /// Bytes of the file that belong to no whole record.
    pub lost_bytes: u64,
}

/// Writes the whole epochs of a record, with index and footer, into a new file.
///
/// # Errors
/// A file that cannot be read or is no record; a new file that exists or cannot be written.
pub fn repair(path: &Path, target: &Path) -> Result<Repaired, RecordError> {
    let record = Record::scan(path, true, |_| false)?;
    let failed = |error| RecordError::io(target, "created", error);
    let file = OpenOptions::new().write(true).create_new(true).open(target);
    let file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => RecordError::Exists {
            path: target.to_owned(),
        },
        _ => failed(error),
    })?;
    let copied = copy(&record, target, file);
    if copied.is_err() {
        // It holds a part of the record at most.
        let _ = std::fs::remove_file(target);
    }
    copied
}

fn copy(record: &Record, target: &Path, file: File) -> Result<Repaired, RecordError> {
    let written = |error| RecordError::writing(target, error);
    let path = record.path();
    let source = File::open(path).map_err(|error| RecordError::io(path, "read", error))?;
    let read = |at, len| {
        let read = read_part(&source, at, len);
        read.map_err(|error| RecordError::io(path, "read", error))
    };
    let mut writer: Writer<NoSeek<BufWriter<File>>> = options()
        .create(NoSeek::new(BufWriter::with_capacity(1 << 16, file)))
        .map_err(written)?;
    let mut scanner = Scanner::open(path, true)?;
    let (mut channels, mut cut) = (HashMap::new(), HashSet::new());
    let mut end = 0;
    while let Some(item) = scanner.next()? {
        end = scanner.at();
        match item {
            Item::Schema {
                id,
                name,
                encoding,
                data,
            } => {
                known(writer.add_schema_with_id(id, &name, &encoding, &data)).map_err(written)?;
            }
            Item::Channel(channel) => {
                let added = writer.add_channel_with_id(
                    channel.id,
                    channel.schema,
                    &channel.topic,
                    &channel.encoding,
                    &channel.metadata,
                );
                known(added).map_err(written)?;
                channels.insert(channel.id, ());
            }
            // The summary of a complete file repeats these.
            Item::Metadata { name, entries } => {
                let metadata = entries;
                writer
                    .write_metadata(&Metadata { name, metadata })
                    .map_err(written)?;
            }
            Item::Attachment {
                log_time,
                create_time,
                name,
                media_type,
                at,
                len,
            } => {
                let data = Cow::Owned(read(at, len)?);
                let attachment = Attachment {
                    log_time,
                    create_time,
                    name,
                    media_type,
                    data,
                };
                writer.attach(&attachment).map_err(written)?;
            }
            Item::Message(message) if record.marker(message.sequence).is_none() => {
                cut.insert(message.sequence);
            }
            Item::Message(message) if channels.contains_key(&message.channel) => {
                let header = MessageHeader {
                    channel_id: message.channel,
                    sequence: message.sequence,
                    log_time: message.log_time,
                    publish_time: message.publish_time,
                };
                let body = read(message.at, message.len)?;
                writer
                    .write_to_known_channel(&header, &body)
                    .map_err(written)?;
            }
            Item::Message(_) => {}
        }
    }
    writer.finish().map_err(written)?;
    Ok(Repaired {
        epochs: record.epochs().len() as u64,
        cut: cut.len() as u64,
        lost_bytes: if record.is_complete() {
            0
        } else {
            scanner.len().saturating_sub(end)
        },
    })
}

/// Accepts an id that was added before with other contents, of which the first count.
fn known(added: Result<u16, McapError>) -> Result<(), McapError> {
    match added {
        Ok(_) | Err(McapError::ConflictingChannels(_) | McapError::ConflictingSchemas(_)) => Ok(()),
        // A channel without its schema.
        Err(McapError::UnknownSchema(..)) => Ok(()),
        Err(error) => Err(error),
    }
}
