//! Large values in shared memory, between processes that are killed.

use std::collections::BTreeMap;
use std::fs;

use noob_zmq::actor::{Actor as _, ActorError, Scope, Sub};
use noob_zmq::graph::{Emit, Value};
use noob_zmq::runner::Runner;
use noob_zmq::runner::zmq::{CommandSockets, NodeSockets};
use noob_zmq::transport::Endpoint;
use noob_zmq::wire::{Announce, Events, RawMessage};
use noob_zmq::{Sockets, handlers};
use noob_zmq_tests::large::number_in;
use noob_zmq_tests::processes::assert_gone;
use noob_zmq_tests::runners::{Private, tube, zmq_with};

use crate::restarts::run_killing;
use crate::{Host, SOON, wait_for};

const TUBE: &str = "
nodes:
  count: {type: test.count}
  bytes: {type: large.bytes, depends: [{n: count.index}], restart: always}
  pass: {type: large.pass, depends: [{value: bytes.value}], restart: always}
  numbers: {type: large.numbers, depends: [{n: count.index}], restart: always}
  tensor: {type: large.tensor, depends: [{n: count.index}], restart: always}
  sum:
    type: large.sum
    depends:
    - {bytes: bytes.value}
    - {passed: pass.value}
    - {numbers: numbers.value}
    - {tensor: tensor.value}
    restart: always
  return: {type: return, depends: sum.value}
";

fn sums(epochs: std::ops::Range<i64>) -> Vec<Value> {
    epochs.map(|n| Value::Int(4 * n)).collect()
}

/// Returns the number of pools that each node of a run has mapped.
fn pools(private: &Private) -> Vec<(String, usize)> {
    let processes = private.runner.processes();
    let pools = processes.iter().map(|(node, pid)| {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let pools = maps.lines().filter(|line| line.contains("/memfd:noob-zmq"));
        (node.to_string(), pools.count())
    });
    pools.collect()
}

/// Runs the tube with this size of shared memory, and compares the pools of each node.
fn run_with(bytes: u64, expected: &[(&str, usize)]) {
    let mut private = zmq_with(tube(TUBE), |builder| builder.shared_memory(bytes));
    assert_eq!(private.runner.run(100).unwrap(), sums(0..100));
    let found = pools(&private);
    for (node, pools) in expected {
        assert!(found.contains(&((*node).to_owned(), *pools)), "{found:?}");
    }
    let id = private.runner.runner_id().unwrap().to_owned();
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn large_values_are_read_in_the_memory_of_their_node() {
    // Its own pool, and those of the nodes that feed it.
    let expected = [
        ("count", 0),
        ("bytes", 1),
        ("pass", 2),
        ("numbers", 1),
        ("sum", 5),
    ];
    run_with(1 << 30, &expected);
}

#[test]
fn values_that_find_no_room_are_sent_as_bytes() {
    // Room for two values in each node.
    run_with(6 * 420_000, &[("count", 0), ("bytes", 1), ("pass", 2)]);
    // Less than one value.
    run_with(6 * 100_000, &[("count", 0), ("bytes", 1), ("pass", 1)]);
}

#[test]
fn no_memory_is_shared_where_it_is_turned_off() {
    run_with(0, &[("count", 0), ("bytes", 0), ("pass", 0), ("sum", 0)]);
}

#[test]
fn returned_value_outlives_its_run() {
    let text = "
nodes:
  count: {type: test.count}
  bytes: {type: large.bytes, depends: [{n: count.index}]}
  return: {type: return, depends: bytes.value}
";
    let mut private = zmq_with(tube(text), |builder| builder.window(2));
    // Held by the caller, so that the memory is full in between.
    let values = private.runner.run(200).unwrap();
    private.runner.deinit().unwrap();
    for (n, value) in (0..).zip(values) {
        let Value::Bytes(value) = value else {
            panic!("{value}")
        };
        assert_eq!(number_in(&value), Ok(n));
    }
}

#[test]
fn run_of_large_values_with_killed_nodes_loses_nothing() {
    for window in [2, 16] {
        let mut private = zmq_with(tube(TUBE), |builder| builder.window(window));
        let kills = [
            (10, "bytes"),
            (40, "sum"),
            (41, "pass"),
            (90, "bytes"),
            (130, "tensor"),
            (131, "numbers"),
            (170, "sum"),
            (200, "bytes"),
        ];
        assert_eq!(run_killing(&mut private, 300, &kills), sums(0..300));
        let id = private.runner.runner_id().unwrap().to_owned();
        private.runner.deinit().unwrap();
        assert_gone(&private.runs(), &id);
    }
}

#[test]
fn nothing_is_left_of_large_values_of_a_killed_runner() {
    let mut host = Host::start(TUBE);
    host.process.kill().unwrap();
    host.process.wait().unwrap();
    // The memory has no name, and ends with the processes.
    assert_gone(&host.root, &host.runner_id);
    let named = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    let named = named.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let of_ours: Vec<String> = named.filter(|name| name.contains("noob")).collect();
    assert_eq!(of_ours, Vec::<String>::new());
}

#[derive(Sockets)]
struct ObserverSockets {
    #[connect("command/outbox")]
    #[recv(Announce)]
    #[peer(CommandSockets::OUTBOX)]
    news: Sub,
    #[connect]
    #[recv(Events)]
    #[peer(NodeSockets::OUTBOX)]
    inbox: Sub,
}

/// Subscriber that is no part of the run.
struct Observer {
    sockets: ObserverSockets,
    /// Numbers in the values of `bytes`, by epoch.
    seen: BTreeMap<u32, i64>,
}

#[handlers(ObserverSockets, other = on_other)]
impl Observer {
    #[on_news(Announce)]
    fn on_announce(&mut self, announce: Announce) -> Result<(), ActorError> {
        if let Some(node) = announce.nodes.get("bytes") {
            self.sockets.inbox.connect(&Endpoint::parse(&node.outbox)?);
        }
        Ok(())
    }

    #[on_inbox(Events)]
    fn on_events(&mut self, events: Events) {
        for event in events.0 {
            if let Emit::Value(Value::Bytes(value)) = &event.value {
                self.seen
                    .insert(event.epoch.number(), number_in(value).unwrap());
            }
        }
    }

    fn on_other(&mut self, _other: RawMessage) {}
}

/// An observer may be late, when epochs are closed that it has not seen: it is sent bytes.
#[test]
fn observer_of_a_run_receives_all_large_values() {
    let mut private = zmq_with(tube(TUBE), |builder| builder);
    private.runner.init().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scope = Scope {
        runtime_dir: private.runs(),
        runner_id: private.runner.runner_id().unwrap().to_owned(),
        id: "observer".to_owned(),
    };
    let seen = BTreeMap::new();
    let make = |sockets| Observer { sockets, seen };
    let observer = runtime.block_on(Observer::run(scope, make)).unwrap();
    let seen = || {
        let seen = observer.ask(|observer| observer.seen.clone());
        runtime.block_on(seen).unwrap()
    };
    let mut epochs = 0;
    wait_for("the observer to be connected", SOON, || {
        epochs += private.runner.run(1).unwrap().len();
        (!seen().is_empty()).then_some(())
    });
    let first = epochs;
    assert_eq!(private.runner.run(200).unwrap().len(), 200);
    let expected: Vec<i64> = (first as i64..first as i64 + 200).collect();
    wait_for("all values", SOON, || {
        let all: Vec<i64> = seen()
            .values()
            .skip_while(|n| **n < expected[0])
            .copied()
            .collect();
        (all == expected).then_some(())
    });
}
