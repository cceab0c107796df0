//! `gather`: collects values of several epochs.

use super::items::items;
use crate::graph::coerce;
use crate::graph::{self, Emit, Epoch, Name, Segment, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};

/// The `gather` node, with slots `value`, `n`, `trigger`, params `n`, `flatten`, and signal
/// `value`.
///
/// Every call puts `value` into a buffer that lives as long as the node. With `n` (the param, or
/// the last value of the slot) the buffer is emitted as one list, in the order of the epochs, and
/// emptied as soon as it holds `n` values or more; without `n`, as soon as `trigger` has a value
/// that is not null. Below a `map` the list is emitted in the epoch above. Other calls emit
/// nothing. Where a `map` has no items, a gather whose `n` is their number is called without a
/// value.
#[derive(Debug, Clone, Default)]
pub struct Gather {
    /// The innermost `map` above it.
    map: Option<Name>,
    n: Option<i64>,
    flatten: bool,
    buffer: Vec<(Epoch, Value)>,
}

impl Gather {
    /// Creates a `gather` node with these `params`; `map` is the innermost map above the node, if
    /// there is one.
    ///
    /// # Errors
    /// A param that is unknown, or of the wrong type.
    pub fn new(params: &graph::Map, map: Option<Name>) -> Result<Self, NodeError> {
        let mut gather = Self {
            map,
            ..Self::default()
        };
        for (param, value) in params {
            match (param.as_str(), value) {
                ("n", Value::Null) => {}
                ("n", _) => gather.n = Some(count(value, "param")?),
                ("flatten", _) => {
                    gather.flatten = coerce::truth(value).ok_or_else(|| {
                        NodeError::new(format!(
                            "param `flatten` of a `gather` is `true` or `false`, not `{}`",
                            value.type_name()
                        ))
                    })?;
                }
                _ => {
                    return Err(NodeError::new(format!(
                        "a `gather` has no param `{param}`; it has `n` and `flatten`"
                    )));
                }
            }
        }
        Ok(gather)
    }

    /// Everything in the buffer, as one list.
    fn release(&mut self) -> Result<Value, NodeError> {
        self.buffer.sort_by(|(one, _), (other, _)| one.cmp(other));
        let buffer = self.buffer.drain(..);
        if !self.flatten {
            return Ok(buffer.map(|(_, value)| value).collect());
        }
        let mut flat = Vec::new();
        for (epoch, value) in buffer {
            flat.extend(items(&value)?.ok_or_else(|| {
                NodeError::new(format!(
                    "a `gather` with `flatten` needs values that have items; that of epoch \
                     {epoch} is `{}`",
                    value.type_name()
                ))
            })?);
        }
        Ok(flat.into())
    }
}

impl Node for Gather {
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let counted = inputs.named.get("n").filter(|n| !n.is_null());
        if let Some(n) = counted {
            self.n = Some(count(n, "slot")?);
        }
        let epoch = &inputs.epoch;
        // A map without items makes no sub-epoch: the call is in the epoch itself.
        let is_item = epoch
            .segment()
            .is_some_and(|segment| Some(&segment.node) == self.map.as_ref());
        let triggered = inputs
            .named
            .get("trigger")
            .is_some_and(|trigger| !trigger.is_null());
        if triggered && self.n.is_some() {
            return Err(NodeError::new(
                "a `gather` goes by `trigger` or by `n`, not by both: leave one of them out",
            ));
        }
        let has_no_items = self.map.is_some() && !is_item && counted.is_some();
        match inputs.value() {
            // A node that runs without an item may emit a value, which is not one of the items.
            Some(_) if has_no_items && self.n == Some(0) => {}
            Some(value) => self.buffer.push((epoch.clone(), value.clone())),
            None if has_no_items => {}
            None => {
                return Err(NodeError::new(
                    "slot `value` of a `gather` has no value: feed it in `depends`",
                ));
            }
        }
        let full = self
            .n
            .is_some_and(|n| usize::try_from(n).is_ok_and(|n| self.buffer.len() >= n) || n < 0);
        if !triggered && !full {
            outputs.emit("value", Emit::Nothing);
            return Ok(());
        }
        let list = Emit::Value(self.release()?);
        match epoch.parent().filter(|_| is_item) {
            Some(above) => outputs.emit_in(above, "value", list),
            None => outputs.emit("value", list),
        }
        Ok(())
    }

    /// Removes the values of that epoch, so that no later list contains them.
    fn epoch_failed(&mut self, epoch: u32) {
        self.buffer
            .retain(|(epoch_of_item, _)| epoch_of_item.number() != epoch);
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        if self.map.is_some() && !self.buffer.is_empty() {
            // A snapshot of the whole buffer after each item would make the cost quadratic. An
            // epoch that is not closed runs again from its first item anyway; `restore` rejects
            // values that are left over after the last item.
            return Ok(Some(Value::Null));
        }
        let buffer = self.buffer.iter().map(|(epoch, value)| {
            let path = epoch.path().iter();
            let path: Value = path
                .map(|step| Value::from([Value::from(&*step.node), step.index.into()]))
                .collect();
            Value::from([epoch.number().into(), path, value.clone()])
        });
        let n = self.n.map_or(Value::Null, Value::Int);
        Ok(Some([buffer.collect(), n].into()))
    }

    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        if state.is_null() {
            return Err(NodeError::new(
                "values were left over from the epochs before, for a list with those of this one, \
                 and they went with the process: below a `map`, a `gather` can be started again if \
                 it holds nothing when an epoch ends (feed its `n` from the `n` of the map)",
            ));
        }
        let (buffer, n): State = graph::from_value(state)?;
        let epoch = |root, path: Vec<(String, u32)>| {
            let path = path.into_iter().map(|(node, index)| Segment {
                node: node.into(),
                index,
            });
            Epoch::new(root, path)
        };
        let buffer = buffer.into_iter();
        self.buffer = buffer
            .map(|(root, path, value)| (epoch(root, path), value))
            .collect();
        self.n = n;
        Ok(())
    }
}

/// Epochs and values of a buffer, and the `n` that came last, as a value.
type State = (Vec<(u32, Vec<(String, u32)>, Value)>, Option<i64>);

fn count(value: &Value, what: &str) -> Result<i64, NodeError> {
    coerce::int(value).ok_or_else(|| {
        NodeError::new(format!(
            "{what} `n` of a `gather` is a whole number, not `{}`",
            value.type_name()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Emitted;

    fn gather(params: &[(&str, Value)]) -> Gather {
        Gather::new(
            &params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            Some("m".into()),
        )
        .unwrap()
    }

    fn call(
        gather: &mut Gather,
        epoch: &Epoch,
        slots: &[(&str, Value)],
    ) -> Result<Emitted, String> {
        let inputs = Inputs {
            epoch: epoch.clone(),
            positional: Vec::new(),
            named: slots
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            events: Vec::new(),
        };
        let mut outputs = Outputs::default();
        gather
            .process(&inputs, &mut outputs)
            .map_err(|error| error.to_string())?;
        Ok(outputs.drain().next().unwrap())
    }

    #[test]
    fn n_values_are_emitted_in_epoch_order() {
        let mut by_two = gather(&[("n", 2.into())]);
        assert_eq!(
            call(&mut by_two, &Epoch::root(1), &[("value", 11.into())])
                .unwrap()
                .value,
            Emit::Nothing
        );
        let said = call(&mut by_two, &Epoch::root(0), &[("value", 10.into())]).unwrap();
        assert_eq!(
            (said.value, said.epoch),
            (Emit::Value([10, 11].into()), None)
        );
        assert_eq!(
            call(&mut by_two, &Epoch::root(2), &[("value", 12.into())])
                .unwrap()
                .value,
            Emit::Nothing
        );
    }

    #[test]
    fn slot_n_persists_and_mapped_list_goes_one_epoch_up() {
        let root = Epoch::root(0);
        let mut dynamic = gather(&[]);
        let first = call(
            &mut dynamic,
            &root.child("m", 0),
            &[("value", 1.into()), ("n", 2.into())],
        )
        .unwrap();
        assert_eq!((first.value, first.epoch), (Emit::Nothing, None));
        let said = call(&mut dynamic, &root.child("m", 1), &[("value", 2.into())]).unwrap();
        assert_eq!(
            (said.value, said.epoch),
            (Emit::Value([1, 2].into()), Some(root.clone()))
        );
        // The map `m` is without items, and the one above has items.
        let outer = root.child("outer", 3);
        let said = call(
            &mut dynamic,
            &outer,
            &[("value", 3.into()), ("n", 1.into())],
        )
        .unwrap();
        assert_eq!((said.value, said.epoch), (Emit::Value([3].into()), None));
    }

    #[test]
    fn null_trigger_is_ignored_and_trigger_with_n_rejected() {
        let mut triggered = gather(&[]);
        let root = Epoch::root(0);
        assert_eq!(
            call(
                &mut triggered,
                &root,
                &[("value", 1.into()), ("trigger", Value::Null)]
            )
            .unwrap()
            .value,
            Emit::Nothing
        );
        let said = call(
            &mut triggered,
            &root,
            &[("value", 2.into()), ("trigger", false.into())],
        )
        .unwrap();
        assert_eq!(said.value, Emit::Value([1, 2].into()));
        let error = call(
            &mut gather(&[("n", 3.into())]),
            &root,
            &[("value", 1.into()), ("trigger", 1.into())],
        );
        assert!(error.unwrap_err().contains("not by both"));
    }

    #[test]
    fn values_of_failed_epoch_are_dropped() {
        let mut by_two = gather(&[("n", 2.into())]);
        let put = |node: &mut Gather, number: u32, value: i64| {
            let said = call(node, &Epoch::root(number), &[("value", value.into())]);
            said.unwrap().value
        };
        assert_eq!(put(&mut by_two, 0, 10), Emit::Nothing);
        by_two.epoch_failed(0);
        assert_eq!(put(&mut by_two, 1, 11), Emit::Nothing);
        assert_eq!(put(&mut by_two, 2, 12), Emit::Value([11, 12].into()));
    }

    #[test]
    fn flatten_removes_one_level() {
        let mut flat = gather(&[("n", 0.into()), ("flatten", true.into())]);
        let said = call(
            &mut flat,
            &Epoch::root(0),
            &[("value", [Value::from([1, 2]), 3.into()].into())],
        )
        .unwrap();
        assert_eq!(
            said.value,
            Emit::Value([Value::from([1, 2]), 3.into()].into())
        );
        let error = call(&mut flat, &Epoch::root(0), &[("value", 1.into())]).unwrap_err();
        assert!(
            error.contains("have items") && error.contains("epoch 0"),
            "{error}"
        );
    }

    #[test]
    fn leftover_below_a_map_is_not_restored() {
        let mut first = gather(&[("n", 2.into())]);
        let item = |index| Epoch::root(0).child("m", index);
        call(&mut first, &item(0), &[("value", 1.into())]).unwrap();
        let left_over = first.snapshot().unwrap().unwrap();
        let error = gather(&[]).restore(&left_over).unwrap_err();
        assert!(error.message.contains("left over"), "{}", error.message);
        call(&mut first, &item(1), &[("value", 2.into())]).unwrap();
        let nothing = first.snapshot().unwrap().unwrap();
        assert!(gather(&[]).restore(&nothing).is_ok());
    }

    #[test]
    fn buffer_is_restored_from_snapshot() {
        let above_all_maps = || Gather::new(&graph::Map::new(), None).unwrap();
        let mut first = above_all_maps();
        let root = Epoch::root(7);
        let slots = [("value", Value::from("x")), ("n", 2.into())];
        call(&mut first, &root.child("m", 3), &slots).unwrap();
        let mut second = above_all_maps();
        second.restore(&first.snapshot().unwrap().unwrap()).unwrap();
        assert_eq!((second.buffer.clone(), second.n), (first.buffer, first.n));
        let said = call(&mut second, &root.child("m", 2), &[("value", "y".into())]).unwrap();
        assert_eq!(said.value, Emit::Value(Value::from(["y", "x"])));
        assert!(second.restore(&Value::from("x")).is_err());
    }

    #[test]
    fn invalid_params_are_rejected() {
        for (name, value) in [
            ("n", Value::from("two")),
            ("flatten", 2.into()),
            ("m", 1.into()),
        ] {
            let error =
                Gather::new(&[(name.to_owned(), value)].into_iter().collect(), None).unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }
}
