//! Mistakes that a tube file alone shows, as `tube!` reports them.

use noob_zmq_spec::{Diagnostic, Diagnostics, InputScope, NoTubes, Source, TubeSpec};

use super::args::TubeArgs;
use super::files::Files;
use super::nodes::{self, Nodes};

/// Returns the mistakes in a tube, each as `line:column: text`; line 2 is the first of `text`.
fn mistakes(text: &str) -> Vec<String> {
    read(&format!("noob_id: a\n{text}"), &[])
        .err()
        .unwrap_or_default()
}

/// Reads a tube, with others by the names that it uses for them.
fn read(own: &str, others: &[(&str, &str)]) -> Result<(TubeSpec, Nodes), Vec<String>> {
    let args = syn::parse_quote!("a.yaml", at_load = ["my", "t"]);
    super::read(&Files::of(own, others), &args).map_err(|mistakes| texts(&mistakes))
}

fn texts(mistakes: &[Diagnostic]) -> Vec<String> {
    let text = |mistake: &Diagnostic| mistake.with_help().split_once(':').unwrap().1.to_owned();
    mistakes.iter().map(text).collect()
}

#[test]
fn valid_tube_has_no_mistakes() {
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
fn unknown_names_are_reported_at_their_places() {
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
            "5:43: node `count` uses input `limt`, which is not declared; did you mean `limit`?",
            "6:33: node `a` depends on node `cuont`, which does not exist; did you mean `count`?",
            "6:47: node `a` uses input `other`, which is not declared; declare it: `input: \
             {other: {type: ..}}`",
            "7:29: node `m` (map) has no slot `valu`; did you mean `value`?",
            "8:33: node `m` (map) has no signal `item`; it emits `value` and `n`",
            "8:46: nothing can depend on `out`: a return node emits nothing to other nodes; \
             depend on what it depends on",
        ]
    );
}

#[test]
fn cycle_is_reported_once_in_order() {
    let tube = "nodes:
  a: {type: my.a, depends: c.value}
  b: {type: my.a, depends: a.value}
  c: {type: my.a, depends: b.value}
  d: {type: my.a, depends: c.value}
";
    assert_eq!(
        mistakes(tube),
        [
            "3:28: these nodes wait for each other: `a` → `b` → `c` → `a`; a value cannot depend \
          on itself: cut one of these dependencies"
        ]
    );
    let itself = "nodes:\n  a: {type: my.a, depends: a.value}\n";
    assert_eq!(
        mistakes(itself),
        [
            "3:28: these nodes wait for each other: `a` → `a`; a value cannot depend on itself: \
          cut one of these dependencies"
        ]
    );
}

#[test]
fn wrong_shapes_are_reported() {
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
            "5:3: `tube` cannot be the name of a node: the word is reserved; `assets`, `input`, \
             `meta` and `tube` have a meaning of their own: choose another",
            "6:7: a node has no key `typ`; did you mean `type`?",
            "7:3: node `b` has no `type`; add `type: ..`",
            "8:19: `depends` of node `c` must be `node.signal` or a list of such, not a mapping; \
             a value by name is an item of a list: `depends: [{slot: node.signal}]`",
            "9:29: an item of `depends` must be `node.signal` or `slot: node.signal`, not a \
             mapping of 2 slots; put each on a line of its own, with `- ` in front",
            "9:55: an item of `depends` must be `node.signal` or `slot: node.signal`, not the \
             number `7`; put each on a line of its own, with `- ` in front",
            "9:62: `a` is not of the form `node.signal`; name a node and one of its signals with \
             one dot between them, or an input: `input.name`",
            "9:77: slot `z` of node `d` is fed twice; keep one of them",
            "10:13: `type` of node `e` must be a text, not the number `1.2`; put it in quotes: \
             `\"1.2\"`",
            "10:26: `params` of node `e` must be a mapping, not a list",
            "11:3: the key `e` stands twice in the same mapping; keep one of them",
            "13:3: a tube can have one return node; `f` is one already; feed both sets of values \
             into one return node, each under a name of its own",
            "15:25: input `k` has the scope `node`, which does not exist; there are `tube` and \
             `process`",
        ]
    );
}

#[test]
fn text_that_is_no_tube_is_rejected() {
    assert_eq!(
        mistakes("nodes: [\n"),
        ["2:8: this is not YAML: while parsing a node, did not find expected node content"]
    );
    assert_eq!(
        mistakes("extends: base\n"),
        [
            "2:10: `extends` must be a list of tubes, not the text `base`; write a list, also for \
             a single one: `extends: [name]`",
        ]
    );
    let empty = read("", &[]).unwrap_err();
    assert!(empty[0].starts_with("1:1: the file is empty"), "{empty:?}");
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
fn extended_tube_is_merged_key_by_key() {
    let own = "noob_id: t
extends: [base]
nodes:
  a: {params: {limit: 3}}
  b: {depends: [a.index, a.index]}
  more: {type: t.words}
  r: {type: return}
";
    let (spec, _) = read(own, &[BASE]).unwrap();
    assert_eq!(&*spec.id.value, "t");
    let names: Vec<&str> = spec.nodes.keys().map(|name| &**name).collect();
    assert_eq!(names, ["a", "b", "more", "r"]);
    let node = |name: &str| &spec.nodes[name];
    let params: Vec<&str> = node("a").params.keys().map(|name| &**name).collect();
    assert_eq!(params, ["start", "limit"]);
    let fed: Vec<Option<&str>> = node("b")
        .depends
        .iter()
        .map(|item| item.slot_name())
        .collect();
    assert_eq!(fed, [None, None], "`depends` is replaced as a whole");
    assert_eq!(node("r").depends.len(), 1);
    // Each piece knows the file that it stands in.
    assert_eq!(
        (node("r").id.place.file, node("r").depends[0].place.file),
        (0, 1)
    );
    assert!(spec.inputs["k"].may_be_missing());
}

#[test]
fn later_parent_does_not_override_with_defaults() {
    let first = (
        "first",
        "noob_id: first\ninput:\n  k: {type: int, scope: process, required: false}\n",
    );
    let second = (
        "second",
        "noob_id: second\ninput:\n  k: {type: int, scope: tube, required: true}\n",
    );
    let input = |own: &str| {
        let (spec, _) = read(own, &[first, second]).unwrap();
        let input = &spec.inputs["k"];
        (input.scope == InputScope::Process, input.may_be_missing())
    };
    assert_eq!(
        input("noob_id: t\nextends: [first, second]\n"),
        (true, true)
    );
    let own = "noob_id: t\nextends: [first, second]\ninput:\n  k: {scope: tube, required: true}\n";
    assert_eq!(input(own), (false, false), "the file itself does override");
}

#[test]
fn edge_policies_and_assets_are_read() {
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
            "8:40: node `c` depends on node `d`, which does not exist; the others are `a` and `b`",
            "8:49: what feeds a slot has no key `polcy`; did you mean `policy`?",
            "8:70: node `c` depends on asset `lgo`, which is not declared; did you mean `log`?",
        ]
    );
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
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
fn node_type_without_rust_path_is_reported() {
    let args: TubeArgs = syn::parse_quote!(
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
    let mut diagnostics = Diagnostics::new(Source::new("a.yaml", text));
    let source = Source::new("a.yaml", text);
    let spec = noob_zmq_spec::read(&source, &NoTubes, &mut diagnostics).unwrap();
    let nodes = nodes::resolve(&spec, &args, &mut diagnostics);
    let markers: Vec<String> = nodes
        .list
        .iter()
        .map(|node| node.marker.to_string())
        .collect();
    assert_eq!(
        markers,
        [
            "__A_type0_add_",
            "__A_type1_it_",
            "__A_type2_node_",
            "__A_type3_words_"
        ]
    );
    let texts = texts(diagnostics.finish(Some(())).unwrap_err().diagnostics());
    assert_eq!(texts.len(), 1);
    assert!(
        texts[0].starts_with(
            "8:13: node type `x.yz` is neither of this crate nor of one that is named here"
        ),
        "{texts:?}"
    );
}
