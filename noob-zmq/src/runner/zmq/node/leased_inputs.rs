//! What a hosted node is called with, where nodes share objects: the command node brings it when it is the node's turn.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Epoch, Object};
use crate::node::{Inputs, NodeError};
use crate::runner::assets::ObjectTable;
use crate::wire::Lend;

/// What was brought, and what is waited for.
#[derive(Debug, Default)]
pub(crate) struct LeasedInputs {
    /// Brought, for calls that are due, are made, or are yet to become due.
    lent: BTreeMap<Epoch, (Inputs, ObjectTable)>,
    /// Due, and not brought yet.
    waiting: BTreeSet<Epoch>,
}

impl LeasedInputs {
    /// A call is due: what it is made with, if that is here.
    pub(crate) fn due(&mut self, epoch: Epoch) -> Option<Inputs> {
        let here = self.lent.get(&epoch).map(|(inputs, _)| inputs.clone());
        if here.is_none() {
            self.waiting.insert(epoch);
        }
        here
    }

    /// Something was brought, in the place of what the node knows itself (`inputs`). Gives what a call is made with that is due.
    ///
    /// # Errors
    /// An object that cannot be made again, with the epoch that fails for it.
    pub(crate) fn lent(
        &mut self,
        lend: Lend,
        mut inputs: Inputs,
    ) -> Result<Option<Inputs>, (Epoch, NodeError)> {
        let epoch = lend.epoch;
        if self.lent.contains_key(&epoch) {
            // Brought again, for somebody else's sake.
            return Ok(None);
        }
        let mut objects = ObjectTable::default();
        let failed = |error| (epoch.clone(), error);
        inputs.positional.clear();
        for value in &lend.positional {
            let value = objects.rehydrate(value, &|_| false).map_err(failed)?;
            inputs.positional.push(value);
        }
        for (slot, value) in &lend.named {
            let value = objects.rehydrate(value, &|_| false).map_err(failed)?;
            inputs.named.insert(slot.as_str(), value);
        }
        let due = self.waiting.remove(&epoch).then(|| inputs.clone());
        self.lent.insert(epoch, (inputs, objects));
        Ok(due)
    }

    /// A call was made: the objects that it held.
    pub(crate) fn give_back(&mut self, epoch: &Epoch) -> Vec<Object> {
        let Some((_, objects)) = self.lent.get(epoch) else {
            return Vec::new();
        };
        let mut held: Vec<Object> = objects.iter().cloned().collect();
        held.sort_by_key(Object::id);
        held
    }

    /// A root epoch is over.
    pub(crate) fn forget(&mut self, number: u32) {
        self.lent.retain(|epoch, _| epoch.number() != number);
        self.waiting.retain(|epoch| epoch.number() != number);
    }
}
