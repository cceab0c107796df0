//! Mistakes of the YAML text, and the parts of YAML that tubes can use.

use expect_test::expect;

use super::fake::{bad, good, make};

#[test]
fn invalid_yaml_is_reported() {
    expect![["
        tube.yaml:4:4: error: this is not YAML: while parsing a flow mapping, did not find \
          expected ',' or '}'
          |
        4 |   b: {type: t.count}
          |    ^ here
          = help: is a `,` or a closing `}` missing before this?
    "]]
    .assert_eq(&bad("  a: {type: t.count\n  b: {type: t.count}\n"));
    expect![["
        tube.yaml:3:10: error: this is not YAML: mapping values are not allowed in this context
          |
        3 |   a: type: t.count
          |          ^ here
          = help: look at the indentation of this line and the one above, and quote a text that \
            contains `: `
    "]]
    .assert_eq(&bad("  a: type: t.count\n"));
    expect![["
        tube.yaml:3:13: error: this is not YAML: while scanning a quoted scalar, found unexpected \
          end of stream
          |
        3 |   a: {type: 't.count}
          |             ^ here
          = help: is the closing quote missing?
    "]]
    .assert_eq(&bad("  a: {type: 't.count}\n"));
    expect![[r#"
        tube.yaml:3:13: error: this is not YAML: unexpected character: `@'
          |
        3 |   a: {type: @count}
          |             ^ here
          = help: quote a text that begins with a sign such as `@`, `%` or a backtick
    "#]]
    .assert_eq(&bad("  a: {type: @count}\n"));
    expect![["
        tube.yaml:3:6: error: this is not YAML: while parsing node, found unknown anchor
          |
        3 |   a: *nobody
          |      ^ here
          = help: an alias `*name` needs an anchor `&name` before it; quote a text that begins \
            with `*`
    "]]
    .assert_eq(&bad("  a: *nobody\n"));
    expect![[r#"
        tube.yaml:3:20: error: this is not YAML: while parsing a flow sequence, expected ',' or ']'
          |
        3 |   a: {type: [t.count
          |                    ^ here
          = help: is a `,` or a closing `]` missing before this?
    "#]]
    .assert_eq(&bad("  a: {type: [t.count\n"));
}

#[test]
fn yaml_that_is_no_tube_is_reported() {
    expect![[r#"
        tube.yaml:1:1: error: the file is empty
          |
        1 | 
          | ^ here
          = help: the smallest tube is `noob_id: my-tube`; its nodes stand below `nodes:`
    "#]]
    .assert_eq(&make("").unwrap_err().render());
    expect![[r#"
        tube.yaml:1:1: error: the file is empty
          |
        1 | # nothing
          | ^ here
          = help: the smallest tube is `noob_id: my-tube`; its nodes stand below `nodes:`
    "#]]
    .assert_eq(&make("# nothing\n").unwrap_err().render());
    expect![["
        tube.yaml:1:1: error: a tube is a mapping with keys such as `noob_id` and `nodes`, not a \
          list
          |
        1 | - a
          | ^ not a tube
          = help: the smallest tube is `noob_id: my-tube`; its nodes stand below `nodes:`
    "]]
    .assert_eq(&make("- a\n- b\n").unwrap_err().render());
    expect![["
        tube.yaml:1:1: error: a tube is a mapping with keys such as `noob_id` and `nodes`, not the \
          text `hello`
          |
        1 | hello
          | ^^^^^ not a tube
          = help: the smallest tube is `noob_id: my-tube`; its nodes stand below `nodes:`
    "]]
    .assert_eq(&make("hello").unwrap_err().render());
    expect![[r#"
        tube.yaml:2:1: error: a second YAML document begins here
          |
        2 | ---
          | ^^^ here
          = help: a file holds one tube: remove `---` and what follows, or make it a file of its own
    "#]]
    .assert_eq(&make("noob_id: a\n---\nnoob_id: b\n").unwrap_err().render());
}

#[test]
fn tags_aliases_and_merge_keys_are_read() {
    expect![[r#"
        tube.yaml:3:13: error: the tag `!python` has no meaning here
          |
        3 |   a: {type: !python t.count}
          |             ^^^^^^^^^^^^^^^ here
          = help: remove it; `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` can be used
    "#]]
    .assert_eq(&bad("  a: {type: !python t.count}\n"));
    expect![[r#"
        tube.yaml:3:38: error: `x` is not what its tag `!!int` says
          |
        3 |   a: {type: t.count, params: {start: !!int x}}
          |                                      ^^^^^^^ here
    "#]]
    .assert_eq(&bad("  a: {type: t.count, params: {start: !!int x}}\n"));
    expect![[r#"
        tube.yaml:3:41: error: this alias stands inside the value that it repeats
          |
        3 |   a: {type: t.count, params: &p {start: *p}}
          |                                         ^^ here
    "#]]
    .assert_eq(&bad("  a: {type: t.count, params: &p {start: *p}}\n"));
    expect![[r#"
        tube.yaml:3:26: error: `<<` takes a mapping, or a list of mappings
          |
        3 |   a: {type: t.count, <<: 3}
          |                          ^ here
    "#]]
    .assert_eq(&bad("  a: {type: t.count, <<: 3}\n"));
    let tube = good(
        "  a: &a {type: t.count, params: {start: !!int '3', limit: 9}}
  b:
    <<: *a
    params: {start: 4}
  c: *a
",
    );
    assert_eq!(tube.nodes["a"].params["start"], 3_i64.into());
    assert_eq!(tube.nodes["b"].params.len(), 1);
    assert_eq!(tube.nodes["b"].params["start"], 4_i64.into());
    assert_eq!(tube.nodes["c"].params["limit"], 9_i64.into());
}

#[test]
fn places_count_characters_with_any_line_ends() {
    let text = "\u{feff}noob_id: t\r
nodes:\r
  größe: {type: t.count}\r
  b: {type: t.multiply, depends: größe.x}\r
";
    let errors = make(text).unwrap_err();
    let place = errors.diagnostics()[0].place;
    assert_eq!((place.line, place.column), (4, 34));
    assert_eq!(&text[place.offset..place.offset + place.len], "größe.x");
}
