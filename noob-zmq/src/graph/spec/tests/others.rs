//! Tubes that extend others, and tubes inside tubes.

use expect_test::expect;

use super::fake::{library, make_with};
use crate::graph::spec::DiagnosticKind;
use crate::graph::{Map, Name, Tube, Value};

const BASE: (&str, &str) = (
    "base",
    "description: the base
input:
  k: {type: int, default: 1, scope: tube}
nodes:
  a: {type: t.count, params: {start: 1, limit: 9}, enabled: true}
  b: {type: t.multiply, depends: [{left: a.index}]}
  out: {type: return, depends: b.value, description: all}
",
);
const OTHER: (&str, &str) = (
    "other",
    "nodes:\n  a: {enabled: false, type: t.count}\n  c: {type: t.words}\n",
);

fn tube(text: &str, others: &[(&str, &str)]) -> Tube {
    make_with(
        &format!("noob_id: t\n{text}"),
        &library(others),
        &Map::new(),
    )
    .unwrap()
}

fn bad(text: &str, others: &[(&str, &str)]) -> String {
    make_with(
        &format!("noob_id: t\n{text}"),
        &library(others),
        &Map::new(),
    )
    .expect_err("a mistake")
    .render()
}

fn names(tube: &Tube) -> Vec<&str> {
    tube.nodes.keys().map(|name| &**name).collect()
}

#[test]
fn extended_tube_is_merged_key_by_key() {
    let tube = tube(
        "extends: [base]
nodes:
  a: {params: {limit: 3}}
  b: {depends: [a.index, a.index]}
  more: {type: t.words}
  r: {type: return}
",
        &[BASE],
    );
    assert_eq!(
        tube.nodes["a"].params,
        Map::from_iter([
            ("start".to_owned(), 1_i64.into()),
            ("limit".to_owned(), 3_i64.into())
        ])
    );
    assert_eq!(tube.upstream("b").count(), 2);
    // The one return node: name and position of the right side, dependencies of the left unless
    // given.
    assert_eq!(names(&tube), ["a", "b", "more", "r"]);
    assert_eq!(tube.upstream("r").count(), 1);
    assert_eq!(tube.nodes["r"].description.as_deref(), Some("all"));
    assert_eq!(tube.description.as_deref(), Some("the base"));
    assert_eq!(&*tube.id, "t");
    // Each node knows the text that it stands in.
    assert_eq!(tube.node_at("more").as_deref(), Some("tube.yaml:6:3"));
    assert_eq!(tube.node_at("a").as_deref(), Some("tube.yaml:4:3"));
    assert_eq!(tube.at(tube.inputs["k"].place), "base.yaml:4:3");
}

#[test]
fn later_parent_does_not_override_with_defaults() {
    let text = "nodes:\n  r: {type: return, depends: b.value}\n";
    let enabled = |extends: &str, nodes: &str| {
        tube(&format!("extends: [{extends}]\n{nodes}"), &[BASE, OTHER]).nodes["a"].enabled
    };
    assert!(
        !enabled("other, base", text),
        "`enabled: true` of `base` is the default"
    );
    assert!(!enabled("base, other", text));
    assert!(
        enabled("other, base", &format!("{text}  a: {{enabled: true}}\n")),
        "the file itself does override"
    );
}

#[test]
fn extended_tubes_extend_others() {
    let middle = (
        "middle",
        "extends: [base]
nodes:
  b: {depends: [{left: a.index}, {right: a.index}]}
  out: {type: return}
",
    );
    let tube = tube(
        "extends: [middle]\nnodes: {out: {type: return}}\n",
        &[BASE, middle],
    );
    assert_eq!(tube.upstream("b").count(), 2);
    assert_eq!(tube.parents.len(), 2);
}

#[test]
fn mistakes_in_extends_are_reported() {
    let own_return = "nodes:\n  r: {type: return, depends: b.value}\n";
    expect![[r#"
        tube.yaml:2:11: error: no tube is called `bse`
          |
        2 | extends: [bse, other]
          |           ^^^ not known
          = help: did you mean `base`?
    "#]]
    .assert_eq(&bad(
        &format!("extends: [bse, other]\n{own_return}"),
        &[BASE, OTHER],
    ));
    expect![["
        tube.yaml:2:11: error: this tube extends `base`, which has a return node, and has none of \
          its own
          |
        2 | extends: [base]
          |           ^^^^ here
          = help: write a return node again: `type: return`, with what it depends on
    "]]
    .assert_eq(&bad(
        "extends: [base]\nnodes:\n  x: {type: t.words}\n",
        &[BASE],
    ));
    expect![["
        tube.yaml:2:11: error: this tube extends `base`, which has a return node, and has none of \
          its own
          |
        2 | extends: [base]
          |           ^^^^ here
          = help: write a return node again: `type: return`, with what it depends on
    "]]
    .assert_eq(&bad("extends: [base]\n", &[BASE]));
    expect![[r#"
        pool.yaml:2:11: error: the tube leads back to itself: `loop` → `pool` → `loop`
          |
        2 | extends: [loop]
          |           ^^^^ here
    "#]]
    .assert_eq(&bad(
        "extends: [loop]\n",
        &[("loop", "extends: [pool]\n"), ("pool", "extends: [loop]\n")],
    ));
    expect![[r#"
        broken.yaml:3:7: error: a node has no key `tpye`
          |
        3 |   a: {tpye: t.count}
          |       ^^^^ no such key
          = help: did you mean `type`?
    "#]]
    .assert_eq(&bad(
        "extends: [broken]\nnodes:\n  a: {params: {limit: 3}}\n",
        &[("broken", "nodes:\n  a: {tpye: t.count}\n")],
    ));
    expect![[r#"
        tube.yaml:4:13: error: no node type is called `t.cuont`
          |
        4 |   a: {type: t.cuont}
          |             ^^^^^^^ not known
          = help: did you mean `t.count`?

        tube.yaml:5:16: error: node `b` (t.multiply) has no parameter `rihgt`
          |
        5 |   b: {params: {rihgt: 2}}
          |                ^^^^^ no such parameter
          = help: did you mean `right`?

        tube.yaml:6:30: error: node `b` (t.multiply) has no signal `vlaue`
          |
        6 |   r: {type: return, depends: b.vlaue}
          |                              ^^^^^^^ no such signal
          = help: did you mean `value`?

        3 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad(
        "extends: [base]
nodes:
  a: {type: t.cuont}
  b: {params: {rihgt: 2}}
  r: {type: return, depends: b.vlaue}
",
        &[BASE],
    ));
}

const CHILD: (&str, &str) = (
    "child",
    "input:
  start: {type: int}
  step: {type: int, default: 2}
  x: {type: int, scope: process}
nodes:
  a: {type: t.count, params: {start: input.start, limit: input.step}}
  m: {type: t.pair, depends: [a.index, input.x]}
  r: {type: return, depends: [{index: a.index}, {both: m.value}]}
",
);

#[test]
fn inner_tube_is_checked() {
    let tube = tube(
        "nodes:
  w: {type: t.words}
  inner: {type: tube, params: {tube: child, start: 4}, depends: [{x: w.word}]}
  b: {type: t.multiply, depends: inner.both}
",
        &[CHILD],
    );
    let inner = &tube.nodes["inner"];
    assert_eq!(inner.signals, ["index".into(), "both".into()] as [Name; 2]);
    assert_eq!(
        inner
            .slots
            .iter()
            .map(|slot| (&*slot.name, slot.optional))
            .collect::<Vec<_>>(),
        [("x", false)]
    );
    assert!(inner.stateful);
    let child = inner.child.as_ref().unwrap();
    assert_eq!(
        child.tube_input,
        Map::from_iter([
            ("start".to_owned(), 4_i64.into()),
            ("step".to_owned(), 2_i64.into())
        ])
    );
    assert_eq!(child.node_at("m").as_deref(), Some("child.yaml:8:3"));
}

#[test]
fn inner_tube_takes_inputs_by_name() {
    // Parameters of the node, then what was given outside, then the default outside, then the
    // default inside.
    let text = "noob_id: t
input:
  start: {type: int}
  step: {type: int, default: 7}
nodes:
  w: {type: t.words}
  inner: {type: tube, params: {tube: child}, depends: [{x: w.word}]}
";
    let given = Map::from_iter([("start".to_owned(), Value::Int(3))]);
    let tube = make_with(text, &library(&[CHILD]), &given).unwrap();
    let child = tube.nodes["inner"].child.as_ref().unwrap();
    assert_eq!(
        child.tube_input,
        Map::from_iter([
            ("start".to_owned(), 3_i64.into()),
            ("step".to_owned(), 7_i64.into())
        ])
    );
    assert!(tube.warnings.is_empty(), "{:?}", tube.warnings);
}

#[test]
fn inner_tube_without_named_return_emits_value() {
    let inner = |returns: &str| {
        tube(
            &format!(
                "nodes:
  i: {{type: tube, params: {{tube: {{noob_id: inside, nodes: {{a: {{type: t.count}}{returns}}}}}}}}}
"
            ),
            &[],
        )
    };
    for returns in [
        "",
        ", r: {type: return, depends: a.index}",
        ", r: {type: return, depends: [a.index]}",
    ] {
        assert_eq!(
            inner(returns).nodes["i"].signals,
            ["value".into()] as [Name; 1],
            "{returns}"
        );
    }
    assert_eq!(
        inner(", r: {type: return, depends: [a.index, {k: a.index}]}").nodes["i"].signals,
        ["k".into()] as [Name; 1]
    );
}

#[test]
fn mistakes_in_inner_tubes_are_reported() {
    let node = |rest: &str| format!("nodes:\n  w: {{type: t.words}}\n  i: {{type: tube{rest}}}\n");
    expect![[r#"
        tube.yaml:4:3: error: node `i` (tube) has no `tube`
          |
        4 |   i: {type: tube}
          |   ^ in this one
          = help: add `params: {tube: ..}` with the `noob_id` of a tube, or with a whole tube
    "#]]
    .assert_eq(&bad(&node(""), &[CHILD]));
    expect![[r#"
        tube.yaml:4:34: error: no tube is called `chidl`
          |
        4 |   i: {type: tube, params: {tube: chidl}}
          |                                  ^^^^^ not known
          = help: did you mean `child`?
    "#]]
    .assert_eq(&bad(&node(", params: {tube: chidl}"), &[CHILD]));
    expect![[r#"
        tube.yaml:4:3: error: node `i` (tube) needs a value for `x`
          |
        4 |   i: {type: tube, params: {tube: child, start: 1}}
          |   ^ in this one
          = help: add `- x: node.signal` to its `depends`
    "#]]
    .assert_eq(&bad(&node(", params: {tube: child, start: 1}"), &[CHILD]));
    expect![[r#"
        tube.yaml:4:3: error: node `i` gives no value for input `start` of tube `child`
          |
        4 |   i: {type: tube, params: {tube: child}, depends: [{x: w.word}]}
          |   ^ here
          = help: set `start` in its `params`, or declare an input `start` in this tube
    "#]]
    .assert_eq(&bad(
        &node(", params: {tube: child}, depends: [{x: w.word}]"),
        &[CHILD],
    ));
    expect![["
        tube.yaml:4:76: error: node `i` (tube) has no slot `strat`
          |
        4 |   i: {type: tube, params: {tube: child, start: 1}, depends: [{x: w.word}, {strat: \
          w.word}]}
          |                                                                            ^^^^^ no \
            such slot
          = help: it has `x`
    "]]
    .assert_eq(&bad(
        &node(
            ", params: {tube: child, start: 1}, depends: [{x: w.word}, {strat: \
            w.word}]",
        ),
        &[CHILD],
    ));
    expect![[r#"
        b.yaml:3:34: error: the tube leads back to itself: `a` → `b` → `a`
          |
        3 |   y: {type: tube, params: {tube: a}}
          |                                  ^ here
    "#]]
    .assert_eq(&bad(
        &node(", params: {tube: a}"),
        &[
            ("a", "nodes:\n  x: {type: tube, params: {tube: b}}\n"),
            ("b", "nodes:\n  y: {type: tube, params: {tube: a}}\n"),
        ],
    ));
    expect![[r#"
        wrong.yaml:3:13: error: no node type is called `t.cuont`
          |
        3 |   x: {type: t.cuont}
          |             ^^^^^^^ not known
          = help: did you mean `t.count`?
    "#]]
    .assert_eq(&bad(
        &node(", params: {tube: wrong}"),
        &[("wrong", "nodes:\n  x: {type: t.cuont}\n")],
    ));
    expect![[r#"
        tube.yaml:4:57: error: `extends` in a tube that is written in place is not supported yet
          |
        4 |   i: {type: tube, params: {tube: {noob_id: x, extends: [child]}}}
          |                                                         ^^^^^ here
    "#]]
    .assert_eq(&bad(
        &node(", params: {tube: {noob_id: x, extends: [child]}}"),
        &[CHILD],
    ));
}

#[test]
fn warnings_of_inner_tubes_are_kept() {
    let tube = tube(
        "nodes:
  w: {type: t.words}
  i: {type: tube, params: {tube: child, start: 1, strat: 2}, depends: [{x: w.word}, {start: \
    w.word}]}
",
        &[CHILD],
    );
    let warnings: Vec<_> = tube
        .warnings
        .iter()
        .map(|warning| warning.render())
        .collect();
    expect![["
        tube.yaml:4:51: warning: tube `child` of node `i` ignores `strat`: it has no such input \
          (is the name misspelt?)
          |
        4 |   i: {type: tube, params: {tube: child, start: 1, strat: 2}, depends: [{x: w.word}, \
          {start: w.word}]}
          |                                                   ^^^^^ here

        tube.yaml:4:86: warning: tube `child` of node `i` ignores `start`: that input is given \
          once, in `params`
          |
        4 |   i: {type: tube, params: {tube: child, start: 1, strat: 2}, depends: [{x: w.word}, \
          {start: w.word}]}
          |                                                                                      \
            ^^^^^ here
    "]]
    .assert_eq(&warnings.join("\n"));
}

/// The epochs of an inner tube are those of the outer one, whose sources end the run.
#[test]
fn endless_function_of_an_inner_tube_is_no_warning() {
    let inner = "nodes:
  one: {type: t.multiply, params: {left: 1}}
  out: {type: return, depends: one.value}
";
    let outer = "noob_id: outer
nodes:
  count: {type: t.count}
  inner: {type: tube, params: {tube: inner}}
  out: {type: return, depends: [{count: count.index}, {inner: inner.value}]}
";
    let tube = make_with(outer, &library(&[("inner", inner)]), &Map::new()).unwrap();
    assert_eq!(tube.warnings, []);
    let alone = format!("noob_id: alone\n{inner}");
    let tube = make_with(&alone, &library(&[]), &Map::new()).unwrap();
    let [warning] = &tube.warnings[..] else {
        panic!("{:?}", tube.warnings);
    };
    assert!(matches!(warning.kind, DiagnosticKind::EndlessSource { .. }));
}
