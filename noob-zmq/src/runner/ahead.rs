//! The caller's side of runners that have several epochs open at once: asks for epochs ahead of the reader, and hands them over in their order.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc;

use super::assets::Assets;
use super::inputs::EpochInputs;
use super::values::Reading;
use super::zmq::engine::{Engine, Orders, Outcome};
use super::{RunError, Stopper};
use crate::graph::{Epoch, Value};

/// How the caller's side reaches the engine.
pub(super) trait Drive {
    /// Has something done with the engine, now or soon.
    ///
    /// # Errors
    /// The engine is gone.
    fn tell(
        &self,
        errand: impl FnOnce(&mut Engine, &dyn Orders) + Send + 'static,
    ) -> Result<(), RunError>;
}

/// What a run goes by.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// How many epochs may be open, or over and not taken.
    pub(super) window: u32,
    /// Whether there is a node that can run.
    pub(super) can_run: bool,
    pub(super) stopper: Stopper,
}

/// The epochs that were asked for and not handed over, and the assets that they are given.
#[derive(Debug)]
pub(super) struct Ahead {
    assets: Assets,
    /// The first epoch that was not asked for.
    next: u32,
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

impl Ahead {
    /// For a tube with these assets, which are made when it is started.
    pub(super) const fn new(assets: Assets) -> Self {
        Self {
            assets,
            next: 0,
            asked: VecDeque::new(),
            last: None,
        }
    }

    /// The assets.
    pub(super) const fn assets(&self) -> &Assets {
        &self.assets
    }

    /// The first epoch that was not asked for. Epochs go on counting when a runner is started again.
    pub(super) const fn next(&self) -> u32 {
        self.next
    }

    /// What was fetched and not taken is gone.
    pub(super) fn clear(&mut self) {
        self.asked.clear();
    }

    /// Begins anew: assets are made.
    ///
    /// # Errors
    /// An asset that cannot be made.
    pub(super) fn start(&mut self) -> Result<(), RunError> {
        self.assets.start()
    }

    /// Takes leave of the assets.
    ///
    /// # Errors
    /// What they say.
    pub(super) fn stop(&mut self) -> Result<(), RunError> {
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
    pub(super) fn settle(&mut self) {
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

    /// One epoch, with inputs of its own if there are some.
    pub(super) fn process(
        &mut self,
        drive: &impl Drive,
        inputs: EpochInputs,
    ) -> Result<Option<Value>, RunError> {
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
        let number = self.next;
        let (reply, queue) = mpsc::channel();
        drive.tell(move |engine, orders| engine.call(orders, number, &inputs, &values, reply))?;
        self.next = number.saturating_add(1);
        let mut asked = Asked {
            due: number,
            end: self.next,
            queue,
            arrived: BTreeMap::new(),
        };
        let outcome = Self::close(&mut self.assets, asked.wait(number));
        self.note(outcome).returned
    }

    /// Runs `n` epochs.
    pub(super) fn run_each(
        &mut self,
        drive: &impl Drive,
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
            self.ask(drive, pace.window, left)?;
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
        let _ = drive.tell(|engine, orders| engine.stop(orders));
        outcome.map(|()| lived)
    }

    /// The next value for a reader.
    pub(super) fn read(
        &mut self,
        drive: &impl Drive,
        pace: &Pace,
        reading: &mut Reading,
    ) -> Option<Result<Value, RunError>> {
        loop {
            if pace.stopper.take() {
                reading.end();
            }
            let needs = reading.needs();
            if let Err(error) = self.ask(drive, pace.window, needs) {
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

    /// What an epoch returned, if that is known.
    pub(super) fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
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

    /// Asks for as many epochs as are needed and the window lets, in portions: one message asks for half a window.
    fn ask(&mut self, drive: &impl Drive, window: u32, needs: u64) -> Result<(), RunError> {
        let outstanding = self.outstanding();
        let needs = needs.saturating_sub(outstanding);
        // An object that nodes share is the same in the next epoch, or made for each: one epoch at a time.
        let window = if self.assets.is_empty() { window } else { 1 };
        let free = u64::from(window.max(1)).saturating_sub(outstanding);
        let n = u32::try_from(free.min(needs)).unwrap_or(window);
        if n == 0 || u64::from(n) < needs.min(u64::from(window.div_ceil(2))) {
            return Ok(());
        }
        let (reply, queue) = mpsc::channel();
        let due = self.next;
        let end = due.saturating_add(n);
        let values = self.assets.begin()?;
        drive.tell(move |engine, orders| engine.ask(orders, due..end, &values, &reply))?;
        self.next = end;
        self.asked.push_back(Asked {
            due,
            end,
            queue,
            arrived: BTreeMap::new(),
        });
        Ok(())
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
        self.last = Some((
            outcome.number,
            outcome.returned.as_ref().ok().cloned().flatten(),
        ));
        outcome
    }
}
