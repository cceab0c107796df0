//! State of one open root epoch and its sub-epochs: flat vectors, reused by later epochs.

use crate::graph::Epoch;
use crate::graph::plan::{Call, Level, Plan, number as number_of};

/// Status of a signal in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    /// Received; the nodes that the signal feeds are not updated yet.
    Received,
    Value,
    Nothing,
    /// Never a value and never nothing: a node above is disabled, or was exhausted in an earlier
    /// epoch.
    Never,
}

/// Place of a frame: the slot of its root epoch, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FrameRef {
    pub(super) slot: u32,
    pub(super) frame: u32,
}

impl FrameRef {
    /// Returns the place of a root epoch itself.
    pub(super) const fn root(slot: u32) -> Self {
        Self { slot, frame: 0 }
    }

    /// Returns the place of another frame of the same root epoch.
    pub(super) const fn with_frame(self, frame: u32) -> Self {
        Self { frame, ..self }
    }
}

/// A live root epoch: a tree of frames.
#[derive(Debug, Default)]
pub(super) struct Root {
    pub(super) number: u32,
    /// Frames, of which the first `used` are in use; the first is the root epoch itself, and
    /// parents come before children.
    pub(super) frames: Vec<Frame>,
    pub(super) used: usize,
    /// Calls and statuses of all frames, one frame after the other.
    calls: Vec<Call>,
    statuses: Vec<Status>,
    /// Nodes that may still be called, over all frames.
    pub(super) open: u32,
    /// Gates, one for each stateful node.
    pub(super) gates: Vec<CallGate>,
}

/// The nodes of one level in one epoch.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) level: u32,
    pub(super) epoch: Epoch,
    pub(super) parent: u32,
    /// Number among its siblings.
    pub(super) index: u32,
    /// Offsets of its calls and of its statuses.
    calls: u32,
    statuses: u32,
    /// For each level below this one.
    pub(super) children: Vec<Children>,
}

/// The sub-epochs that one `map` call makes.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// Number and frame, by number.
    pub(super) frames: Vec<(u32, u32)>,
    /// No more will come.
    pub(super) complete: bool,
    /// Whether the map had no items: the one frame has the epoch of its parent.
    pub(super) collapsed: bool,
    /// Progress of each `gather` that leads from the sub-epochs to this epoch.
    pub(super) gathered: Vec<Gathered>,
}

/// Progress of a `gather` over the sub-epochs of one epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gathered {
    /// Number of calls that are not finished.
    pub(super) open: u32,
    /// Number of values that were emitted here by calls which are not identified yet.
    pub(super) unmatched: u32,
    /// Whether a value was emitted here.
    pub(super) emitted: bool,
    /// Whether a call will never be made, because a node above is disabled or was exhausted
    /// earlier.
    pub(super) never: bool,
}

/// Whether a stateful node has its turn in a root epoch, and where.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CallGate {
    /// Whether the node is finished with every earlier epoch.
    pub(super) open: bool,
    /// Whether the node is finished with this epoch.
    pub(super) closed: bool,
    /// Whether the call was dispatched, in the process of the node, which makes calls in the order
    /// of dispatch.
    pub(super) dispatched: bool,
    /// Below the root: the turn is at the child `index` of the frame `parent`,
    pub(super) parent: u32,
    pub(super) index: u32,
    /// Whether the call at that child was offered.
    pub(super) offered: bool,
}

impl CallGate {
    /// Whether the next epoch may have its turn.
    pub(super) const fn admits_next(self) -> bool {
        self.closed || self.dispatched
    }
}

impl Root {
    /// Makes it new for another epoch.
    pub(super) fn reset(&mut self, plan: &Plan, number: u32, gates: usize) {
        self.number = number;
        self.used = 0;
        self.calls.clear();
        self.statuses.clear();
        self.open = 0;
        self.gates.clear();
        self.gates.resize(gates, CallGate::default());
        self.add(plan, 0, Epoch::root(number), 0, 0);
    }

    /// Adds a frame, with everything open.
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        level: u32,
        epoch: Epoch,
        parent: u32,
        index: u32,
    ) -> u32 {
        let template = &plan.levels[level as usize];
        if self.used == self.frames.len() {
            self.frames.push(Frame::default());
        }
        let ix = number_of(self.used);
        self.used += 1;
        self.open += template.open;
        let frame = &mut self.frames[ix as usize];
        frame.level = level;
        frame.epoch = epoch;
        frame.parent = parent;
        frame.index = index;
        frame.calls = number_of(self.calls.len());
        frame.statuses = number_of(self.statuses.len());
        frame.set_children(plan, template);
        self.calls.extend_from_slice(&template.calls);
        let signals = self.statuses.len() + template.signals;
        self.statuses.resize(signals, Status::Open);
        ix
    }

    /// The call of a node in a frame of its level.
    pub(super) fn call(&self, frame: u32, local: u32) -> Call {
        self.calls[(self.frame(frame).calls + local) as usize]
    }

    pub(super) fn call_mut(&mut self, frame: u32, local: u32) -> &mut Call {
        let at = self.frame(frame).calls + local;
        &mut self.calls[at as usize]
    }

    /// Returns the status of a signal in a frame of its level.
    pub(super) fn status(&self, frame: u32, local: u32) -> Status {
        self.statuses[(self.frame(frame).statuses + local) as usize]
    }

    pub(super) fn status_mut(&mut self, frame: u32, local: u32) -> &mut Status {
        let at = self.frame(frame).statuses + local;
        &mut self.statuses[at as usize]
    }

    pub(super) fn frame(&self, ix: u32) -> &Frame {
        &self.frames[ix as usize]
    }

    pub(super) fn frame_mut(&mut self, ix: u32) -> &mut Frame {
        &mut self.frames[ix as usize]
    }

    /// `frame`, if that is the one of this level and epoch, and the epoch is one in memory too.
    pub(super) fn cached_frame(&self, frame: u32, level: u32, epoch: &Epoch) -> Option<u32> {
        let here = self.frames[..self.used].get(frame as usize)?;
        (here.level == level && here.epoch.is_one_with(epoch)).then_some(frame)
    }

    /// The frame of a level above `frame` (or itself).
    pub(super) fn above(&self, mut frame: u32, level: u32) -> u32 {
        while self.frame(frame).level != level && frame != 0 {
            frame = self.frame(frame).parent;
        }
        frame
    }
}

impl Frame {
    fn set_children(&mut self, plan: &Plan, template: &Level) {
        self.children
            .resize_with(template.children.len(), Children::default);
        for (children, &level) in self.children.iter_mut().zip(&template.children) {
            children.reset(&plan.levels[level as usize]);
        }
    }
}

impl Children {
    fn reset(&mut self, level: &Level) {
        self.frames.clear();
        self.complete = false;
        self.collapsed = false;
        self.gathered.clear();
        self.gathered
            .resize(level.gathers.len(), Gathered::default());
    }

    /// The frame of this number.
    pub(super) fn find(&self, index: u32) -> Option<u32> {
        match self.frames.get(index as usize) {
            Some(&(number, frame)) if number == index => Some(frame),
            // As a rule items come in their order, and this is the next one.
            None if self.frames.last().is_none_or(|&(last, _)| last < index) => None,
            _ => {
                let place = self
                    .frames
                    .binary_search_by_key(&index, |&(number, _)| number)
                    .ok()?;
                Some(self.frames[place].1)
            }
        }
    }

    /// The first number from `index` on, and its frame; not past a gap unless no more will come.
    pub(super) fn next(&self, index: u32) -> Option<(u32, u32)> {
        let place = self.place(index);
        self.frames
            .get(place)
            .copied()
            .filter(|&(number, _)| number == index || self.complete)
    }

    pub(super) fn insert(&mut self, index: u32, frame: u32) {
        let place = self.place(index);
        self.frames.insert(place, (index, frame));
    }

    /// Returns the position of the first number from `index` on, which is usually `index` itself,
    /// since items rarely arrive out of order.
    fn place(&self, index: u32) -> usize {
        let before = (index as usize).checked_sub(1);
        let is_there = before.is_none_or(|before| {
            self.frames
                .get(before)
                .is_some_and(|&(number, _)| number == index - 1)
        });
        if is_there {
            return index as usize;
        }
        self.frames.partition_point(|&(number, _)| number < index)
    }
}
