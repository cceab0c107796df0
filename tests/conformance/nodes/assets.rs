//! Assets of noob's testing module and of Python, under their names, with the nodes that take them.

use noob_zmq::graph::Value;
use noob_zmq::node::Asset;
use noob_zmq::{Signals, asset, node};
use serde::{Deserialize, Serialize};

use super::python;

/// Counting iterator, in the form of the recorded runs.
#[derive(Serialize, Deserialize)]
#[serde(tag = "$pytype")]
pub(super) enum Counter {
    #[serde(rename = "noob.testing.assets.counter")]
    Plain { current: i64 },
    #[serde(rename = "noob.testing.assets.LifecycleCounter")]
    Lifecycle {
        current: i64,
        entered: i64,
        exited: i64,
    },
}

impl Counter {
    pub(super) fn next(&mut self) -> i64 {
        let (Self::Plain { current } | Self::Lifecycle { current, .. }) = self;
        *current += 1;
        *current - 1
    }
}

#[asset(name = "noob.testing.counter")]
fn counter(#[param(default = 0)] start: i64) -> Counter {
    Counter::Plain { current: start }
}

#[asset(name = "noob.testing.Initializer")]
fn initializer() -> bool {
    true
}

/// Python's `set`, in its recorded form.
#[derive(Serialize, Deserialize)]
#[serde(tag = "$pytype", rename = "set")]
pub(super) struct Set {
    pub(super) items: Vec<Value>,
}

#[derive(Signals)]
struct Incremented {
    iterator: Asset<Counter>,
    value: i64,
}

#[node(name = "noob.testing.increment")]
fn increment(
    iterator: Asset<Counter>,
    #[slot(default = Value::Int(1))] increment: Value,
) -> Result<Incremented, String> {
    let value = last(&iterator, &increment)?.ok_or(UNASSIGNED)?;
    Ok(Incremented { iterator, value })
}

/// Returns the last of the given number of values of a counter.
fn last(counter: &Asset<Counter>, n: &Value) -> Result<Option<i64>, String> {
    let mut value = None;
    for _ in 0..python::int(n)? {
        value = Some(counter.lock().next());
    }
    Ok(value)
}

/// A variable of Python does not exist before its first assignment.
const UNASSIGNED: &str = "none was asked for";

#[node(name = "noob.testing.fast_forward", signal = "next")]
fn fast_forward(
    generator: Asset<Counter>,
    #[slot(default = Value::Int(1))] n: Value,
) -> Result<i64, String> {
    Ok(last(&generator, &n)?.ok_or(UNASSIGNED)?)
}

#[derive(Signals)]
struct Jumped {
    skirttt: Asset<Counter>,
    next: i64,
}

#[node(name = "noob.testing.jump")]
fn jump(
    generator: Asset<Counter>,
    #[slot(default = Value::Int(1))] n: Value,
) -> Result<Jumped, String> {
    let next = last(&generator, &n)?.unwrap_or_default();
    Ok(Jumped {
        skirttt: generator,
        next,
    })
}

/// Returns a new counter, some steps back.
#[node(name = "noob.testing.rewind", signal = "skrittt")]
fn rewind(generator: Asset<Counter>, #[slot(default = 1)] n: i64) -> Counter {
    Counter::Plain {
        current: generator.lock().next() - n,
    }
}

#[derive(Signals)]
struct Counted {
    counter: Asset<Counter>,
    value: i64,
}

#[node(name = "gnodes.incr")]
fn incr(counter: Asset<Counter>) -> Counted {
    let value = counter.lock().next();
    Counted { counter, value }
}
