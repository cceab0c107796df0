//! Mistakes in the form of `depends`, with the whole text of the report.

use expect_test::expect;

use super::fake::bad;

#[test]
fn wrong_forms_of_depends_are_reported() {
    let bad_depends = |depends: &str| {
        bad(&format!(
            "  a: {{type: t.count}}\n  b: {{type: t.multiply, depends: {depends}}}\n"
        ))
    };
    expect![["
        tube.yaml:4:25: error: `depends` of node `b` must be `node.signal` or a list of such, not \
          a mapping
          |
        4 |   b: {type: t.multiply, depends: {left: a.index}}
          |                         ^^^^^^^ here
          = help: a value by name is an item of a list: `depends: [{slot: node.signal}]`
    "]]
    .assert_eq(&bad_depends("{left: a.index}"));
    expect![["
        tube.yaml:4:34: error: `depends` of node `b` must be `node.signal` or a list of such, not \
          the number `3`
          |
        4 |   b: {type: t.multiply, depends: 3}
          |                                  ^ here
          = help: a value by name is an item of a list: `depends: [{slot: node.signal}]`
    "]]
    .assert_eq(&bad_depends("3"));
    expect![["
        tube.yaml:4:34: error: `abc` is not of the form `node.signal`
          |
        4 |   b: {type: t.multiply, depends: abc}
          |                                  ^^^ not `node.signal`
          = help: name a node and one of its signals with one dot between them, or an input: \
            `input.name`
    "]]
    .assert_eq(&bad_depends("abc"));
    expect![["
        tube.yaml:4:34: error: `a.b.c` is not of the form `node.signal`
          |
        4 |   b: {type: t.multiply, depends: a.b.c}
          |                                  ^^^^^ not `node.signal`
          = help: name a node and one of its signals with one dot between them, or an input: \
            `input.name`
    "]]
    .assert_eq(&bad_depends("a.b.c"));
    expect![["
        tube.yaml:4:35: error: an item of `depends` must be `node.signal` or `slot: node.signal`, \
          not a mapping of 2 slots
          |
        4 |   b: {type: t.multiply, depends: [{left: a.index, right: a.index}]}
          |                                   ^ here
          = help: put each on a line of its own, with `- ` in front
    "]]
    .assert_eq(&bad_depends("[{left: a.index, right: a.index}]"));
    expect![["
        tube.yaml:4:35: error: an item of `depends` must be `node.signal` or `slot: node.signal`, \
          not an empty mapping
          |
        4 |   b: {type: t.multiply, depends: [{}]}
          |                                   ^ here
          = help: put each on a line of its own, with `- ` in front
    "]]
    .assert_eq(&bad_depends("[{}]"));
    expect![[r#"
        tube.yaml:4:36: error: `0` cannot be the name of a slot
          |
        4 |   b: {type: t.multiply, depends: [{0: a.index}]}
          |                                    ^ here
          = help: a value by position has no name: `- node.signal`
    "#]]
    .assert_eq(&bad_depends("[{0: a.index}]"));
    expect![["
        tube.yaml:4:36: error: `le-ft` cannot be the name of a slot
          |
        4 |   b: {type: t.multiply, depends: [{le-ft: a.index}, {tube: a.index}]}
          |                                    ^^^^^ here
          = help: a name is letters, digits and `_`, and does not begin with a digit: `le_ft` \
            would do

        tube.yaml:4:54: error: `tube` cannot be the name of a slot: the word is reserved
          |
        4 |   b: {type: t.multiply, depends: [{le-ft: a.index}, {tube: a.index}]}
          |                                                      ^^^^ here
          = help: `assets`, `input`, `meta` and `tube` have a meaning of their own: choose another

        2 mistakes in tube.yaml
    "]]
    .assert_eq(&bad_depends("[{le-ft: a.index}, {tube: a.index}]"));
    expect![["
        tube.yaml:4:42: error: what feeds slot `left` must be `node.signal`, not the number `3`
          |
        4 |   b: {type: t.multiply, depends: [{left: 3}, [a.index]]}
          |                                          ^ this value

        tube.yaml:4:46: error: an item of `depends` must be `node.signal` or `slot: node.signal`, \
          not a list
          |
        4 |   b: {type: t.multiply, depends: [{left: 3}, [a.index]]}
          |                                              ^ here
          = help: put each on a line of its own, with `- ` in front

        2 mistakes in tube.yaml
    "]]
    .assert_eq(&bad_depends("[{left: 3}, [a.index]]"));
}
