//! Frames: vectors of numbers, byte strings, slices and arrays between nodes that take and return
//! them as other types.

use ndarray::{Array1, Array2, array};
use noob_zmq::graph::{Bytes, List, Map, Tensor, Value};
use noob_zmq::node;
use noob_zmq::node::IntoSignal;
use noob_zmq::runner::RunnerExt;
use noob_zmq_tests::runners::{each, inputs};

#[node(name = "frames.vector")]
fn vector(count: u8) -> Vec<u8> {
    (1..=count).collect()
}

#[node(name = "frames.maybe_vector")]
fn maybe_vector() -> Option<Vec<u8>> {
    Some(vec![1, 2, 3])
}

#[node(name = "frames.floats")]
fn floats() -> Vec<f32> {
    vec![0.5, -2.0, f32::INFINITY]
}

#[node(name = "frames.bytes")]
fn bytes() -> Bytes {
    Bytes::from_static(&[1, 2, 3])
}

#[node(name = "frames.array")]
fn array_of_bytes() -> Array2<u8> {
    array![[1, 2, 3], [4, 5, 6]]
}

#[node(name = "frames.transposed")]
fn transposed(frame: Array2<u8>) -> Array2<u8> {
    frame.reversed_axes()
}

#[node(name = "frames.array_sum")]
fn array_sum(frame: Array1<u8>) -> i64 {
    frame.iter().copied().map(i64::from).sum()
}

#[node(name = "frames.array_of_floats")]
fn array_of_floats(frame: Array2<f32>) -> usize {
    frame.len()
}

#[node(name = "frames.rows")]
fn rows(frame: Vec<Vec<i64>>) -> Vec<i64> {
    frame.into_iter().map(|row| row.iter().sum()).collect()
}

#[node(name = "frames.shape")]
fn shape(frame: Tensor) -> Vec<u64> {
    frame.shape.to_vec()
}

#[node(name = "frames.slice_sum")]
fn slice_sum(frame: &[u8]) -> i64 {
    frame.iter().copied().map(i64::from).sum()
}

#[node(name = "frames.maybe_slice")]
fn maybe_slice(frame: Option<&[f32]>) -> f64 {
    frame.map_or(-1.0, |frame| frame.iter().copied().map(f64::from).sum())
}

#[node(name = "frames.vector_sum")]
fn vector_sum(frame: Vec<u8>) -> i64 {
    slice_sum(&frame)
}

#[node(name = "frames.ints_sum")]
fn ints_sum(frame: Vec<i64>) -> i64 {
    frame.iter().sum()
}

#[node(name = "frames.floats_sum")]
fn floats_sum(frame: Vec<f64>) -> f64 {
    frame.iter().sum()
}

#[node(name = "frames.options_sum")]
fn options_sum(frame: Vec<Option<u16>>) -> i64 {
    frame.into_iter().flatten().map(i64::from).sum()
}

#[node(name = "frames.bytes_sum")]
fn bytes_sum(frame: Bytes) -> i64 {
    slice_sum(&frame)
}

#[node(name = "frames.kind")]
fn kind(frame: Value) -> String {
    format!("{} {frame}", frame.type_name())
}

/// Keeps the last frame as its state.
struct Last(Vec<f32>);

#[node(name = "frames.last")]
impl Last {
    fn new(start: Vec<f32>) -> Self {
        Self(start)
    }

    #[process]
    fn exchange(&mut self, frame: Vec<f32>) -> Vec<f32> {
        std::mem::replace(&mut self.0, frame)
    }

    #[snapshot]
    fn snapshot(&self) -> Vec<f32> {
        self.0.clone()
    }

    #[restore]
    fn restore(&mut self, state: &[f32]) {
        self.0 = state.to_vec();
    }
}

/// Runs `from → to → return` on every runner, and compares what returns.
fn passes(from: &str, to: &str, expected: &Value) {
    let text = format!(
        "
nodes:
  from: {{{from}}}
  to: {{type: {to}, depends: [{{frame: from.value}}]}}
  return: {{type: return, depends: to.value}}
"
    );
    each(&text, |runner| {
        let value = runner
            .process(Map::new())
            .unwrap_or_else(|error| panic!("{to}: {error}"));
        assert_eq!(value.as_ref(), Some(expected), "{from} to {to}");
    });
}

/// Runs `from → return` on every runner, and compares what returns.
fn returns(from: &str, expected: &Value) {
    let text =
        format!("\nnodes:\n  from: {{{from}}}\n  return: {{type: return, depends: from.value}}\n");
    each(&text, |runner| {
        assert_eq!(
            runner.process(Map::new()).unwrap().as_ref(),
            Some(expected),
            "{from}"
        );
    });
}

/// Loads a tube with the edge `from → to`, and returns its error, or its warnings about slots.
fn loaded(from: &str, to: &str) -> Result<String, String> {
    let text = format!(
        "noob_id: test\nnodes:\n  from: {{{from}}}\n  to: {{type: {to}, depends: [{{frame: \
         from.value}}]}}\n"
    );
    match noob_zmq::tube::from_text("test.yaml", &text, ()) {
        Ok(tube) => {
            let warnings = tube.warnings.iter().map(ToString::to_string);
            Ok(warnings.filter(|text| text.contains("slot")).collect())
        }
        Err(error) => Err(error.to_string()),
    }
}

const VECTOR: &str = "type: frames.vector, params: {count: 3}";

#[test]
fn vector_of_bytes_is_a_list_for_every_consumer() {
    returns(VECTOR, &Value::from([1, 2, 3]));
    returns("type: frames.maybe_vector", &Value::from([1, 2, 3]));
    let sums = [
        "vector_sum",
        "slice_sum",
        "ints_sum",
        "options_sum",
        "bytes_sum",
        "array_sum",
    ];
    for to in sums {
        passes(VECTOR, &format!("frames.{to}"), &Value::Int(6));
    }
    passes(VECTOR, "frames.floats_sum", &Value::Float(6.0));
    passes(VECTOR, "frames.kind", &"list [1, 2, 3]".into());
    passes(VECTOR, "frames.shape", &Value::from([3]));
}

#[test]
fn returned_vector_of_bytes_is_shown_as_numbers() {
    let text = format!(
        "\nnodes:\n  from: {{{VECTOR}}}\n  return: {{type: return, depends: from.value}}\n"
    );
    each(&text, |runner| {
        let value = runner.process(Map::new()).unwrap().unwrap();
        assert_eq!(value.to_string(), "[1, 2, 3]");
        assert_eq!(serde_json::to_string(&value).unwrap(), "[1,2,3]");
        let read: Vec<u8> = runner.process_as(Map::new()).unwrap().unwrap();
        assert_eq!(read, [1, 2, 3]);
    });
}

#[test]
fn bytes_are_taken_as_vectors_slices_and_lists() {
    returns(
        "type: frames.bytes",
        &Value::Bytes(Bytes::from_static(&[1, 2, 3])),
    );
    for to in [
        "vector_sum",
        "slice_sum",
        "ints_sum",
        "options_sum",
        "bytes_sum",
        "array_sum",
    ] {
        passes(
            "type: frames.bytes",
            &format!("frames.{to}"),
            &Value::Int(6),
        );
    }
    passes(
        "type: frames.bytes",
        "frames.kind",
        &"bytes <3 bytes>".into(),
    );
}

#[test]
fn list_of_integers_in_a_tube_is_taken_as_vector() {
    let tube = "
input:
  frame: {type: any, scope: process}
nodes:
  vector: {type: frames.vector_sum, depends: [{frame: input.frame}]}
  slice: {type: frames.slice_sum, depends: [{frame: input.frame}]}
  array: {type: frames.array_sum, depends: [{frame: input.frame}]}
  set: {type: frames.slice_sum, params: {frame: [1, 2, 255]}}
  return:
    type: return
    depends: [{a: vector.value}, {b: slice.value}, {c: array.value}, {d: set.value}]
";
    let sums = |sum: i64| -> Value {
        [("a", sum), ("b", sum), ("c", sum), ("d", 258)]
            .into_iter()
            .collect()
    };
    each(tube, |runner| {
        let list = inputs([("frame", Value::from([7, 8]))]);
        assert_eq!(runner.process(list).unwrap(), Some(sums(15)));
        let error = runner
            .process(inputs([("frame", Value::from([7, 256]))]))
            .unwrap_err();
        let error = error.to_string();
        assert!(error.contains("256") && error.contains("[1]"), "{error}");
    });
}

#[test]
fn vector_of_floats_keeps_its_numbers() {
    let floats = Value::from([0.5, -2.0, f64::INFINITY]);
    returns("type: frames.floats", &floats);
    passes(
        "type: frames.floats",
        "frames.maybe_slice",
        &Value::Float(f64::INFINITY),
    );
    passes(
        "type: frames.floats",
        "frames.floats_sum",
        &Value::Float(f64::INFINITY),
    );
    passes(
        "type: frames.floats",
        "frames.last, params: {start: [1.5]}",
        &Value::from([1.5]),
    );
}

#[test]
fn state_of_packed_numbers_survives_a_checkpoint() {
    let mut last = Last(vec![0.25, 1.0]);
    let state = IntoSignal::snapshot_value(last.snapshot())
        .unwrap()
        .unwrap();
    assert_eq!(state, Value::List(List::packed(vec![0.25_f32, 1.0])));
    last.restore(&[3.0]);
    assert_eq!(last.0, [3.0]);
}

#[test]
fn array_is_a_tensor_in_row_major_order() {
    let tensor = |shape: [u64; 2], data: &'static [u8]| {
        Value::from(Tensor {
            dtype: "|u1".into(),
            shape: shape.into(),
            data: Bytes::from_static(data),
        })
    };
    returns("type: frames.array", &tensor([2, 3], &[1, 2, 3, 4, 5, 6]));
    passes(
        "type: frames.array",
        "frames.transposed",
        &tensor([3, 2], &[1, 4, 2, 5, 3, 6]),
    );
    passes("type: frames.array", "frames.shape", &Value::from([2, 3]));
    passes("type: frames.array", "frames.rows", &Value::from([6, 15]));
    passes(
        "type: frames.array",
        "frames.kind",
        &"tensor <tensor |u1 [2, 3]>".into(),
    );
}

#[test]
fn nested_lists_in_a_tube_are_taken_as_array() {
    let tube = "
input:
  frame: {type: any, scope: process}
nodes:
  to: {type: frames.transposed, depends: [{frame: input.frame}]}
  return: {type: return, depends: to.value}
";
    each(tube, |runner| {
        let list = Value::from([[1, 2], [3, 4]]);
        let turned: Vec<Vec<u8>> = runner
            .process_as(inputs([("frame", list)]))
            .unwrap()
            .unwrap();
        assert_eq!(turned, [[1, 3], [2, 4]]);
        for (wrong, why) in [
            (
                Value::from([Value::from([1, 2]), Value::from([3])]),
                "a list of 1 items stands beside",
            ),
            (Value::from([1, 2]), "an array of `u8` with 2 axes"),
            (Value::from([[300]]), "300"),
            (Value::from([["a"]]), "expected u8"),
        ] {
            let error = runner
                .process(inputs([("frame", wrong)]))
                .unwrap_err()
                .to_string();
            assert!(error.contains(why), "{error}");
        }
    });
}

#[test]
fn edge_between_different_arrays_is_refused_at_load() {
    let array = "type: frames.array";
    for (to, why) in [
        ("array_sum", "a tensor with 2 axes is never one with 1"),
        ("array_of_floats", "a tensor of `u8` is never one of `f32`"),
    ] {
        let error = loaded(array, &format!("frames.{to}")).unwrap_err();
        assert!(error.starts_with("test.yaml:4:"), "{error}");
        assert!(error.contains(why), "{error}");
    }
    for to in ["transposed", "rows", "shape", "kind"] {
        assert_eq!(loaded(array, &format!("frames.{to}")), Ok(String::new()));
    }
}

#[test]
fn edge_between_list_and_array_of_others_is_warned_of() {
    for (from, to, why) in [
        (
            "type: frames.floats",
            "array_sum",
            "a float is never an integer",
        ),
        (VECTOR, "transposed", "an integer is never a list"),
        (
            "type: frames.array",
            "vector_sum",
            "a list is never an integer",
        ),
    ] {
        let warning = loaded(from, &format!("frames.{to}")).unwrap();
        assert!(warning.contains(why), "{warning}");
    }
    assert_eq!(loaded(VECTOR, "frames.array_sum"), Ok(String::new()));
}
