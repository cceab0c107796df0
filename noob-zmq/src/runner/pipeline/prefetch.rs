//! The caller's side of runners that have several epochs open at once: asks for epochs ahead of the reader, and hands them over in their order.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc;

use super::epoch_numbers::{CoordinatorHandle, EpochNumbers};
use super::in_flight::InFlightWindow;
use super::iter::ResultReader;
use crate::graph::{Epoch, Value};
use crate::runner::assets::RunScopedAssets;
use crate::runner::coordinator::{CompletionSender, EpochResult};
use crate::runner::inputs::EpochInputs;
use crate::runner::{ClosedReason, RunError, Stopper};

/// What a run goes by.
#[derive(Debug, Clone)]
pub(crate) struct PipelineConfig {
    /// Whether there is a node that can run.
    pub(crate) can_run: bool,
    pub(crate) stopper: Stopper,
}

/// The epochs that were asked for and not handed over, and the assets that they are given.
#[derive(Debug)]
pub(crate) struct Pipeline<D> {
    assets: RunScopedAssets,
    numbers: EpochNumbers<D>,
    /// How many epochs may be open, or over and not taken.
    window: InFlightWindow,
    batches: VecDeque<EpochBatch>,
    /// What was handed over last.
    last: Option<(u32, Option<Value>)>,
}

/// Epochs that were asked for in one go.
#[derive(Debug)]
struct EpochBatch {
    /// The lowest that was not handed over.
    due: u32,
    /// The one after the last.
    end: u32,
    queue: mpsc::Receiver<EpochResult>,
    arrived: BTreeMap<u32, EpochResult>,
}

impl EpochBatch {
    /// Waits until this epoch is over.
    fn wait(&mut self, number: u32) -> EpochResult {
        loop {
            if let Some(outcome) = self.arrived.remove(&number) {
                return outcome;
            }
            match self.queue.recv() {
                Ok(outcome) => drop(self.arrived.insert(outcome.number, outcome)),
                Err(_) => {
                    return EpochResult {
                        number,
                        returned: Err(RunError::closed(ClosedReason::ThreadEnded)),
                        lived: false,
                        exhausted: false,
                        bytes: 0,
                        replaced: Vec::new(),
                    };
                }
            }
        }
    }

    fn drain_arrived(&mut self) {
        let came = self.queue.try_iter();
        self.arrived
            .extend(came.map(|outcome| (outcome.number, outcome)));
    }
}

impl<D> Default for Pipeline<D> {
    fn default() -> Self {
        Self {
            assets: RunScopedAssets::default(),
            numbers: EpochNumbers::default(),
            window: InFlightWindow::default(),
            batches: VecDeque::new(),
            last: None,
        }
    }
}

impl<D> Pipeline<D> {
    /// For a tube with these assets, which are made when it is started.
    pub(crate) fn new(assets: RunScopedAssets) -> Self {
        Self {
            assets,
            ..Self::default()
        }
    }

    /// The same with a window.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(InFlightWindow) -> InFlightWindow) {
        self.window = set(self.window.clone());
        self.numbers
            .set_max_concurrent_callers(self.window.epochs());
    }

    /// The assets.
    pub(crate) const fn assets(&self) -> &RunScopedAssets {
        &self.assets
    }

    /// Where epochs get their numbers.
    pub(crate) const fn epoch_numbers(&self) -> &EpochNumbers<D> {
        &self.numbers
    }

    /// What was fetched and not taken is gone.
    pub(crate) fn clear(&mut self) {
        self.batches.clear();
    }

    /// Begins anew: assets are made, and epochs can be asked for.
    ///
    /// # Errors
    /// An asset that cannot be made.
    pub(crate) fn start(&mut self, coordinator: D) -> Result<(), RunError> {
        self.assets.start()?;
        self.numbers.open(coordinator);
        Ok(())
    }

    /// Takes leave of the assets; no epoch can be asked for any more.
    ///
    /// # Errors
    /// What they say.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.numbers.close();
        let ended = self.assets.end(Vec::new());
        ended.and(self.assets.stop())
    }

    /// An epoch is over: its assets are, too.
    fn close(assets: &mut RunScopedAssets, mut outcome: EpochResult) -> EpochResult {
        if let Err(error) = assets.end(std::mem::take(&mut outcome.replaced)) {
            outcome.returned = outcome.returned.and(Err(error));
        }
        outcome
    }

    /// Waits until every epoch that was asked for is over. They are still to be handed over.
    pub(crate) fn wait_for_open(&mut self) {
        for batch in &mut self.batches {
            for number in batch.due..batch.end {
                let outcome = batch.wait(number);
                let outcome = Self::close(&mut self.assets, outcome);
                batch.arrived.insert(number, outcome);
            }
        }
    }

    fn outstanding(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| u64::from(batch.end - batch.due))
            .sum()
    }

    /// What an epoch returned, if that is known.
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
        let outcome = batch.arrived.get(&number)?;
        outcome.returned.as_ref().ok()?.clone()
    }

    /// Waits for the lowest epoch that was asked for; `None` if none is.
    fn next_result(&mut self) -> Option<EpochResult> {
        let batch = self.batches.front_mut()?;
        let number = batch.due;
        let outcome = Self::close(&mut self.assets, batch.wait(number));
        batch.due += 1;
        if batch.due == batch.end {
            self.batches.pop_front();
        }
        if matches!(outcome.returned, Err(RunError::Exhausted)) {
            // The same holds for all that were asked for after it.
            self.batches.clear();
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
}

impl<D: CoordinatorHandle> Pipeline<D> {
    /// One epoch, with inputs of its own if there are some.
    pub(crate) fn process(&mut self, inputs: EpochInputs) -> Result<Option<Value>, RunError> {
        if inputs.given().is_empty()
            && let Some(outcome) = self.next_result()
        {
            return outcome.returned;
        }
        if !self.assets.is_empty() {
            // One epoch at a time.
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
        let number = taken.start;
        let mut batch = EpochBatch {
            due: number,
            end: taken.end,
            queue,
            arrived: BTreeMap::new(),
        };
        let outcome = Self::close(&mut self.assets, batch.wait(number));
        self.on_result(outcome).returned
    }

    /// Runs `n` epochs.
    pub(crate) fn run_each(
        &mut self,
        config: &PipelineConfig,
        n: Option<u64>,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        // Without a number, a tube in which nothing can run has nothing to wait for.
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
        self.numbers.stop();
        outcome.map(|()| lived)
    }

    /// The next value for a reader.
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

    /// Asks for as many epochs as are needed and the window lets, in portions: one message asks for half a window.
    fn request_ahead(&mut self, needs: u64) -> Result<(), RunError> {
        let outstanding = self.outstanding();
        let needs = needs.saturating_sub(outstanding);
        // An object that nodes share is the same in the next epoch, or made for each: one epoch at a time.
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
        self.batches.push_back(EpochBatch {
            due: taken.start,
            end: taken.end,
            queue,
            arrived: BTreeMap::new(),
        });
        Ok(())
    }
}
