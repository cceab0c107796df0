//! `return`: collects the result of an epoch.

use indexmap::IndexMap;

use crate::graph::{Arguments, Edge, Epoch, Name, SlotRef, Value};

/// The `return` of a tube. It is no [`Node`](crate::node::Node): the runner calls it in each epoch in which it is ready,
/// and takes the result when the root epoch has ended.
///
/// - `depends: a.value` gives the first value that came;
/// - `depends: [a.value, ..]` gives the list of all values that came, call after call;
/// - `depends: [{key: a.value}, ..]` gives a mapping of the keys that came to something, in the order of their first arrival:
///   the value, or, of a key that came in several sub-epochs, the list of them in the order of the epochs;
/// - both kinds give the pair of list and mapping.
#[derive(Debug, Clone, Default)]
pub struct Return {
    scalar: bool,
    positional: Vec<Value>,
    /// Each list in the order of the epochs.
    keyed: IndexMap<Name, Vec<(Epoch, Value)>>,
}

impl Return {
    /// The `return` node of this name, by the edges of its tube.
    pub fn new<'a>(id: &str, edges: impl IntoIterator<Item = &'a Edge>) -> Self {
        let scalar = edges
            .into_iter()
            .any(|edge| &*edge.target_node == id && edge.target_slot == SlotRef::Scalar);
        Self {
            scalar,
            ..Self::default()
        }
    }

    /// One call. A key whose value was said in an epoch that was seen already is not taken again.
    pub fn call(&mut self, arguments: Arguments) {
        self.positional.extend(arguments.positional);
        for argument in arguments.named {
            let values = self.keyed.entry(argument.slot).or_default();
            match values.last() {
                Some((last, _)) if *last >= argument.epoch => {
                    if let Err(place) =
                        values.binary_search_by(|(epoch, _)| epoch.cmp(&argument.epoch))
                    {
                        values.insert(place, (argument.epoch, argument.value));
                    }
                }
                _ => values.push((argument.epoch, argument.value)),
            }
        }
    }

    /// The result of the calls since the last `collect`; `None` if nothing came.
    pub fn collect(&mut self) -> Option<Value> {
        let positional = std::mem::take(&mut self.positional);
        let keyed = std::mem::take(&mut self.keyed);
        if self.scalar {
            return positional.into_iter().next();
        }
        match (positional.is_empty(), keyed.is_empty()) {
            (true, true) => None,
            (false, true) => Some(positional.into()),
            (true, false) => Some(mapping(keyed)),
            (false, false) => Some([Value::from(positional), mapping(keyed)].into()),
        }
    }
}

fn mapping(keyed: IndexMap<Name, Vec<(Epoch, Value)>>) -> Value {
    keyed
        .into_iter()
        .map(|(key, mut values)| match values.len() {
            1 => (key.to_string(), values.remove(0).1),
            _ => (
                key.to_string(),
                values.into_iter().map(|(_, value)| value).collect(),
            ),
        })
        .collect()
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
    fn a_scalar_return_gives_the_first_value() {
        let mut ret = Return {
            scalar: true,
            ..Return::default()
        };
        ret.call(positional(&[4]));
        ret.call(positional(&[5]));
        assert_eq!(ret.collect(), Some(4.into()));
        assert_eq!(ret.collect(), None);
    }

    #[test]
    fn positions_are_strung_together_and_go_before_keys() {
        let mut ret = Return::default();
        ret.call(positional(&[1, 2]));
        ret.call(positional(&[3]));
        assert_eq!(ret.collect(), Some([1, 2, 3].into()));
        ret.call(positional(&[1]));
        ret.call(named(&[("k", &Epoch::root(0), 2)]));
        let mapping: Value = [("k", 2)].into_iter().collect();
        assert_eq!(ret.collect(), Some([[1].into(), mapping].into()));
    }

    #[test]
    fn a_key_of_several_items_is_a_list_in_their_order_and_of_one_its_value() {
        let root = Epoch::root(0);
        let item = |index| root.child("m", index);
        let mut ret = Return::default();
        for index in [1, 0, 2] {
            ret.call(named(&[
                ("item", &item(index), i64::from(index)),
                ("whole", &root, 9),
            ]));
        }
        ret.call(named(&[("one", &item(1), 7)]));
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
