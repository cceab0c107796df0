//! Writes an MCAP file: the head, events in channels, end markers, and the index at the end.
//!
//! Owned by the thread of a recorder. Messages are collected in a chunk in memory, which
//! [`RecordWriter::flush`] writes whole, so that a killed process leaves whole chunks.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mcap::records::{MessageHeader, Metadata};
use mcap::write::NoSeek;
use mcap::{Attachment, WriteOptions, Writer};

use super::RecordError;
use super::body::{self, EndMarker, Form};
use super::description::{Description, MARKERS, METADATA, RecordedSignal};
use super::schema;
use crate::graph::{Event, Name, Timestamp};

/// Size in bytes from which a chunk is written although no flush is due.
const CHUNK: u64 = 4 << 20;

/// Record that is being written.
pub(super) struct RecordWriter {
    path: PathBuf,
    writer: Writer<NoSeek<BufWriter<File>>>,
    /// Channels by node and signal.
    channels: HashMap<Name, Vec<SignalChannels>>,
    markers: u16,
    /// Body of the message that is being written.
    buffer: Vec<u8>,
    /// Time of the last message: the times of messages never go back.
    last_time: u64,
}

/// Channels of a signal: one for each form, from the first message of the form on.
struct SignalChannels {
    signal: RecordedSignal,
    schema: u16,
    channels: [Option<u16>; 3],
}

impl RecordWriter {
    /// Creates a file that must not exist, or opens a pipe, and writes the head of the record.
    ///
    /// # Errors
    /// A file that exists or cannot be written.
    pub(super) fn create(path: &Path, description: &Description) -> Result<Self, RecordError> {
        let failed = |error| RecordError::io(path, "created", error);
        // Nothing is lost where a pipe or a device is written, and the file is never read back.
        let is_pipe =
            std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        if is_pipe {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Self::with_file(path, file, description);
        }
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => RecordError::Exists {
                path: path.to_owned(),
            },
            _ => failed(error),
        })?;
        Self::with_file(path, file, description).inspect_err(|_| {
            // Nothing of a run is in it.
            let _ = std::fs::remove_file(path);
        })
    }

    /// Writes the head of a record into an empty file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn with_file(
        path: &Path,
        file: File,
        description: &Description,
    ) -> Result<Self, RecordError> {
        let failed = |error| RecordError::writing(path, error);
        let mut writer = options()
            .create(NoSeek::new(BufWriter::with_capacity(1 << 16, file)))
            .map_err(failed)?;
        let metadata = Metadata {
            name: METADATA.into(),
            metadata: description.metadata.clone(),
        };
        writer.write_metadata(&metadata).map_err(failed)?;
        let now = nanoseconds();
        for (name, text) in &description.files {
            let attachment = Attachment {
                log_time: now,
                create_time: now,
                name: name.clone(),
                media_type: "application/yaml".into(),
                data: Cow::Borrowed(text.as_bytes()),
            };
            writer.attach(&attachment).map_err(failed)?;
        }
        let text = schema::of_markers().to_string();
        let markers = writer
            .add_schema("noob_zmq.EndMarker", "jsonschema", text.as_bytes())
            .and_then(|schema| writer.add_channel(schema, MARKERS, "json", &BTreeMap::new()))
            .map_err(failed)?;
        let mut new = Self {
            path: path.to_owned(),
            writer,
            channels: HashMap::new(),
            markers,
            buffer: Vec::new(),
            last_time: 0,
        };
        for signal in &description.signals {
            new.add_signal(signal)?;
        }
        new.flush()?;
        Ok(new)
    }

    fn add_signal(&mut self, signal: &RecordedSignal) -> Result<(), RecordError> {
        let failed = |error| RecordError::writing(&self.path, error);
        let text = schema::of_message(&signal.shape, &signal.written).to_string();
        let schema = self
            .writer
            .add_schema(&signal.topic(), "jsonschema", text.as_bytes())
            .map_err(failed)?;
        let mut channels = SignalChannels {
            signal: signal.clone(),
            schema,
            channels: [None; 3],
        };
        // A signal that never emits is in the record too, so that a reader knows of it.
        let json = add_channel(&mut self.writer, &channels, Form::Json).map_err(failed)?;
        channels.channels[Form::Json as usize] = Some(json);
        let of_node = self.channels.entry(signal.node.clone()).or_default();
        of_node.push(channels);
        Ok(())
    }

    /// Writes an event, if its signal is recorded; returns whether it was.
    ///
    /// # Errors
    /// A file that cannot be written, and a value that cannot.
    pub(super) fn event(&mut self, event: &Event) -> Result<bool, RecordError> {
        let of_node = self.channels.get_mut(&event.node_id).into_iter().flatten();
        let mut of_signal = of_node.filter(|known| known.signal.signal == event.signal);
        let Some(known) = of_signal.next() else {
            return Ok(false);
        };
        let form = Form::of(&event.value);
        let channel = match known.channels[form as usize] {
            Some(channel) => channel,
            None => {
                let channel = add_channel(&mut self.writer, known, form)
                    .map_err(|error| RecordError::writing(&self.path, error))?;
                *known.channels[form as usize].insert(channel)
            }
        };
        self.buffer.clear();
        body::encode(event, form, &mut self.buffer)
            .map_err(|reason| RecordError::io(&self.path, "written", io::Error::other(reason)))?;
        self.message(channel, event.epoch.number(), event.timestamp)?;
        Ok(true)
    }

    /// Writes an end marker, after which the epoch counts.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn end_marker(&mut self, marker: &EndMarker) -> Result<(), RecordError> {
        self.buffer.clear();
        self.buffer.extend_from_slice(body::json(marker).as_bytes());
        let now = Timestamp::from_system(SystemTime::now());
        self.message(self.markers, marker.epoch, now)
    }

    /// Writes the message in the buffer.
    fn message(&mut self, channel_id: u16, epoch: u32, at: Timestamp) -> Result<(), RecordError> {
        self.last_time = self.last_time.max(nanoseconds());
        let header = MessageHeader {
            channel_id,
            sequence: epoch,
            log_time: self.last_time,
            publish_time: u64::try_from(at.as_micros())
                .map_or(0, |micros| micros.saturating_mul(1000)),
        };
        let written = self.writer.write_to_known_channel(&header, &self.buffer);
        written.map_err(|error| RecordError::writing(&self.path, error))
    }

    /// Hands all messages over to the kernel, which keeps them where this process is killed.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn flush(&mut self) -> Result<(), RecordError> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| RecordError::writing(&self.path, error))
    }

    /// Writes index and footer.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn finish(mut self) -> Result<(), RecordError> {
        let finished = self.writer.finish();
        finished.map_err(|error| RecordError::writing(&self.path, error))?;
        Ok(())
    }
}

/// Returns the settings of files.
pub(super) fn options() -> WriteOptions {
    WriteOptions::new()
        .profile("")
        .library(concat!("noob-zmq ", env!("CARGO_PKG_VERSION")))
        .chunk_size(Some(CHUNK))
        // A chunk is written at once when it is whole.
        .disable_seeking(true)
        // Each chunk has a checksum; that of all of them would cost the same work again.
        .calculate_data_section_crc(false)
}

fn add_channel(
    writer: &mut Writer<NoSeek<BufWriter<File>>>,
    channels: &SignalChannels,
    form: Form,
) -> mcap::McapResult<u16> {
    let signal = &channels.signal;
    let mut metadata = signal.metadata();
    if form == Form::Partial {
        metadata.insert("partial".into(), "true".into());
    }
    // A schema of JSON describes messages in JSON only.
    let schema = if form == Form::Msgpack {
        0
    } else {
        channels.schema
    };
    writer.add_channel(schema, &signal.topic(), form.encoding(), &metadata)
}

fn nanoseconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}
