//! The caller's side of runners that have several epochs open at once: asks for epochs ahead of the reader, and hands them over in their order.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc;

use super::epoch_numbers::{Drive, Line};
use super::in_flight::Window;
use super::iter::Reading;
use crate::graph::{Epoch, Value};
use crate::runner::assets::Assets;
use crate::runner::coordinator::{Outcome, Reply};
use crate::runner::inputs::EpochInputs;
use crate::runner::{RunError, Stopper};

/// What a run goes by.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Whether there is a node that can run.
    pub(crate) can_run: bool,
    pub(crate) stopper: Stopper,
}

/// The epochs that were asked for and not handed over, and the assets that they are given.
#[derive(Debug)]
pub(crate) struct Ahead<D> {
    assets: Assets,
    line: Line<D>,
    /// How many epochs may be open, or over and not taken.
    window: Window,
    asked: VecDeque<Asked>,
    /// What was handed over last.
    last: Option<(u32, Option<Value>)>,
}

/// Epochs that were asked for in one go.
#[derive(Debug)]
struct Asked {
    /// The lowest that was not handed over.
    due: u32,
    /// The one after the last.
    end: u32,
    queue: mpsc::Receiver<Outcome>,
    arrived: BTreeMap<u32, Outcome>,
}

impl Asked {
    /// Waits until this epoch is over.
    fn wait(&mut self, number: u32) -> Outcome {
        loop {
            if let Some(outcome) = self.arrived.remove(&number) {
                return outcome;
            }
            match self.queue.recv() {
                Ok(outcome) => drop(self.arrived.insert(outcome.number, outcome)),
                Err(_) => {
                    return Outcome {
                        number,
                        returned: Err(RunError::Closed("its thread has ended".into())),
                        lived: false,
                        exhausted: false,
                        bytes: 0,
                        replaced: Vec::new(),
                    };
                }
            }
        }
    }

    fn look(&mut self) {
        let came = self.queue.try_iter();
        self.arrived
            .extend(came.map(|outcome| (outcome.number, outcome)));
    }
}

impl<D> Default for Ahead<D> {
    fn default() -> Self {
        Self {
            assets: Assets::default(),
            line: Line::default(),
            window: Window::default(),
            asked: VecDeque::new(),
            last: None,
        }
    }
}

impl<D> Ahead<D> {
    /// For a tube with these assets, which are made when it is started.
    pub(crate) fn new(assets: Assets) -> Self {
        Self {
            assets,
            ..Self::default()
        }
    }

    /// The same with a window.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(Window) -> Window) {
        self.window = set(self.window.clone());
        self.line.let_callers(self.window.epochs());
    }

    /// The assets.
    pub(crate) const fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Where epochs get their numbers.
    pub(crate) const fn line(&self) -> &Line<D> {
        &self.line
    }

    /// What was fetched and not taken is gone.
    pub(crate) fn clear(&mut self) {
        self.asked.clear();
    }

    /// Begins anew: assets are made, and epochs can be asked for.
    ///
    /// # Errors
    /// An asset that cannot be made.
    pub(crate) fn start(&mut self, drive: D) -> Result<(), RunError> {
        self.assets.start()?;
        self.line.open(drive);
        Ok(())
    }

    /// Takes leave of the assets; no epoch can be asked for any more.
    ///
    /// # Errors
    /// What they say.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.line.close();
        let ended = self.assets.end(Vec::new());
        ended.and(self.assets.stop())
    }

    /// An epoch is over: its assets are, too.
    fn close(assets: &mut Assets, mut outcome: Outcome) -> Outcome {
        if let Err(error) = assets.end(std::mem::take(&mut outcome.replaced)) {
            outcome.returned = outcome.returned.and(Err(error));
        }
        outcome
    }

    /// Waits until every epoch that was asked for is over. They are still to be handed over.
    pub(crate) fn settle(&mut self) {
        for asked in &mut self.asked {
            for number in asked.due..asked.end {
                let outcome = asked.wait(number);
                let outcome = Self::close(&mut self.assets, outcome);
                asked.arrived.insert(number, outcome);
            }
        }
    }

    fn outstanding(&self) -> u64 {
        self.asked
            .iter()
            .map(|asked| u64::from(asked.end - asked.due))
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
        let asked = self
            .asked
            .iter_mut()
            .find(|asked| (asked.due..asked.end).contains(&number))?;
        asked.look();
        let outcome = asked.arrived.get(&number)?;
        outcome.returned.as_ref().ok()?.clone()
    }

    /// Waits for the lowest epoch that was asked for; `None` if none is.
    fn take(&mut self) -> Option<Outcome> {
        let asked = self.asked.front_mut()?;
        let number = asked.due;
        let outcome = Self::close(&mut self.assets, asked.wait(number));
        asked.due += 1;
        if asked.due == asked.end {
            self.asked.pop_front();
        }
        if matches!(outcome.returned, Err(RunError::Exhausted)) {
            // The same holds for all that were asked for after it.
            self.asked.clear();
        }
        Some(self.note(outcome))
    }

    fn note(&mut self, outcome: Outcome) -> Outcome {
        self.window.over(outcome.bytes);
        self.last = Some((
            outcome.number,
            outcome.returned.as_ref().ok().cloned().flatten(),
        ));
        outcome
    }
}

impl<D: Drive> Ahead<D> {
    /// One epoch, with inputs of its own if there are some.
    pub(crate) fn process(&mut self, inputs: EpochInputs) -> Result<Option<Value>, RunError> {
        if inputs.given().is_empty()
            && let Some(outcome) = self.take()
        {
            return outcome.returned;
        }
        if !self.assets.is_empty() {
            // One epoch at a time.
            self.settle();
        }
        let values = self.assets.begin()?;
        let (reply, queue) = mpsc::channel();
        let taken = self.line.take(1, move |engine, orders, taken| {
            engine.call(orders, taken.start, &inputs, &values, Reply::Queue(reply));
        })?;
        let number = taken.start;
        let mut asked = Asked {
            due: number,
            end: taken.end,
            queue,
            arrived: BTreeMap::new(),
        };
        let outcome = Self::close(&mut self.assets, asked.wait(number));
        self.note(outcome).returned
    }

    /// Runs `n` epochs.
    pub(crate) fn run_each(
        &mut self,
        pace: &Pace,
        n: Option<u64>,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        // Without a number, a tube in which nothing can run has nothing to wait for.
        let mut left = n.unwrap_or(if pace.can_run { u64::MAX } else { 0 });
        let mut lived = 0;
        let outcome = loop {
            if pace.stopper.take() {
                left = left.min(self.outstanding());
            }
            self.ask(left)?;
            if left == 0 {
                break Ok(());
            }
            left -= 1;
            let Some(outcome) = self.take() else {
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
        self.line.stop();
        outcome.map(|()| lived)
    }

    /// The next value for a reader.
    pub(crate) fn read(
        &mut self,
        pace: &Pace,
        reading: &mut Reading,
    ) -> Option<Result<Value, RunError>> {
        loop {
            if pace.stopper.take() {
                reading.end();
            }
            let needs = reading.needs();
            if let Err(error) = self.ask(needs) {
                reading.end();
                return Some(Err(error));
            }
            if needs == 0 {
                return None;
            }
            let outcome = self.take()?;
            if let Some(item) = reading.take(outcome.returned, outcome.exhausted) {
                return Some(item);
            }
        }
    }

    /// Asks for as many epochs as are needed and the window lets, in portions: one message asks for half a window.
    fn ask(&mut self, needs: u64) -> Result<(), RunError> {
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
        let taken = self.line.take(n, move |engine, orders, taken| {
            engine.ask(orders, taken, &values, &reply);
        })?;
        self.asked.push_back(Asked {
            due: taken.start,
            end: taken.end,
            queue,
            arrived: BTreeMap::new(),
        });
        Ok(())
    }
}
