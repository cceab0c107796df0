//! Node types that were written for the recorded tubes, under their names.

use noob_zmq::graph::{Emit, Value};
use noob_zmq::{Signals, node};

use super::python;

#[node(name = "gnodes.lists", signal = "items")]
fn lists(
    #[slot(default = vec![1, 2, 3])] sizes: Vec<i64>,
    #[slot(default = 0)] start: i64,
    #[slot(default = 1)] step: i64,
) -> impl Iterator<Item = Vec<i64>> {
    let mut next = start;
    (0_usize..).map(move |call| {
        let first = next;
        let size = sizes[call % sizes.len()];
        next += size * step;
        (0..size).map(|item| first + item * step).collect()
    })
}

#[node(name = "gnodes.nested_lists", signal = "items")]
fn nested_lists(
    #[slot(default = 2)] outer: i64,
    #[slot(default = 3)] inner: i64,
) -> impl Iterator<Item = Vec<Vec<i64>>> {
    (0..).map(move |call: i64| {
        let first = call * outer * inner;
        (0..outer)
            .map(|list| (0..inner).map(|item| first + list * inner + item).collect())
            .collect()
    })
}

#[node(name = "gnodes.drop_odd", signal = "even")]
fn drop_odd(value: Value) -> Result<Emit<Value>, String> {
    Ok(if python::is_even(&value)? {
        Emit::Value(value)
    } else {
        Emit::Nothing
    })
}

#[derive(Signals)]
struct Parity {
    even: Emit<Value>,
    odd: Emit<Value>,
}

#[node(name = "gnodes.parity")]
fn parity(value: Value) -> Result<Parity, String> {
    Ok(if python::is_even(&value)? {
        Parity {
            even: Emit::Value(value),
            odd: Emit::Nothing,
        }
    } else {
        Parity {
            even: Emit::Nothing,
            odd: Emit::Value(value),
        }
    })
}

#[node(name = "gnodes.fail_at")]
fn fail_at(value: Value, #[slot(default = Value::Int(2))] at: Value) -> Result<Value, String> {
    if python::equal(&value, &at) {
        Err(format!("boom at {value}"))
    } else {
        Ok(value)
    }
}

#[node(name = "gnodes.pair")]
fn pair(a: Value, b: Value) -> Value {
    [a, b].into()
}

#[node(name = "gnodes.opt")]
fn opt(a: Option<Value>, b: Option<Value>, c: Option<Value>) -> Value {
    [a, b, c].into_iter().collect()
}

#[node(name = "gnodes.req_opt")]
fn req_opt(a: Value, b: Option<Value>) -> Value {
    [Some(a), b].into_iter().collect()
}

#[node(name = "gnodes.none_if_odd")]
fn none_if_odd(value: Value) -> Result<Option<Value>, String> {
    Ok(python::is_even(&value)?.then_some(value))
}

struct Acc {
    total: Value,
}

#[node(name = "gnodes.Acc")]
impl Acc {
    fn new(#[slot(default = Value::Int(0))] start: Value) -> Self {
        Self { total: start }
    }

    #[process]
    fn process(&mut self, value: Value) -> Result<Value, String> {
        self.total = python::add(&self.total, &value)?;
        Ok(self.total.clone())
    }
}

#[node(name = "gnodes.adouble")]
async fn adouble(value: Value) -> Result<Value, String> {
    python::multiply(&value, &Value::Int(2))
}

#[node(name = "gnodes.plus1")]
fn plus1(value: Value) -> Result<Value, String> {
    python::add(&value, &Value::Int(1))
}

#[derive(Signals)]
struct OneTwo {
    one: Emit<Value>,
    two: Emit<Value>,
}

#[node(name = "gnodes.bare_noevent")]
fn bare_noevent(value: Value) -> Result<OneTwo, String> {
    Ok(if python::is_even(&value)? {
        OneTwo {
            two: Emit::Value(python::multiply(&value, &Value::Int(10))?),
            one: Emit::Value(value),
        }
    } else {
        OneTwo {
            one: Emit::Nothing,
            two: Emit::Nothing,
        }
    })
}

#[node(name = "gnodes.limited_pair")]
fn limited_pair(#[slot(default = 2)] limit: i64) -> impl Iterator<Item = OneTwo> {
    (0..limit).map(|value| OneTwo {
        one: Emit::Value(value.into()),
        two: Emit::Value((value * 10).into()),
    })
}

#[node(name = "gnodes.takes_node")]
fn takes_node(node: Value) -> Value {
    node
}

/// Node with two signals that never emits: noob does not unpack `None`.
#[node(name = "gnodes.none_two")]
fn none_two(value: Value) -> Result<OneTwo, String> {
    Err(format!("there are not two values for {value}"))
}
