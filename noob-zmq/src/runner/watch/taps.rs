//! Taps: samples of the values of signals, for those who look at them.
//!
//! Nodes take samples only of signals that somebody taps. A tap never makes anybody wait: samples
//! that it does not take in time are dropped and counted.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;

use super::sampler::Sampler;
use super::summary::summarize;
use crate::graph::{Epoch, Name, Timestamp, Value};
use crate::sync::lock;

/// Samples that wait for the reader of a tap: at most 32 MiB, since larger values are described.
const WAITING: usize = 128;

/// Value of a signal that a tap has taken.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// The node.
    pub node: Name,
    /// The signal.
    pub signal: Name,
    /// Epoch of the value.
    pub epoch: Epoch,
    /// Time at which the node has emitted the value.
    pub timestamp: Timestamp,
    /// The value; null if it is described.
    pub value: Value,
    /// Description of a value that is large (from 256 KiB up), or that is or has an object.
    pub summary: Option<String>,
    /// Size of the value in bytes, about.
    pub bytes: u64,
    /// Number of values of the signal between the sample before and this one.
    pub skipped: u64,
}

/// Reader of the samples of one signal, or of several; they are sampled until it is dropped.
pub struct Tap {
    samples: Receiver<Sample>,
    number: u64,
    dropped: Arc<AtomicU64>,
    taps: Taps,
}

/// Signal that is tapped: node and signal.
pub(crate) type Tapped = (Name, Name);

/// Taps of a runner.
#[derive(Clone, Default)]
pub(crate) struct Taps {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Whether any signal is tapped.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    next: u64,
    /// Samplers of a runner that has its nodes in its own process.
    samplers: IndexMap<Tapped, Sampler>,
    /// Tells the nodes of the run which signals are tapped.
    tell: Option<Tell>,
}

/// Function that tells nodes which signals are tapped.
type Tell = Box<dyn Fn(Vec<Tapped>) + Send>;

struct Entry {
    number: u64,
    tapped: Vec<Tapped>,
    samples: SyncSender<Sample>,
    dropped: Arc<AtomicU64>,
}

impl State {
    fn tapped(&self) -> Vec<Tapped> {
        let mut tapped: Vec<Tapped> = Vec::new();
        for signal in self.entries.iter().flat_map(|entry| &entry.tapped) {
            if !tapped.contains(signal) {
                tapped.push(signal.clone());
            }
        }
        tapped
    }
}

impl Taps {
    /// Opens a tap of a signal, or of several.
    pub(crate) fn open(&self, tapped: impl IntoIterator<Item = Tapped>) -> Tap {
        let tapped: Vec<Tapped> = tapped.into_iter().collect();
        // Bounded: a reader that does not read costs no more memory than this.
        let (sender, samples) = sync_channel(WAITING * tapped.len().max(1));
        let dropped = Arc::<AtomicU64>::default();
        let number = self.change(|state| {
            state.next += 1;
            state.entries.push(Entry {
                number: state.next,
                tapped,
                samples: sender,
                dropped: Arc::clone(&dropped),
            });
            state.next
        });
        Tap {
            samples,
            number,
            dropped,
            taps: self.clone(),
        }
    }

    /// Sets the function that tells the nodes of a run which signals are tapped.
    pub(crate) fn connect(&self, tell: impl Fn(Vec<Tapped>) + Send + 'static) {
        self.change(|state| state.tell = Some(Box::new(tell)));
    }

    /// Ends all taps: the run has ended.
    pub(crate) fn end(&self) {
        self.change(|state| {
            // First, so that nodes that have ended are told of nothing.
            state.tell = None;
            // Drops the senders, which ends the wait of the readers.
            state.entries.clear();
        });
    }

    fn close(&self, number: u64) {
        self.change(|state| state.entries.retain(|entry| entry.number != number));
    }

    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        // Code of this crate alone runs under the lock, and none that waits: the event loop of the
        // runner takes it too.
        let mut state = lock(&self.shared.state);
        let before = state.tapped();
        let had_nodes = state.tell.is_some();
        let result = change(&mut state);
        let tapped = state.tapped();
        self.shared.any.store(!tapped.is_empty(), Ordering::Relaxed);
        state.samplers.retain(|signal, _| tapped.contains(signal));
        // Told under the lock, so that nodes hear of changes in their order.
        let is_new = state.tell.is_some() && !had_nodes && !tapped.is_empty();
        if let Some(tell) = &state.tell
            && (before != tapped || is_new)
        {
            tell(tapped);
        }
        result
    }

    /// Returns whether any signal is tapped.
    pub(crate) fn any(&self) -> bool {
        // A value more or less may be missed at the begin of a tap; nothing else depends on it.
        self.shared.any.load(Ordering::Relaxed)
    }

    /// Passes a sample to the taps of its signal.
    pub(crate) fn offer(&self, sample: &Sample) {
        let state = lock(&self.shared.state);
        state.offer(sample);
    }

    /// Takes a sample of a value in this process, if its signal is tapped and a sample is due.
    pub(crate) fn sample(
        &self,
        (node, signal): (&Name, &Name),
        epoch: &Epoch,
        timestamp: Timestamp,
        value: &Value,
    ) {
        // Reached only while somebody taps a signal of the runner.
        let mut state = lock(&self.shared.state);
        let tapped = (node.clone(), signal.clone());
        let mut entries = state.entries.iter();
        if !entries.any(|entry| entry.tapped.contains(&tapped)) {
            return;
        }
        let sampler = state.samplers.entry(tapped).or_default();
        if let Some(skipped) = sampler.admit(timestamp, value.size()) {
            let summary = summarize(value);
            state.offer(&Sample {
                node: node.clone(),
                signal: signal.clone(),
                epoch: epoch.clone(),
                timestamp,
                value: if summary.is_some() {
                    Value::Null
                } else {
                    value.clone()
                },
                summary,
                bytes: value.size(),
                skipped,
            });
        }
    }
}

impl State {
    fn offer(&self, sample: &Sample) {
        let entries = self.entries.iter();
        let is_sampled = |(node, signal): &Tapped| *node == sample.node && *signal == sample.signal;
        let is_tapped = |entry: &&Entry| entry.tapped.iter().any(is_sampled);
        for entry in entries.filter(is_tapped) {
            // Never waits: a reader that is slower than the samples misses some.
            if let Err(TrySendError::Full(_)) = entry.samples.try_send(sample.clone()) {
                entry.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Tap {
    /// Returns the next sample within this time; `Ok(None)` if there is none.
    ///
    /// # Errors
    /// [`TapEnded`] when the run has ended.
    pub fn next_within(&self, time: Duration) -> Result<Option<Sample>, TapEnded> {
        match self.samples.recv_timeout(time) {
            Ok(sample) => Ok(Some(sample)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TapEnded),
        }
    }

    /// Returns the number of samples that were dropped because they were not taken in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.taps.close(self.number);
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").finish_non_exhaustive()
    }
}

impl fmt::Debug for Taps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taps").finish_non_exhaustive()
    }
}

/// End of a run that was tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run has ended")]
pub struct TapEnded;

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(name: &str) -> [Tapped; 1] {
        [("a".into(), name.into())]
    }

    fn emit(taps: &Taps, signal: &str, number: i64) {
        let (node, signal): Tapped = ("a".into(), signal.into());
        let time = Timestamp::from_micros(number * 20_000);
        let epoch = Epoch::root(number as u32);
        taps.sample((&node, &signal), &epoch, time, &Value::Int(number));
    }

    #[test]
    fn tap_gets_the_samples_of_its_signal_until_it_is_dropped() {
        let taps = Taps::default();
        assert!(!taps.any());
        let tap = taps.open(signal("x"));
        assert!(taps.any());
        emit(&taps, "y", 1);
        emit(&taps, "x", 2);
        let sample = tap.next_within(Duration::ZERO).unwrap().unwrap();
        assert_eq!(
            (sample.value, sample.epoch),
            (Value::Int(2), Epoch::root(2))
        );
        assert_eq!(tap.next_within(Duration::ZERO), Ok(None));
        drop(tap);
        assert!(!taps.any());
    }

    #[test]
    fn tap_of_several_signals_has_room_for_all_of_them() {
        let taps = Taps::default();
        let both = taps.open(signal("x").into_iter().chain(signal("y")));
        for number in 0..WAITING as i64 {
            emit(&taps, "x", number);
            emit(&taps, "y", number);
        }
        emit(&taps, "z", 1);
        assert_eq!(both.dropped(), 0);
        let samples = (0..).map_while(|_| both.next_within(Duration::ZERO).unwrap());
        let signals: Vec<Name> = samples.map(|sample| sample.signal).collect();
        assert_eq!(signals.len(), 2 * WAITING);
        assert_eq!((&*signals[0], &*signals[1]), ("x", "y"));
    }

    #[test]
    fn reader_that_is_too_slow_misses_samples_and_is_told_how_many() {
        let taps = Taps::default();
        let tap = taps.open(signal("x"));
        for number in 0..WAITING as i64 + 7 {
            emit(&taps, "x", number);
        }
        assert_eq!(tap.dropped(), 7);
    }

    #[test]
    fn nodes_are_told_of_each_change_and_of_none_else() {
        let taps = Taps::default();
        let early = taps.open(signal("x"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        taps.connect(move |tapped| lock(&heard).push(tapped.len()));
        let (second, third) = (taps.open(signal("x")), taps.open(signal("y")));
        drop((early, third));
        drop(second);
        assert_eq!(*lock(&told), [1, 2, 1, 0]);
        let last = taps.open(signal("x"));
        taps.end();
        assert_eq!(last.next_within(Duration::ZERO), Err(TapEnded));
    }
}
