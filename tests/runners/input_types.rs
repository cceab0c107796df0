//! Declared types of inputs, which values and defaults have on every runner.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, RunnerExt};
use noob_zmq_tests::runners::{each, inputs};

/// A tube that returns an input of this declaration.
fn returned(declaration: &str) -> String {
    format!(
        "
input:
  x: {{{declaration}, scope: process}}
nodes:
  echo: {{type: test.echo, depends: [{{value: input.x}}]}}
  return: {{type: return, depends: echo.value}}
"
    )
}

fn wide() -> Value {
    Value::integer("12345678901234567890123").expect("an integer")
}

#[test]
fn given_values_are_made_ones_of_the_declared_type() {
    for (declaration, given, expected) in [
        ("type: int", Value::from("2"), Value::Int(2)),
        ("type: int", Value::from("0x10"), Value::Int(16)),
        ("type: int", wide(), wide()),
        ("type: int", Value::from("12345678901234567890123"), wide()),
        ("type: bool", Value::from("no"), Value::Bool(false)),
        (
            "type: \"str | None\"",
            Value::from("123E5"),
            Value::from("123E5"),
        ),
        ("type: some.Class", Value::Int(3), Value::Int(3)),
    ] {
        each(&returned(declaration), |runner| {
            let result = runner.process(inputs([("x", given.clone())]));
            assert_eq!(result.unwrap(), Some(expected.clone()), "{declaration}");
        });
    }
}

#[test]
fn given_value_of_another_type_is_refused() {
    each(&returned("type: int"), |runner| {
        for (given, found) in [
            (Value::from("abc"), "the string `\"abc\"`"),
            (Value::Float(2.5), "the float `2.5`"),
            (Value::Float(1e23), "the float"),
            (Value::Null, "null"),
        ] {
            let error = runner.process(inputs([("x", given)])).unwrap_err();
            assert!(matches!(error, RunError::Input(_)), "{error:?}");
            let text = error.to_string();
            let start = format!("the input `x` has the type `int` and cannot be {found}");
            assert!(text.contains(&start), "{text}");
            assert!(text.contains("give an integer"), "{text}");
        }
        // The runner still runs.
        let result = runner.process(inputs([("x", Value::Int(1))]));
        assert_eq!(result.unwrap(), Some(Value::Int(1)));
    });
}

#[test]
fn default_is_made_one_of_the_declared_type() {
    each(&returned("type: int, default: \"7\""), |runner| {
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(7)));
        assert_eq!(runner.run(2).unwrap(), [Value::Int(7), Value::Int(7)]);
    });
    each(&returned("type: int, default: null"), |runner| {
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Null));
    });
}

#[test]
fn inputs_of_inner_tubes_have_their_declared_types() {
    let tube = "
input:
  x: {type: any, scope: process}
nodes:
  inner:
    type: tube
    params:
      factor: \"3\"
      tube:
        noob_id: inner
        input:
          n: {type: int, scope: process}
          factor: {type: int}
        nodes:
          add: {type: test.add, params: {}, depends: [{left: input.n}, {right: input.factor}]}
          return: {type: return, depends: add.value}
    depends: [{n: input.x}]
  return: {type: return, depends: inner.value}
";
    each(tube, |runner| {
        let result = runner.process(inputs([("x", Value::from("4"))]));
        assert_eq!(result.unwrap(), Some(Value::Int(7)));
        let error = runner.process(inputs([("x", Value::from("abc"))]));
        let text = format!("{:?}", error.unwrap_err());
        assert!(text.contains("the input `n` has the type `int`"), "{text}");
    });
}
