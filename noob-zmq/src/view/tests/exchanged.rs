use serde_json::{Value, json};

use crate::node::Registry;
use crate::view::Diagram;

const TUBE: &str = "
noob_id: outer
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  part:
    type: tube
    params:
      tube:
        noob_id: inner
        nodes:
          count: {type: noob_zmq.node.tests.count, params: {start: 0}}
          return: {type: return, depends: count.index}
  return: {type: return, depends: [count.index, part.value]}
";

fn sent() -> (Diagram, Value) {
    let tube = crate::tube::from_text("outer.yaml", TUBE, ());
    let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
    let diagram = Diagram::of(&tube, Registry::get().unwrap());
    let json = serde_json::to_value(&diagram).unwrap();
    (diagram, json)
}

#[test]
fn diagram_is_the_same_in_another_process() {
    let (diagram, json) = sent();
    let received: Diagram = serde_json::from_value(json).unwrap();
    assert!(received.is_valid());
    assert_eq!(received, diagram);
}

#[test]
fn diagram_with_an_edge_to_nowhere_is_invalid() {
    let changes = [
        "/edges/0/from/0",
        "/edges/0/from/1",
        "/edges/0/to/0",
        "/edges/1/to/1",
        "/nodes/1/child/edges/0/to/0",
    ];
    for place in changes {
        let (_, mut json) = sent();
        *json.pointer_mut(place).unwrap() = json!(7);
        let received: Diagram = serde_json::from_value(json).unwrap();
        assert!(!received.is_valid(), "{place}");
    }
}
