//! The short forms of `tests/soak`: memory, starts and stops; and nodes that answer while their
//! calls go on.

use std::process::{Command, Stdio};
use std::sync::mpsc;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::Runner;
use noob_zmq::runner::zmq::RouterMessage;
use noob_zmq::wire::{NodeStatus, Ping, Stop};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{tube, zmq};

use crate::SOON;

fn soak(arguments: &[&str]) -> String {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(arguments)
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    said
}

#[test]
fn a_slow_node_and_a_reader_that_stops_hold_the_source_back() {
    let said = soak(&["memory", "5000"]);
    assert_eq!(said.matches("nothing lost").count(), 2, "{said}");
}

#[test]
fn a_runner_that_is_started_a_hundred_times_leaks_nothing() {
    let said = soak(&["starts", "100", "2"]);
    assert!(said.contains("100 starts and stops of 2 nodes"), "{said}");
}

#[test]
fn a_node_answers_while_its_call_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("go");
    let mut text = "input: {x: {type: int, scope: process}}\nnodes:\n".to_owned();
    for node in ["a", "b", "c"] {
        text += &format!(
            "  {node}: {{type: test.after_file, params: {{path: '{}'}}, depends: [{{value: \
                input.x}}]}}\n",
            file.display()
        );
    }
    text += "  return: {type: return, depends: [{a: a.value}, {b: b.value}, {c: c.value}]}\n";
    let mut private = zmq(tube(&text));
    private.runner.init().unwrap();
    let (told, heard) = mpsc::channel();
    let handle = private.runner.handle().unwrap();
    let callback = move |_: &_, report: &_| {
        let (node, stopped) = match report {
            RouterMessage::Identify(identify) => (identify.node_id.to_string(), false),
            RouterMessage::Status(status) if status.status == NodeStatus::Stopped => {
                (status.node_id.to_string(), true)
            }
            _ => return,
        };
        let _ = told.send((node, stopped));
    };
    handle
        .ask_blocking(|command| command.observe_reports(callback))
        .unwrap();
    let caller = private.runner.runner_handle().unwrap();
    let call = std::thread::spawn(move || {
        caller.process(Map::from_iter([("x".to_owned(), Value::Int(7))]))
    });
    wait_for("every node to be in its call", SOON, || {
        let status = private.runner.status();
        let busy = status
            .nodes
            .iter()
            .filter(|node| node.busy.as_deref() == Some("0"));
        (busy.count() == 3).then_some(())
    });
    for stop in [false, true] {
        handle
            .tell(move |command| {
                if stop {
                    command.send(&Stop).unwrap();
                } else {
                    command.send(&Ping).unwrap();
                }
            })
            .unwrap();
        let mut answered = Vec::new();
        while answered.len() < 3 {
            let (node, stopped) = heard.recv_timeout(SOON).expect("an answer");
            if stopped == stop && !answered.contains(&node) {
                answered.push(node);
            }
        }
    }
    // None of the calls can be over: what they wait for is not there.
    std::fs::write(&file, "").unwrap();
    let returned = call.join().unwrap().unwrap().unwrap();
    assert_eq!(returned.as_map().unwrap().get("b"), Some(&Value::Int(7)));
}
