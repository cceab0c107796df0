//! Mistakes that only node types show: one test for each, with the whole text of the report.

use expect_test::expect;

use super::fake::bad;

#[test]
fn unknown_type_is_reported() {
    expect![[r#"
        tube.yaml:3:13: error: no node type is called `t.cuont`
          |
        3 |   a: {type: t.cuont}
          |             ^^^^^^^ not known
          = help: did you mean `t.count`?
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.cuont}\n  b: {type: t.multiply, depends: [{left: a.anything}]}\n",
    ));
    expect![[r#"
        tube.yaml:3:13: error: no node type is called `my_crate.nothing.like.it`
          |
        3 |   a: {type: my_crate.nothing.like.it}
          |             ^^^^^^^^^^^^^^^^^^^^^^^^ not known
          = help: is its `#[node]` part of this program?
    "#]]
    .assert_eq(&bad("  a: {type: my_crate.nothing.like.it}\n"));
    expect![[r#"
        tube.yaml:3:13: error: no node type is called `retrun`
          |
        3 |   a: {type: retrun}
          |             ^^^^^^ not known
          = help: did you mean `return`?
    "#]]
    .assert_eq(&bad("  a: {type: retrun}\n"));
}

#[test]
fn unknown_node_is_reported() {
    expect![[r#"
        tube.yaml:4:42: error: node `b` depends on node `conuter`, which does not exist
          |
        4 |   b: {type: t.multiply, depends: [{left: conuter.index}]}
          |                                          ^^^^^^^^^^^^^ no such node
          = help: did you mean `counter`?
    "#]]
    .assert_eq(&bad(
        "  counter: {type: t.count}\n  b: {type: t.multiply, depends: [{left: conuter.index}]}\n",
    ));
    expect![[r#"
        tube.yaml:4:34: error: node `b` depends on node `meta`, which does not exist
          |
        4 |   b: {type: t.multiply, depends: meta.index}
          |                                  ^^^^^^^^^^ no such node
          = help: the others are `a`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.multiply, depends: meta.index}\n",
    ));
}

#[test]
fn unknown_signal_is_reported() {
    expect![[r#"
        tube.yaml:4:34: error: node `a` (t.count) has no signal `indx`
          |
        4 |   b: {type: t.multiply, depends: a.indx}
          |                                  ^^^^^^ no such signal
          = help: did you mean `index`?
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.multiply, depends: a.indx}\n",
    ));
    expect![[r#"
        tube.yaml:5:34: error: node `p` (t.parity) has no signal `value`
          |
        5 |   b: {type: t.multiply, depends: p.value}
          |                                  ^^^^^^^ no such signal
          = help: it emits `even` and `odd`
    "#]]
    .assert_eq(&bad("  a: {type: t.lists}
  p: {type: t.parity, depends: a.items}
  b: {type: t.multiply, depends: p.value}
"));
}

#[test]
fn unknown_slot_is_reported() {
    expect![[r#"
        tube.yaml:8:9: error: node `b` (t.multiply) has no slot `rigth`
          |
        8 |       - rigth: a.index
          |         ^^^^^ no such slot
          = help: did you mean `right`?
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  b:
    type: t.multiply
    depends:
      - left: a.index
      - rigth: a.index
"));
    expect![[r#"
        tube.yaml:4:29: error: node `m` (map) has no slot `values`
          |
        4 |   m: {type: map, depends: [{values: a.index}]}
          |                             ^^^^^^ no such slot
          = help: did you mean `value`?
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  m: {type: map, depends: [{values: a.index}]}\n",
    ));
}

#[test]
fn undeclared_input_is_reported() {
    expect![[r#"
        tube.yaml:5:38: error: node `a` uses input `strat`, which is not declared
          |
        5 |   a: {type: t.count, params: {start: input.strat, limit: input.start}}
          |                                      ^^^^^^^^^^^ not declared
          = help: did you mean `start`?
    "#]]
    .assert_eq(&bad("noob_id: t
input:
  start: {type: int, default: 1}
nodes:
  a: {type: t.count, params: {start: input.strat, limit: input.start}}
"));
    expect![["
        tube.yaml:3:36: error: node `a` uses input `txt`, which is not declared
          |
        3 |   a: {type: t.Read, params: {path: input.txt}, depends: b.index}
          |                                    ^^^^^^^^^ not declared
          = help: declare it below `input:`; if it is a file, write `./input.txt`: `input.` at the \
            start of a text means an input

        tube.yaml:4:31: error: node `b` uses input `on`, which is not declared
          |
        4 |   b: {type: t.count, enabled: input.on}
          |                               ^^^^^^^^ not declared
          = help: declare it: `input: {on: {type: ..}}`

        2 mistakes in tube.yaml
    "]]
    .assert_eq(&bad(
        "  a: {type: t.Read, params: {path: input.txt}, depends: b.index}
  b: {type: t.count, enabled: input.on}
",
    ));
    expect![[r#"
        tube.yaml:3:34: error: node `a` uses input `x`, which is not declared
          |
        3 |   a: {type: t.multiply, depends: input.x}
          |                                  ^^^^^^^ not declared
          = help: declare it: `input: {x: {type: ..}}`
    "#]]
    .assert_eq(&bad("  a: {type: t.multiply, depends: input.x}\n"));
}

#[test]
fn too_many_positional_values_are_reported() {
    expect![[r#"
        tube.yaml:4:53: error: node `b` (t.multiply) takes 2 values by position, and gets 4
          |
        4 |   b: {type: t.multiply, depends: [a.index, a.index, a.index, a.index]}
          |                                                     ^^^^^^^ one too many
          = help: its slots are `left` and `right`
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  b: {type: t.multiply, depends: [a.index, a.index, a.index, a.index]}
"));
}

#[test]
fn slot_fed_in_two_ways_is_reported() {
    expect![[r#"
        tube.yaml:4:45: error: slot `left` of node `b` is fed by position and by name
          |
        4 |   b: {type: t.multiply, depends: [a.index, {left: a.index}]}
          |                                             ^^^^ fed again here
          = help: write all of them by name: `- slot: node.signal`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.multiply, depends: [a.index, {left: a.index}]}\n",
    ));
    expect![[r#"
        tube.yaml:4:34: error: slot `left` of node `b` is fed by position and set in `params`
          |
        4 |   b: {type: t.multiply, params: {left: 2}, depends: a.index}
          |                                  ^^^^ fed again here
          = help: remove it from `params`, or write all of `depends` by name: `- slot: node.signal`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.multiply, params: {left: 2}, depends: a.index}\n",
    ));
    expect![[r#"
        tube.yaml:4:53: error: slot `left` of node `b` is fed twice
          |
        4 |   b: {type: t.multiply, depends: [{left: a.index}, {left: a.index}]}
          |                                    ^^^^ first here
          |                                                     ^^^^ fed again here
          = help: keep one of them
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  b: {type: t.multiply, depends: [{left: a.index}, {left: a.index}]}
"));
}

#[test]
fn unfed_slot_is_reported() {
    expect![[r#"
        tube.yaml:3:3: error: node `a` (t.multiply) needs a value for `left`
          |
        3 |   a: {type: t.multiply}
          |   ^ in this one
          = help: add `- left: node.signal` to its `depends`, or set `left` in its `params`
    "#]]
    .assert_eq(&bad("  a: {type: t.multiply}\n"));
    expect![[r#"
        tube.yaml:3:3: error: node `m` (map) needs a value for `value`
          |
        3 |   m: {type: map}
          |   ^ in this one
          = help: add `- value: node.signal` to its `depends`
    "#]]
    .assert_eq(&bad("  m: {type: map}\n"));
}

#[test]
fn wrong_parameters_are_reported() {
    expect![[r#"
        tube.yaml:4:3: error: node `r` (t.Read) needs the parameter `path`
          |
        4 |   r: {type: t.Read, depends: a.index}
          |   ^ in this one
          = help: add `path: ..` (str) to its `params`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  r: {type: t.Read, depends: a.index}\n",
    ));
    expect![[r#"
        tube.yaml:3:31: error: node `a` (t.count) has no parameter `strat`
          |
        3 |   a: {type: t.count, params: {strat: 1}}
          |                               ^^^^^ no such parameter
          = help: did you mean `start`?
    "#]]
    .assert_eq(&bad("  a: {type: t.count, params: {strat: 1}}\n"));
    expect![[r#"
        tube.yaml:4:39: error: node `r` (t.Read) has no parameter `value`
          |
        4 |   r: {type: t.Read, params: {path: x, value: 1}, depends: a.index}
          |                                       ^^^^^ no such parameter
          = help: `value` is a slot: feed it through `depends`
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  r: {type: t.Read, params: {path: x, value: 1}, depends: a.index}
"));
    expect![[r#"
        tube.yaml:3:38: error: parameter `start` of node `a` cannot be `three`: expected int
          |
        3 |   a: {type: t.count, params: {start: three}}
          |                                      ^^^^^ this value
    "#]]
    .assert_eq(&bad("  a: {type: t.count, params: {start: three}}\n"));
    expect![[r#"
        tube.yaml:4:33: error: parameter `n` of node `g` cannot be `many`: it must be a whole number
          |
        4 |   g: {type: gather, params: {n: many, size: 3}, depends: a.items}
          |                                 ^^^^ this value
          = help: its type is `int`

        tube.yaml:4:39: error: node `g` (gather) has no parameter `size`
          |
        4 |   g: {type: gather, params: {n: many, size: 3}, depends: a.items}
          |                                       ^^^^ no such parameter
          = help: it has `n` and `flatten`

        2 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.lists}\n  g: {type: gather, params: {n: many, size: 3}, depends: a.items}\n",
    ));
    expect![[r#"
        tube.yaml:4:30: error: node `r` (return) has no parameter `x`
          |
        4 |   r: {type: return, params: {x: 1}, depends: a.index}
          |                              ^ no such parameter
          = help: it has none
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  r: {type: return, params: {x: 1}, depends: a.index}\n",
    ));
}

#[test]
fn source_with_depends_is_reported() {
    expect![[r#"
        tube.yaml:4:33: error: node `b` (t.count) is a source: it takes no `depends`
          |
        4 |   b: {type: t.count, depends: [{start: a.index}]}
          |                                 ^^^^^ here
          = help: its values come from `params`: `start` and `limit`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.count, depends: [{start: a.index}]}\n",
    ));
    expect![[r#"
        tube.yaml:4:31: error: node `b` (t.words) is a source: it takes no `depends`
          |
        4 |   b: {type: t.words, depends: a.index}
          |                               ^^^^^^^ here
          = help: remove `depends`
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count}\n  b: {type: t.words, depends: a.index}\n",
    ));
}

#[test]
fn wrong_return_nodes_are_reported() {
    expect![[r#"
        tube.yaml:5:3: error: a tube can have one return node; `r1` is one already
          |
        4 |   r1: {type: return, depends: a.index}
          |   ^^ the first
        5 |   r2: {type: return, enabled: false, depends: a.index}
          |   ^^ a second one
          = help: feed both sets of values into one return node, each under a name of its own
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  r1: {type: return, depends: a.index}
  r2: {type: return, enabled: false, depends: a.index}
"));
    expect![[r#"
        tube.yaml:5:34: error: nothing can depend on `r`: a return node emits nothing to other nodes
          |
        5 |   b: {type: t.multiply, depends: r.value}
          |                                  ^^^^^^^ here
          = help: depend on what it depends on
    "#]]
    .assert_eq(&bad("  a: {type: t.count}
  r: {type: return, depends: a.index}
  b: {type: t.multiply, depends: r.value}
"));
}

#[test]
fn input_without_a_value_is_reported() {
    expect![[r#"
        tube.yaml:3:3: error: input `start` was not given
          |
        3 |   start: {type: int}
          |   ^^^^^ declared here
          = help: give it (`--input start=..`), or declare a `default` or `required: false`
    "#]]
    .assert_eq(&bad("noob_id: t
input:
  start: {type: int}
nodes:
  a: {type: t.count, params: {start: input.start}, enabled: input.start}
"));
    expect![["
        tube.yaml:5:38: error: input `k` has no value yet when the tube is made: its scope is \
          `process`
          |
        5 |   a: {type: t.count, params: {start: input.k}}
          |                                      ^^^^^^^ here
          = help: declare it with `scope: tube` or with a `default`, or feed a slot with it \
            through `depends`

        tube.yaml:6:31: error: input `k` has no value yet when the tube is made: its scope is \
          `process`
          |
        6 |   b: {type: t.count, enabled: input.k}
          |                               ^^^^^^^ here
          = help: declare it with `scope: tube` or with a `default`

        2 mistakes in tube.yaml
    "]]
    .assert_eq(&bad("noob_id: t
input:
  k: {type: int, scope: process}
nodes:
  a: {type: t.count, params: {start: input.k}}
  b: {type: t.count, enabled: input.k}
"));
}

#[test]
fn wrong_assets_are_reported() {
    expect![["
        tube.yaml:3:13: error: no asset type is called `sett`
          |
        3 |   s: {type: sett, scope: runner}
          |             ^^^^ not known
          = help: did you mean `set`?

        tube.yaml:4:3: error: the `params` of asset `t` do not fit: parameter `start` expected int
          |
        4 |   t: {type: set, scope: runner, params: {start: one, stp: 2}}
          |   ^ here
          = help: `noob-zmq nodes` lists what an asset takes

        tube.yaml:4:3: error: the `params` of asset `t` do not fit: it has no parameter `stp`; did \
          you mean `step`?
          |
        4 |   t: {type: set, scope: runner, params: {start: one, stp: 2}}
          |   ^ here
          = help: `noob-zmq nodes` lists what an asset takes

        tube.yaml:5:3: error: the `params` of asset `u` do not fit: it takes 2 by position, and is \
          given 3
          |
        5 |   u: {type: set, scope: node, params: [1, 2, 3]}
          |   ^ here
          = help: `noob-zmq nodes` lists what an asset takes

        tube.yaml:7:61: error: node `a` depends on asset `v`, which is not declared
          |
        7 |   a: {type: t.multiply, depends: [{left: assets.s}, {right: assets.v}]}
          |                                                             ^^^^^^^^ not declared

        5 mistakes in tube.yaml
    "]]
    .assert_eq(&bad("noob_id: t
assets:
  s: {type: sett, scope: runner}
  t: {type: set, scope: runner, params: {start: one, stp: 2}}
  u: {type: set, scope: node, params: [1, 2, 3]}
nodes:
  a: {type: t.multiply, depends: [{left: assets.s}, {right: assets.v}]}
"));
    expect![[r#"
        tube.yaml:8:49: error: node `d` reads asset `s` at the time when `b` replaces it, or later
          |
        8 |   d: {type: t.pair, depends: [{a: c.value}, {b: assets.s}]}
          |                                                 ^^^^^^^^ here
          = help: depend on a signal of `b` instead, or have a later node replace it
    "#]]
    .assert_eq(&bad("noob_id: t
assets:
  s: {type: set, scope: runner, depends: b.value}
nodes:
  a: {type: t.count}
  b: {type: t.any, depends: [{value: assets.s}]}
  c: {type: t.any, depends: [{value: b.value}]}
  d: {type: t.pair, depends: [{a: c.value}, {b: assets.s}]}
"));
}
