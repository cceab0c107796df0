//! Python's builtins that the recorded tubes use.
//!
//! Their names have no dot, which `#[node]` does not allow.

use std::panic::Location;

use noob_zmq::__private::inventory;
use noob_zmq::graph::Value;
use noob_zmq::node::{Argument, Call, NodeError, NodeType, Signal};

use super::python;

const VALUE: &[Signal] = &[Signal::new("value", "any")];

const fn builtin(name: &'static str, call: fn(&mut Call<'_>) -> Result<(), NodeError>) -> NodeType {
    NodeType::function(name, module_path!(), Location::caller(), call)
        .named(name)
        .signals(VALUE)
}

static SUM: NodeType = builtin("sum", |call| {
    let (values, start): (Value, Value) = (
        call.argument(0).required()?,
        call.argument(1).or(|| Value::Int(0))?,
    );
    let mut sum = start;
    for value in python::items(&values).map_err(NodeError::new)? {
        sum = python::add(&sum, &value).map_err(NodeError::new)?;
    }
    call.emit(sum)
})
.arguments(&[
    Argument::new::<Value>("iterable", "list"),
    Argument::new::<Value>("start", "number").default("0"),
]);

static LEN: NodeType = builtin("len", |call| {
    let value: Value = call.argument(0).required()?;
    call.emit(python::items(&value).map_err(NodeError::new)?.len())
})
.arguments(&[Argument::new::<Value>("obj", "any")]);

static ABS: NodeType = builtin("abs", |call| {
    let value: Value = call.argument(0).required()?;
    match (value.as_i64(), value.as_f64()) {
        (Some(value), _) => call.emit(value.abs()),
        (None, Some(value)) => call.emit(value.abs()),
        (None, None) => Err(NodeError::new("no number")),
    }
})
.arguments(&[Argument::new::<Value>("x", "number")]);

static DIVMOD: NodeType = builtin("divmod", |call| {
    let (x, y): (Value, Value) = (call.argument(0).required()?, call.argument(1).required()?);
    call.emit(python::divmod(&x, &y).map_err(NodeError::new)?)
})
.arguments(&[
    Argument::new::<Value>("x", "number"),
    Argument::new::<Value>("y", "number"),
]);

inventory::submit! { &SUM }
inventory::submit! { &LEN }
inventory::submit! { &ABS }
inventory::submit! { &DIVMOD }
