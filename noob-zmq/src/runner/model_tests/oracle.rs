//! The naive evaluator: node after node, each for all items of an epoch at once, straight from the
//! rules.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Feed, Kind, Spec, chain_of, name};
use super::nodes::{Given, answer};
use crate::graph::{Emit, Epoch, Segment, Value};

/// An item: its number at each map that it lies below, except maps that made no items.
type Path = Vec<(usize, u32)>;

/// Evaluates a graph epoch by epoch.
pub(super) struct Oracle<'a> {
    specs: &'a [Spec],
    states: Vec<u64>,
    buffers: Vec<Vec<(Epoch, Value)>>,
    /// Sources that have ended.
    ended: BTreeSet<usize>,
    /// Other nodes that have ended, with the epoch: they emit nothing in later ones.
    silent: BTreeMap<usize, u32>,
}

/// Results of the signals of an epoch, by node, signal and item: a value, or never to anything;
/// those that are missing come to nothing.
type Values = BTreeMap<(usize, usize), BTreeMap<Path, Option<Value>>>;

impl<'a> Oracle<'a> {
    pub(super) fn new(specs: &'a [Spec]) -> Self {
        Self {
            specs,
            states: vec![0; specs.len()],
            buffers: vec![Vec::new(); specs.len()],
            ended: BTreeSet::new(),
            silent: BTreeMap::new(),
        }
    }

    /// Whether a node does not run: it is disabled, or has ended in an earlier epoch.
    fn stopped(&self, node: usize) -> bool {
        !self.specs[node].enabled || self.ended.contains(&node)
    }

    /// Whether a node is stopped, or lies below one that is.
    fn blocked(&self, node: usize) -> bool {
        let spec = &self.specs[node];
        !spec.enabled
            || self.ended.contains(&node)
            || spec.inputs.iter().any(|feed| self.blocked(feed.node))
    }

    /// Whether no source is left, though there was one.
    pub(super) fn exhausted(&self) -> bool {
        let all = 0..self.specs.len();
        !self.ended.is_empty() && all.into_iter().all(|node| self.blocked(node))
    }

    /// The calls of so many epochs, one after the other.
    pub(super) fn epochs(specs: &'a [Spec], epochs: u32) -> Vec<Given> {
        let mut oracle = Self::new(specs);
        (0..epochs).map(|number| oracle.epoch(number)).collect()
    }

    pub(super) fn epoch(&mut self, number: u32) -> Given {
        let mut values = Values::new();
        let mut outcome = Given::new();
        let mut ended = Vec::new();
        for node in 0..self.specs.len() {
            // A disabled node has no edges: it is in no sub-epoch.
            let chain = if self.stopped(node) {
                &[]
            } else {
                self.specs[node].chain.as_slice()
            };
            for item in self.items(&values, chain) {
                self.call(number, node, &item, &mut values, &mut outcome, &mut ended);
            }
        }
        self.ended.extend(ended);
        outcome
    }

    /// The items below these maps, in order.
    fn items(&self, values: &Values, chain: &[usize]) -> Vec<Path> {
        let Some((&map, above)) = chain.split_last() else {
            return vec![Vec::new()];
        };
        let made = values.get(&(map, 0));
        let items = self.items(values, above).into_iter().flat_map(|item| {
            let own = made
                .into_iter()
                .flat_map(BTreeMap::keys)
                .filter(|path| path.starts_with(&item) && path.len() == item.len() + 1);
            let own: Vec<Path> = own.cloned().collect();
            if own.is_empty() { vec![item] } else { own }
        });
        items.collect()
    }

    fn call(
        &mut self,
        number: u32,
        node: usize,
        item: &Path,
        values: &mut Values,
        outcome: &mut Given,
        ended: &mut Vec<usize>,
    ) {
        let spec = &self.specs[node];
        let seen = |feed: &Feed| {
            let chain = chain_of(self.specs, feed.node, feed.signal);
            let path: Path = item
                .iter()
                .copied()
                .filter(|(map, _)| chain.contains(map))
                .collect();
            values
                .get(&(feed.node, feed.signal))
                .and_then(|items| items.get(&path))
                .cloned()
        };
        let given: Vec<Option<Option<Value>>> = spec.inputs.iter().map(seen).collect();
        // A gather whose `n` is the number of items is called without a value where there are none.
        let counted = spec.kind == Kind::Gather { n: None };
        let map = item.last().map(|(map, _)| map);
        let no_items = counted && map != spec.chain.last();
        let missing = |(slot, (feed, value)): (usize, (&Feed, &Option<_>))| {
            feed.required && value.is_none() && !(no_items && slot == 0)
        };
        let stopped = self.stopped(node);
        if !stopped && spec.inputs.iter().zip(&given).enumerate().any(missing) {
            return;
        }
        if stopped || given.contains(&Some(None)) {
            for signal in 0..spec.signals {
                let below = chain_of(self.specs, node, signal);
                let above = item.iter().copied().filter(|(map, _)| below.contains(map));
                values
                    .entry((node, signal))
                    .or_default()
                    .entry(above.collect())
                    .or_insert(None);
            }
            return;
        }
        if self.silent.get(&node).is_some_and(|end| *end < number) {
            return;
        }
        let given: Vec<Option<Value>> = given.into_iter().map(Option::flatten).collect();
        let epoch = epoch(number, item);
        outcome.insert((node, epoch.clone()), given.clone());
        match spec.kind {
            Kind::Map => {
                let list = given[0].as_ref().and_then(Value::as_list).expect("a list");
                for (index, value) in list.iter().enumerate() {
                    let path = [
                        item.as_slice(),
                        &[(node, u32::try_from(index).expect("few"))],
                    ]
                    .concat();
                    values
                        .entry((node, 0))
                        .or_default()
                        .insert(path, Some(value.clone()));
                }
                let count = Value::Int(i64::try_from(list.len()).expect("few"));
                values
                    .entry((node, 1))
                    .or_default()
                    .insert(item.clone(), Some(count));
            }
            Kind::Gather { n } => {
                let buffer = &mut self.buffers[node];
                let n = n.unwrap_or_else(|| {
                    given[1].as_ref().and_then(Value::as_i64).expect("a number")
                });
                if let Some(value) = given[0].clone().filter(|_| n > 0) {
                    buffer.push((epoch, value));
                }
                if i64::try_from(buffer.len()).expect("few") >= n {
                    let mut all = std::mem::take(buffer);
                    all.sort_by(|(one, _), (other, _)| one.cmp(other));
                    let list: Value = all.into_iter().map(|(_, value)| value).collect();
                    let map = spec.chain.last();
                    let above: Path = item
                        .iter()
                        .copied()
                        .filter(|(at, _)| Some(at) != map)
                        .collect();
                    values
                        .entry((node, 0))
                        .or_default()
                        .insert(above, Some(list));
                }
            }
            _ => {
                let said = answer(node, spec, number, &given, &mut self.states[node]);
                for (signal, emit) in said.into_iter().enumerate() {
                    match emit {
                        Emit::Value(value) => {
                            values
                                .entry((node, signal))
                                .or_default()
                                .insert(item.clone(), Some(value));
                        }
                        Emit::Exhausted if spec.kind == Kind::Source => ended.push(node),
                        Emit::Exhausted => {
                            self.silent.insert(node, number);
                        }
                        Emit::Nothing => {}
                    }
                }
            }
        }
    }
}

fn epoch(number: u32, item: &Path) -> Epoch {
    Epoch::new(
        number,
        item.iter().map(|&(map, index)| Segment {
            node: name(map),
            index,
        }),
    )
}
