//! Requests epochs ahead of the reader, and delivers their results in order.
//!
//! Owned by the runner, or by the thread of a background run; every function here runs on that
//! thread, and some block on results. The coordinator, which completes epochs elsewhere, sends each
//! result through the channel of its batch.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::mpsc;

use super::epoch_numbers::{CoordinatorHandle, EpochNumbers};
use super::in_flight::InFlightWindow;
use super::iter::ResultReader;
use crate::graph::{Epoch, Value};
use crate::runner::assets::RunScopedAssets;
use crate::runner::coordinator::{CompletionSender, Coordinator, EpochResult};
use crate::runner::inputs::EpochInputs;
use crate::runner::{ClosedReason, RunError, Stopper};

/// Facts that a run needs besides its limit.
#[derive(Debug, Clone)]
pub(crate) struct PipelineConfig {
    /// Whether the tube has a node that can run.
    pub(crate) can_run: bool,
    pub(crate) stopper: Stopper,
}

/// Requested epochs whose results are not delivered, and the run-scoped assets of their calls.
pub(crate) struct Pipeline {
    assets: RunScopedAssets,
    numbers: EpochNumbers,
    /// Limit of epochs that are open, or closed and not delivered.
    window: InFlightWindow,
    batches: VecDeque<EpochBatch>,
    /// The epoch that was delivered last, with its value.
    last: Option<(u32, Option<Value>)>,
}

/// Epochs that were requested by one message.
#[derive(Debug)]
struct EpochBatch {
    /// The lowest epoch that is not delivered.
    due: u32,
    /// The epoch after the last.
    end: u32,
    queue: mpsc::Receiver<EpochResult>,
    /// Results from `due` on; `None` for an epoch that is not closed.
    arrived: VecDeque<Option<EpochResult>>,
}

impl EpochBatch {
    const fn new(epochs: Range<u32>, queue: mpsc::Receiver<EpochResult>) -> Self {
        Self {
            due: epochs.start,
            end: epochs.end,
            queue,
            arrived: VecDeque::new(),
        }
    }

    /// Blocks until this epoch is closed, and returns its result.
    fn wait(&mut self, number: u32) -> EpochResult {
        loop {
            if let Some(outcome) = self.place(number).take() {
                return outcome;
            }
            match self.queue.recv() {
                Ok(outcome) => self.insert(outcome),
                Err(_) => {
                    let ended = RunError::closed(ClosedReason::ThreadEnded);
                    return EpochResult::not_opened(number, ended, false);
                }
            }
        }
    }

    /// Blocks until the lowest epoch is closed, and removes its result.
    fn wait_for_due(&mut self) -> EpochResult {
        let outcome = self.wait(self.due);
        self.due += 1;
        self.arrived.pop_front();
        outcome
    }

    fn insert(&mut self, outcome: EpochResult) {
        let place = self.place(outcome.number);
        *place = Some(outcome);
    }

    /// Returns the place of the result of an epoch, which is not below `due`.
    fn place(&mut self, number: u32) -> &mut Option<EpochResult> {
        let place = (number - self.due) as usize;
        if place >= self.arrived.len() {
            self.arrived.resize_with(place + 1, || None);
        }
        &mut self.arrived[place]
    }

    fn drain_arrived(&mut self) {
        while let Ok(outcome) = self.queue.try_recv() {
            self.insert(outcome);
        }
    }
}

impl Pipeline {
    /// Returns a pipeline for a tube with these assets, which are made when the run starts.
    pub(crate) fn new(assets: RunScopedAssets, window: InFlightWindow) -> Self {
        Self {
            assets,
            numbers: EpochNumbers::new(window.epochs()),
            window,
            batches: VecDeque::new(),
            last: None,
        }
    }

    /// Changes the in-flight window, and with it the number of epochs that handles may open.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(InFlightWindow) -> InFlightWindow) {
        self.window = set(self.window.clone());
        self.numbers
            .set_max_concurrent_callers(self.window.epochs());
    }

    /// Returns the run-scoped assets.
    pub(crate) const fn assets(&self) -> &RunScopedAssets {
        &self.assets
    }

    /// Returns the allocator of epoch numbers.
    pub(crate) const fn epoch_numbers(&self) -> &EpochNumbers {
        &self.numbers
    }

    /// Discards results that were requested ahead and not delivered.
    pub(crate) fn clear(&mut self) {
        self.batches.clear();
    }

    /// Starts a run: makes the assets, and lets epochs be requested.
    ///
    /// # Errors
    /// An asset that cannot be made.
    pub(crate) fn start(&mut self, coordinator: CoordinatorHandle) -> Result<(), RunError> {
        self.assets.start()?;
        self.numbers.open(coordinator);
        Ok(())
    }

    /// Ends a run: closes the assets, and lets no epoch be requested any more.
    ///
    /// # Errors
    /// The first error of an asset that cannot be closed.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.numbers.close();
        let ended = self.assets.end(Vec::new());
        ended.and(self.assets.stop())
    }

    /// Closes the assets of an epoch that is closed; an error takes the place of its value.
    fn close(assets: &mut RunScopedAssets, mut outcome: EpochResult) -> EpochResult {
        if let Err(error) = assets.end(std::mem::take(&mut outcome.replaced)) {
            outcome.returned = outcome.returned.and(Err(error));
        }
        outcome
    }

    /// Blocks until every requested epoch is closed; the results are still to be delivered.
    pub(crate) fn wait_for_open(&mut self) {
        for batch in &mut self.batches {
            for number in batch.due..batch.end {
                let outcome = batch.wait(number);
                let outcome = Self::close(&mut self.assets, outcome);
                batch.insert(outcome);
            }
        }
    }

    fn outstanding(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| u64::from(batch.end - batch.due))
            .sum()
    }

    /// Returns the value of an epoch, if the epoch is closed and known.
    pub(crate) fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        let number = match epoch {
            None => return self.last.as_ref().and_then(|(_, value)| value.clone()),
            Some(epoch) if epoch.is_root() => epoch.number(),
            Some(_) => return None,
        };
        if let Some((last, value)) = &self.last
            && *last == number
        {
            return value.clone();
        }
        let batch = self
            .batches
            .iter_mut()
            .find(|batch| (batch.due..batch.end).contains(&number))?;
        batch.drain_arrived();
        let outcome = batch.place(number).as_ref()?;
        outcome.returned.as_ref().ok()?.clone()
    }

    /// Blocks until the lowest requested epoch is closed; `None` if none is requested.
    fn next_result(&mut self) -> Option<EpochResult> {
        let batch = self.batches.front_mut()?;
        let outcome = Self::close(&mut self.assets, batch.wait_for_due());
        if batch.due == batch.end {
            self.batches.pop_front();
        }
        match outcome.returned {
            // All epochs that were requested after this one are exhausted as well.
            Err(RunError::Exhausted) => self.batches.clear(),
            // All epochs after this one were taken back as well: none was requested.
            Err(RunError::Closed {
                reason: ClosedReason::Stopped,
            }) => {
                self.batches.clear();
                return None;
            }
            _ => {}
        }
        Some(self.on_result(outcome))
    }

    fn on_result(&mut self, outcome: EpochResult) -> EpochResult {
        self.window.on_epoch_closed(outcome.bytes);
        self.last = Some((
            outcome.number,
            outcome.returned.as_ref().ok().cloned().flatten(),
        ));
        outcome
    }

    /// Runs one epoch, with inputs of its own if there are some.
    pub(crate) fn process(&mut self, inputs: EpochInputs) -> Result<Option<Value>, RunError> {
        if inputs.given().is_empty()
            && let Some(outcome) = self.next_result()
        {
            return outcome.returned;
        }
        if !self.assets.is_empty() {
            // A shared object is the same in all epochs or made for each, so that at most one epoch
            // may be open.
            self.wait_for_open();
        }
        let values = self.assets.begin()?;
        let (reply, queue) = mpsc::channel();
        let taken = self.numbers.allocate(1, move |coordinator, taken| {
            coordinator.submit(
                taken.start,
                &inputs,
                &values,
                CompletionSender::Queue(reply),
            );
        })?;
        let mut batch = EpochBatch::new(taken, queue);
        let outcome = Self::close(&mut self.assets, batch.wait_for_due());
        self.on_result(outcome).returned
    }

    /// Runs `n` epochs, or all, and passes their values to `each`; returns how many epochs ran.
    pub(crate) fn run_each(
        &mut self,
        config: &PipelineConfig,
        n: Option<u64>,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        // A tube in which nothing can run never exhausts its sources: without a number it would run
        // for ever.
        let mut left = n.unwrap_or(if config.can_run { u64::MAX } else { 0 });
        let mut lived = 0;
        let outcome = loop {
            if config.stopper.take() {
                left = left.min(self.outstanding());
            }
            self.request_ahead(left)?;
            if left == 0 {
                break Ok(());
            }
            left -= 1;
            let Some(outcome) = self.next_result() else {
                break Ok(());
            };
            lived += u64::from(outcome.lived);
            match outcome.returned {
                Ok(Some(value)) => {
                    if each(value).is_break() {
                        break Ok(());
                    }
                }
                Ok(None) => {}
                Err(RunError::Exhausted) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.numbers.tell(Coordinator::stop);
        outcome.map(|()| lived)
    }

    /// Returns the next item for a reader; `None` at the end.
    pub(crate) fn read(
        &mut self,
        config: &PipelineConfig,
        reading: &mut ResultReader,
    ) -> Option<Result<Value, RunError>> {
        loop {
            if config.stopper.take() {
                reading.end();
            }
            let needs = reading.needs();
            if let Err(error) = self.request_ahead(needs) {
                reading.end();
                return Some(Err(error));
            }
            if needs == 0 {
                return None;
            }
            let outcome = self.next_result()?;
            if let Some(item) = reading.on_result(outcome.returned, outcome.exhausted) {
                return Some(item);
            }
        }
    }

    /// Requests as many epochs as are needed and as fit in the window.
    ///
    /// A message requests at least half a window, so that a reader does not cost a message per
    /// epoch.
    fn request_ahead(&mut self, needs: u64) -> Result<(), RunError> {
        let outstanding = self.outstanding();
        let needs = needs.saturating_sub(outstanding);
        // A shared object is the same in the next epoch, or made for each: one epoch at a time.
        let window = if self.assets.is_empty() {
            self.window.limit()
        } else {
            1
        };
        let n = window.saturating_sub(outstanding).min(needs);
        if n == 0 || n < needs.min(window.div_ceil(2)) {
            return Ok(());
        }
        let (reply, queue) = mpsc::channel();
        let values = self.assets.begin()?;
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let taken = self.numbers.allocate(n, move |coordinator, taken| {
            coordinator.request_epochs(taken, &values, &reply);
        })?;
        self.batches.push_back(EpochBatch::new(taken, queue));
        Ok(())
    }
}
