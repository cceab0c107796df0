//! Replay node: stands for a node, and emits the events that the node has emitted when it was
//! recorded.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::RecordError;
use super::reader::{Record, RecordedEvent};
use super::scan::MessageItem;
use crate::graph::{Emit, Epoch, Name, ReplaySource, TubeNode, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};

/// Node that emits recorded events.
///
/// The first epoch of a run gets the events of the first recorded epoch, and so on, whatever the
/// numbers of the recorded epochs are. The node ends in the epoch in which the first of the sources
/// above it had ended, and after the last recorded epoch if none of them had.
pub(crate) struct ReplayNode {
    name: Name,
    signals: Vec<Name>,
    source: ReplaySource,
    open: Option<OpenRecord>,
}

/// Record that was opened in the process of the node.
struct OpenRecord {
    record: Record,
    /// Recorded epochs, lowest first.
    epochs: Vec<u32>,
    /// Messages of the node, by recorded epoch.
    messages: HashMap<u32, Vec<MessageItem>>,
    /// Place of the first epoch in which one of the sources had ended.
    end: usize,
    /// Moment at which the first event was emitted, and its recorded time.
    started: Option<(Instant, u64)>,
}

impl ReplayNode {
    /// Creates the node that stands for a node of a tube.
    pub(crate) fn new(node: &TubeNode, source: &ReplaySource) -> Self {
        Self {
            name: node.id.clone(),
            signals: node.signals.clone(),
            source: source.clone(),
            open: None,
        }
    }

    /// Returns the recorded events of an epoch, and emits nothing yet.
    fn events(&mut self, epoch: &Epoch) -> Result<Recorded, NodeError> {
        let Some(open) = &mut self.open else {
            return Err(NodeError::new("a replay was called before `init`"));
        };
        let place = usize::try_from(epoch.number()).unwrap_or(usize::MAX);
        let Some(number) = open.epochs.get(place).copied() else {
            return Ok(Recorded {
                events: Vec::new(),
                ended: true,
            });
        };
        let at = Epoch::new(number, epoch.path().iter().cloned());
        let mut events = Vec::new();
        for message in open.messages.get(&number).into_iter().flatten() {
            let event = open.record.event(message).map_err(NodeError::wrap)?;
            if event.epoch == at {
                events.push(event);
            }
        }
        let marker = open.record.marker(number);
        let failed = marker.filter(|marker| marker.node.as_deref() == Some(&*self.name));
        if let Some(marker) = failed
            && events.is_empty()
        {
            let error = marker.error.as_deref();
            return Err(NodeError::new(error.unwrap_or("the recorded node failed")));
        }
        let ended = place >= open.end;
        Ok(Recorded { events, ended })
    }

    /// Waits until events of this time are due.
    fn wait_for(&mut self, time: u64) {
        let Some(open) = self.open.as_mut().filter(|_| self.source.real_time) else {
            return;
        };
        let (started, first) = *open.started.get_or_insert_with(|| (Instant::now(), time));
        let due = started + Duration::from_nanos(time.saturating_sub(first));
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// Recorded events of a call.
struct Recorded {
    events: Vec<RecordedEvent>,
    /// Whether the node has ended in this epoch or before.
    ended: bool,
}

/// Returns the place of the first epoch in which one of these nodes had ended; `None` if none had.
///
/// A source reports its end in its last epoch, so that the earlier ones are not read.
fn end_of(record: &Record, epochs: &[u32], sources: &[Name]) -> Result<Option<usize>, RecordError> {
    let mut last: HashMap<&str, Vec<&MessageItem>> = HashMap::new();
    for message in record.messages() {
        let node = record.channel(message).map(|channel| channel.node.as_str());
        let Some(node) = node.filter(|node| sources.iter().any(|source| **source == **node)) else {
            continue;
        };
        let of_last = last.entry(node).or_default();
        match of_last.first().map(|first| first.sequence) {
            Some(sequence) if message.sequence < sequence => continue,
            Some(sequence) if message.sequence > sequence => of_last.clear(),
            _ => {}
        }
        of_last.push(message);
    }
    let mut end = None;
    for message in last.into_values().flatten() {
        if record.event(message)?.emit == Some(Emit::Exhausted) {
            let place = epochs.binary_search(&message.sequence).ok();
            end = [end, place].into_iter().flatten().min();
        }
    }
    Ok(end)
}

impl Node for ReplayNode {
    fn init(&mut self) -> Result<(), NodeError> {
        let name = &self.name;
        // The runner's process has compared all of it with the checksums.
        let sources = &self.source.sources;
        let record = Record::scan(&PathBuf::from(&self.source.file), false, |channel| {
            channel.node == **name || sources.iter().any(|source| **source == *channel.node)
        });
        let record = record.and_then(|record| record.check().map(|()| record));
        let record = record.map_err(NodeError::wrap)?;
        let epochs: Vec<u32> = record.epochs().map(|marker| marker.epoch).collect();
        let mut messages: HashMap<u32, Vec<MessageItem>> = HashMap::new();
        for message in record.messages() {
            let channel = record.channel(message);
            if channel.is_some_and(|channel| channel.node == **name) {
                messages.entry(message.sequence).or_default().push(*message);
            }
        }
        let end = end_of(&record, &epochs, sources).map_err(NodeError::wrap)?;
        let end = end.unwrap_or(epochs.len());
        self.open = Some(OpenRecord {
            record,
            epochs,
            messages,
            end,
            started: None,
        });
        Ok(())
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let mut recorded = self.events(&inputs.epoch)?;
        if let Some(first) = recorded.events.iter().map(|event| event.time).min() {
            self.wait_for(first);
        }
        let silent = match recorded.ended && self.source.is_source {
            true => Emit::Exhausted,
            false => Emit::Nothing,
        };
        for signal in &self.signals {
            let of_signal = |event: &RecordedEvent| event.signal == **signal;
            let found = recorded.events.iter().rposition(of_signal);
            let emit = match found.map(|place| recorded.events.swap_remove(place).emit) {
                // A node that is fed by others excludes nothing from later epochs by its end, as a
                // source does, for which it is taken now.
                None | Some(Some(Emit::Exhausted)) => silent.clone(),
                Some(Some(emit)) => emit,
                Some(None) => {
                    return Err(NodeError::new(format!(
                        "the record does not hold the value of `{}.{signal}` in epoch {} whole, \
                         so that the node cannot be replayed",
                        self.name, inputs.epoch
                    )));
                }
            };
            outputs.emit(signal.to_string(), emit);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        Ok(Some(Value::Null))
    }

    fn restore(&mut self, _state: &Value) -> Result<(), NodeError> {
        Ok(())
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.open = None;
        Ok(())
    }
}
