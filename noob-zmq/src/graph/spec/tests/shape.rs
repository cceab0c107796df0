//! Mistakes in the shape of a tube: one test for each, with the whole text of the report.

use expect_test::expect;

use super::fake::{bad, good, make};

#[test]
fn unknown_keys_are_reported() {
    expect![[r#"
        tube.yaml:4:3: error: the key `a` stands twice in the same mapping
          |
        3 |   a: {type: t.count}
          |   ^ first here
        4 |   a: {type: t.words}
          |   ^ again here
          = help: keep one of them
    "#]]
    .assert_eq(&bad("  a: {type: t.count}\n  a: {type: t.words}\n"));
    expect![[r#"
        tube.yaml:2:1: error: a tube has no key `node`
          |
        2 | node:
          | ^^^^ no such key
          = help: did you mean `nodes`?
    "#]]
    .assert_eq(&bad("noob_id: t\nnode:\n  a: 1\n"));
    expect![[r#"
        tube.yaml:3:7: error: a node has no key `typ`
          |
        3 |   a: {typ: t.count}
          |       ^^^ no such key
          = help: did you mean `type`?
    "#]]
    .assert_eq(&bad("  a: {typ: t.count}\n"));
    expect![["
        tube.yaml:3:22: error: a node has no key `speed`
          |
        3 |   a: {type: t.count, speed: 1}
          |                      ^^^^^ no such key
          = help: there are `id`, `type`, `depends`, `params`, `enabled`, `stateful`, \
            `description`, `nodeinfo`, `restart`, `on_error` and `timeout`
    "]]
    .assert_eq(&bad("  a: {type: t.count, speed: 1}\n"));
    expect![[r#"
        tube.yaml:3:3: error: a list or a mapping cannot be a key
          |
        3 |   [a, b]: {type: t.count}
          |   ^ here
          = help: a key is a word or a quoted text; `{..}` and `[..]` may need quotes
    "#]]
    .assert_eq(&bad("  [a, b]: {type: t.count}\n"));
}

#[test]
fn wrong_header_is_reported() {
    expect![[r#"
        tube.yaml:1:1: error: the tube has no `noob_id`
          |
        1 | nodes: {}
          | ^ in this one
          = help: begin the file with `noob_id: a-name-for-it`
    "#]]
    .assert_eq(&make("nodes: {}\n").unwrap_err().render());
    expect![[r#"
        tube.yaml:1:1: error: the tube has no `noob_id`
          |
        1 | noob_id:
          | ^^^^^^^ in this one
          = help: begin the file with `noob_id: a-name-for-it`
    "#]]
    .assert_eq(&make("noob_id:\n").unwrap_err().render());
    expect![[r#"
        tube.yaml:1:10: error: `noob_id` must be a text, not the number `12`
          |
        1 | noob_id: 12
          |          ^^ this value
          = help: put it in quotes: `"12"`
    "#]]
    .assert_eq(&make("noob_id: 12\n").unwrap_err().render());
    expect![["
        tube.yaml:1:10: error: `...` cannot be a `noob_id`
          |
        1 | noob_id: ...
          |          ^^^ here
          = help: it needs at least one letter, digit, `_`, `-`, `/` or `#`

        tube.yaml:2:13: error: `a..b` cannot be a `noob_model`
          |
        2 | noob_model: a..b
          |             ^^^^ here
          = help: a `noob_model` is words joined by dots, such as `noob.tube.TubeSpecification`; a \
            word is letters, digits and `_`, and does not begin with a digit

        tube.yaml:3:15: error: `noob_version` must be a text, not the number `0.1`
          |
        3 | noob_version: 0.1
          |               ^^^ this value
          = help: put it in quotes: `\"0.1\"`

        3 mistakes in tube.yaml
    "]]
    .assert_eq(
        &make(
            "noob_id: ...
noob_model: a..b
noob_version: 0.1
",
        )
        .unwrap_err()
        .render(),
    );
    expect![[r#"
        tube.yaml:2:14: error: `description` of the tube must be a text, not the number `3`
          |
        2 | description: 3
          |              ^ this value
          = help: put it in quotes: `"3"`

        tube.yaml:3:10: error: `extends` must be a list of tubes, not the text `b`
          |
        3 | extends: b
          |          ^ this value
          = help: write a list, also for a single one: `extends: [name]`

        2 mistakes in tube.yaml
    "#]]
    .assert_eq(
        &make("noob_id: a\ndescription: 3\nextends: b\n")
            .unwrap_err()
            .render(),
    );
    // noob accepts these, in any order.
    make("noob_version: 1.2.3\nnoob_id: my tube.!\nnoob_model: x.Y\ndescription:\n").unwrap();
}

#[test]
fn wrong_names_are_reported() {
    expect![["
        tube.yaml:3:3: error: `my-node` cannot be the name of a node
          |
        3 |   my-node: {type: t.count}
          |   ^^^^^^^ here
          = help: a name is letters, digits and `_`, and does not begin with a digit: `my_node` \
            would do
    "]]
    .assert_eq(&bad("  my-node: {type: t.count}\n"));
    expect![["
        tube.yaml:3:3: error: `2nd` cannot be the name of a node
          |
        3 |   2nd: {type: t.count}
          |   ^^^ here
          = help: a name is letters, digits and `_`, and does not begin with a digit: `_2nd` would \
            do
    "]]
    .assert_eq(&bad("  2nd: {type: t.count}\n"));
    expect![[r#"
        tube.yaml:3:3: error: `1` cannot be the name of a node
          |
        3 |   1: {type: t.count}
          |   ^ here
          = help: a name is letters, digits and `_`, and does not begin with a digit: `_1` would do
    "#]]
    .assert_eq(&bad("  1: {type: t.count}\n"));
    expect![[r#"
        tube.yaml:3:3: error: `true` cannot be the name of a node
          |
        3 |   true: {type: t.count}
          |   ^^^^ here
          = help: YAML takes `true` for a truth value, a number or nothing: choose another
    "#]]
    .assert_eq(&bad("  true: {type: t.count}\n"));
    expect![[r#"
        tube.yaml:3:3: error: `input` cannot be the name of a node: the word is reserved
          |
        3 |   input: {type: t.count}
          |   ^^^^^ here
          = help: `assets`, `input`, `meta` and `tube` have a meaning of their own: choose another
    "#]]
    .assert_eq(&bad("  input: {type: t.count}\n"));
    expect![[r#"
        tube.yaml:3:3: error: `meta` cannot be the name of an input: the word is reserved
          |
        3 |   meta: {type: int, default: 1}
          |   ^^^^ here
          = help: `assets`, `input`, `meta` and `tube` have a meaning of their own: choose another
    "#]]
    .assert_eq(&bad(
        "noob_id: t\ninput:\n  meta: {type: int, default: 1}\n",
    ));
    expect![[r#"
        tube.yaml:3:26: error: node `a` says that its `id` is `b`
          |
        3 |   a: {type: t.count, id: b}
          |                          ^ here
          = help: remove `id`: the key is the name
    "#]]
    .assert_eq(&bad("  a: {type: t.count, id: b}\n"));
    good("  class: {type: t.count}\n  größe: {type: t.count, id: größe}\n");
}

#[test]
fn wrong_kinds_are_reported() {
    expect![[r#"
        tube.yaml:2:1: error: `nodes` must be a mapping, not nothing
          |
        2 | nodes:
          | ^^^^^ nothing stands here
          = help: its entries stand below it, indented and without `-`: `name: {type: ..}`
    "#]]
    .assert_eq(&bad("noob_id: t\nnodes:\n"));
    expect![[r#"
        tube.yaml:2:1: error: `nodes` must be a mapping, not a list
          |
        2 | nodes:
          | ^^^^^ this value
          = help: its entries stand below it, indented and without `-`: `name: {type: ..}`
    "#]]
    .assert_eq(&bad("noob_id: t\nnodes:\n  - type: t.count\n"));
    expect![[r#"
        tube.yaml:3:3: error: node `a` must be a mapping, not nothing
          |
        3 |   a:
          |   ^ nothing stands here
          = help: what it is stands below it, indented: `type: ..`

        tube.yaml:4:6: error: node `b` must be a mapping, not the text `t.count`
          |
        4 |   b: t.count
          |      ^^^^^^^ this value
          = help: what it is stands below it, indented: `type: ..`

        2 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad("  a:\n  b: t.count\n"));
    expect![[r#"
        tube.yaml:3:3: error: node `a` has no `type`
          |
        3 |   a: {}
          |   ^ in this one
          = help: add `type: ..`
    "#]]
    .assert_eq(&bad("  a: {}\n"));
    expect![[r#"
        tube.yaml:3:13: error: `type` of node `a` must be a text, not the number `3`
          |
        3 |   a: {type: 3}
          |             ^ this value
          = help: put it in quotes: `"3"`
    "#]]
    .assert_eq(&bad("  a: {type: 3}\n"));
    expect![["
        tube.yaml:3:13: error: `.b.c` cannot be a `type`
          |
        3 |   a: {type: .b.c}
          |             ^^^^ here
          = help: a `type` is words joined by dots, such as `my_crate.text.words`; a word is \
            letters, digits and `_`, and does not begin with a digit

        tube.yaml:4:13: error: `b.2` cannot be a `type`
          |
        4 |   d: {type: b.2}
          |             ^^^ here
          = help: a `type` is words joined by dots, such as `my_crate.text.words`; a word is \
            letters, digits and `_`, and does not begin with a digit

        2 mistakes in tube.yaml
    "]]
    .assert_eq(&bad("  a: {type: .b.c}\n  d: {type: b.2}\n"));
    expect![[r#"
        tube.yaml:3:30: error: `params` of node `a` must be a mapping, not a list
          |
        3 |   a: {type: t.count, params: [1]}
          |                              ^ this value

        tube.yaml:4:29: error: `params` of node `b` must be a mapping, not the text `x`
          |
        4 |   b: {type: t.Read, params: x}
          |                             ^ this value

        2 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad(
        "  a: {type: t.count, params: [1]}\n  b: {type: t.Read, params: x}\n",
    ));
    expect![["
        tube.yaml:3:31: error: `enabled` of node `a` must be `true`, `false` or `input.name`, not \
          the number `2`
          |
        3 |   a: {type: t.count, enabled: 2, stateful: abc}
          |                               ^ this value
          = help: only an input of the tube can enable a node when the tube is made

        tube.yaml:3:44: error: `stateful` of node `a` must be `true` or `false`, not the text `abc`
          |
        3 |   a: {type: t.count, enabled: 2, stateful: abc}
          |                                            ^^^ this value

        tube.yaml:4:31: error: `enabled` of node `b` must be `true`, `false` or `input.name`, not \
          the text `foo.bar`
          |
        4 |   b: {type: t.count, enabled: foo.bar}
          |                               ^^^^^^^ this value
          = help: only an input of the tube can enable a node when the tube is made

        3 mistakes in tube.yaml
    "]]
    .assert_eq(&bad("  a: {type: t.count, enabled: 2, stateful: abc}
  b: {type: t.count, enabled: foo.bar}
"));
    good(
        "  a: {type: t.count, enabled: 'yes', stateful: 'off', params: , depends: []}
  b: {type: t.count, enabled: 1, depends: }
",
    );
}

#[test]
fn wrong_inputs_and_assets_are_reported() {
    expect![[r#"
        tube.yaml:3:3: error: input `a` has no `type`
          |
        3 |   a: {default: 1}
          |   ^ in this one
          = help: add `type: ..`

        tube.yaml:4:25: error: input `b` has the scope `global`, which does not exist
          |
        4 |   b: {type: int, scope: global}
          |                         ^^^^^^ here
          = help: there are `tube` and `process`

        tube.yaml:5:18: error: an input has no key `bogus`
          |
        5 |   c: {type: int, bogus: 1, required: 3}
          |                  ^^^^^ no such key
          = help: there are `id`, `type`, `scope`, `default`, `required` and `description`

        tube.yaml:5:38: error: `required` of input `c` must be `true` or `false`, not the number `3`
          |
        5 |   c: {type: int, bogus: 1, required: 3}
          |                                      ^ this value

        tube.yaml:6:6: error: input `d` must be a mapping, not the number `3`
          |
        6 |   d: 3
          |      ^ this value
          = help: what it is stands below it, indented: `type: ..`

        5 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad("noob_id: t
input:
  a: {default: 1}
  b: {type: int, scope: global}
  c: {type: int, bogus: 1, required: 3}
  d: 3
"));
    expect![["
        tube.yaml:3:3: error: asset `a` has no `type`
          |
        3 |   a: {scope: runner}
          |   ^ in this one
          = help: add `type: ..`

        tube.yaml:4:3: error: asset `b` has no `scope`
          |
        4 |   b: {type: set}
          |   ^ in this one
          = help: add `scope: runner`, `scope: process` or `scope: node`

        tube.yaml:5:25: error: asset `c` has the scope `tube`, which does not exist
          |
        5 |   c: {type: set, scope: tube}
          |                         ^^^^ here
          = help: there are `runner`, `process` and `node`

        tube.yaml:6:31: error: asset `d` has `depends`, but its scope is `node`
          |
        6 |   d: {type: set, scope: node, depends: x.y}
          |                               ^^^^^^^ here
          = help: only an asset of `scope: runner` lives long enough to be replaced by a node

        tube.yaml:7:42: error: `x` is not of the form `node.signal`
          |
        7 |   e: {type: set, scope: runner, depends: x, params: 3}
          |                                          ^ not `node.signal`
          = help: name a node and one of its signals with one dot between them, or an input: \
            `input.name`

        tube.yaml:7:53: error: `params` of asset `e` must be a mapping or a list, not the number `3`
          |
        7 |   e: {type: set, scope: runner, depends: x, params: 3}
          |                                                     ^ this value

        6 mistakes in tube.yaml
    "]]
    .assert_eq(&bad("noob_id: t
assets:
  a: {scope: runner}
  b: {type: set}
  c: {type: set, scope: tube}
  d: {type: set, scope: node, depends: x.y}
  e: {type: set, scope: runner, depends: x, params: 3}
"));
}
