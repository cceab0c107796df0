//! Recorder of a run: a queue of events and end markers, and the thread that writes them.
//!
//! Runners put events into the queue and never wait for the disk. An epoch whose end marker finds
//! more than [`MAX_BACKLOG`] bytes in the queue is delivered to its caller only when the marker is
//! written: until then it counts as in flight, so that the window of the run bounds the queue.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::body::{EndMarker, EpochResult};
use super::description::Description;
use super::writer::RecordWriter;
use super::{RecordError, Recording};
use crate::graph::{Emit, Event, Name, Tube};
use crate::runner::panic_guard::catch_panic;
use crate::sync::{lock, wait};

/// Bytes of queued events from which epochs wait for the disk, or are left out.
const MAX_BACKLOG: u64 = 32 << 20;
/// Size in bytes of an event without its value, about.
const EVENT: u64 = 128;
/// Longest time that an event stays in the queue before it is handed over to the kernel, where the
/// disk keeps up.
const LINGER: Duration = Duration::from_millis(50);
/// Time for which the end marker of a failed epoch waits for events that were emitted before the
/// failure, and are received after it: the input of a node that fails is in its record.
const LATE: Duration = Duration::from_millis(100);
/// Bytes of queued events from which the thread does not wait for more.
const BATCH: u64 = 1 << 20;

/// Call that delivers the result of an epoch, with the reason why the epoch is not recorded if
/// there is one.
type Deliver = Box<dyn FnOnce(Result<(), RecordError>) + Send>;

/// Number of epochs of a recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordCounts {
    /// Epochs that were recorded.
    pub epochs: u64,
    /// Epochs that were left out, since the disk was slower than the run.
    pub dropped: u64,
}

/// Recorder of a run.
///
/// The last owner that drops it ends the thread without a word; [`finish`](Self::finish) reports
/// errors.
pub(crate) struct Recorder {
    signals: HashMap<Name, HashSet<Name>>,
    drop_epochs: bool,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Part of a recorder that both sides use.
#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Notified when there is something to write at once, or a first entry.
    filled: Condvar,
    /// Notified when entries were written.
    written: Condvar,
}

#[derive(Default)]
struct Queue {
    entries: Vec<Entry>,
    /// Bytes of the entries, and of those that are being written.
    bytes: u64,
    /// Whether an entry must not wait for more.
    urgent: bool,
    /// Whether no more entries come.
    closed: bool,
    /// Whether the thread sleeps until there are entries.
    idle: bool,
    /// End markers of failed and skipped epochs, and the moments from which they are written.
    late: Vec<(Instant, EndMarker)>,
    /// Open epochs: whether each is left out.
    open: HashMap<u32, bool>,
    counts: RecordCounts,
    failure: Option<RecordError>,
}

enum Entry {
    Event(Event),
    End(EndMarker, Option<Deliver>),
}

impl Recorder {
    /// Creates the file, and starts the thread.
    ///
    /// # Errors
    /// A pattern that matches no signal, a file that exists or cannot be written, and a thread that
    /// cannot be started.
    pub(crate) fn start(tube: &Tube, recording: &Recording) -> Result<Self, RecordError> {
        let description = Description::new(tube, &recording.selection)?;
        let mut signals: HashMap<Name, HashSet<Name>> = HashMap::new();
        for signal in &description.signals {
            let of_node = signals.entry(signal.node.clone()).or_default();
            of_node.insert(signal.signal.clone());
        }
        let writer = RecordWriter::create(&recording.path, &description)?;
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let path = recording.path.clone();
        let thread = std::thread::Builder::new()
            .name("noob-zmq-record".into())
            .spawn(move || {
                // Epochs that wait for the disk wait no longer, however the thread ends.
                let failure = catch_panic(|| Ok(of_thread.write_all(writer)));
                of_thread.close(failure.unwrap_or_else(|panic| {
                    Some(RecordError::io(&path, "written", io::Error::other(panic)))
                }));
            })
            .map_err(|error| RecordError::io(&recording.path, "written by a thread", error))?;
        Ok(Self {
            signals,
            drop_epochs: recording.drop_epochs,
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Returns the recorded signals.
    pub(crate) fn signals(&self) -> impl Iterator<Item = (&Name, &Name)> {
        let nodes = self.signals.iter();
        nodes.flat_map(|(node, signals)| signals.iter().map(move |signal| (node, signal)))
    }

    /// Returns whether a signal is recorded.
    pub(crate) fn takes(&self, node: &str, signal: &str) -> bool {
        let of_node = self.signals.get(node);
        of_node.is_some_and(|signals| signals.contains(signal))
    }

    /// Queues an event of a signal that is recorded.
    pub(crate) fn event(&self, event: &Event) {
        let mut queue = lock(&self.shared.queue);
        if queue.keeps(event.epoch.number(), self.drop_epochs) {
            self.push(queue, event);
        }
    }

    /// Queues an event of an epoch that is closed, if the epoch has just failed.
    pub(crate) fn late_event(&self, event: &Event) {
        let number = event.epoch.number();
        let queue = lock(&self.shared.queue);
        if queue.late.iter().any(|(_, marker)| marker.epoch == number) {
            self.push(queue, event);
        }
    }

    fn push(&self, mut queue: MutexGuard<'_, Queue>, event: &Event) {
        let size = match &event.value {
            Emit::Value(value) => value.size(),
            Emit::Nothing | Emit::Exhausted => 0,
        };
        queue.entries.push(Entry::Event(event.clone()));
        queue.bytes += EVENT + size;
        // The thread is woken for the first event and for a full batch: a wake-up for each event
        // would cost the nodes more time than the record does.
        let full = queue.bytes >= BATCH && !std::mem::replace(&mut queue.urgent, true);
        let wakes = std::mem::take(&mut queue.idle) || full;
        drop(queue);
        if wakes {
            self.shared.filled.notify_one();
        }
    }

    /// Queues the end marker of an epoch, and returns `item` if the result of the epoch may be
    /// delivered, with the error of a record that has ended; else `deliver` gets it when the marker
    /// is written, since the disk is slower than the run.
    pub(crate) fn end_epoch<T: Send + 'static>(
        &self,
        marker: EndMarker,
        item: T,
        deliver: impl FnOnce(T, Result<(), RecordError>) + Send + 'static,
    ) -> Option<(T, Result<(), RecordError>)> {
        let mut queue = lock(&self.shared.queue);
        if queue.closed {
            return Some((item, queue.failure.clone().map_or(Ok(()), Err)));
        }
        let keeps = queue.keeps(marker.epoch, self.drop_epochs);
        queue.open.remove(&marker.epoch);
        if !keeps {
            queue.counts.dropped += 1;
            return Some((item, Ok(())));
        }
        queue.counts.epochs += 1;
        if marker.result != EpochResult::Done {
            queue.late.push((Instant::now() + LATE, marker));
            let wakes = std::mem::take(&mut queue.idle);
            drop(queue);
            if wakes {
                self.shared.filled.notify_one();
            }
            return Some((item, Ok(())));
        }
        queue.bytes += EVENT;
        let late = queue.bytes > MAX_BACKLOG && !self.drop_epochs;
        let (item, waiting) = if late {
            let waiting: Deliver = Box::new(move |written| deliver(item, written));
            (None, Some(waiting))
        } else {
            (Some(item), None)
        };
        queue.entries.push(Entry::End(marker, waiting));
        queue.urgent |= late;
        let wakes = std::mem::take(&mut queue.idle) || late;
        drop(queue);
        if wakes {
            self.shared.filled.notify_one();
        }
        item.map(|item| (item, Ok(())))
    }

    /// Forgets an epoch that was not run to its end: no marker makes it count.
    pub(crate) fn discard_epoch(&self, epoch: u32) {
        lock(&self.shared.queue).open.remove(&epoch);
    }

    /// Returns the number of epochs so far.
    pub(crate) fn counts(&self) -> RecordCounts {
        lock(&self.shared.queue).counts
    }

    /// Returns the error by which the thread has ended, if it did.
    pub(crate) fn failure(&self) -> Option<RecordError> {
        lock(&self.shared.queue).failure.clone()
    }

    /// Blocks while epochs wait for the disk.
    ///
    /// # Errors
    /// The error by which the thread has ended.
    pub(crate) fn wait_for_room(&self) -> Result<(), RecordError> {
        let mut queue = lock(&self.shared.queue);
        while queue.bytes > MAX_BACKLOG && queue.failure.is_none() && !self.drop_epochs {
            queue = wait(&self.shared.written, queue);
        }
        queue.failure.clone().map_or(Ok(()), Err)
    }

    /// Returns whether the file is complete or given up.
    pub(crate) fn is_finished(&self) -> bool {
        lock(&self.thread).is_none()
    }

    /// Writes what is queued, and the index of the file, and ends the thread; does nothing when
    /// that is done.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn finish(&self) -> Result<(), RecordError> {
        lock(&self.shared.queue).closed = true;
        self.shared.filled.notify_one();
        // The lock is held for the `take` alone: the join lasts as long as the disk needs.
        let Some(thread) = lock(&self.thread).take() else {
            return Ok(());
        };
        // The thread catches its panics, and reports them as its failure.
        let _ = thread.join();
        self.failure().map_or(Ok(()), Err)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        self.shared.filled.notify_one();
    }
}

impl Queue {
    /// Adds the end markers that have waited long enough; all of them once no more events come.
    fn add_late_markers(&mut self) {
        let now = Instant::now();
        let due = self.late.iter();
        let due = due.filter(|(due, _)| self.closed || *due <= now).count();
        // They were added in the order of their moments.
        for (_, marker) in self.late.drain(..due) {
            self.bytes += EVENT;
            self.entries.push(Entry::End(marker, None));
        }
    }

    /// Returns whether an epoch is recorded, which its first event or its end decides.
    fn keeps(&mut self, epoch: u32, drop_epochs: bool) -> bool {
        if self.closed {
            return false;
        }
        if !drop_epochs {
            return true;
        }
        let full = self.bytes > MAX_BACKLOG;
        !*self.open.entry(epoch).or_insert(full)
    }
}

impl Shared {
    /// Writes entries until no more come; returns the error by which it has ended, if any.
    fn write_all(&self, mut writer: RecordWriter) -> Option<RecordError> {
        let mut entries = Vec::new();
        loop {
            let (bytes, closed) = self.take(&mut entries);
            let mut waiting = Vec::new();
            let written = write(&mut writer, &mut entries, &mut waiting);
            let failed = written.as_ref().err().cloned();
            for deliver in waiting.drain(..) {
                deliver(failed.clone().map_or(Ok(()), Err));
            }
            // Only now: entries that are being written count as queued.
            let mut queue = lock(&self.queue);
            queue.bytes -= bytes;
            drop(queue);
            self.written.notify_all();
            if failed.is_some() {
                return failed;
            }
            if closed {
                return writer.finish().err();
            }
        }
    }

    /// Closes the queue, and delivers the results of the epochs that wait for the disk.
    fn close(&self, failure: Option<RecordError>) {
        let mut queue = lock(&self.queue);
        queue.closed = true;
        queue.failure.clone_from(&failure);
        let left = std::mem::take(&mut queue.entries);
        drop(queue);
        for entry in left {
            if let Entry::End(_, Some(deliver)) = entry {
                deliver(failure.clone().map_or(Ok(()), Err));
            }
        }
        self.written.notify_all();
    }

    /// Blocks until there are entries to write, and takes them; returns their size, and whether
    /// they are the last.
    fn take(&self, entries: &mut Vec<Entry>) -> (u64, bool) {
        let mut queue = lock(&self.queue);
        loop {
            queue.add_late_markers();
            if !queue.entries.is_empty() || queue.closed {
                break;
            }
            match queue.late.first().map(|(due, _)| *due) {
                None => {
                    queue.idle = true;
                    queue = wait(&self.filled, queue);
                }
                Some(due) => {
                    let left = due.saturating_duration_since(Instant::now());
                    let waited = self.filled.wait_timeout(queue, left);
                    (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
        // One wake-up and one chunk for many events: the nodes need the processors.
        let end = Instant::now() + LINGER;
        while !queue.urgent && !queue.closed {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.filled.wait_timeout(queue, left);
            (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        queue.add_late_markers();
        queue.urgent = false;
        queue.idle = false;
        std::mem::swap(&mut queue.entries, entries);
        (queue.bytes, queue.closed)
    }
}

/// Writes entries and hands them over to the kernel; adds to `waiting` the epochs that wait.
fn write(
    writer: &mut RecordWriter,
    entries: &mut Vec<Entry>,
    waiting: &mut Vec<Deliver>,
) -> Result<(), RecordError> {
    let mut written = Ok(());
    for entry in entries.drain(..) {
        match entry {
            _ if written.is_err() => {
                if let Entry::End(_, Some(deliver)) = entry {
                    waiting.push(deliver);
                }
            }
            Entry::Event(event) => written = writer.event(&event).map(drop),
            Entry::End(marker, deliver) => {
                written = writer.end_marker(&marker);
                waiting.extend(deliver);
            }
        }
    }
    written.and_then(|()| writer.flush())
}
