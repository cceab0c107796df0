//! Values by the names of slots.

use std::sync::Arc;

use super::{Map, Name, Value};

/// Values by slot name, in the order of the file.
///
/// Made for few slots: a lookup compares the name with each of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotValues {
    slots: Vec<(Name, Value)>,
}

impl SlotValues {
    /// The value that came to this slot.
    #[must_use]
    pub fn get(&self, slot: &str) -> Option<&Value> {
        self.slots
            .iter()
            .find(|(name, _)| **name == *slot)
            .map(|(_, value)| value)
    }

    /// Returns whether a slot has a value.
    #[must_use]
    pub fn contains_key(&self, slot: &str) -> bool {
        self.get(slot).is_some()
    }

    /// A value for a slot; the last one counts, in the place of the first.
    pub fn insert(&mut self, slot: impl Into<Name>, value: Value) {
        let slot = slot.into();
        match self
            .slots
            .iter_mut()
            .find(|(name, _)| Arc::ptr_eq(name, &slot) || *name == slot)
        {
            Some((_, old)) => *old = value,
            None => self.slots.push((slot, value)),
        }
    }

    /// Replaces the value at `place`, which is at most one behind the last: a tube feeds a slot
    /// once.
    ///
    /// If the place has the same slot already, as after the previous call of a node, its name is
    /// reused; otherwise everything from there on is removed.
    pub(super) fn put(&mut self, place: usize, slot: &Name, value: Value) {
        match self.slots.get_mut(place) {
            Some((name, old)) if Arc::ptr_eq(name, slot) => *old = value,
            _ => {
                self.slots.truncate(place);
                self.slots.push((slot.clone(), value));
            }
        }
    }

    /// Keeps the first ones.
    pub(super) fn truncate(&mut self, count: usize) {
        self.slots.truncate(count);
    }

    /// Slots and values.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.slots.iter().map(|(name, value)| (name, value))
    }

    /// The values as a mapping.
    #[must_use]
    pub fn to_map(&self) -> Map {
        self.iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect()
    }

    /// Returns the number of slots with a value.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for SlotValues {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(slots: I) -> Self {
        let mut values = Self::default();
        for (slot, value) in slots {
            values.insert(slot, value);
        }
        values
    }
}

impl From<Map> for SlotValues {
    fn from(map: Map) -> Self {
        map.into_iter().collect()
    }
}
