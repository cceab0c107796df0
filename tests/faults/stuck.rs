//! A process whose event loop is stuck: nothing serves its sockets, though the process is not
//! stopped.
//!
//! The code of a node cannot cause that; an add-on can.

use std::time::{Duration, Instant};

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::zmq::{CommandNode, NodeRunner};
use noob_zmq::runner::{Runner, RunnerExt, ZmqRunner};
use noob_zmq::{Message, addon};
use noob_zmq_tests::runners::{tube, zmq};

use crate::{SOON, death, wait_for};

/// Has the loop of a node wait for something that never comes.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "test.freeze")]
struct Freeze(String);

#[addon(NodeRunner, on_inbox(Freeze))]
fn on_freeze(node: &mut NodeRunner, freeze: Freeze) {
    while node.id() == freeze.0 {
        std::thread::park();
    }
}

fn freeze(runner: &ZmqRunner<CommandNode>, node: &str) {
    let freeze = Freeze(node.to_owned());
    let handle = runner.handle().expect("a runner that runs");
    let told = handle.tell(move |command| {
        let sockets = command.sockets().expect("open sockets");
        sockets
            .outbox
            .send_undeclared(&freeze)
            .expect("a socket to send by");
    });
    told.expect("a command node that lives");
}

/// Waits until every node has said that it lives.
fn wait_until_heard(runner: &ZmqRunner<CommandNode>) {
    wait_for("every node to have said that it lives", SOON, || {
        let mut nodes = runner.status().nodes.into_iter();
        nodes.all(|node| node.heard.is_some()).then_some(())
    });
}

fn chain(rest: &str) -> String {
    format!(
        "
nodes:
  count: {{type: test.count}}
  twice: {{type: test.double, depends: [{{value: count.index}}]{rest}}}
  return: {{type: return, depends: twice.value}}
"
    )
}

#[test]
fn a_loop_that_is_stuck_is_found_out() {
    let mut private = zmq(tube(&chain("")));
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
    wait_until_heard(&private.runner);
    freeze(&private.runner, "twice");
    let begun = Instant::now();
    let died = death(private.runner.process(Map::new()).unwrap_err());
    assert_eq!(&*died.node, "twice");
    assert!(
        died.how
            .contains("the thread that serves its sockets stuck"),
        "{died}"
    );
    // Ten seconds is what one that only says nothing is given.
    let took = begun.elapsed();
    println!("found out after {took:?}");
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

#[test]
fn a_process_with_a_stuck_loop_can_be_replaced() {
    let mut private = zmq(tube(&chain(", restart: on-failure")));
    for epoch in 0..3 {
        assert_eq!(
            private.runner.process(Map::new()).unwrap(),
            Some(Value::Int(2 * epoch))
        );
        wait_until_heard(&private.runner);
        freeze(&private.runner, "twice");
    }
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(6))
    );
    assert_eq!(private.runner.report().restarted, 3);
}
