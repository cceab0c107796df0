//! `map`: runs what lies below it once for each item.

use super::items::items;
use crate::graph::{Emit, Name};
use crate::node::{Inputs, Node, NodeError, Outputs};

/// The `map` node.
///
/// Slot `value` takes something with items; the signals are `value`, emitted once for each item in
/// a sub-epoch, and `n`, the number of items. Without items, `value` is nothing and `n` is 0. The
/// items of a list are its elements, of a text its characters, of a mapping its keys, and of bytes
/// their numbers; see also [`set_foreign_items`](super::set_foreign_items).
#[derive(Debug, Clone)]
pub struct Map {
    id: Name,
}

impl Map {
    /// The `map` node of this name in its tube.
    pub fn new(id: impl Into<Name>) -> Self {
        Self { id: id.into() }
    }
}

impl Node for Map {
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let value = inputs.value().ok_or_else(|| {
            NodeError::new("slot `value` of a `map` has no value: feed it in `depends`")
        })?;
        let items = items(value)?.ok_or_else(|| {
            NodeError::new(format!(
                "a `map` needs something that has items (a list, a text, a mapping, bytes), not \
                 `{}`",
                value.type_name()
            ))
        })?;
        let count = items.len();
        if count == 0 {
            outputs.emit("value", Emit::Nothing);
        }
        for (index, item) in items.into_iter().enumerate() {
            let index = u32::try_from(index)
                .map_err(|_| NodeError::new(format!("a `map` can have 2^32 items, not {count}")))?;
            let epoch = inputs.epoch.child(self.id.clone(), index);
            outputs.emit_in(epoch, "value", Emit::Value(item));
        }
        outputs.emit("n", Emit::Value(count.into()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Epoch, Value};

    fn said(value: Value) -> Result<Vec<String>, String> {
        let inputs = Inputs {
            epoch: Epoch::root(3),
            positional: Vec::new(),
            named: [("value".to_owned(), value)].into_iter().collect(),
            events: Vec::new(),
        };
        let mut outputs = Outputs::default();
        Map::new("m")
            .process(&inputs, &mut outputs)
            .map_err(|error| error.to_string())?;
        let text = |said: &crate::node::Emitted| {
            let epoch = said
                .epoch
                .as_ref()
                .map_or_else(|| "here".into(), ToString::to_string);
            let value = said
                .value
                .as_ref()
                .value()
                .map_or_else(|| "nothing".into(), ToString::to_string);
            format!("{} {epoch} {value}", said.signal)
        };
        Ok(outputs.emitted().iter().map(text).collect())
    }

    #[test]
    fn items_go_to_sub_epochs_and_count_follows() {
        let expected = ["value (3, ('m', 0)) 5", "value (3, ('m', 1)) 6", "n here 2"];
        assert_eq!(said([5, 6].into()).unwrap(), expected);
    }

    #[test]
    fn map_without_items_emits_their_number() {
        assert_eq!(
            said(Value::from("")).unwrap(),
            ["value here nothing", "n here 0"]
        );
    }

    #[test]
    fn items_of_texts_mappings_and_bytes_are_mapped() {
        let keys: Value = [("a", 1), ("b", 2)].into_iter().collect();
        for value in [Value::from("äb"), keys, Value::Bytes(vec![1, 2].into())] {
            assert_eq!(said(value).unwrap().len(), 3);
        }
        let error = said(Value::Int(4)).unwrap_err();
        assert!(
            error.contains("has items") && error.contains("`int"),
            "{error}"
        );
    }
}
