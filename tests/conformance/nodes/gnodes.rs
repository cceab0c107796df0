//! The node types that were written for the recorded tubes, under their names.

use noob_zmq::graph::{Emit, Value};
use noob_zmq::{Signals, node};

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
fn drop_odd(value: i64) -> Emit<i64> {
    if value % 2 == 0 {
        Emit::Value(value)
    } else {
        Emit::Nothing
    }
}

#[derive(Signals)]
struct Parity {
    even: Emit<i64>,
    odd: Emit<i64>,
}

#[node(name = "gnodes.parity")]
fn parity(value: i64) -> Parity {
    if value % 2 == 0 {
        Parity {
            even: Emit::Value(value),
            odd: Emit::Nothing,
        }
    } else {
        Parity {
            even: Emit::Nothing,
            odd: Emit::Value(value),
        }
    }
}

#[node(name = "gnodes.fail_at")]
fn fail_at(value: i64, #[slot(default = 2)] at: i64) -> Result<i64, String> {
    if value == at {
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
fn none_if_odd(value: i64) -> Option<i64> {
    (value % 2 == 0).then_some(value)
}

struct Acc {
    total: i64,
}

#[node(name = "gnodes.Acc")]
impl Acc {
    fn new(#[slot(default = 0)] start: i64) -> Self {
        Self { total: start }
    }

    #[process]
    fn process(&mut self, value: i64) -> i64 {
        self.total += value;
        self.total
    }
}

#[node(name = "gnodes.adouble")]
async fn adouble(value: i64) -> i64 {
    value * 2
}

#[node(name = "gnodes.plus1")]
fn plus1(value: i64) -> i64 {
    value + 1
}

#[derive(Signals)]
struct OneTwo {
    one: Emit<i64>,
    two: Emit<i64>,
}

#[node(name = "gnodes.bare_noevent")]
fn bare_noevent(value: i64) -> OneTwo {
    if value % 2 == 0 {
        OneTwo {
            one: Emit::Value(value),
            two: Emit::Value(value * 10),
        }
    } else {
        OneTwo {
            one: Emit::Nothing,
            two: Emit::Nothing,
        }
    }
}

#[node(name = "gnodes.limited_pair")]
fn limited_pair(#[slot(default = 2)] limit: i64) -> impl Iterator<Item = OneTwo> {
    (0..limit).map(|value| OneTwo {
        one: Emit::Value(value),
        two: Emit::Value(value * 10),
    })
}

#[node(name = "gnodes.takes_node")]
fn takes_node(node: Value) -> Value {
    node
}

#[derive(Signals)]
struct OneTwoThree {
    one: Emit<i64>,
    two: Emit<i64>,
    three: Emit<i64>,
}

/// Has three signals, and says something on two.
#[node(name = "gnodes.short")]
fn short(value: i64) -> OneTwoThree {
    OneTwoThree {
        one: Emit::Value(value),
        two: Emit::Value(value + 1),
        three: Emit::Nothing,
    }
}

/// Has two signals, and never anything for them: in noob, `None` is not taken apart.
#[node(name = "gnodes.none_two")]
fn none_two(value: i64) -> Result<OneTwo, String> {
    Err(format!("there are not two values for {value}"))
}
