//! Node types that `#[node]` does not write: of any number of positional items, and of signals that follow from the params.

use noob_zmq::__private::inventory;
use noob_zmq::graph::{Emit, Map, Name, Value, from_value};
use noob_zmq::node::{Argument, Asset, Location, NodeType, Registered, Shape, Signal};

use super::assets::Counter;

const VALUE: &[Signal] = &[Signal::new("value", "any")];

static PASSTHROUGH: NodeType =
    NodeType::function("passthrough", module_path!(), Location::here(), |call| {
        let value = call.slot::<Value>(0)?;
        let more = Value::from(call.more_positional().to_vec());
        let named: Map = call.rest()?;
        call.say(Value::from(vec![value, more, named.into()]))
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

static DYNAMIC_SIGNALS: NodeType =
    NodeType::function("DynamicSignals", module_path!(), Location::here(), |call| {
        let fed: Vec<Value> = names(call.params(), "slots_")
            .iter()
            .filter_map(|slot| call.named(slot).cloned())
            .collect();
        for (signal, value) in names(call.params(), "signals_").iter().zip(fed) {
            call.say_on(signal, Emit::Value(value));
        }
        Ok(())
    })
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
    NodeType::function("zip_iter", module_path!(), Location::here(), |call| {
        let mut values = Vec::new();
        for iterator in call.more_positional() {
            let iterator: Asset<Counter> = from_value(iterator)?;
            let value = iterator.lock().next();
            values.push(value);
        }
        call.say(values)
    })
    .named("noob.testing.zip_iter")
    .signals(VALUE)
    .more_positional();

inventory::submit! { Registered(&ZIP_ITER) }
inventory::submit! { Registered(&PASSTHROUGH) }
inventory::submit! { Registered(&DYNAMIC_SIGNALS) }
