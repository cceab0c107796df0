//! Calls of a node: the arguments and the result.
//!
//! `#[node]` generates code that reads the arguments from a [`Call`] (of a function, or a method of
//! a class) or from [`Params`] (of a source, or `fn new` of a class).

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::argument::shown;
use super::{
    Argument, EventMap, FromArgument, Inputs, NodeError, NodeType, Output, Outputs, RemainingSlots,
};
use crate::graph::{Emit, Epoch, Map, Number, Value, dense};

/// A call of a node: its arguments, and what the node emits.
///
/// The value of an argument is what feeds the slot by name, or else by position, or else what
/// `params` set, or else the default of the argument.
#[derive(Debug)]
pub struct Call<'a> {
    node: &'static NodeType,
    inputs: &'a Inputs,
    params: &'a Map,
    /// The values of `params`, by slot.
    params_by_slot: &'a [Option<Value>],
    outputs: &'a mut Outputs,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        node: &'static NodeType,
        inputs: &'a Inputs,
        (params, params_by_slot): (&'a Map, &'a [Option<Value>]),
        outputs: &'a mut Outputs,
    ) -> Self {
        Self {
            node,
            inputs,
            params,
            params_by_slot,
            outputs,
        }
    }

    /// Returns the type of the node.
    #[must_use]
    pub const fn node(&self) -> &'static NodeType {
        self.node
    }

    /// Returns the epoch of the call.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.inputs.epoch
    }

    /// Returns the argument for the slot with this number (from 0).
    #[must_use]
    pub fn argument(&self, index: usize) -> ArgumentValue<'a> {
        let declared = self.node.slots.get(index);
        let named = declared.and_then(|slot| self.inputs.named.get(slot.name));
        ArgumentValue {
            node: self.node,
            what: "slot",
            index,
            declared,
            value: named
                .or_else(|| self.inputs.positional.get(index))
                .or_else(|| self.params_by_slot.get(index)?.as_ref()),
        }
    }

    /// Returns the values of slots that the node does not name, in the order of the file, after the
    /// values that `params` set under such names.
    ///
    /// # Errors
    /// A value has another type; the text names the node type, the slot, the type and the value.
    pub fn rest<R: RemainingSlots<Item: FromArgument>>(&self) -> Result<R, NodeError> {
        let named = &self.inputs.named;
        let set = self.params.iter().map(|(name, value)| (&**name, value));
        let fed = named.iter().map(|(name, value)| (&**name, value));
        let values = set.filter(|(name, _)| !named.contains_key(name)).chain(fed);
        remaining(
            self.node,
            "slot",
            self.node.slots,
            self.node.more_slots,
            values,
        )
    }

    /// Returns the value that feeds the slot of this name, if there is one.
    #[must_use]
    pub fn named(&self, slot: &str) -> Option<&'a Value> {
        self.inputs.named.get(slot)
    }

    /// Returns the values by position beyond the slots of the type; see
    /// [`NodeType::more_positional`].
    #[must_use]
    pub fn more_positional(&self) -> &'a [Value] {
        let positional = &self.inputs.positional;
        positional.get(self.node.slots.len()..).unwrap_or_default()
    }

    /// Returns the `params` of the node as written in the tube.
    #[must_use]
    pub const fn params(&self) -> &'a Map {
        self.params
    }

    /// Emits on a signal that follows from the `params`; see [`NodeType::shape`].
    pub fn emit_on(&mut self, signal: &str, emit: Emit<Value>) {
        self.outputs.emit(signal.to_owned(), emit);
    }

    /// Returns the events of this call; empty unless the type of the node requests events.
    #[must_use]
    pub fn events(&self) -> EventMap {
        EventMap::new(&self.inputs.events, self.node.slots)
    }

    /// Emits the result of the call.
    ///
    /// # Errors
    /// The result cannot be converted to a [`Value`]; the text names the node type and the signal.
    pub fn emit<T: Output>(&mut self, result: T) -> Result<(), NodeError> {
        result.emit(self.node, self.outputs)
    }
}

/// The `params` of a tube, as the arguments of a source or of `fn new` of a class.
#[derive(Debug)]
pub struct Params<'a> {
    node: &'static NodeType,
    params: &'a Map,
}

impl<'a> Params<'a> {
    pub(super) fn new(node: &'static NodeType, params: &'a Map) -> Self {
        Self { node, params }
    }

    /// Returns the argument for the parameter with this number (from 0).
    #[must_use]
    pub fn argument(&self, index: usize) -> ArgumentValue<'a> {
        let declared = self.node.params.get(index);
        ArgumentValue {
            node: self.node,
            what: "parameter",
            index,
            declared,
            value: declared.and_then(|param| self.params.get(param.name)),
        }
    }

    /// Returns the parameters that the node does not name.
    ///
    /// # Errors
    /// A value has another type; the text names the node type, the parameter, the type and the
    /// value.
    pub fn rest<R: RemainingSlots<Item: FromArgument>>(&self) -> Result<R, NodeError> {
        let values = self.params.iter().map(|(name, value)| (&**name, value));
        let node = self.node;
        remaining(node, "parameter", node.params, node.more_params, values)
    }
}

/// An argument of a call, with its value if there is one.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentValue<'a> {
    node: &'static NodeType,
    /// `slot` or `parameter`, for messages.
    what: &'static str,
    index: usize,
    declared: Option<&'static Argument>,
    value: Option<&'a Value>,
}

impl<'a> ArgumentValue<'a> {
    /// Returns the value.
    ///
    /// # Errors
    /// There is no value, or it is not a `T`; the text names the node type, the slot or parameter,
    /// the type and the value.
    pub fn required<T: FromArgument>(self) -> Result<T, NodeError> {
        match self.value {
            Some(value) => self.convert(value),
            None => Err(self.missing(self.declared()?)),
        }
    }

    /// Returns the value, or `default` if there is none.
    ///
    /// # Errors
    /// As [`required`](Self::required), except that the value may be missing.
    pub fn or<T: FromArgument>(self, default: impl FnOnce() -> T) -> Result<T, NodeError> {
        match self.value {
            Some(value) => self.convert(value),
            None => self.declared().map(|_| default()),
        }
    }

    /// Returns the value, if there is one; `null` counts as none.
    ///
    /// # Errors
    /// As [`required`](Self::required), except that the value may be missing.
    pub fn optional<T: FromArgument>(self) -> Result<Option<T>, NodeError> {
        match self.value {
            None | Some(Value::Null) => self.declared().map(|_| None),
            Some(value) => self.convert(value).map(Some),
        }
    }

    /// Returns the numbers of the value: those of the value itself if they lie side by side in it,
    /// as those of bytes, a packed list and a tensor with one axis do, or else a copy.
    ///
    /// # Errors
    /// As [`required`](Self::required).
    pub fn slice<N: Number + DeserializeOwned>(self) -> Result<Cow<'a, [N]>, NodeError> {
        match self.value.and_then(dense::borrow) {
            Some(numbers) => Ok(Cow::Borrowed(numbers)),
            None => self.required().map(Cow::Owned),
        }
    }

    /// Returns the numbers of the value, if there is one; `null` counts as none.
    ///
    /// # Errors
    /// As [`optional`](Self::optional).
    pub fn optional_slice<N: Number + DeserializeOwned>(
        self,
    ) -> Result<Option<Cow<'a, [N]>>, NodeError> {
        match self.value {
            None | Some(Value::Null) => self.declared().map(|_| None),
            Some(_) => self.slice().map(Some),
        }
    }

    fn declared(&self) -> Result<&'static Argument, NodeError> {
        self.declared.ok_or_else(|| {
            NodeError::new(format!(
                "node type `{}` has no argument number {}",
                self.node.name(),
                self.index
            ))
        })
    }

    fn convert<T: FromArgument>(&self, value: &Value) -> Result<T, NodeError> {
        let declared = self.declared()?;
        convert(
            self.node,
            self.what,
            (declared.name, declared.type_name),
            value,
        )
    }

    fn missing(&self, argument: &Argument) -> NodeError {
        let (what, node) = (self.what, self.node.name());
        let Argument {
            name, type_name, ..
        } = argument;
        let reason = match what {
            "slot" => "has no value: feed it in `depends`, or set it in `params`",
            _ => "is not given: set it in `params`",
        };
        NodeError::new(format!(
            "{what} `{name}` of `{node}` (`{type_name}`) {reason}"
        ))
    }
}

/// Converts the values whose names are not among `declared`.
fn remaining<'v, R: RemainingSlots<Item: FromArgument>>(
    node: &NodeType,
    what: &str,
    declared: &[Argument],
    rest: Option<&Argument>,
    values: impl Iterator<Item = (&'v str, &'v Value)>,
) -> Result<R, NodeError> {
    let type_name = rest.map_or("nothing", |rest| rest.type_name);
    values
        .filter(|(name, _)| declared.iter().all(|argument| argument.name != *name))
        .map(|(name, value)| {
            let value = convert(node, what, (name, type_name), value)?;
            Ok((name.to_owned(), value))
        })
        .collect()
}

fn convert<T: FromArgument>(
    node: &NodeType,
    what: &str,
    (name, type_name): (&str, &str),
    value: &Value,
) -> Result<T, NodeError> {
    T::from_value(value).map_err(|error| {
        NodeError::from(error).context(format!(
            "{what} `{name}` of `{}` takes `{type_name}`, not {}",
            node.name(),
            shown(value)
        ))
    })
}
