//! Inputs of calls where nodes share objects: the command node sends them when it is the node's
//! turn to hold the objects.
//!
//! A state machine without sockets, driven by the event loop of the node process.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Epoch, Object, SharedTypes};
use crate::node::{Inputs, NodeError};
use crate::runner::assets::ObjectTable;
use crate::wire::Lend;

/// Inputs that the command node has sent, and calls that wait for theirs.
#[derive(Debug)]
pub(super) struct LeasedInputs {
    /// Types of the objects.
    types: SharedTypes,
    /// Inputs of calls that are due, run, or are yet to become due.
    leases: BTreeMap<Epoch, (Inputs, ObjectTable)>,
    /// Calls that are due and whose inputs have not come.
    waiting: BTreeSet<Epoch>,
}

impl LeasedInputs {
    /// Returns an empty table, for objects of these types.
    pub(super) fn new(types: SharedTypes) -> Self {
        Self {
            types,
            leases: BTreeMap::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Returns the inputs of a call that is due, if they are here.
    pub(super) fn on_due(&mut self, epoch: Epoch) -> Option<Inputs> {
        let here = self.leases.get(&epoch).map(|(inputs, _)| inputs.clone());
        if here.is_none() {
            self.waiting.insert(epoch);
        }
        here
    }

    /// Takes the inputs of a call in place of those of the store (`inputs`); returns them if the
    /// call is due.
    ///
    /// # Errors
    /// An object that cannot be made from its data, with the epoch that fails.
    pub(super) fn on_lend(
        &mut self,
        lend: Lend,
        mut inputs: Inputs,
    ) -> Result<Option<Inputs>, (Epoch, NodeError)> {
        let epoch = lend.epoch;
        if self.leases.contains_key(&epoch) {
            // Sent again, for another node that has missed it.
            return Ok(None);
        }
        let mut objects = ObjectTable::default();
        let failed = |error| (epoch.clone(), error);
        inputs.positional.clear();
        for value in &lend.positional {
            let value = objects
                .rehydrate(value, &self.types, &|_| false)
                .map_err(failed)?;
            inputs.positional.push(value);
        }
        for (slot, value) in &lend.named {
            let value = objects
                .rehydrate(value, &self.types, &|_| false)
                .map_err(failed)?;
            inputs.named.insert(slot.as_str(), value);
        }
        let due = self.waiting.remove(&epoch).then(|| inputs.clone());
        self.leases.insert(epoch, (inputs, objects));
        Ok(due)
    }

    /// Returns the objects that an ended call held, by their ids.
    pub(super) fn return_objects(&mut self, epoch: &Epoch) -> Vec<Object> {
        let Some((_, objects)) = self.leases.get(epoch) else {
            return Vec::new();
        };
        let mut held: Vec<Object> = objects.iter().cloned().collect();
        held.sort_by_key(Object::id);
        held
    }

    /// Discards the inputs of a closed root epoch.
    pub(super) fn discard(&mut self, number: u32) {
        self.leases.retain(|epoch, _| epoch.number() != number);
        self.waiting.retain(|epoch| epoch.number() != number);
    }
}
