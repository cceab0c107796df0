//! Tubes of the benchmark.

use std::fmt::Write;
use std::hint::black_box;

use crate::nodes::plain;

/// Tube with its plain Rust counterpart.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Tube file, which both sides read.
    pub(crate) tube: String,
    /// Number of calls in an epoch, the `return` included.
    pub(crate) calls: u32,
    /// The same work as a Rust function, by the number of the epoch.
    pub(crate) plain: fn(i64),
}

const CHAIN: usize = 10;
const FAN: i64 = 100;
const MAP: i64 = 1000;

pub(crate) fn all() -> [Case; 4] {
    [
        Case {
            name: "chain of 10",
            tube: chain(CHAIN),
            calls: 12,
            plain: |index| {
                black_box(plain::chain(index, CHAIN));
            },
        },
        Case {
            name: "diamond",
            tube: "noob_id: diamond
nodes:
  a: {type: peer_nodes.count}
  left: {type: peer_nodes.multiply, params: {right: 2}, depends: [{left: a.index}]}
  right: {type: peer_nodes.multiply, params: {right: 3}, depends: [{left: a.index}]}
  both: {type: peer_nodes.add, depends: [{left: left.value}, {right: right.value}]}
  out: {type: return, depends: [{value: both.value}]}
"
            .to_owned(),
            calls: 5,
            plain: |index| {
                black_box(plain::diamond(index));
            },
        },
        Case {
            name: "fan-out 1 100 1",
            tube: fan(),
            calls: 102,
            plain: |index| {
                black_box(plain::fan(index, FAN));
            },
        },
        Case {
            name: "map of 1000",
            tube: format!(
                "noob_id: map
nodes:
  a: {{type: peer_nodes.several, params: {{length: {MAP}}}}}
  each: {{type: map, depends: [{{value: a.items}}]}}
  twice: {{type: peer_nodes.multiply, depends: [{{left: each.value}}]}}
  all: {{type: gather, depends: [{{value: twice.value}}, {{n: each.n}}]}}
  sum: {{type: peer_nodes.total, depends: [{{items: all.value}}]}}
  out: {{type: return, depends: [{{value: sum.value}}]}}
"
            ),
            calls: 2004,
            plain: |_| {
                black_box(plain::map(MAP));
            },
        },
    ]
}

/// Returns a source, `length` nodes in a row, and a `return`.
pub(crate) fn chain(length: usize) -> String {
    let mut tube = "noob_id: chain\nnodes:\n  a: {type: peer_nodes.count}\n".to_owned();
    let mut last = "a.index".to_owned();
    for at in 0..length {
        let _ = writeln!(
            tube,
            "  m{at}: {{type: peer_nodes.multiply, params: {{right: 1}}, depends: [{{left: \
             {last}}}]}}"
        );
        last = format!("m{at}.value");
    }
    let _ = writeln!(
        tube,
        "  out: {{type: return, depends: [{{value: {last}}}]}}"
    );
    tube
}

fn fan() -> String {
    let mut tube = "noob_id: fan\nnodes:\n  a: {type: peer_nodes.count}\n".to_owned();
    let mut keys = Vec::new();
    for at in 0..FAN {
        let _ = writeln!(
            tube,
            "  m{at}: {{type: peer_nodes.multiply, params: {{right: {at}}}, depends: [{{left: \
             a.index}}]}}"
        );
        keys.push(format!("{{v{at}: m{at}.value}}"));
    }
    let _ = writeln!(
        tube,
        "  out: {{type: return, depends: [{}]}}",
        keys.join(", ")
    );
    tube
}
