//! Python's builtins that the recorded tubes use. Their names have no dot, which `#[node]` does not write.

use noob_zmq::__private::inventory;
use noob_zmq::graph::Value;
use noob_zmq::node::{Argument, Call, Location, NodeError, NodeType, Registered, Signal};

const VALUE: &[Signal] = &[Signal::new("value", "any")];

const fn builtin(name: &'static str, call: fn(&mut Call<'_>) -> Result<(), NodeError>) -> NodeType {
    NodeType::function(name, module_path!(), Location::here(), call)
        .named(name)
        .signals(VALUE)
}

static SUM: NodeType = builtin("sum", |call| {
    let values: Vec<Value> = call.slot(0)?;
    let ints: Option<i64> = values.iter().map(Value::as_i64).sum();
    match ints {
        Some(sum) => call.say(sum),
        None => call.say(values.iter().filter_map(Value::as_f64).sum::<f64>()),
    }
})
.arguments(&[Argument::new::<Vec<Value>>("iterable", "list")]);

static ABS: NodeType = builtin("abs", |call| {
    let value: Value = call.slot(0)?;
    match (value.as_i64(), value.as_f64()) {
        (Some(value), _) => call.say(value.abs()),
        (None, Some(value)) => call.say(value.abs()),
        (None, None) => Err(NodeError::new("no number")),
    }
})
.arguments(&[Argument::new::<Value>("x", "number")]);

static DIVMOD: NodeType = builtin("divmod", |call| {
    let (a, b): (i64, i64) = (call.slot(0)?, call.slot(1)?);
    if b == 0 {
        return Err(NodeError::new("division by zero"));
    }
    // Python rounds down.
    let (mut quotient, mut rest) = (a / b, a % b);
    if rest != 0 && (rest < 0) != (b < 0) {
        quotient -= 1;
        rest += b;
    }
    call.say(vec![quotient, rest])
})
.arguments(&[
    Argument::new::<i64>("x", "int"),
    Argument::new::<i64>("y", "int"),
]);

inventory::submit! { Registered(&SUM) }
inventory::submit! { Registered(&ABS) }
inventory::submit! { Registered(&DIVMOD) }
