//! What shows in a tube file alone.

use super::args::Args;
use super::file::Files;
use super::mistakes::Mistakes;
use super::{entries, extend, graph, nodes, shape, yaml};

/// The mistakes in a tube without a header, each as `line:column: text`; line 2 is the first of `text`.
fn mistakes(text: &str) -> Vec<String> {
    let mut mistakes = Mistakes::default();
    let text = format!("noob_id: a\n{text}");
    let spec =
        yaml::read(&text, 0, &mut mistakes).and_then(|tree| shape::tube(&tree, &mut mistakes));
    if let Some(spec) = &spec {
        graph::check(spec, &mut mistakes);
    }
    mistakes.into_texts()
}

#[test]
fn a_tube_without_mistakes_has_none() {
    let tube = "
input:
  k: {type: int, scope: process, default: 2}
nodes:
  a: {type: my.count, params: {limit: input.k}}
  m: {type: map, depends: a.value}
  g: {type: gather, depends: [m.value, {n: m.n}]}
  b: {type: my.b, depends: [{x: input.k}, {y: g.value}], enabled: true, stateful: false}
  out: {type: return, depends: [{b: b.value}]}
";
    assert_eq!(mistakes(tube), Vec::<String>::new());
}

#[test]
fn names_that_lead_nowhere_are_told_at_their_place() {
    let tube = "input:
  limit: {type: int}
nodes:
  count: {type: my.count, params: {limit: input.limt}}
  a: {type: my.a, depends: [{x: cuont.value}, input.other]}
  m: {type: map, depends: [{valu: a.value}]}
  b: {type: my.b, depends: [{x: m.item}, {y: out.value}]}
  out: {type: return, depends: b.value}
";
    assert_eq!(
        mistakes(tube),
        [
            "5:36: node `count` uses input `limt`, which is not declared; did you mean `limit`?",
            "6:33: node `a` depends on node `cuont`, which does not exist; did you mean `count`?",
            "6:47: node `a` uses input `other`, which is not declared; there is `limit`",
            "7:29: node `m` (map) has no slot `valu`; did you mean `value`?",
            "8:33: node `m` (map) has no signal `item`; there is `value` and `n`",
            "8:46: nothing can depend on `out`: a return node says nothing to other nodes",
        ]
    );
}

#[test]
fn a_circle_is_told_once_as_it_runs() {
    let tube = "nodes:
  a: {type: my.a, depends: c.value}
  b: {type: my.a, depends: a.value}
  c: {type: my.a, depends: b.value}
  d: {type: my.a, depends: c.value}
";
    assert_eq!(
        mistakes(tube),
        ["4:28: these nodes wait for each other: `a` → `b` → `c` → `a`"]
    );
    let itself = "nodes:\n  a: {type: my.a, depends: a.value}\n";
    assert_eq!(
        mistakes(itself),
        ["3:28: these nodes wait for each other: `a` → `a`"]
    );
}

#[test]
fn wrong_shapes_are_told_in_words() {
    let tube = "node:
  a: {type: my.a}
nodes:
  tube: {type: my.a}
  a: {typ: my.a}
  b: {depends: a.value}
  c: {type: my.c, depends: {x: a.value}}
  d: {type: my.d, depends: [{x: a.value, y: a.value}, 7, {x: a}, {z: a.v}, {z: a.w}]}
  e: {type: 1.2, params: [1]}
  e: {type: my.e, params: [1]}
  f: {type: return}
  g: {type: return}
input:
  k: {type: int, scope: node}
";
    assert_eq!(
        mistakes(tube),
        [
            "2:1: a tube has no key `node`; did you mean `nodes`?",
            "5:3: `tube` cannot be the name of a node: the word is reserved",
            "6:7: a node has no key `typ`; did you mean `type`?",
            "7:3: node `b` has no `type`",
            "8:28: `depends` of node `c` must be `node.signal` or a list of such, not a mapping; write a `-` before each line",
            "9:29: an item of `depends` must be `node.signal` or `slot: node.signal`, not a mapping",
            "9:55: `7` is not of the form `node.signal`",
            "9:62: `a` is not of the form `node.signal`",
            "9:77: slot `z` of node `d` is fed twice",
            "11:3: the key `e` stands twice in the same mapping",
            "11:27: `params` of node `e` must be a mapping, not a list",
            "13:3: a tube can have one return node; `f` is one already",
            "15:25: input `k` has the scope `node`, which does not exist; there is `tube` and `process`",
        ]
    );
}

#[test]
fn a_text_that_is_no_tube_is_refused() {
    assert_eq!(
        mistakes("nodes: [\n"),
        ["3:1: this is not YAML: while parsing a node, did not find expected node content"]
    );
    assert_eq!(
        mistakes("extends: base\n"),
        [
            "2:10: `extends` must be a list of tubes, not `base`; write a list, also for a single one: `extends: [name]`",
        ]
    );
    let mut none = Mistakes::default();
    assert!(yaml::read("", 0, &mut none).is_none());
    assert_eq!(none.into_texts(), ["1:1: the file is empty"]);
}

const BASE: (&str, &str) = (
    "base",
    "noob_id: base
input:
  k: {type: int, default: 1}
nodes:
  r: {type: return, description: all, depends: b.value}
  a: {type: t.count, params: {start: 1, limit: 9}, enabled: true}
  b: {type: t.multiply, depends: [{left: a.index}, {right: input.k}]}
",
);

/// The same as the loader makes of these texts, in its own tests.
#[test]
fn a_tube_is_merged_key_by_key_onto_what_it_extends() {
    let own = "noob_id: t
extends: [base]
nodes:
  a: {params: {limit: 3}}
  b: {depends: [a.index, a.index]}
  more: {type: t.words}
  r: {type: return}
";
    let mut mistakes = Mistakes::default();
    let tree = extend::tree(&mut Files::of(own, &[BASE]), &mut mistakes).unwrap();
    let spec = shape::tube(&tree, &mut mistakes).unwrap();
    assert_eq!(mistakes.into_texts(), Vec::<String>::new());
    assert_eq!(spec.id, "t");
    let names: Vec<&str> = spec.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "more", "r"]);
    let node = |name: &str| spec.node(name).unwrap();
    let params: Vec<&str> = node("a").params.iter().map(|param| &*param.name).collect();
    assert_eq!(params, ["start", "limit"]);
    let fed: Vec<Option<&str>> = node("b")
        .depends
        .iter()
        .map(|item| item.slot.as_deref())
        .collect();
    assert_eq!(fed, [None, None], "`depends` is replaced as a whole");
    assert_eq!(node("r").depends.len(), 1);
    // Each piece knows the file that it stands in.
    assert_eq!((node("r").at.file, node("r").depends[0].at.file), (0, 1));
    assert!(spec.input("k").unwrap().optional);
}

#[test]
fn a_later_parent_does_not_override_by_saying_the_default() {
    let first = (
        "first",
        "noob_id: first\ninput:\n  k: {type: int, scope: process, required: false}\n",
    );
    let second = (
        "second",
        "noob_id: second\ninput:\n  k: {type: int, scope: tube, required: true}\n",
    );
    let input = |own: &str| {
        let mut mistakes = Mistakes::default();
        let tree = extend::tree(&mut Files::of(own, &[first, second]), &mut mistakes).unwrap();
        let spec = shape::tube(&tree, &mut mistakes).unwrap();
        let input = spec.input("k").unwrap();
        (input.of_process, input.optional)
    };
    assert_eq!(
        input("noob_id: t\nextends: [first, second]\n"),
        (true, true)
    );
    let own = "noob_id: t\nextends: [first, second]\ninput:\n  k: {scope: tube, required: true}\n";
    assert_eq!(input(own), (false, false), "the file itself does override");
}

#[test]
fn edges_with_a_policy_and_assets_are_read() {
    let tube = "assets:
  log: {type: my.log, scope: runner, depends: b.value}
  old: {type: my.log, scope: runner, depends: c.value}
nodes:
  a: {type: my.count, restart: always, on_error: skip, timeout: 3}
  b: {type: my.b, depends: [{x: {from: a.value, policy: latest}}, {y: assets.log}]}
  c: {type: my.b, depends: [{x: {from: d.value, polcy: latest}}, {y: assets.lgo}]}
";
    assert_eq!(
        mistakes(tube),
        [
            "8:40: node `c` depends on node `d`, which does not exist; there is `a` and `b`",
            "8:49: what feeds a slot has no key `polcy`; did you mean `policy`?",
            "8:70: node `c` depends on asset `lgo`, which is not declared; there is `log` and `old`",
        ]
    );
}

/// The keys of the loader.
#[expect(dead_code, reason = "the names are all that is compared")]
#[path = "../../../noob-zmq/spec/src/reader/keys.rs"]
mod keys;

#[test]
fn the_keys_are_those_that_the_loader_reads() {
    assert_eq!(shape::TUBE_KEYS.to_vec(), keys::names(keys::TUBE));
    assert_eq!(entries::NODE_KEYS.to_vec(), keys::names(keys::NODE));
    assert_eq!(entries::INPUT_KEYS.to_vec(), keys::names(keys::INPUT));
    assert_eq!(entries::ASSET_KEYS.to_vec(), keys::names(keys::ASSET));
    assert_eq!(entries::EDGE_KEYS.to_vec(), keys::names(keys::EDGE));
}

#[test]
fn aliases_and_merged_mappings_mean_what_they_repeat() {
    let tube = "nodes:
  a: &node {type: my.count, params: {limit: input.k}}
  b: {<<: *node, type: my.other}
input:
  k: &int {type: int}
  l: *int
";
    assert_eq!(mistakes(tube), Vec::<String>::new());
}

#[test]
fn a_node_type_must_be_somewhere() {
    let args: Args = syn::parse_quote!(
        "a.yaml",
        nodes = {"sums.add" => crate::math::add, "here.it" => it},
        crates = [other],
        at_load = ["python", "x.y"],
    );
    let text = "noob_id: a\nnodes:
  a: {type: sums.add}
  b: {type: here.it}
  c: {type: other.deep.node}
  d: {type: python.fetch}
  e: {type: x.y}
  f: {type: x.yz}
  g: {type: noob_zmq.text.words}
";
    let mut mistakes = Mistakes::default();
    let tree = yaml::read(text, 0, &mut mistakes).unwrap();
    let spec = shape::tube(&tree, &mut mistakes).unwrap();
    let nodes = nodes::resolve(&spec, &args, &mut mistakes);
    let markers: Vec<String> = nodes
        .list
        .iter()
        .map(|node| node.marker.to_string())
        .collect();
    assert_eq!(markers, ["__A_add", "__A_it", "__A_node", "__A_words"]);
    let texts = mistakes.into_texts();
    assert_eq!(texts.len(), 1);
    assert!(
        texts[0].starts_with(
            "8:13: node type `x.yz` is neither of this crate nor of one that is named here"
        ),
        "{texts:?}"
    );
}
