//! Recorder of a run, as runners use it; without the feature `record` there is none.

use std::sync::Arc;

use crate::graph::{Emit, Epoch, Event, Map, Name, Timestamp, Tube};
#[cfg(feature = "record")]
use crate::record::{EndMarker, EpochResult, RecordCounts, RecordError, Recorder, Recording};
use crate::runner::RunError;

/// Result of an epoch, for its end marker.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "record"),
    expect(dead_code, reason = "only a recorder reads them")
)]
pub(crate) enum EpochEnd {
    /// The epoch was completed.
    Done,
    /// The epoch failed by an error, of this node if it is the error of one.
    Failed(Option<Name>, String),
    /// The epoch was skipped because this node failed.
    Skipped(Name, String),
}

impl EpochEnd {
    /// Returns the end of an epoch that this error has ended.
    pub(crate) fn of_error(error: &RunError) -> Self {
        match error {
            RunError::Node(failure) => {
                Self::Failed(Some(failure.node.clone()), failure.error.to_string())
            }
            other => Self::Failed(None, other.to_string()),
        }
    }
}

/// Recorder of a run, if it is recorded; a clone is the same recorder.
#[derive(Clone, Default)]
pub(crate) struct RunRecorder {
    #[cfg(feature = "record")]
    recorder: Option<Arc<Recorder>>,
}

#[cfg(feature = "record")]
impl RunRecorder {
    /// Starts to record the next run of a tube, and enters the signals that are recorded into the
    /// tube.
    ///
    /// # Errors
    /// A runner that is started or records already, and the errors of the record.
    pub(crate) fn start(
        &mut self,
        running: bool,
        tube: &mut Arc<Tube>,
        recording: &Recording,
    ) -> Result<(), RunError> {
        if running {
            return Err(RunError::Record(RecordError::Busy(
                "a record begins with its run; call `record` before `init`, or after `deinit`",
            )));
        }
        if self
            .recorder
            .as_ref()
            .is_some_and(|known| !known.is_finished())
        {
            return Err(RunError::Record(RecordError::Busy(
                "the runner records into one file at a time; call `deinit` before the next record",
            )));
        }
        let recorder = Recorder::start(tube, recording)?;
        let signals = recorder.signals();
        Arc::make_mut(tube).recorded = signals
            .map(|(node, signal)| (node.clone(), signal.clone()))
            .collect();
        self.recorder = Some(Arc::new(recorder));
        Ok(())
    }

    /// Returns whether the run is recorded.
    pub(crate) const fn is_on(&self) -> bool {
        self.recorder.is_some()
    }

    /// Records an event, if its signal is recorded.
    pub(crate) fn event(&self, event: &Event) {
        if let Some(recorder) = &self.recorder
            && recorder.takes(&event.node_id, &event.signal)
        {
            recorder.event(event);
        }
    }

    /// Records an event that was received after its epoch had failed, if its signal is recorded.
    pub(crate) fn late_event(&self, event: &Event) {
        if let Some(recorder) = &self.recorder
            && recorder.takes(&event.node_id, &event.signal)
        {
            recorder.late_event(event);
        }
    }

    /// Records the end of an epoch, and returns `item` if the result of the epoch may be delivered,
    /// with the error of a record that has ended; else `deliver` gets it when the end is written,
    /// since the disk is slower than the run.
    pub(crate) fn end_epoch<T: Send + 'static>(
        &self,
        epoch: u32,
        end: EpochEnd,
        item: T,
        deliver: impl FnOnce(T, Result<(), RunError>) + Send + 'static,
    ) -> Option<(T, Result<(), RunError>)> {
        let Some(recorder) = &self.recorder else {
            return Some((item, Ok(())));
        };
        let mut marker = EndMarker::done(epoch);
        (marker.result, marker.node, marker.error) = match end {
            EpochEnd::Done => (EpochResult::Done, None, None),
            EpochEnd::Failed(node, error) => (
                EpochResult::Failed,
                node.map(|node| node.to_string()),
                Some(error),
            ),
            EpochEnd::Skipped(node, error) => {
                (EpochResult::Skipped, Some(node.to_string()), Some(error))
            }
        };
        let ended = recorder.end_epoch(marker, item, |item, ended| {
            deliver(item, ended.map_err(RunError::from));
        });
        ended.map(|(item, ended)| (item, ended.map_err(RunError::from)))
    }

    /// Forgets an epoch that does not count.
    pub(crate) fn discard_epoch(&self, epoch: u32) {
        if let Some(recorder) = &self.recorder {
            recorder.discard_epoch(epoch);
        }
    }

    /// Returns the reason why nothing can be recorded any more, if there is one.
    pub(crate) fn failure(&self) -> Option<RunError> {
        let failure = self.recorder.as_ref()?.failure();
        failure.map(RunError::from)
    }

    /// Blocks while the disk is behind.
    ///
    /// # Errors
    /// The reason why nothing can be recorded any more.
    pub(crate) fn wait_for_room(&self) -> Result<(), RunError> {
        match &self.recorder {
            Some(recorder) => Ok(recorder.wait_for_room()?),
            None => Ok(()),
        }
    }

    /// Returns the number of epochs that were left out.
    pub(crate) fn dropped_epochs(&self) -> u64 {
        self.counts().map_or(0, |counts| counts.dropped)
    }

    /// Returns the number of epochs, if the run is recorded.
    pub(crate) fn counts(&self) -> Option<RecordCounts> {
        Some(self.recorder.as_ref()?.counts())
    }

    /// Completes the file, if that was not done.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn end(&self, tube: &mut Arc<Tube>) -> Result<(), RunError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        if !tube.recorded.is_empty() {
            Arc::make_mut(tube).recorded = Vec::new();
        }
        Ok(recorder.finish()?)
    }
}

#[cfg(not(feature = "record"))]
impl RunRecorder {
    /// Returns whether the run is recorded.
    pub(crate) const fn is_on(&self) -> bool {
        false
    }

    /// Records an event, if its signal is recorded.
    pub(crate) const fn event(&self, _event: &Event) {}

    /// Records an event that was received after its epoch had failed, if its signal is recorded.
    pub(crate) const fn late_event(&self, _event: &Event) {}

    /// Returns the item: nothing is recorded.
    pub(crate) fn end_epoch<T: Send + 'static>(
        &self,
        _epoch: u32,
        _end: EpochEnd,
        item: T,
        _deliver: impl FnOnce(T, Result<(), RunError>) + Send + 'static,
    ) -> Option<(T, Result<(), RunError>)> {
        Some((item, Ok(())))
    }

    /// Forgets an epoch that does not count.
    pub(crate) const fn discard_epoch(&self, _epoch: u32) {}

    /// Returns the reason why nothing can be recorded any more: none.
    pub(crate) const fn failure(&self) -> Option<RunError> {
        None
    }

    /// Returns at once.
    ///
    /// # Errors
    /// None.
    pub(crate) const fn wait_for_room(&self) -> Result<(), RunError> {
        Ok(())
    }

    /// Returns the number of epochs that were left out: none.
    pub(crate) const fn dropped_epochs(&self) -> u64 {
        0
    }

    /// Does nothing.
    ///
    /// # Errors
    /// None.
    pub(crate) const fn end(&self, _tube: &mut Arc<Tube>) -> Result<(), RunError> {
        Ok(())
    }
}

impl RunRecorder {
    /// Records the end of an epoch of the runner in the caller's thread.
    pub(crate) fn end_of_sync_epoch(&self, epoch: u32, outcome: &Result<(), RunError>) {
        if !self.is_on() {
            return;
        }
        let end = match outcome {
            Ok(()) => EpochEnd::Done,
            Err(error) => EpochEnd::of_error(error),
        };
        // The caller waits for the disk by `wait_for_room`.
        // The caller's thread has the result of the epoch.
        let _ = self.end_epoch(epoch, end, (), |(), _| ());
    }

    /// Records the process-scoped inputs of an epoch.
    pub(crate) fn inputs(&self, epoch: u32, inputs: &Map, at: impl FnOnce() -> Timestamp) {
        if !self.is_on() || inputs.is_empty() {
            return;
        }
        let at = at();
        for (name, value) in inputs {
            self.event(&Event {
                id: 0,
                timestamp: at,
                node_id: "input".into(),
                signal: name.as_str().into(),
                epoch: Epoch::root(epoch),
                value: Emit::Value(value.clone()),
            });
        }
    }
}
