//! Record that was read: its description, its epochs, and its events.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::RecordError;
use super::body::{self, Body, EndMarker};
use super::description::{FORMAT, INPUT, MARKERS, METADATA};
use super::scan::{ChannelItem, FileEnd, Item, MessageItem, Scanner, read_part};
use crate::graph::{Emit, Epoch, Map, Value};

/// Record of a run, open for reading; also that of a process that was killed.
#[derive(Debug)]
pub struct Record {
    path: PathBuf,
    file: File,
    metadata: BTreeMap<String, String>,
    description: Parsed,
    files: Vec<(String, u64, u64)>,
    channels: HashMap<u16, Channel>,
    /// End markers, by epoch.
    markers: BTreeMap<u32, EndMarker>,
    /// Messages of the channels that were asked for, in the order of the file.
    messages: Vec<MessageItem>,
    end: FileEnd,
    /// Time of the first message and of the last, in nanoseconds since 1970.
    times: Option<(u64, u64)>,
}

/// Entries of the metadata that are JSON.
#[derive(Debug, Default)]
struct Parsed {
    /// Tube-scoped inputs.
    inputs: Map,
    /// Types of the nodes, by node.
    nodes: BTreeMap<String, String>,
    /// Names of the recorded signals, in the order of the tube.
    signals: Vec<String>,
}

/// Channel of a record.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) node: String,
    pub(super) signal: String,
    pub(super) node_type: String,
    pub(super) type_name: String,
    pub(super) encoding: String,
    /// Whether its values are for readers only.
    pub(super) partial: bool,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// Signal of a record, with the number of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RecordedEvents {
    /// The node; `input` for a process-scoped input.
    pub node: String,
    /// The signal, or the name of the input.
    pub signal: String,
    /// The type of the node in the tube; empty for an input.
    pub node_type: String,
    /// The type of the values as written in the source; empty if it is not known.
    pub type_name: String,
    /// The number of events.
    pub events: u64,
    /// The number of bytes of the messages.
    pub bytes: u64,
    /// Whether some values are for readers only, so that the node cannot be replayed.
    pub partial: bool,
}

/// Event of a record.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// The node; `input` for a process-scoped input.
    pub node: String,
    /// The signal, or the name of the input.
    pub signal: String,
    /// The epoch to which the event belongs.
    pub epoch: Epoch,
    /// The time at which the call that emitted the event ended, in nanoseconds since 1970.
    pub time: u64,
    /// The value; `None` if the record does not hold it whole.
    pub emit: Option<Emit>,
}

impl Record {
    /// Opens a record, and compares its bytes with their checksums.
    ///
    /// A record without its end, as a killed process leaves it, is read up to there.
    ///
    /// # Errors
    /// A file that cannot be read or is no record. Damage is no error here: see
    /// [`check`](Self::check).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordError> {
        Self::scan(path.as_ref(), true, |_| true)
    }

    /// Opens a record to read messages of the channels for which `wants` is true.
    pub(super) fn scan(
        path: &Path,
        verifies: bool,
        wants: impl Fn(&Channel) -> bool,
    ) -> Result<Self, RecordError> {
        let mut scanner = Scanner::open(path, verifies)?;
        let file = File::open(path).map_err(|error| RecordError::io(path, "read", error))?;
        let mut record = Self {
            path: path.to_owned(),
            file,
            metadata: BTreeMap::new(),
            description: Parsed::default(),
            files: Vec::new(),
            channels: HashMap::new(),
            markers: BTreeMap::new(),
            messages: Vec::new(),
            end: FileEnd::Complete,
            times: None,
        };
        // Channels: those that are read, and that of the end markers.
        let mut wanted: HashMap<u16, bool> = HashMap::new();
        let mut markers: Option<u16> = None;
        while let Some(item) = scanner.next()? {
            match item {
                Item::Metadata { name, entries } if name == METADATA => record.metadata = entries,
                Item::Attachment { name, at, len, .. } => record.files.push((name, at, len)),
                Item::Channel(channel) if channel.topic == MARKERS => markers = Some(channel.id),
                Item::Channel(channel) if !record.channels.contains_key(&channel.id) => {
                    let id = channel.id;
                    if let Some(channel) = Channel::of(channel) {
                        wanted.insert(id, wants(&channel));
                        record.channels.insert(id, channel);
                    }
                }
                Item::Message(message) if Some(message.channel) == markers => {
                    if let Err(reason) = record.add_marker(&message) {
                        record.end = FileEnd::Damaged(message.at, reason);
                        return record.checked();
                    }
                    record.add_time(message.log_time);
                }
                Item::Message(message) => {
                    let Some(channel) = record.channels.get_mut(&message.channel) else {
                        continue;
                    };
                    channel.messages += 1;
                    channel.bytes += message.len;
                    if wanted.get(&message.channel).copied().unwrap_or_default() {
                        record.messages.push(message);
                    }
                    record.add_time(message.log_time);
                }
                _ => {}
            }
        }
        record.end = scanner.end();
        record.checked()
    }

    /// Returns the record, if it is one of this library.
    fn checked(mut self) -> Result<Self, RecordError> {
        let reason = match self.metadata.get("format").map(String::as_str) {
            Some(FORMAT) => match Parsed::of(&self.metadata) {
                Ok(description) => {
                    self.description = description;
                    return Ok(self);
                }
                Err(reason) => reason,
            },
            Some(other) => format!(
                "its form has the version {other:.20}, and this program reads version {FORMAT}"
            ),
            None => match &self.end {
                FileEnd::Damaged(at, reason) => format!("it is damaged at byte {at}: {reason}"),
                _ => "it has no metadata of the name `noob-zmq`".to_owned(),
            },
        };
        Err(RecordError::not_a_record(&self.path, reason))
    }

    fn add_marker(&mut self, message: &MessageItem) -> Result<(), String> {
        let bytes = self.read(message)?;
        let marker: EndMarker = body::read("json", &bytes)?;
        if marker.epoch != message.sequence {
            return Err("an end marker is one of another epoch".to_owned());
        }
        self.markers.insert(marker.epoch, marker);
        Ok(())
    }

    fn add_time(&mut self, time: u64) {
        let (first, _) = self.times.unwrap_or((time, time));
        self.times = Some((first, time));
    }

    /// Returns an error if the record is damaged, and `Ok` if it is whole or ends early.
    ///
    /// # Errors
    /// The place of the damage, and the reason.
    pub fn check(&self) -> Result<(), RecordError> {
        match &self.end {
            FileEnd::Damaged(at, reason) => {
                Err(RecordError::damaged(&self.path, *at, reason.clone()))
            }
            FileEnd::Complete | FileEnd::Unfinished(_) => Ok(()),
        }
    }

    /// Returns whether the record has its end: its process was not killed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.end == FileEnd::Complete
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the description of the run: the tube, its inputs, and versions.
    #[must_use]
    pub const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Returns the tube-scoped inputs of the run.
    #[must_use]
    pub fn tube_inputs(&self) -> Map {
        self.description.inputs.clone()
    }

    /// Returns the tube files, each with its name.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn tube_files(&self) -> Result<Vec<(String, String)>, RecordError> {
        let files = self.files.iter().map(|(name, at, len)| {
            let bytes = self.bytes(*at, *len);
            let bytes = bytes.map_err(|reason| RecordError::damaged(&self.path, *at, reason))?;
            Ok((name.clone(), String::from_utf8_lossy(&bytes).into_owned()))
        });
        files.collect()
    }

    /// Returns the nodes of the tube with their types.
    pub(super) const fn nodes(&self) -> &BTreeMap<String, String> {
        &self.description.nodes
    }

    /// Returns the names of the recorded signals, in the order of the tube.
    pub(super) fn signal_names(&self) -> &[String] {
        &self.description.signals
    }

    /// Returns the epochs that count, lowest first: those whose end marker is in the record.
    pub fn epochs(&self) -> impl ExactSizeIterator<Item = &EndMarker> {
        self.markers.values()
    }

    /// Returns the end marker of an epoch.
    pub(super) fn marker(&self, epoch: u32) -> Option<&EndMarker> {
        self.markers.get(&epoch)
    }

    /// Returns the time between the first message and the last, in nanoseconds.
    #[must_use]
    pub fn duration(&self) -> u64 {
        self.times
            .map_or(0, |(first, last)| last.saturating_sub(first))
    }

    /// Returns the recorded signals, by name.
    #[must_use]
    pub fn signals(&self) -> Vec<RecordedEvents> {
        let mut signals: BTreeMap<(&str, &str), RecordedEvents> = BTreeMap::new();
        for channel in self.channels.values() {
            let key = (channel.node.as_str(), channel.signal.as_str());
            let signal = signals.entry(key).or_default();
            signal.node.clone_from(&channel.node);
            signal.signal.clone_from(&channel.signal);
            signal.node_type.clone_from(&channel.node_type);
            signal.type_name.clone_from(&channel.type_name);
            signal.events += channel.messages;
            signal.bytes += channel.bytes;
            signal.partial |= channel.partial && channel.messages > 0;
        }
        signals.into_values().collect()
    }

    /// Returns the messages of epochs that count, in the order of the file.
    pub(super) fn messages(&self) -> impl Iterator<Item = &MessageItem> {
        let messages = self.messages.iter();
        messages.filter(|message| self.markers.contains_key(&message.sequence))
    }

    /// Returns the channel of a message.
    pub(super) fn channel(&self, message: &MessageItem) -> Option<&Channel> {
        self.channels.get(&message.channel)
    }

    /// Reads an event.
    ///
    /// # Errors
    /// A file that cannot be read, and a message that is no event.
    pub(super) fn event(&self, message: &MessageItem) -> Result<RecordedEvent, RecordError> {
        let damaged = |reason| RecordError::damaged(&self.path, message.at, reason);
        let channel = self.channel(message);
        let channel = channel.ok_or_else(|| damaged("a message without channel".to_owned()))?;
        let bytes = self.read(message).map_err(damaged)?;
        let body: Body = body::decode(&channel.encoding, &bytes).map_err(|reason| {
            damaged(format!(
                "an event of `{}.{}` cannot be read: {reason}",
                channel.node, channel.signal
            ))
        })?;
        if body.epoch.number() != message.sequence {
            return Err(damaged("an event is one of another epoch".to_owned()));
        }
        Ok(RecordedEvent {
            node: channel.node.clone(),
            signal: channel.signal.clone(),
            epoch: body.epoch,
            time: message.publish_time,
            emit: body.emit.filter(|_| !channel.partial),
        })
    }

    /// Calls `each` for the events of the epochs that count, in the order of the file, until it
    /// returns false.
    ///
    /// # Errors
    /// The errors of reading.
    pub fn each_event(
        &self,
        mut each: impl FnMut(RecordedEvent) -> bool,
    ) -> Result<(), RecordError> {
        for message in self.messages() {
            if !each(self.event(message)?) {
                break;
            }
        }
        Ok(())
    }

    /// Returns the process-scoped inputs of the epochs that count, lowest epoch first.
    ///
    /// # Errors
    /// The errors of reading; an input that the record does not hold whole.
    pub fn inputs(&self) -> Result<Vec<Map>, RecordError> {
        let epochs = self.markers.keys();
        let mut inputs: BTreeMap<u32, Map> = epochs.map(|epoch| (*epoch, Map::new())).collect();
        for message in self.messages() {
            if self
                .channel(message)
                .is_none_or(|channel| channel.node != INPUT)
            {
                continue;
            }
            let event = self.event(message)?;
            let given = inputs.entry(message.sequence).or_default();
            match event.emit {
                Some(Emit::Value(value)) => drop(given.insert(event.signal, value)),
                _ => {
                    return Err(RecordError::damaged(
                        &self.path,
                        message.at,
                        format!("the input `{}` is not whole", event.signal),
                    ));
                }
            }
        }
        Ok(inputs.into_values().collect())
    }

    fn read(&self, message: &MessageItem) -> Result<Vec<u8>, String> {
        self.bytes(message.at, message.len)
    }

    fn bytes(&self, at: u64, len: u64) -> Result<Vec<u8>, String> {
        read_part(&self.file, at, len).map_err(|error| error.to_string())
    }
}

impl Parsed {
    fn of(metadata: &BTreeMap<String, String>) -> Result<Self, String> {
        let inputs = match entry(metadata, "inputs")? {
            Value::Map(inputs) => Arc::unwrap_or_clone(inputs),
            other => {
                return Err(format!(
                    "its metadata `inputs` are no map: {}",
                    other.type_name()
                ));
            }
        };
        Ok(Self {
            inputs,
            nodes: entry(metadata, "nodes")?,
            signals: entry(metadata, "signals")?,
        })
    }
}

/// Parses an entry of the metadata.
fn entry<T: DeserializeOwned>(metadata: &BTreeMap<String, String>, key: &str) -> Result<T, String> {
    let text = metadata.get(key);
    let text = text.ok_or_else(|| format!("its metadata lack `{key}`"))?;
    serde_json::from_str(text)
        .map_err(|error| format!("its metadata `{key}` cannot be read: {error}"))
}

impl RecordedEvents {
    /// Returns `node.signal`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.node, self.signal)
    }
}

impl Channel {
    /// Returns `node.signal`.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.node, self.signal)
    }

    /// Returns the channel of a signal; `None` for a channel of another kind.
    fn of(channel: ChannelItem) -> Option<Self> {
        let mut metadata = channel.metadata;
        let mut take = |key: &str| metadata.remove(key).unwrap_or_default();
        let (node, signal) = (take("node"), take("signal"));
        if node.is_empty() || signal.is_empty() {
            return None;
        }
        Some(Self {
            node,
            signal,
            node_type: take("node_type"),
            type_name: take("type"),
            partial: take("partial") == "true",
            encoding: channel.encoding,
            messages: 0,
            bytes: 0,
        })
    }
}
