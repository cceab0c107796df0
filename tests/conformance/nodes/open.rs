//! Node types that `#[node]` does not support: any number of positional items, and signals by
//! params.

use std::panic::Location;

use noob_zmq::__private::inventory;
use noob_zmq::graph::{Emit, Map, Name, Value, from_value};
use noob_zmq::node::{Argument, Asset, NodeError, NodeType, Shape, Signal};

use super::assets::Counter;
use super::python;

const VALUE: &[Signal] = &[Signal::new("value", "any")];

static PASSTHROUGH: NodeType =
    NodeType::function("passthrough", module_path!(), Location::caller(), |call| {
        let value = call.argument(0).required::<Value>()?;
        let more = Value::from(call.more_positional().to_vec());
        let named: Map = call.rest()?;
        call.emit(Value::from(vec![value, more, named.into()]))
    })
    .named("noob.testing.passthrough")
    .signals(VALUE)
    .arguments(&[Argument::new::<Value>("value", "any")])
    .more_arguments(&Argument::new::<Value>("kwargs", "any"))
    .more_positional();

fn names(params: &Map, of: &str) -> Vec<Name> {
    let names = params.get(of).and_then(Value::as_list).unwrap_or_default();
    names
        .iter()
        .filter_map(|name| name.as_str().map(Name::from))
        .collect()
}

static DYNAMIC_SIGNALS: NodeType = NodeType::function(
    "DynamicSignals",
    module_path!(),
    Location::caller(),
    |call| {
        // The order of the file, as in Python.
        let fed: Map = call.rest()?;
        let signals = names(call.params(), "signals_");
        let slots = names(call.params(), "slots_");
        let mut fed: Vec<Value> = fed
            .into_iter()
            .filter(|(slot, _)| slots.iter().any(|known| **known == **slot))
            .map(|(_, value)| value)
            .collect();
        if signals.len() == 1 {
            // The value of a single signal is not unpacked.
            fed = vec![fed.into()];
        }
        for (signal, value) in signals.iter().zip(fed) {
            call.emit_on(signal, Emit::Value(value));
        }
        Ok(())
    },
)
.named("noob.testing.DynamicSignals")
.params(&[
    Argument::new::<Vec<String>>("signals_", "list").default("[]"),
    Argument::new::<Vec<String>>("slots_", "list").default("[]"),
])
.shape(|params| Shape {
    slots: names(params, "slots_"),
    signals: names(params, "signals_"),
})
.stateful(true);

static ZIP_ITER: NodeType =
    NodeType::function("zip_iter", module_path!(), Location::caller(), |call| {
        let mut values = Vec::new();
        for iterator in call.more_positional() {
            let iterator: Asset<Counter> = from_value(iterator)?;
            let value = iterator.lock().next();
            values.push(value);
        }
        call.emit(values)
    })
    .named("noob.testing.zip_iter")
    .signals(VALUE)
    .more_positional();

/// Node with three signals that emits on two.
static SHORT: NodeType = NodeType::function("short", module_path!(), Location::caller(), |call| {
    let value: Value = call.argument(0).required()?;
    let more = python::add(&value, &Value::Int(1)).map_err(NodeError::new)?;
    call.emit_on("one", Emit::Value(value));
    call.emit_on("two", Emit::Value(more));
    Ok(())
})
.named("gnodes.short")
.signals(&[
    Signal::new("one", "any"),
    Signal::new("two", "any"),
    Signal::new("three", "any"),
])
.arguments(&[Argument::new::<Value>("value", "any")]);

inventory::submit! { &SHORT }
inventory::submit! { &ZIP_ITER }
inventory::submit! { &PASSTHROUGH }
inventory::submit! { &DYNAMIC_SIGNALS }
