//! Large values that the runner itself does not use: nodes keep them from its process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use noob_zmq::graph::{Emit, Event, Map, Value};
use noob_zmq::runner::RunnerExt;
use noob_zmq::{Signals, node};
use noob_zmq_tests::runners::each;

/// 4000 bytes, all of them the number of the call, and that number.
#[derive(Signals)]
struct Frame {
    frame: Vec<u8>,
    number: i64,
}

#[node(name = "receipts.frames")]
fn frames() -> impl Iterator<Item = Frame> {
    (0..100).map(|number| Frame {
        frame: vec![number as u8; 4000],
        number,
    })
}

/// Adds a number to each byte.
#[node(name = "receipts.shifted")]
fn shifted(frame: &[u8], by: i64) -> Vec<u8> {
    frame.iter().map(|byte| byte + by as u8).collect()
}

#[node(name = "receipts.sum")]
fn sum(frame: &[u8]) -> i64 {
    frame.iter().copied().map(i64::from).sum()
}

const TUBE: &str = "
nodes:
  frames: {type: receipts.frames}
  shifted: {type: receipts.shifted, depends: [{frame: frames.frame}, {by: frames.number}]}
  sum: {type: receipts.sum, depends: [{frame: shifted.value}]}
  return: {type: return, depends: sum.value}
";

#[test]
fn callback_added_between_epochs_gets_the_large_values_of_later_ones() {
    each(TUBE, |runner| {
        for number in 0..5 {
            let returned = runner.process(Map::new()).unwrap();
            assert_eq!(returned, Some(Value::Int(2 * number * 4000)));
        }
        let heard = Arc::new(Mutex::new(BTreeMap::new()));
        let events = Arc::clone(&heard);
        runner.add_callback(Box::new(move |event: &Event| {
            if let Emit::Value(Value::List(bytes)) = &event.value {
                let first = bytes.first().and_then(|first| first.as_i64());
                let place = (event.epoch.number(), event.node_id.to_string());
                events.lock().unwrap().insert(place, (bytes.len(), first));
            }
        }));
        for number in 5..8 {
            let returned = runner.process(Map::new()).unwrap();
            assert_eq!(returned, Some(Value::Int(2 * number * 4000)));
        }
        let expected = (5..8).flat_map(|epoch| {
            let of = |node: &str, byte: i64| ((epoch, node.to_owned()), (4000, Some(byte)));
            let number = i64::from(epoch);
            [of("frames", number), of("shifted", 2 * number)]
        });
        assert_eq!(*heard.lock().unwrap(), expected.collect());
    });
}

#[test]
fn large_values_that_are_returned_reach_the_caller() {
    let text = TUBE.replace(
        "sum.value}",
        "[{shifted: shifted.value}, {sum: sum.value}]}",
    );
    each(&text, |runner| {
        for number in 0..3_i64 {
            let returned = runner.process(Map::new()).unwrap().unwrap();
            let returned = returned.as_map().unwrap();
            assert_eq!(returned.get("sum"), Some(&Value::Int(2 * number * 4000)));
            let shifted = returned
                .get("shifted")
                .and_then(Value::as_list)
                .unwrap()
                .to_vec();
            assert_eq!(shifted, vec![Value::Int(2 * number); 4000]);
        }
    });
}
