//! `return`: collects the result of an epoch.

use std::sync::Arc;

use crate::graph::{Arguments, Edge, Epoch, Map, Name, SlotRef, Value};

/// The `return` of a tube, which collects the result of an epoch.
///
/// Return is not a [`Node`](crate::node::Node): the runner calls it in each epoch in which it is
/// ready, and takes the result when the root epoch is closed.
///
/// - `depends: a.value` returns the first value;
/// - `depends: [a.value, ..]` returns the list of all values, call after call;
/// - `depends: [{key: a.value}, ..]` returns a mapping of the keys that have a value, in the order
///   of their first arrival: the value, or, of a key with values in several sub-epochs, the list of
///   them in the order of the epochs;
/// - both kinds together return the pair of list and mapping.
#[derive(Debug, Clone, Default)]
pub struct Return {
    scalar: bool,
    positional: Vec<Value>,
    /// Every key that ever had a value, so that a later epoch need not allocate it again.
    keys: Vec<Key>,
    /// Places of the keys that came to something, in the order of their first arrival.
    arrived: Vec<usize>,
    /// The keys of the last result, and where they were found: as a rule the next one has the same.
    blank: Map,
    before: Vec<usize>,
    /// The index at which the next key is expected, since keys arrive in the same order in every
    /// epoch.
    next: usize,
}

/// Values of one key.
#[derive(Debug, Clone)]
struct Key {
    name: Name,
    /// In the order of the epochs.
    values: Vec<(Epoch, Value)>,
}

impl Return {
    /// The `return` node of this name, by the edges of its tube.
    pub fn new<'a>(id: &str, edges: impl IntoIterator<Item = &'a Edge>) -> Self {
        let mut new = Self::default();
        for edge in edges.into_iter().filter(|edge| &*edge.target_node == id) {
            match &edge.target_slot {
                SlotRef::Scalar => new.scalar = true,
                SlotRef::Position(_) => {}
                SlotRef::Name(slot) => {
                    new.place(slot);
                }
            }
        }
        new
    }

    /// Adds the arguments of one call; a value of an epoch that was already received is ignored.
    pub fn call(&mut self, arguments: &mut Arguments) {
        self.positional.append(&mut arguments.positional);
        for argument in arguments.named.drain(..) {
            let place = self.place(&argument.slot);
            let values = &mut self.keys[place].values;
            match values.last() {
                None => {
                    self.arrived.push(place);
                    values.push((argument.epoch, argument.value));
                }
                Some((last, _)) if *last < argument.epoch => {
                    values.push((argument.epoch, argument.value));
                }
                Some(_) => {
                    if let Err(place) =
                        values.binary_search_by(|(epoch, _)| epoch.cmp(&argument.epoch))
                    {
                        values.insert(place, (argument.epoch, argument.value));
                    }
                }
            }
        }
    }

    /// The result of the calls since the last `collect`; `None` if nothing came.
    pub fn collect(&mut self) -> Option<Value> {
        let positional = std::mem::take(&mut self.positional);
        let keyed = self.mapping();
        if self.scalar {
            return positional.into_iter().next();
        }
        match (positional.is_empty(), keyed) {
            (true, None) => None,
            (false, None) => Some(positional.into()),
            (true, Some(keyed)) => Some(keyed),
            (false, Some(keyed)) => Some([Value::from(positional), keyed].into()),
        }
    }

    /// Removes and returns the mapping of the keys with values, if there are any.
    fn mapping(&mut self) -> Option<Value> {
        if self.arrived.is_empty() {
            return None;
        }
        if self.before != self.arrived {
            let names = self.arrived.iter();
            let names = names.map(|place| self.keys[*place].name.to_string());
            self.blank = names.map(|name| (name, Value::Null)).collect();
            self.before.clone_from(&self.arrived);
        }
        let mut mapping = self.blank.clone();
        for (place, slot) in self.arrived.drain(..).zip(mapping.values_mut()) {
            let mut values = self.keys[place].values.drain(..).map(|(_, value)| value);
            *slot = match (values.len(), values.next()) {
                (1, Some(value)) => value,
                (_, first) => first.into_iter().chain(values).collect(),
            };
        }
        Some(mapping.into())
    }

    /// The place of a key.
    fn place(&mut self, name: &Name) -> usize {
        let is = |key: &Key| Arc::ptr_eq(&key.name, name) || key.name == *name;
        let place = match self.keys.get(self.next) {
            Some(key) if is(key) => self.next,
            _ => self.keys.iter().position(is).unwrap_or_else(|| {
                self.keys.push(Key {
                    name: name.clone(),
                    values: Vec::new(),
                });
                self.keys.len() - 1
            }),
        };
        self.next = if place + 1 < self.keys.len() {
            place + 1
        } else {
            0
        };
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Argument;

    fn named(arguments: &[(&str, &Epoch, i64)]) -> Arguments {
        let named = arguments.iter().map(|&(slot, epoch, value)| Argument {
            slot: slot.into(),
            epoch: epoch.clone(),
            value: value.into(),
        });
        Arguments {
            named: named.collect(),
            ..Arguments::default()
        }
    }

    fn positional(values: &[i64]) -> Arguments {
        Arguments {
            positional: values.iter().copied().map(Value::from).collect(),
            ..Arguments::default()
        }
    }

    #[test]
    fn scalar_return_is_the_first_value() {
        let mut ret = Return {
            scalar: true,
            ..Return::default()
        };
        ret.call(&mut positional(&[4]));
        ret.call(&mut positional(&[5]));
        assert_eq!(ret.collect(), Some(4.into()));
        assert_eq!(ret.collect(), None);
    }

    #[test]
    fn positional_values_precede_keyed_ones() {
        let mut ret = Return::default();
        ret.call(&mut positional(&[1, 2]));
        ret.call(&mut positional(&[3]));
        assert_eq!(ret.collect(), Some([1, 2, 3].into()));
        ret.call(&mut positional(&[1]));
        ret.call(&mut named(&[("k", &Epoch::root(0), 2)]));
        let mapping: Value = [("k", 2)].into_iter().collect();
        assert_eq!(ret.collect(), Some([[1].into(), mapping].into()));
    }

    #[test]
    fn key_with_several_items_is_an_ordered_list() {
        let root = Epoch::root(0);
        let item = |index| root.child("m", index);
        let mut ret = Return::default();
        for index in [1, 0, 2] {
            ret.call(&mut named(&[
                ("item", &item(index), i64::from(index)),
                ("whole", &root, 9),
            ]));
        }
        ret.call(&mut named(&[("one", &item(1), 7)]));
        let expected: Value = [
            ("item", [0, 1, 2].into()),
            ("whole", Value::from(9)),
            ("one", 7.into()),
        ]
        .into_iter()
        .collect();
        assert_eq!(ret.collect(), Some(expected));
    }
}
