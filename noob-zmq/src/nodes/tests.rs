//! Tests of the library as a whole, and of the tube that uses it.

use crate::graph::spec::{NoTubes, load};
use crate::graph::{Emit, Epoch, Map, SlotValues, Source, Value};
use crate::node::{Inputs, NodeType, Outputs, Registry};

fn library() -> impl Iterator<Item = &'static NodeType> {
    Registry::get()
        .unwrap()
        .all()
        .filter(|node| node.module.starts_with("noob_zmq::nodes::"))
}

#[test]
fn every_node_has_name_doc_and_table_row() {
    let table = include_str!("mod.rs");
    for node in library() {
        let name = node.name();
        let folder = node.module.replace("::nodes::", ".");
        let last = name
            .strip_prefix(&format!("{folder}."))
            .unwrap_or_else(|| panic!("`{name}` is not named by its module"));
        assert!(
            node.doc.ends_with(['.', ')']),
            "`{name}` says nothing of itself: {:?}",
            node.doc
        );
        let listed = table.contains(&format!("`{name}`")) || table.contains(&format!("`.{last}`"));
        assert!(listed, "`{name}` is not in the table of `nodes`");
    }
    assert!(library().count() > 10);
}

fn words(given: &Map) -> Result<crate::graph::Tube, String> {
    let source = Source {
        name: "examples/words.yaml".into(),
        text: include_str!("../../../examples/words.yaml").into(),
    };
    load(&source, Registry::get().unwrap(), &NoTubes, given).map_err(|errors| format!("{errors:?}"))
}

#[test]
fn words_example_loads_without_errors() {
    let tube = words(&Map::new()).unwrap();
    assert!(tube.warnings.is_empty());
    let own: Vec<_> = tube
        .nodes
        .values()
        .filter(|node| node.type_name.starts_with("noob_zmq."))
        .collect();
    assert_eq!(own.len(), 5, "five nodes, each with a process of its own");
    assert_eq!(tube.nodes["lines"].params["path"], Value::from("LICENSE"));
    assert!(tube.nodes["count"].stateful && !tube.nodes["words"].stateful);
}

#[test]
fn wrong_input_type_is_rejected_at_load() {
    let given = Map::from_iter([("n".to_owned(), Value::from("ten"))]);
    let errors = words(&given).unwrap_err();
    assert!(errors.contains("ten"), "{errors}");
    let given = Map::from_iter([("say".to_owned(), Value::from("never"))]);
    let errors = words(&given).unwrap_err();
    assert!(errors.contains("known are `each`, `last`"), "{errors}");
}

/// Calls a node once, with values by position, and returns the value it emits.
fn said(name: &str, positional: &[Value]) -> Result<Value, String> {
    let mut node = Registry::get()
        .unwrap()
        .lookup(name)
        .unwrap()
        .build(&Map::new())
        .unwrap();
    node.init().unwrap();
    let inputs = Inputs {
        epoch: Epoch::root(0),
        positional: positional.to_vec(),
        named: SlotValues::default(),
        events: Vec::new(),
    };
    let mut outputs = Outputs::default();
    node.process(&inputs, &mut outputs)
        .map_err(|error| error.to_string())?;
    match outputs.drain().next().map(|said| said.value) {
        Some(Emit::Value(value)) => Ok(value),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn numbers_and_texts_round_trip_as_values() {
    assert_eq!(
        said("noob_zmq.numbers.add", &[2.into(), 3.into()]),
        Ok(5.into())
    );
    assert_eq!(
        said("noob_zmq.numbers.add", &[2.into(), 0.5.into()]),
        Ok(2.5.into())
    );
    assert_eq!(said("noob_zmq.numbers.multiply", &[2.into()]), Ok(4.into()));
    assert_eq!(said("noob_zmq.numbers.total", &[2.into()]), Ok(2.into()));
    assert_eq!(said("noob_zmq.text.upper", &["a".into()]), Ok("A".into()));
    let lines: Value = vec![Value::from("a B"), Value::from("c")].into();
    let words: Value = vec![Value::from("a"), Value::from("B"), Value::from("c")].into();
    assert_eq!(said("noob_zmq.text.words", &[lines]), Ok(words));
    assert_eq!(
        said("noob_zmq.numbers.add", &["two".into(), 3.into()]),
        Err(
            "slot `left` of `noob_zmq.numbers.add` takes `Number`, not `\"two\"`: expected a \
             number, found the string `\"two\"`"
                .into()
        )
    );
    let big = Value::BigInt("36893488147419103232".into());
    let error = said("noob_zmq.numbers.add", &[big, 0.into()]).unwrap_err();
    assert!(
        error.ends_with(": the integer is beyond 64 bits"),
        "{error}"
    );
    assert_eq!(said("noob_zmq.numbers.count", &[]), Ok(0.into()));
}
