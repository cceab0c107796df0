//! Arguments that no single slot feeds: the rest of the slots, the epoch, the events.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;

use crate::graph::{
    Emit, Epoch, Event, Map, NodeTypes as _, SlotEvent, SlotRef, Timestamp, Value, to_value,
};
use crate::node::{EventMap, Inputs, Node, NodeError, Outputs, Registry};

/// Names and values, in the order in which they come.
#[noob_zmq::node(name = "rest.join")]
fn join(between: String, #[slot(rest)] parts: IndexMap<String, u8>) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|(name, part)| format!("{name}={part}"))
        .collect();
    parts.join(&between)
}

#[noob_zmq::node(name = "rest.values")]
fn values(#[slot(rest)] all: Map) -> Map {
    all
}

type Numbers = HashMap<String, i64>;

/// The parameters of other names are factors, the slots of other names numbers.
struct Weighted {
    weights: BTreeMap<String, i64>,
}

#[noob_zmq::node(name = "rest.weighted")]
impl Weighted {
    fn new(_title: String, #[param(rest)] weights: BTreeMap<String, i64>) -> Self {
        Self { weights }
    }

    #[process]
    fn sum(&mut self, start: i64, #[slot(rest)] numbers: Numbers) -> i64 {
        let weighted = numbers
            .iter()
            .map(|(name, number)| number * self.weights.get(name).unwrap_or(&1));
        start + weighted.sum::<i64>()
    }
}

#[noob_zmq::node(name = "rest.letters")]
fn letters(#[param(rest)] counts: BTreeMap<String, usize>) -> impl Iterator<Item = String> {
    counts
        .into_iter()
        .map(|(letter, count)| letter.repeat(count))
}

#[noob_zmq::node(name = "given.epoch")]
fn epoch(epoch: Epoch, left: i64, again: &Epoch) -> String {
    assert_eq!(epoch, *again);
    format!("{left} in {epoch}")
}

#[noob_zmq::node(name = "given.events")]
async fn events(events: EventMap, left: i64, right: Option<i64>) -> String {
    let told: Vec<_> = events
        .iter()
        .map(|(slot, event)| {
            format!(
                "{slot} from {}.{} in {} at {}",
                event.node_id,
                event.signal,
                event.epoch,
                event.timestamp.as_micros()
            )
        })
        .collect();
    format!("{left} {right:?}: {}", told.join(", "))
}

fn map<const N: usize>(pairs: [(&str, i64); N]) -> Map {
    let pairs = pairs.into_iter();
    pairs
        .map(|(key, value)| (key.to_owned(), Value::Int(value)))
        .collect()
}

fn live(name: &str, params: &Map) -> Box<dyn Node> {
    let mut node = Registry::get()
        .unwrap()
        .lookup(name)
        .unwrap()
        .build(params)
        .unwrap();
    node.init().unwrap();
    node
}

fn call(node: &mut dyn Node, inputs: &Inputs) -> Result<Value, NodeError> {
    let mut outputs = Outputs::default();
    node.process(inputs, &mut outputs)?;
    match outputs.drain().next().map(|said| said.value) {
        Some(Emit::Value(value)) => Ok(value),
        other => panic!("{other:?}"),
    }
}

fn inputs(positional: &[Value], named: Map) -> Inputs {
    Inputs {
        epoch: Epoch::root(7),
        positional: positional.to_vec(),
        named: named.into(),
        events: Vec::new(),
    }
}

fn text(text: &str) -> Value {
    text.into()
}

#[test]
fn rest_has_unnamed_slots_in_tube_order() {
    let mut node = live("rest.join", &Map::new());
    let said = call(
        &mut *node,
        &inputs(&[text(", ")], map([("b", 1), ("a", 2)])),
    );
    assert_eq!(said, Ok(text("b=1, a=2")));
    let said = call(&mut *node, &inputs(&[text(", ")], Map::new()));
    assert_eq!(said, Ok(text("")), "nothing came");
}

#[test]
fn rest_includes_params_and_slots_take_precedence() {
    let mut params = map([("x", 1), ("y", 2)]);
    params.insert("between".into(), text(" "));
    let mut node = live("rest.join", &params);
    let said = call(&mut *node, &inputs(&[], map([("y", 5), ("z", 6)])));
    assert_eq!(said, Ok(text("x=1 y=5 z=6")));
    let mut node = live("rest.values", &Map::new());
    let all = map([("y", 5), ("z", 6)]);
    assert_eq!(
        call(&mut *node, &inputs(&[], all.clone())),
        Ok(to_value(&all).unwrap())
    );
}

#[test]
fn rest_of_params_works_for_blocks_and_sources() {
    let mut params = map([("b", 10)]);
    params.insert("_title".into(), text("sum"));
    let mut node = live("rest.weighted", &params);
    let said = call(
        &mut *node,
        &inputs(&[Value::Int(1000)], map([("a", 1), ("b", 2)])),
    );
    assert_eq!(said, Ok(Value::Int(1021)));
    let mut node = live("rest.letters", &map([("o", 2), ("a", 3)]));
    let none = inputs(&[], Map::new());
    assert_eq!(call(&mut *node, &none), Ok(text("aaa")));
    assert_eq!(call(&mut *node, &none), Ok(text("oo")));
}

#[test]
fn wrong_type_in_the_rest_is_named() {
    let mut node = live("rest.join", &Map::new());
    let error = call(&mut *node, &inputs(&[text(",")], map([("big", 256)]))).unwrap_err();
    assert_eq!(
        error.message,
        "slot `big` of `rest.join` takes `u8`, not `256`"
    );
}

#[test]
fn signature_describes_the_rest() {
    let registry = Registry::get().unwrap();
    let signature = |name| registry.signature(name).unwrap();
    let join = signature("rest.join");
    assert_eq!(join.slots.len(), 1);
    assert!(join.more_named);
    let rest = join.more_params.unwrap();
    assert!(!rest.required);
    let refused = (rest.check)(&Value::Int(256)).unwrap_err().to_string();
    assert!(refused.starts_with("takes `u8`, not `256`"), "{refused}");
    let letters = signature("rest.letters");
    assert!(letters.source && !letters.more_named && letters.more_params.is_some());
    let epoch = signature("given.epoch");
    assert_eq!(
        epoch
            .slots
            .iter()
            .map(|slot| &*slot.name)
            .collect::<Vec<_>>(),
        ["left"]
    );
    assert!(!epoch.events && epoch.more_params.is_none());
    assert!(signature("given.events").events);
}

#[test]
fn epoch_argument_is_not_a_slot() {
    let mut node = live("given.epoch", &Map::new());
    let mut inputs = inputs(&[Value::Int(3)], Map::new());
    assert_eq!(call(&mut *node, &inputs), Ok(text("3 in 7")));
    inputs.epoch = inputs.epoch.child("m", 2);
    let shown = inputs.epoch.to_string();
    assert_eq!(
        call(&mut *node, &inputs),
        Ok(text(&format!("3 in {shown}")))
    );
}

#[test]
fn events_are_indexed_by_slot_name() {
    let fed = |slot, node: &str, timestamp| SlotEvent {
        slot,
        event: Event {
            id: 0,
            timestamp: Timestamp::from_micros(timestamp),
            node_id: node.into(),
            signal: "value".into(),
            epoch: Epoch::root(7),
            value: Emit::Value(Value::Int(1)),
        },
    };
    let mut node = live("given.events", &Map::new());
    let mut inputs = inputs(&[Value::Int(1)], map([("right", 1)]));
    inputs.events = vec![
        fed(SlotRef::Scalar, "a", 11),
        fed(SlotRef::Name("right".into()), "b", 12),
    ];
    assert_eq!(
        call(&mut *node, &inputs),
        Ok(text(
            "1 Some(1): left from a.value in 7 at 11, right from b.value in 7 at 12"
        ))
    );
    inputs.named.clear();
    inputs.events = vec![fed(SlotRef::Position(0), "a", 11)];
    assert_eq!(
        call(&mut *node, &inputs),
        Ok(text("1 None: left from a.value in 7 at 11"))
    );
}
