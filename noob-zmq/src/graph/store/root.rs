//! The values of one root epoch: a tree of sub-epochs, used again by later epochs.

use std::ops::Range;

use super::StoredValue;
use crate::graph::Epoch;
use crate::graph::plan::{Plan, number as number_of};

/// The values of a root epoch and its sub-epochs.
#[derive(Debug, Default)]
pub(super) struct Root {
    pub(super) number: u32,
    /// The first `used` ones are in use; the first is the root epoch itself.
    frames: Vec<Frame>,
    used: usize,
    /// The values of all frames, one frame behind the other.
    values: Vec<Option<StoredValue>>,
}

/// The values of the nodes of one level in one epoch.
#[derive(Debug, Default)]
struct Frame {
    /// Range of its values in [`Root::values`].
    values: Range<usize>,
    /// For each level below this one.
    children: Vec<Children>,
}

/// The frames that one `map` makes.
#[derive(Debug, Default)]
struct Children {
    /// Number and frame, by number.
    items: Vec<(u32, u32)>,
    /// The frame of the epoch itself, if the map emitted no items: the nodes below it are called
    /// there.
    own: Option<u32>,
}

impl Root {
    /// Makes it new for another epoch.
    pub(super) fn reset(&mut self, plan: &Plan, number: u32) {
        self.number = number;
        self.clear();
        self.add(plan, 0);
    }

    /// Drops every value.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.used = 0;
    }

    /// The values of a level, as a node in this epoch sees them.
    pub(super) fn values(
        &self,
        plan: &Plan,
        level: u32,
        epoch: &Epoch,
    ) -> Option<&[Option<StoredValue>]> {
        let (frame, _) = self.frame(plan, level, epoch)?;
        self.values.get(self.frames[frame as usize].values.clone())
    }

    /// Returns the frame of a level in or above an epoch, if there is one, and the number of
    /// segments that lead to the frame.
    fn frame(&self, plan: &Plan, level: u32, epoch: &Epoch) -> Option<(u32, usize)> {
        let mut frame = 0;
        let mut segments = 0;
        for &below in &plan.levels[level as usize].chain {
            let child = plan.levels[below as usize].child;
            let children = &self.frames[frame as usize].children[child];
            let segment = epoch.path().get(segments);
            frame = match segment.filter(|segment| plan.is_made_by(below, segment)) {
                Some(segment) => {
                    segments += 1;
                    children.item(segment.index).ok()?
                }
                None => children.own?,
            };
        }
        Some((frame, segments))
    }

    /// Returns the values of a level in this epoch, and creates them if necessary; `None` if the
    /// epoch is not one of that level.
    pub(super) fn values_mut(
        &mut self,
        plan: &Plan,
        level: u32,
        epoch: &Epoch,
    ) -> Option<&mut [Option<StoredValue>]> {
        let frame = match self.frame(plan, level, epoch) {
            Some((frame, segments)) => (segments == epoch.depth()).then_some(frame)?,
            None if plan.segments_at(level, epoch.path()) != epoch.depth() => return None,
            None => self.make(plan, level, epoch),
        };
        let values = self.frames[frame as usize].values.clone();
        self.values.get_mut(values)
    }

    /// Returns the frame of a level in an epoch of that level, and creates the missing frames on
    /// the way.
    fn make(&mut self, plan: &Plan, level: u32, epoch: &Epoch) -> u32 {
        let mut frame = 0;
        let mut segments = 0;
        for &below in &plan.levels[level as usize].chain {
            let child = plan.levels[below as usize].child;
            let segment = epoch.path().get(segments);
            let segment = segment.filter(|segment| plan.is_made_by(below, segment));
            segments += usize::from(segment.is_some());
            let index = segment.map(|segment| segment.index);
            frame = match self.children(frame, child).find(index) {
                Ok(found) => found,
                Err(place) => {
                    let new = self.add(plan, below);
                    self.children(frame, child).insert(index, place, new);
                    new
                }
            };
        }
        frame
    }

    fn children(&mut self, frame: u32, child: usize) -> &mut Children {
        &mut self.frames[frame as usize].children[child]
    }

    /// Adds a frame without values.
    fn add(&mut self, plan: &Plan, level: u32) -> u32 {
        let template = &plan.levels[level as usize];
        if self.used == self.frames.len() {
            self.frames.push(Frame::default());
        }
        let frame = &mut self.frames[self.used];
        frame.values = self.values.len()..self.values.len() + template.signals;
        self.values.resize_with(frame.values.end, || None);
        frame
            .children
            .resize_with(template.children.len(), Children::default);
        for children in &mut frame.children {
            children.items.clear();
            children.own = None;
        }
        self.used += 1;
        number_of(self.used - 1)
    }
}

impl Children {
    /// The frame of an item of the map, or of the epoch itself; else where it belongs.
    fn find(&self, index: Option<u32>) -> Result<u32, usize> {
        match index {
            Some(index) => self.item(index),
            None => self.own.ok_or(0),
        }
    }

    fn item(&self, index: u32) -> Result<u32, usize> {
        match self.items.get(index as usize) {
            // As a rule none is missing.
            Some(&(number, frame)) if number == index => Ok(frame),
            // As a rule they come in their order.
            None if self.items.last().is_none_or(|&(last, _)| last < index) => {
                Err(self.items.len())
            }
            _ => self
                .items
                .binary_search_by_key(&index, |&(number, _)| number)
                .map(|place| self.items[place].1),
        }
    }

    fn insert(&mut self, index: Option<u32>, place: usize, frame: u32) {
        match index {
            Some(index) => self.items.insert(place, (index, frame)),
            None => self.own = Some(frame),
        }
    }
}
