//! Types on both ends of an edge.

use super::fake::{library, make_of, tube_of};
use crate::graph::spec::{NoTubes, Tubes};
use crate::graph::{Map, Value};

const TYPES: &str = "
    source s.int() -> v: i64
    source s.big() -> v: u64
    source s.text() -> v: str
    source s.float() -> v: float
    source s.value() -> v: Value
    source s.maybe() -> v: int | None
    source s.ints() -> v: list[int]
    source s.texts() -> v: list[str]
    source s.unknown() -> v
    t.int(x: i64) -> v: i64
    t.byte(x: u8) -> v: u8
    t.text(x: str) -> v: str
    t.float(x: float) -> v: float
    t.ints(x: list[int]) -> v: list[int]
    t.maybe(x?: int) -> v: int
    t.two(a: int, b: str) -> v: str
    t.any(x) -> v
";

/// Returns mistakes and warnings, a line each: `line error|warning: text`.
fn told(nodes: &str) -> String {
    told_with(nodes, &NoTubes)
}

fn told_with(nodes: &str, tubes: &dyn Tubes) -> String {
    let diagnostics = match make_of(TYPES, &tube_of(nodes), tubes, &Map::new()) {
        Ok(tube) => tube.warnings,
        Err(errors) => [errors.diagnostics(), errors.warnings()].concat(),
    };
    let line = |diagnostic: &crate::graph::spec::Diagnostic| {
        let what = if diagnostic.kind.is_warning() {
            "warning"
        } else {
            "error"
        };
        format!("{what}: {}\n", diagnostic.kind)
    };
    diagnostics.iter().map(line).collect()
}

#[test]
fn type_mismatch_is_reported_with_both_types() {
    let nodes = "  a: {type: s.text}\n  b: {type: t.int, depends: [{x: a.v}]}\n";
    let errors = make_of(TYPES, &tube_of(nodes), &NoTubes, &Map::new()).unwrap_err();
    assert_eq!(
        errors.render(),
        "tube.yaml:4:34: error: `a.v` is `str`, and slot `x` of node `b` takes `i64`: a text is \
         never an integer
  |
4 |   b: {type: t.int, depends: [{x: a.v}]}
  |                                  ^^^ here
  = help: feed it a signal of type `i64`, or put a node between the two that makes one of the other
"
    );
}

#[test]
fn narrowing_edge_is_a_warning() {
    for (source, target, reason) in [
        (
            "s.int",
            "t.byte",
            "`a.v` is `i64`, and slot `x` of node `b` takes `u8`: only numbers from 0 to 255 go",
        ),
        (
            "s.big",
            "t.int",
            "`a.v` is `u64`, and slot `x` of node `b` takes `i64`: only numbers up to \
             9223372036854775807 go",
        ),
        (
            "s.value",
            "t.text",
            "`a.v` is `Value`, and slot `x` of node `b` takes `str`: it may be any value, and not \
             only a text",
        ),
        (
            "s.maybe",
            "t.int",
            "`a.v` is `int | None`, and slot `x` of node `b` takes `i64`: it may be null",
        ),
        (
            "s.texts",
            "t.ints",
            "`a.v` is `list[str]`, and slot `x` of node `b` takes `list[int]`: a text is never an \
             integer; only an empty list goes",
        ),
    ] {
        let nodes =
            format!("  a: {{type: {source}}}\n  b: {{type: {target}, depends: [{{x: a.v}}]}}\n");
        assert_eq!(told(&nodes), format!("warning: {reason}\n"));
    }
}

#[test]
fn fitting_and_unknown_types_are_not_reported() {
    for (source, target) in [
        ("s.int", "t.int"),
        ("s.int", "t.float"),
        ("s.int", "t.any"),
        ("s.unknown", "t.int"),
        ("s.maybe", "t.maybe"),
        ("s.ints", "t.ints"),
    ] {
        let nodes =
            format!("  a: {{type: {source}}}\n  b: {{type: {target}, depends: [{{x: a.v}}]}}\n");
        assert_eq!(told(&nodes), "", "{source} {target}");
    }
}

#[test]
fn positional_slots_are_type_checked() {
    let nodes = "  a: {type: s.int}\n  b: {type: t.two, depends: [a.v, a.v]}\n";
    assert_eq!(
        told(nodes),
        "error: `a.v` is `i64`, and slot `b` of node `b` takes `str`: an integer is never a text\n"
    );
    assert!(told("  a: {type: s.text}\n  b: {type: t.int, depends: a.v}\n").starts_with("error: "));
}

#[test]
fn types_are_followed_through_map_and_gather() {
    let nodes = "
  a: {type: s.texts}
  m: {type: map, depends: [{value: a.v}]}
  n: {type: t.text, depends: [{x: m.n}]}
  b: {type: t.int, depends: [{x: m.value}]}
  g: {type: gather, depends: [{value: m.value}, {n: m.n}]}
  c: {type: t.int, depends: [{x: g.value}]}
  d: {type: t.ints, depends: [{x: g.value}]}
  flat: {type: gather, params: {n: 2, flatten: true}, depends: [{value: a.v}]}
  e: {type: t.text, depends: [{x: flat.value}]}
";
    assert_eq!(
        told(nodes),
        "error: `m.n` is `int`, and slot `x` of node `n` takes `str`: an integer is never a text
error: `m.value` is `str`, and slot `x` of node `b` takes `i64`: a text is never an integer
error: `g.value` is a list of `str`, and slot `x` of node `c` takes `i64`: a list is never an \
  integer
error: `flat.value` is a list of `str`, and slot `x` of node `e` takes `str`: a list is never a text
warning: `g.value` is a list of `str`, and slot `x` of node `d` takes `list[int]`: a text is never \
  an integer; only an empty list goes
"
    );
    assert_eq!(
        told("  a: {type: s.int}\n  m: {type: map, depends: a.v}\n"),
        "error: `a.v` is `i64`, and slot `value` of node `m` takes `list`: an integer has no \
         items\n"
    );
}

#[test]
fn map_count_is_an_integer_and_return_takes_all() {
    let nodes = "
  a: {type: s.text}
  g: {type: gather, depends: [{value: a.v}, {n: a.v}]}
  r: {type: return, depends: [a.v, {k: g.value}]}
";
    assert_eq!(
        told(nodes),
        "error: `a.v` is `str`, and slot `n` of node `g` takes `int`: a text is never an integer\n"
    );
}

#[test]
fn inputs_have_their_declared_types() {
    let tube = |input: &str| {
        format!(
            "noob_id: t
input:
  k: {{{input}}}
nodes:
  b: {{type: t.int, depends: [{{x: input.k}}]}}
"
        )
    };
    let with = |input: &str| told(&tube(input));
    assert_eq!(with("type: int, scope: process"), "");
    assert_eq!(with("type: any, scope: process"), "");
    assert_eq!(
        with("type: str, scope: process"),
        "error: `input.k` is `str`, and slot `x` of node `b` takes `i64`: a text is never an \
         integer\n"
    );
    assert_eq!(
        with("type: int, scope: process, required: false"),
        "warning: `input.k` is `int`, and slot `x` of node `b` takes `i64`: it may be null\n"
    );
}

#[test]
fn default_or_value_of_another_type_is_a_mistake() {
    let tube = |input: &str, given: &str| {
        format!(
            "noob_id: t
input:
  k: {{{input}}}
nodes:
  in: {{type: tube, params: {{tube: inner, n: {given}}}}}
  b: {{type: t.any, depends: [{{x: input.k}}]}}
"
        )
    };
    let inner = "
input:
  n: {type: u8}
nodes:
  a: {type: t.any, depends: [{x: input.n}]}
";
    let tubes = library(&[("inner", inner)]);
    let with = |input: &str, given: &str| told_with(&tube(input, given), &tubes);
    assert_eq!(with("type: int, default: \"2\"", "\"3\""), "");
    assert_eq!(with("type: \"str | None\", default: null", "3.0"), "");
    assert_eq!(
        with("type: int, default: two", "3"),
        "error: the default of input `k` has the type `int` and cannot be the string `\"two\"`\n"
    );
    assert_eq!(
        with("type: str, default: 3, scope: process", "300"),
        "error: the default of input `k` has the type `str` and cannot be the integer `3`
error: input `n` of tube `inner` has the type `u8` and cannot be the integer `300`
"
    );
    let of_types = tube_of(&tube("type: int", "1"));
    let given = Map::from_iter([("k".to_owned(), Value::from("two"))]);
    let errors = make_of(TYPES, &of_types, &tubes, &given).unwrap_err();
    assert_eq!(
        errors.diagnostics()[0].kind.to_string(),
        "input `k` has the type `int` and cannot be the string `\"two\"`"
    );
}

#[test]
fn types_are_followed_through_inner_tubes() {
    let inner = "
input:
  k: {type: str, scope: process}
nodes:
  a: {type: t.text, depends: [{x: input.k}]}
  r: {type: return, depends: [{said: a.v}]}
";
    let nodes = "
  a: {type: s.int}
  in: {type: tube, params: {tube: inner}, depends: [{k: a.v}]}
  b: {type: t.int, depends: [{x: in.said}]}
";
    assert_eq!(
        told_with(nodes, &library(&[("inner", inner)])),
        "\
error: `in.said` is `str`, and slot `x` of node `b` takes `i64`: a text is never an integer
warning: `a.v` is `i64`, and slot `k` of node `in` takes `str`: an integer is never a text
"
    );
    // Below a map it may be one value or a list of them.
    let mapped = "
nodes:
  a: {type: s.texts}
  m: {type: map, depends: a.v}
  r: {type: return, depends: [{said: m.value}]}
";
    let nodes =
        "  in: {type: tube, params: {tube: inner}}\n  b: {type: t.ints, depends: [{x: in.said}]}\n";
    assert_eq!(told_with(nodes, &library(&[("inner", mapped)])), "");
}

#[test]
fn disabled_nodes_are_not_type_checked() {
    let nodes = "  a: {type: s.text}\n  b: {type: t.int, enabled: false, depends: [{x: a.v}]}\n";
    assert_eq!(told(nodes), "");
}

#[test]
fn long_chain_of_gathers_is_cut() {
    let mut nodes =
        "  g0: {type: gather, params: {n: 1}, depends: [{value: g0a.v}]}\n  g0a: {type: s.int}\n"
            .to_owned();
    for at in 1..2000 {
        nodes += &format!(
            "  g{at}: {{type: gather, params: {{n: 1}}, depends: [{{value: g{}.value}}]}}\n",
            at - 1
        );
    }
    nodes += "  b: {type: t.int, depends: [{x: g1999.value}]}
  c: {type: t.ints, depends: [{x: g40.value}]}
";
    let told = told(&nodes);
    assert_eq!(told.lines().count(), 2, "{told}");
    for reason in ["a list is never an integer\n", "only an empty list goes\n"] {
        assert!(told.contains(reason) && told.len() < 500, "{told}");
    }
}
