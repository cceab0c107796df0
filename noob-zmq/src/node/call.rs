//! How a call reads its arguments and says its results; what `#[node]` writes is in these words.

use super::{
    Argument, EventMap, FromArgument, Inputs, NodeError, NodeType, Output, Outputs, RemainingSlots,
};
use crate::graph::{Emit, Epoch, Map, Name, Value};

/// One call of a node: its arguments, and what it says.
///
/// An argument is what feeds the slot by name, or by position, or else what `params` say, or else its default.
#[derive(Debug)]
pub struct Call<'a> {
    node: &'static NodeType,
    inputs: &'a Inputs,
    params: &'a Map,
    /// What `params` say, by slot.
    set: &'a [Option<Value>],
    outputs: &'a mut Outputs,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        node: &'static NodeType,
        inputs: &'a Inputs,
        (params, set): (&'a Map, &'a [Option<Value>]),
        outputs: &'a mut Outputs,
    ) -> Self {
        Self {
            node,
            inputs,
            params,
            set,
            outputs,
        }
    }

    /// The type of the node.
    #[must_use]
    pub const fn node(&self) -> &'static NodeType {
        self.node
    }

    /// The epoch of the call.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.inputs.epoch
    }

    /// The value of the slot of this number (from 0).
    ///
    /// # Errors
    /// The slot has no value, or one that is no `T`; the text names the node type, the slot, the type and what was found.
    pub fn slot<T: FromArgument>(&self, index: usize) -> Result<T, NodeError> {
        let slot = self.declared(index)?;
        let value = self
            .find(index, slot)
            .ok_or_else(|| missing(self.node, "slot", slot))?;
        convert(self.node, "slot", slot, value)
    }

    /// The value of the slot of this number, or `default` if it has none.
    ///
    /// # Errors
    /// As [`slot`](Self::slot), except that a value may be missing.
    pub fn slot_or<T: FromArgument>(
        &self,
        index: usize,
        default: impl FnOnce() -> T,
    ) -> Result<T, NodeError> {
        let slot = self.declared(index)?;
        self.find(index, slot).map_or_else(
            || Ok(default()),
            |value| convert(self.node, "slot", slot, value),
        )
    }

    /// The value of the slot of this number, if it has one; `null` counts as none.
    ///
    /// # Errors
    /// As [`slot`](Self::slot), except that a value may be missing.
    pub fn slot_optional<T: FromArgument>(&self, index: usize) -> Result<Option<T>, NodeError> {
        let slot = self.declared(index)?;
        match self.find(index, slot) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => convert(self.node, "slot", slot, value).map(Some),
        }
    }

    /// What came to slots that the node does not name, in the order of the file, and behind what `params` set under such names.
    ///
    /// # Errors
    /// A value of another type; the text names the node type, the slot, the type and what was found.
    pub fn rest<R: RemainingSlots<Item: FromArgument>>(&self) -> Result<R, NodeError> {
        let unnamed = |name: &str| self.node.slots.iter().all(|slot| slot.name != name);
        let named = &self.inputs.named;
        let set = self.params.iter().map(|(name, value)| (&**name, value));
        let fed = named.iter().map(|(name, value)| (&**name, value));
        set.filter(|(name, _)| !named.contains_key(name))
            .chain(fed)
            .filter(|(name, _)| unnamed(name))
            .map(|(name, value)| one_of_rest(self.node, "slot", name, self.node.more_slots, value))
            .collect()
    }

    /// What was fed by this name, if something was.
    #[must_use]
    pub fn named(&self, slot: &str) -> Option<&'a Value> {
        self.inputs.named.get(slot)
    }

    /// What was fed by position beyond the slots of the type; see [`NodeType::more_positional`].
    #[must_use]
    pub fn more_positional(&self) -> &'a [Value] {
        let positional = &self.inputs.positional;
        positional.get(self.node.slots.len()..).unwrap_or_default()
    }

    /// What `params` say, as they stand in the tube.
    #[must_use]
    pub const fn params(&self) -> &'a Map {
        self.params
    }

    /// Says something on a signal that follows from the `params`; see [`NodeType::shape`].
    pub fn emit_on(&mut self, signal: &str, emit: Emit<Value>) {
        self.outputs.emit(Name::from(signal), emit);
    }

    /// The events that this call is made of. Empty, unless the type of the node asks for them.
    #[must_use]
    pub fn events(&self) -> EventMap {
        EventMap::new(&self.inputs.events, self.node.slots)
    }

    /// Says the result of the call.
    ///
    /// # Errors
    /// The result cannot be made a [`Value`]; the text names the node type and the signal.
    pub fn emit<T: Output>(&mut self, result: T) -> Result<(), NodeError> {
        result.emit(self.node, self.outputs)
    }

    fn declared(&self, index: usize) -> Result<&'static Argument, NodeError> {
        argument(self.node, self.node.slots, index)
    }

    fn find(&self, index: usize, slot: &Argument) -> Option<&'a Value> {
        self.inputs
            .named
            .get(slot.name)
            .or_else(|| self.inputs.positional.get(index))
            .or_else(|| self.set.get(index)?.as_ref())
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

    /// The parameter of this number (from 0).
    ///
    /// # Errors
    /// It is missing, or no `T`; the text names the node type, the parameter, the type and what was found.
    pub fn param<T: FromArgument>(&self, index: usize) -> Result<T, NodeError> {
        let param = self.declared(index)?;
        let value = self
            .params
            .get(param.name)
            .ok_or_else(|| missing(self.node, "parameter", param))?;
        convert(self.node, "parameter", param, value)
    }

    /// The parameter of this number, or `default` if it is not given.
    ///
    /// # Errors
    /// As [`param`](Self::param), except that it may be missing.
    pub fn param_or<T: FromArgument>(
        &self,
        index: usize,
        default: impl FnOnce() -> T,
    ) -> Result<T, NodeError> {
        let param = self.declared(index)?;
        let given = self.params.get(param.name);
        given.map_or_else(
            || Ok(default()),
            |value| convert(self.node, "parameter", param, value),
        )
    }

    /// The parameter of this number, if it is given; `null` counts as not given.
    ///
    /// # Errors
    /// As [`param`](Self::param), except that it may be missing.
    pub fn param_optional<T: FromArgument>(&self, index: usize) -> Result<Option<T>, NodeError> {
        let param = self.declared(index)?;
        match self.params.get(param.name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => convert(self.node, "parameter", param, value).map(Some),
        }
    }

    /// The parameters that the node does not name.
    ///
    /// # Errors
    /// One of another type; the text names the node type, the parameter, the type and what was found.
    pub fn rest<R: RemainingSlots<Item: FromArgument>>(&self) -> Result<R, NodeError> {
        let unnamed = |name: &str| self.node.params.iter().all(|param| param.name != name);
        self.params
            .iter()
            .filter(|(name, _)| unnamed(name))
            .map(|(name, value)| {
                one_of_rest(self.node, "parameter", name, self.node.more_params, value)
            })
            .collect()
    }

    fn declared(&self, index: usize) -> Result<&'static Argument, NodeError> {
        argument(self.node, self.node.params, index)
    }
}

fn argument(
    node: &NodeType,
    arguments: &'static [Argument],
    index: usize,
) -> Result<&'static Argument, NodeError> {
    arguments.get(index).ok_or_else(|| {
        NodeError::new(format!(
            "node type `{}` has no argument number {index}",
            node.name()
        ))
    })
}

fn missing(node: &NodeType, what: &str, argument: &Argument) -> NodeError {
    let Argument {
        name, type_name, ..
    } = argument;
    let name_of_type = node.name();
    let text = match what {
        "slot" => format!(
            "slot `{name}` of `{name_of_type}` (`{type_name}`) has no value: feed it in `depends`, or set it in `params`"
        ),
        _ => format!(
            "parameter `{name}` of `{name_of_type}` (`{type_name}`) is not given: set it in `params`"
        ),
    };
    NodeError::new(text)
}

fn convert<T: FromArgument>(
    node: &NodeType,
    what: &str,
    argument: &Argument,
    value: &Value,
) -> Result<T, NodeError> {
    named(node, what, argument.name, argument.type_name, value)
}

/// A slot or parameter that the node does not name, as a pair.
fn one_of_rest<T: FromArgument>(
    node: &NodeType,
    what: &str,
    name: &str,
    rest: Option<&Argument>,
    value: &Value,
) -> Result<(String, T), NodeError> {
    let type_name = rest.map_or("nothing", |rest| rest.type_name);
    named(node, what, name, type_name, value).map(|value| (name.to_owned(), value))
}

fn named<T: FromArgument>(
    node: &NodeType,
    what: &str,
    name: &str,
    type_name: &str,
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

/// A value, short enough for one line of an error.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = serde_json::to_string(value).unwrap_or_else(|_| format!("{value:?}"));
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…` ({} bytes)", text.len())
}
