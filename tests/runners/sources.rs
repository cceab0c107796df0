//! Runs whose sources end at different times.

use std::sync::{Arc, Mutex};

use noob_zmq::graph::{Emit, Event, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt};
use noob_zmq_tests::runners::each;

/// Sources of two and of five values, with this node and this return.
fn two_and_five(node: &str, returned: &str) -> String {
    format!(
        "
nodes:
  two: {{type: test.count, params: {{limit: 2}}}}
  five: {{type: test.count, params: {{limit: 5}}}}
  node: {node}
  return: {{type: return, depends: {returned}}}
"
    )
}

/// Runs until the sources end, and returns the values and what `five` has emitted.
fn run(runner: &mut dyn Runner) -> (Vec<String>, Vec<i64>) {
    let emitted: Arc<Mutex<Vec<i64>>> = Arc::default();
    let seen = Arc::clone(&emitted);
    runner.add_callback(Box::new(move |event: &Event| {
        if let ("five", Emit::Value(Value::Int(value))) = (&*event.node_id, &event.value) {
            seen.lock().unwrap().push(*value);
        }
    }));
    let values = runner.run_all().unwrap();
    let values = values.iter().map(ToString::to_string).collect();
    let mut emitted = emitted.lock().unwrap().clone();
    emitted.sort_unstable();
    (values, emitted)
}

#[test]
fn run_goes_on_until_the_last_of_two_sources_ends() {
    // As in noob: a node that depends on a source that has ended is called no more, and every
    // other node goes on.
    let double = "{type: test.double, depends: [{value: five.index}]}";
    let add = "{type: test.add, depends: [five.index, two.index]}";
    for (node, returned, values) in [
        (
            double,
            "[{two: two.index}, {five: five.index}]",
            &[
                r#"{"two": 0, "five": 0}"#,
                r#"{"two": 1, "five": 1}"#,
                r#"{"five": 2}"#,
            ][..],
        ),
        (double, "node.value", &["0", "2", "4", "6", "8"]),
        (add, "node.value", &["0", "2"]),
    ] {
        each(&two_and_five(node, returned), |runner| {
            let (returned, emitted) = run(runner);
            assert_eq!(returned, values);
            assert_eq!(emitted, [0, 1, 2, 3, 4]);
            let more = runner.process(());
            assert!(matches!(more, Err(RunError::Exhausted)), "{more:?}");
        });
    }
}
