//! The checked form of tubes without mistakes.
//!
//! Expected values are those of noob: rules 1 to 4 and 9 of its behaviour, and recorded runs.

use super::fake::{good, make_with};
use crate::graph::spec::NoTubes;
use crate::graph::{Map, SlotRef, Tube, TubeNodeKind, Value};

fn edges(tube: &Tube) -> Vec<(String, String, bool)> {
    let slot = |slot: &SlotRef| match slot {
        SlotRef::Scalar => "null".to_owned(),
        SlotRef::Position(at) => at.to_string(),
        SlotRef::Name(name) => name.to_string(),
    };
    let edge = |edge: &crate::graph::Edge| {
        (
            format!("{}.{}", edge.source_node, edge.source_signal),
            format!("{}.{}", edge.target_node, slot(&edge.target_slot)),
            edge.required,
        )
    };
    tube.edges.iter().map(edge).collect()
}

fn edge(from: &str, to: &str, required: bool) -> (String, String, bool) {
    (from.into(), to.into(), required)
}

#[test]
fn every_form_of_depends_is_read() {
    let tube = good(
        "  a: {type: t.count}
  b: {type: t.multiply, depends: a.index}
  c: {type: t.pair, depends: [a.index, b.value]}
  d: {type: t.opt, depends: [{b: a.index}]}
  e: {type: t.any, depends: [a.index, {x: b.value}, c.value]}
  f: {type: return, depends: [a.index, {d: d.value}]}
",
    );
    assert_eq!(
        edges(&tube),
        [
            edge("a.index", "b.null", true),
            edge("a.index", "c.0", true),
            edge("b.value", "c.1", true),
            edge("a.index", "d.b", false),
            edge("a.index", "e.0", true),
            // Only keywords that the type does not name are optional for being so; positions count
            // positional items.
            edge("b.value", "e.x", false),
            edge("c.value", "e.1", true),
            edge("a.index", "f.0", true),
            edge("d.value", "f.d", false),
        ]
    );
    assert_eq!(tube.return_node().map(|node| &*node.id), Some("f"));
}

#[test]
fn gather_requires_n_only_when_fed() {
    let tube = good(
        "  a: {type: t.lists}
  m: {type: map, depends: a.items}
  g: {type: gather, depends: [{value: m.value}, {n: m.n}]}
  h: {type: gather, depends: [{value: m.value}, {trigger: m.n}]}
",
    );
    assert_eq!(
        edges(&tube)[1..],
        [
            edge("m.value", "g.value", true),
            edge("m.n", "g.n", true),
            edge("m.value", "h.value", true),
            edge("m.n", "h.trigger", false)
        ]
    );
    let optional = |id: &str| {
        tube.nodes[id]
            .slots
            .iter()
            .map(|slot| slot.optional)
            .collect::<Vec<_>>()
    };
    assert_eq!(optional("g"), [false, true, false]);
    assert_eq!(optional("h"), [false, true, true]);
}

#[test]
fn tube_overrides_stateful_of_the_type() {
    let tube = good(
        "  a: {type: t.count}
  b: {type: t.count, stateful: false}
  c: {type: t.multiply, depends: a.index}
  d: {type: t.multiply, stateful: true, depends: a.index}
  m: {type: map, depends: a.index}
  g: {type: gather, params: {n: 1}, depends: a.index}
  r: {type: return}
",
    );
    let stateful: Vec<bool> = tube.nodes.values().map(|node| node.stateful).collect();
    assert_eq!(stateful, [true, false, false, true, false, true, false]);
    assert_eq!(tube.nodes["m"].kind, TubeNodeKind::Map);
}

#[test]
fn input_is_given_then_default_then_null() {
    let text = "noob_id: t
input:
  given: {type: int}
  over: {type: int, default: 1}
  default: {type: int, default: 2}
  null_default: {type: int, default: }
  optional: {type: int, required: false}
  each: {type: int, scope: process, default: 3}
  each_optional: {type: int, scope: process, required: false}
nodes:
  a:
    type: t.any
    params: {value: input.given}
    depends: [{each: input.each}]
  b: {type: t.any, params: {value: input.over}, enabled: input.over}
  c: {type: t.any, params: {value: input.default}}
  d: {type: t.any, params: {value: input.null_default}, enabled: input.null_default}
  e: {type: t.any, params: {value: input.optional}, enabled: input.optional}
  f: {type: t.any, params: {value: input.each}}
  g: {type: t.any, params: {value: input.each_optional}}
  h: {type: t.any, params: {value: {x: input.given}}}
";
    let given = Map::from_iter([
        ("given".to_owned(), Value::Int(7)),
        ("over".to_owned(), Value::Int(0)),
    ]);
    let tube = make_with(text, &NoTubes, &given).unwrap();
    let value = |id: &str| tube.nodes[id].params["value"].clone();
    assert_eq!(
        ["a", "b", "c", "d", "e", "f", "g"].map(value),
        [
            Value::Int(7),
            Value::Int(0),
            Value::Int(2),
            Value::Null,
            Value::Null,
            Value::Int(3),
            Value::Null
        ]
    );
    // Only the top level of `params` is looked at.
    assert_eq!(
        value("h"),
        Value::Map(Map::from_iter([("x".to_owned(), Value::Str("input.given".into()))]).into())
    );
    assert_eq!(["b", "d", "e"].map(|id| tube.nodes[id].enabled), [false; 3]);
    let names: Vec<&str> = tube.tube_input.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["given", "over", "default", "null_default", "optional"]
    );
}

#[test]
fn generations_follow_the_edges() {
    // Recorded from noob: `basic/kitchen_sink.yaml`, and `disable_node.yaml` for what stands below
    // a disabled node.
    let tube = good(
        "  count: {type: t.count}
  letter: {type: t.words}
  multiply: {type: t.multiply, depends: [{left: count.index}]}
  gather_n: {type: gather, params: {n: 5}, depends: [{value: letter.word}]}
  return: {type: return, depends: [{m: multiply.value}, {g: gather_n.value}, {c: count.index}]}
",
    );
    let generations: Vec<Vec<String>> = tube
        .generations()
        .iter()
        .map(|names| names.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(
        generations,
        [
            vec!["count", "letter"],
            vec!["multiply", "gather_n"],
            vec!["return"]
        ]
    );
    assert_eq!(tube.upstream("return").count(), 3);

    let tube = good(
        "  a: {type: t.count}
  b: {type: t.multiply, enabled: false, depends: [{left: a.index}]}
  c: {type: return, depends: b.value}
",
    );
    assert_eq!(tube.generations(), [vec!["a".into()]]);
}

#[test]
fn node_has_its_place() {
    let tube = good("  a: {type: t.count}\n\n  b: {type: t.multiply, depends: a.index}\n");
    assert_eq!(tube.node_at("b").as_deref(), Some("tube.yaml:5:3"));
    assert_eq!(tube.at(tube.edges[0].place), "tube.yaml:5:34");
    assert_eq!(tube.node_at("zzz"), None);
}

#[test]
fn tube_without_nodes_is_valid() {
    good("noob_id: t\n");
    good("noob_id: t\nnodes: {}\n");
}
