//! Expansions of `#[node]` on functions, sources and `impl` blocks.

mod argument_names;

use serde::{Deserialize, Serialize};

use super::{Inputs, Node, NodeError, NodeKind, NodeType, Outputs, Registry};
use crate::graph::{Emit, Epoch, Map, NodeTypes as _, Value, to_value};

/// Multiplies two numbers.
///
/// More about it.
#[noob_zmq::node]
fn multiply(left: i64, #[slot(default = 2)] right: i64) -> i64 {
    left * right
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Page {
    title: String,
    lines: Vec<String>,
}

#[noob_zmq::node(name = "shop.title", signal = "title")]
fn title(
    page: Page,
    suffix: Option<String>,
    #[slot(default = "-")] between: String,
) -> Result<String, std::fmt::Error> {
    match suffix {
        _ if page.title.is_empty() => Err(std::fmt::Error),
        Some(suffix) => Ok(page.title + &between + &suffix),
        None => Ok(page.title),
    }
}

#[noob_zmq::node]
fn even(number: i64) -> Emit<i64> {
    if number % 2 == 0 {
        Emit::Value(number)
    } else {
        Emit::Nothing
    }
}

#[noob_zmq::node(stateful)]
fn forget(_any: Value) {}

#[noob_zmq::node]
async fn later(number: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    number
        .checked_add(1)
        .ok_or_else(|| format!("{number} is the last number"))
}

#[noob_zmq::node(signal = "index")]
fn count(
    start: u64,
    #[slot(default = start_of_default())] limit: u64,
) -> impl Iterator<Item = u64> {
    start..limit
}

const fn start_of_default() -> u64 {
    3
}

#[noob_zmq::node]
fn readings(
    text: String,
) -> Result<impl Iterator<Item = Result<f64, std::num::ParseFloatError>>, String> {
    if text.is_empty() {
        return Err("nothing to read".to_owned());
    }
    Ok(text
        .split(' ')
        .map(str::parse)
        .collect::<Vec<_>>()
        .into_iter())
}

#[derive(noob_zmq::Signals)]
struct Halves {
    even: Emit<i64>,
    odd: Emit<i64>,
    half: i64,
}

#[noob_zmq::node]
fn halve(number: i64) -> Result<Halves, NodeError> {
    let half = number
        .checked_div(2)
        .ok_or_else(|| NodeError::new("no half"))?;
    let (even, odd) = if number % 2 == 0 {
        (Emit::Value(number), Emit::Nothing)
    } else {
        (Emit::Nothing, Emit::Value(number))
    };
    Ok(Halves { even, odd, half })
}

struct Volume {
    height: i64,
    calls: i64,
    open: bool,
}

/// The volume of boxes of one height.
#[noob_zmq::node(signal = "volume")]
impl Volume {
    const LOWEST: i64 = 0;

    fn new(height: i64) -> Result<Self, String> {
        if height < Self::LOWEST {
            return Err(format!("a height of {height} is below the ground"));
        }
        Ok(Self {
            height,
            calls: 0,
            open: false,
        })
    }

    #[init]
    fn open(&mut self) {
        self.open = true;
    }

    #[process]
    fn volume(&mut self, width: i64, #[slot(default)] depth: i64) -> Vec<i64> {
        assert!(self.open);
        self.calls += 1;
        vec![width * depth * self.height, self.calls]
    }

    #[deinit]
    fn close(&self) -> Result<(), NodeError> {
        Err(NodeError::new("it does not close"))
    }
}

fn find(ident: &str) -> &'static NodeType {
    Registry::get()
        .unwrap()
        .all()
        .find(|node| node.ident == ident && node.module.starts_with(module_path!()))
        .unwrap()
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn live<const N: usize>(ident: &str, params: [(&str, Value); N]) -> Box<dyn Node> {
    find(ident).build(&map(params)).unwrap()
}

fn call(
    node: &mut dyn Node,
    positional: &[Value],
    named: Map,
) -> Result<Vec<(String, Emit<Value>)>, NodeError> {
    let inputs = Inputs {
        epoch: Epoch::root(0),
        positional: positional.to_vec(),
        named: named.into(),
        events: Vec::new(),
    };
    let mut outputs = Outputs::default();
    node.process(&inputs, &mut outputs)?;
    Ok(outputs
        .drain()
        .map(|said| (said.signal.to_string(), said.value))
        .collect())
}

fn said(signal: &str, value: impl Serialize) -> Vec<(String, Emit<Value>)> {
    vec![(signal.to_owned(), Emit::Value(to_value(&value).unwrap()))]
}

fn page(title: &str) -> Value {
    to_value(&Page {
        title: title.into(),
        lines: vec![],
    })
    .unwrap()
}

#[test]
fn annotated_function_stays_callable() {
    assert_eq!(multiply(2, 3), 6);
    assert_eq!(count(1, 3).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(Volume::new(2).unwrap().height, 2);
}

#[test]
fn node_type_describes_arguments_and_signals() {
    let node = find("multiply");
    assert_eq!(node.name(), "noob_zmq.node.tests.multiply");
    assert_eq!(node.doc, "Multiplies two numbers.");
    assert_eq!((node.kind, node.stateful), (NodeKind::Function, false));
    let slots: Vec<_> = node
        .slots
        .iter()
        .map(|slot| (slot.name, slot.type_name, slot.required(), slot.default))
        .collect();
    assert_eq!(
        slots,
        [
            ("left", "i64", true, None),
            ("right", "i64", false, Some("2"))
        ]
    );
    assert_eq!(
        node.signals
            .iter()
            .map(|signal| (signal.name, signal.type_name))
            .collect::<Vec<_>>(),
        [("value", "i64")]
    );
    assert_eq!(node.location.file(), file!());
    let line = include_str!("mod.rs")
        .lines()
        .position(|line| line.starts_with("fn multiply"))
        .unwrap()
        + 1;
    assert_eq!(node.location.line() as usize, line);
}

#[test]
fn name_and_signal_can_be_set() {
    let registry = Registry::get().unwrap();
    assert_eq!(registry.lookup("shop.title").unwrap().ident, "title");
    let signature = registry.signature("shop.title").unwrap();
    assert_eq!(signature.signals, ["title".into()]);
    assert_eq!(
        signature
            .slots
            .iter()
            .map(|slot| slot.optional)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
    assert!(find("forget").stateful);
}

#[test]
fn arguments_come_from_slots_positions_params_and_defaults() {
    let mut node = live("multiply", []);
    assert_eq!(
        call(&mut *node, &[Value::Int(4)], Map::new()),
        Ok(said("value", 8))
    );
    assert_eq!(
        call(&mut *node, &[Value::Int(4), Value::Int(5)], Map::new()),
        Ok(said("value", 20))
    );
    let mut node = live("multiply", [("right", Value::Int(10))]);
    assert_eq!(
        call(&mut *node, &[Value::Int(4)], Map::new()),
        Ok(said("value", 40))
    );
    assert_eq!(
        call(
            &mut *node,
            &[],
            map([("left", Value::Int(4)), ("right", Value::Int(1))])
        ),
        Ok(said("value", 4))
    );
}

#[test]
fn option_argument_is_none_without_a_value() {
    let mut node = live("title", []);
    assert_eq!(
        call(&mut *node, &[page("tea")], Map::new()),
        Ok(said("title", "tea"))
    );
    assert_eq!(
        call(&mut *node, &[page("tea"), Value::Null], Map::new()),
        Ok(said("title", "tea"))
    );
    assert_eq!(
        call(
            &mut *node,
            &[page("tea")],
            map([("suffix", Value::from("pot"))])
        ),
        Ok(said("title", "tea-pot"))
    );
}

#[test]
fn wrong_argument_type_names_node_slot_and_value() {
    let error = call(
        &mut *live("multiply", []),
        &[Value::from("four")],
        Map::new(),
    )
    .unwrap_err();
    assert_eq!(
        error.message,
        "slot `left` of `noob_zmq.node.tests.multiply` takes `i64`, not `\"four\"`"
    );
    let error = call(&mut *live("multiply", []), &[], Map::new()).unwrap_err();
    assert_eq!(
        error.message,
        "slot `left` of `noob_zmq.node.tests.multiply` (`i64`) has no value: feed it in \
         `depends`, or set it in `params`"
    );
    let error = find("multiply")
        .build(&map([("lift", Value::Null)]))
        .err()
        .unwrap();
    assert_eq!(
        error.message,
        "node type `noob_zmq.node.tests.multiply` has no parameter `lift`; it has `left`, `right`"
    );
}

#[test]
fn wrong_parameter_type_is_found_without_a_call() {
    let signature = Registry::get()
        .unwrap()
        .signature("noob_zmq.node.tests.count")
        .unwrap();
    assert!(signature.source && signature.slots.is_empty());
    assert_eq!(
        signature
            .params
            .iter()
            .map(|param| param.required)
            .collect::<Vec<_>>(),
        [true, false]
    );
    let refused = (signature.params[0].check)(&Value::Int(-1))
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with("takes `u64`, not `-1`: "), "{refused}");
}

#[test]
fn results_convert_to_emits_or_errors() {
    assert_eq!(
        call(&mut *live("title", []), &[page("")], Map::new()),
        Err(NodeError::from(std::fmt::Error))
    );
    assert_eq!(
        call(&mut *live("even", []), &[Value::Int(1)], Map::new()),
        Ok(vec![("value".into(), Emit::Nothing)])
    );
    assert_eq!(
        call(&mut *live("even", []), &[Value::Int(2)], Map::new()),
        Ok(said("value", 2))
    );
    assert_eq!(
        call(&mut *live("forget", []), &[Value::Int(2)], Map::new()),
        Ok(said("value", ()))
    );
    assert_eq!(
        call(&mut *live("later", []), &[Value::Int(2)], Map::new()),
        Ok(said("value", 3))
    );
    let last = call(
        &mut *live("later", []),
        &[Value::UInt(u64::from(u32::MAX))],
        Map::new(),
    );
    assert_eq!(last, Err(NodeError::new("4294967295 is the last number")));
}

#[test]
fn source_advances_per_call_until_exhausted() {
    let mut node = live("count", [("start", Value::Int(1))]);
    assert!(
        call(&mut *node, &[], Map::new())
            .unwrap_err()
            .message
            .contains("before `init`")
    );
    for _twice_from_the_start in 0..2 {
        node.init().unwrap();
        assert_eq!(call(&mut *node, &[], Map::new()), Ok(said("index", 1)));
        assert_eq!(call(&mut *node, &[], Map::new()), Ok(said("index", 2)));
        assert_eq!(
            call(&mut *node, &[], Map::new()),
            Ok(vec![("index".into(), Emit::Exhausted)])
        );
        node.deinit().unwrap();
    }
}

#[test]
fn source_can_fail_at_start_and_per_item() {
    assert_eq!(
        live("readings", [("text", Value::from(""))]).init(),
        Err(NodeError::new("nothing to read"))
    );
    let mut node = live("readings", [("text", Value::from("1.5 x"))]);
    node.init().unwrap();
    assert_eq!(call(&mut *node, &[], Map::new()), Ok(said("value", 1.5)));
    assert_eq!(
        call(&mut *node, &[], Map::new()).unwrap_err().message,
        "invalid float literal"
    );
}

#[test]
fn class_exists_from_init_to_deinit() {
    let node = find("Volume");
    assert_eq!(
        (node.kind, node.stateful, node.doc),
        (NodeKind::Class, true, "The volume of boxes of one height.")
    );
    assert_eq!(
        node.params
            .iter()
            .map(|param| param.name)
            .collect::<Vec<_>>(),
        ["height"]
    );
    assert_eq!(
        node.slots.iter().map(|slot| slot.name).collect::<Vec<_>>(),
        ["width", "depth"]
    );
    let mut node = live("Volume", [("height", Value::Int(3))]);
    node.init().unwrap();
    assert_eq!(
        call(&mut *node, &[Value::Int(2), Value::Int(5)], Map::new()),
        Ok(said("volume", [30, 1]))
    );
    assert_eq!(
        call(&mut *node, &[Value::Int(2)], Map::new()),
        Ok(said("volume", [0, 2]))
    );
    assert_eq!(node.deinit(), Err(NodeError::new("it does not close")));
    assert_eq!(node.deinit(), Ok(()), "it is gone");
    let mut low = live("Volume", [("height", Value::Int(-3))]);
    assert_eq!(
        low.init(),
        Err(NodeError::new("a height of -3 is below the ground"))
    );
}

#[test]
fn signals_struct_emits_each_field() {
    let node = find("halve");
    let signals: Vec<_> = node
        .signals
        .iter()
        .map(|signal| (signal.name, signal.type_name))
        .collect();
    assert_eq!(signals, [("even", "i64"), ("odd", "i64"), ("half", "i64")]);
    let said = call(&mut *live("halve", []), &[Value::Int(7)], Map::new()).unwrap();
    let expected = [
        ("even", Emit::Nothing),
        ("odd", Emit::Value(Value::Int(7))),
        ("half", Emit::Value(Value::Int(3))),
    ];
    assert_eq!(
        said,
        expected.map(|(signal, value)| (signal.to_owned(), value))
    );
}
