//! Objects of other languages between nodes.

use noob_zmq::graph::{Map, Value};
use noob_zmq_tests::runners::{each, tube};

/// Returns a tube whose objects have `size` bytes, and pass a node that does not know them.
fn sealed(size: usize) -> String {
    format!(
        "nodes:
  count: {{type: test.count, params: {{limit: 5}}}}
  seal: {{type: test.seal, depends: [{{value: count.index}}], params: {{size: {size}}}}}
  echo: {{type: test.echo, depends: [{{value: seal.value}}]}}
  unseal: {{type: test.unseal, depends: [{{value: echo.value}}]}}
  return: {{type: return, depends: unseal.value}}
"
    )
}

#[test]
fn opaque_objects_pass_nodes_that_do_not_know_them() {
    // In the message, in a frame of its own, in shared memory.
    for size in [10, 20_000, 200_000] {
        each(&sealed(size), |runner| {
            let values = runner.run_all().unwrap();
            assert_eq!(values, (0..5).map(Value::Int).collect::<Vec<_>>());
        });
    }
}

#[test]
fn returned_opaque_object_is_whole() {
    let nodes = sealed(100_000).replace("depends: unseal.value", "depends: seal.value");
    each(&nodes, |runner| {
        for value in runner.run_all().unwrap() {
            let object = value.as_opaque().expect("an object");
            assert_eq!(object.buffers[0].len(), 100_000);
        }
    });
}

#[test]
fn opaque_object_in_a_typed_slot_is_an_error_with_both_types() {
    let nodes = "nodes:
  count: {type: test.count, params: {limit: 1}}
  seal: {type: test.seal, depends: [{value: count.index}]}
  double: {type: test.double, depends: [{value: seal.value}]}
  return: {type: return, depends: double.value}
";
    each(nodes, |runner| {
        let error = runner.process_map(Map::new()).unwrap_err().to_string();
        for part in [
            "the node `double`",
            "slot `value` of `test.double` takes `i64`",
            "an object of kind `sealed`, which only a program that knows the kind can open",
        ] {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    });
}

#[test]
fn opaque_object_in_json_is_described_and_not_made() {
    let nodes = "input:
  value: {type: any, scope: process}
nodes:
  unseal: {type: test.unseal, depends: [{value: input.value}]}
  return: {type: return, depends: unseal.value}
";
    assert!(tube(nodes).inputs.contains_key("value"));
    let written = r#"{"$opaque": {"kind": "sealed", "data": "AAAAAAAAAAA=", "buffers": []}}"#;
    let read: Value = serde_json::from_str(written).unwrap();
    assert!(read.as_opaque().is_none(), "{read:?}");
    let object = noob_zmq_tests::opaque::seal(3, 10);
    let text = serde_json::to_string(&object).unwrap();
    assert_eq!(text, r#"{"$opaque":{"kind":"sealed","bytes":18}}"#);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert!(read.as_opaque().is_none(), "{read:?}");
}
