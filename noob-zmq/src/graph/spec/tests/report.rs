//! Warnings, and the report of many mistakes at once.

use expect_test::expect;

use super::fake::{make, make_with};
use crate::graph::Map;
use crate::graph::spec::NoTubes;

#[test]
fn warnings_are_reported() {
    let text = "noob_id: t
input:
  start: {type: int, default: 1}
  k: {type: int, scope: process, default: 1}
nodes:
  a: {type: t.count, enabled: false}
  b: {type: t.multiply, depends: [{left: a.index}, {right: input.k}]}
  c: {type: t.lists}
  g: {type: gather, depends: c.items}
  h: {type: gather, params: {n: 2}, depends: [{value: c.items}, {trigger: c.items}]}
  i: {type: t.count, stateful: true, restart: on-failure}
  j: {type: t.count, restart: always, stateful: false}
  k: {type: t.count, restart: never}
";
    let given = Map::from_iter([
        ("k".to_owned(), 1_i64.into()),
        ("strat".to_owned(), 2_i64.into()),
    ]);
    let tube = make_with(text, &NoTubes, &given).unwrap();
    let warnings: Vec<String> = tube
        .warnings
        .iter()
        .map(|warning| warning.render())
        .collect();
    expect![["
        tube.yaml:1:10: warning: the given input `strat` is not declared, and ignored
          |
        1 | noob_id: t
          |          ^ this tube has no such input
          = help: did you mean `start`?

        tube.yaml:3:3: warning: input `start` is declared, and not used
          |
        3 |   start: {type: int, default: 1}
          |   ^^^^^ not used
          = help: use it as `input.start` in `depends` or `params`, or remove it

        tube.yaml:4:3: warning: the given input `k` is ignored: its scope is `process`
          |
        4 |   k: {type: int, scope: process, default: 1}
          |   ^ here
          = help: give it with each `process`, or declare it with `scope: tube`

        tube.yaml:7:42: warning: node `b` will never run: it depends on `a`, which is disabled
          |
        7 |   b: {type: t.multiply, depends: [{left: a.index}, {right: input.k}]}
          |                                          ^^^^^^^ disabled
          = help: enable it, or disable what depends on it too

        tube.yaml:9:3: warning: gather `g` will never emit anything: it has neither `n` nor \
          `trigger`
          |
        9 |   g: {type: gather, depends: c.items}
          |   ^ here
          = help: set `n` in its `params`, or feed its slot `n` or `trigger`

        tube.yaml:10:3: warning: gather `h` has both `n` and `trigger`: it fails as soon as the \
          trigger fires
           |
        10 |   h: {type: gather, params: {n: 2}, depends: [{value: c.items}, {trigger: c.items}]}
           |   ^ here
           = help: keep one of them

        tube.yaml:11:3: warning: node `i` cannot be started again in the middle of a run: it is \
          stateful, and its state is not kept
           |
        11 |   i: {type: t.count, stateful: true, restart: on-failure}
           |   ^ here
           = help: give its type `#[snapshot]` and `#[restore]` (a tube inside and an iterator \
             have none), set `stateful: false` if nothing is lost with its process, or remove \
             `restart`
    "]]
    .assert_eq(&warnings.join("\n"));
}

#[test]
fn every_mistake_is_reported_once() {
    let text = "\
noob_id: t
bogus: 1
input:
  k: {type: int, scope: tub}
nodes:
  my-node: {type: t.count}
  b: {type: t.multipy, depends: [{left: my-node.index}]}
  c: {type: t.multiply, depends: [{left: b.anything}, {left: nobody.value}]}
  d: {type: t.multiply, depends: [{left: nobody.value}], params: {righ: 1}}
  e: {type: t.count, params: {start: input.k, limit: x}, stateful: perhaps}
  f: {type: t.multiply, depends: g.value}
  g: {type: t.multiply, depends: f.value}
";
    let errors = make(text).unwrap_err();
    expect![["
        tube.yaml:2:1: a tube has no key `bogus`
          help: there are `noob_id`, `noob_model`, `noob_version`, `description`, `extends`, \
            `input`, `assets` and `nodes`
        tube.yaml:4:25: input `k` has the scope `tub`, which does not exist
          help: there are `tube` and `process`
        tube.yaml:6:3: `my-node` cannot be the name of a node
          help: a name is letters, digits and `_`, and does not begin with a digit: `my_node` \
            would do
        tube.yaml:7:13: no node type is called `t.multipy`
          help: did you mean `t.multiply`?
        tube.yaml:8:56: slot `left` of node `c` is fed twice
          help: keep one of them
        tube.yaml:9:42: node `d` depends on node `nobody`, which does not exist
          help: the others are `b`, `c`, `e`, `f` and `g`
        tube.yaml:9:67: node `d` (t.multiply) has no parameter `righ`
          help: did you mean `right`?
        tube.yaml:10:54: parameter `limit` of node `e` cannot be `x`: expected int
        tube.yaml:10:68: `stateful` of node `e` must be `true` or `false`, not the text `perhaps`
        tube.yaml:11:34: these nodes wait for each other: `f` → `g` → `f`
          help: a value cannot depend on itself: cut one of these dependencies"]]
    .assert_eq(&errors.to_string());
    assert_eq!(errors.diagnostics().len(), 10);
}

#[test]
fn miette_shows_snippets() {
    use miette::Diagnostic;
    let errors =
        make("noob_id: t\nnodes:\n  a: {type: t.cuont}\n  b: {type: t.multiply, depends: a}\n")
            .unwrap_err();
    let mut out = String::new();
    for diagnostic in errors.related().unwrap() {
        miette::NarratableReportHandler::new()
            .render_report(&mut out, diagnostic)
            .unwrap();
    }
    expect![["
        tube.yaml:3:13: no node type is called `t.cuont`
            Diagnostic severity: error
        Begin snippet for tube.yaml starting at line 2, column 1

        snippet line 2: nodes:
        snippet line 3:   a: {type: t.cuont}
            label at line 3, columns 13 to 19: not known
        snippet line 4:   b: {type: t.multiply, depends: a}
        diagnostic help: did you mean `t.count`?
        tube.yaml:4:34: `a` is not of the form `node.signal`
            Diagnostic severity: error
        Begin snippet for tube.yaml starting at line 3, column 1

        snippet line 3:   a: {type: t.cuont}
        snippet line 4:   b: {type: t.multiply, depends: a}
            label at line 4, column 34: not `node.signal`
        diagnostic help: name a node and one of its signals with one dot between them, or an \
          input: `input.name`
    "]]
    .assert_eq(&out);
}
