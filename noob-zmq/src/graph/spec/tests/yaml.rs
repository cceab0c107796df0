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

fn first_lines(text: &str) -> String {
    let errors = make(text).unwrap_err();
    let first = errors.diagnostics().first().unwrap();
    format!("{first}; {}", first.kind.help().unwrap_or_default())
}

#[test]
fn bad_indentation_is_named_with_that_of_the_neighbours() {
    let by_two = "indent it by 2 spaces, as the list or mapping that it belongs to";
    for (text, expected) in [
        (
            "noob_id: t\nnodes:\n  a: {type: t.count}\n   b: {type: t.lists}\n  c: *a\n",
            format!("tube.yaml:4:4: this line is indented by 3, its neighbours by 2; {by_two}"),
        ),
        (
            "noob_id: t\nnodes:\n  a: {type: t.count}\n # remark\n b: {type: t.count}\n",
            format!("tube.yaml:5:2: this line is indented by 1, its neighbours by 2; {by_two}"),
        ),
        (
            "noob_id: t\nnodes:\n  a:\n    type: t.count\n     params: {x: 1}\n    stateful: no\n",
            "tube.yaml:5:6: this line is indented by 5, its neighbours by 4; indent it by 4 \
             spaces, as the list or mapping that it belongs to"
                .to_owned(),
        ),
        (
            "noob_id: t\nnodes:\n  a:\n    type: t.count\n   b:\n    type: t.count\n  c:\n",
            "tube.yaml:5:4: this line is indented by 3, its neighbours by 4; indent it by 4 \
             spaces, as the list or mapping that it belongs to"
                .to_owned(),
        ),
        (
            "noob_id: t\n nodes:\n  a: {type: t.count}\n",
            "tube.yaml:2:2: this line is indented by 1, its neighbours by 0 and 2; indent it by 0 \
             or 2 spaces, as the list or mapping that it belongs to"
                .to_owned(),
        ),
    ] {
        assert_eq!(first_lines(text), expected, "{text}");
    }
}

#[test]
fn nul_byte_is_named_with_its_place() {
    assert_eq!(
        first_lines("noob_id: t\ndescription: a\0b\n"),
        "tube.yaml:2:15: a NUL byte stands here, and a tube is a text; save the file as UTF-8, or \
         write it anew if it is damaged or no tube"
    );
}

#[test]
fn two_merge_keys_are_refused_with_a_list_as_remedy() {
    let text = "noob_id: t
x-one: &one {type: t.count}
x-other: &other {params: {start: 1}}
nodes:
  c:
    <<: *one
    <<: *other
";
    assert_eq!(
        first_lines(text),
        "tube.yaml:7:5: the key `<<` stands twice in the same mapping; write one list of all: \
         `<<: [*one, *other]`"
    );
}

#[test]
fn keys_that_begin_with_x_hold_anchors() {
    let text = "noob_id: t
x-count: &count {type: t.count, params: {start: 1}}
x-params: &params
  params: {start: 2}
nodes:
  a: *count
  b: {<<: [*params, *count], stateful: false}
";
    let tube = make(text).unwrap();
    assert_eq!(tube.nodes["a"].params["start"], 1_i64.into());
    assert_eq!(tube.nodes["b"].params["start"], 2_i64.into());
    let errors = make("noob_id: t\nnodes:\n  a: {type: t.count, x-more: 1}\n").unwrap_err();
    assert!(errors.render().contains("no key `x-more`"));
}

#[test]
fn numbers_of_params_mean_what_they_mean_in_noob() {
    for (written, meant) in [
        ("0b101", "5"),
        ("-0x10", "-16"),
        ("0x1ffffffffffffffffff", "9444732965739290427391"),
        ("2020-01-01", "\"2020-01-01\""),
    ] {
        let tube = good(&format!(
            "  a: {{type: t.lists, params: {{sizes: {written}}}}}\n"
        ));
        assert_eq!(tube.nodes["a"].params["sizes"].to_string(), meant);
    }
}

#[test]
fn model_without_a_dot_is_refused() {
    for model in ["something else", "something", "x."] {
        let error = first_lines(&format!("noob_id: t\nnoob_model: {model}\n"));
        assert!(
            error.contains(&format!(
                "tube.yaml:2:13: `{model}` cannot be a `noob_model`"
            )),
            "{error}"
        );
    }
    make("noob_id: t\nnoob_model: something.Else\n").unwrap();
}
