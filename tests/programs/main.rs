//! Examples that take more than one process, and what they stand for: watching a run from outside,
//! actors without tubes, node runners of one's own.

mod reports;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use noob_zmq::actor::ActorError;
use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::zmq::{CommandNode, NodeRunner, NodeSockets, StandaloneNode};
use noob_zmq::runner::{Runner, RunnerExt};
use noob_zmq::wire::{Announce, Deinit, Events, MessageType};
use noob_zmq::{Message, addon, handlers};
use noob_zmq_tests::processes::{assert_gone, left_in};
use noob_zmq_tests::runners::{Private, tube, zmq};
use serde::{Deserialize, Serialize};

noob_zmq::test_nodes!(node_runner = Counting::new);

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

type Lines = std::io::Lines<BufReader<ChildStdout>>;

/// A process that ends with the test.
struct Program(Child);

impl Program {
    /// Starts `path`, with the runs of `root`.
    fn start(path: &str, root: &Path) -> Self {
        let mut command = Command::new(path);
        command
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .env("NOOB_ZMQ_RUNTIME_DIR", root)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn lines(&mut self) -> Lines {
        BufReader::new(self.0.stdout.take().unwrap()).lines()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a line of the monitor says that both nodes have said something.
fn both(line: &str) -> bool {
    let said = |node: &str| {
        let (_, rest) = line.split_once(&format!("\"{node}\": "))?;
        rest.chars().next()
    };
    [said("count"), said("twice")]
        .iter()
        .all(|digit| digit.is_some_and(|digit| ('1'..='9').contains(&digit)))
}

/// Runs epochs until the monitor has told of both nodes.
fn watch(private: &mut Private) -> (Program, Lines) {
    private.runner.init().unwrap();
    let mut monitor = Program::start(env!("CARGO_BIN_EXE_monitor"), &private.runs());
    let mut lines = monitor.lines();
    loop {
        for _ in 0..10 {
            private.runner.process(Map::new()).unwrap();
        }
        let line = lines.next().expect("the monitor goes on").unwrap();
        if both(&line) {
            return (monitor, lines);
        }
    }
}

#[test]
fn a_monitor_in_another_process_hears_a_run_and_ends_with_it() {
    let mut private = zmq(tube(CHAIN));
    let (mut monitor, lines) = watch(&mut private);
    let id = private.runner.runner_id().unwrap().to_owned();
    private.runner.deinit().unwrap();
    assert!(lines.map(Result::unwrap).all(|line| both(&line)));
    assert!(monitor.0.wait().unwrap().success());
    assert_gone(&private.runs(), &id);
}

#[test]
fn a_run_goes_on_when_its_monitor_is_killed() {
    let mut private = zmq(tube(CHAIN));
    drop(watch(&mut private));
    assert_eq!(private.runner.run(500).unwrap().len(), 500);
    private.runner.deinit().unwrap();
}

#[test]
fn the_pipeline_gives_its_results_in_order_and_leaves_nothing() {
    let root = tempfile::TempDir::with_prefix("nz").unwrap();
    let root = root.path().join("r");
    let mut pipeline = Program::start(env!("CARGO_BIN_EXE_pipeline"), &root);
    let mut lines: Vec<String> = pipeline.lines().map(Result::unwrap).collect();
    assert!(pipeline.0.wait().unwrap().success());
    // The answer and the results come over different sockets.
    let answer = lines.iter().position(|line| line.contains("to come"));
    assert_eq!(lines.remove(answer.unwrap()), "5 squares are to come");
    assert_eq!(lines, ["1", "4", "9", "16", "25"]);
    assert_eq!(left_in(&root), Vec::<String>::new());
}

#[test]
fn every_node_of_a_timed_run_tells_how_long_it_has_worked() {
    let root = tempfile::TempDir::with_prefix("nz").unwrap();
    let mut timed = Program::start(env!("CARGO_BIN_EXE_timed"), &root.path().join("r"));
    let lines = timed.lines().map(Result::unwrap);
    let mut told: Vec<String> = lines
        .map(|line| line.split(" calls in ").next().unwrap().to_owned())
        .collect();
    told.sort();
    assert!(timed.0.wait().unwrap().success());
    // The text is one block; the source is asked once more, and ends.
    assert_eq!(
        told,
        ["count: 1", "lines: 2", "normalise: 1", "top: 1", "words: 1"]
    );
}

/// Number of calls of a node, as its own node runner counts them.
#[derive(Debug, Serialize, Deserialize, Message)]
#[message(kind = "test.counted")]
struct Counted {
    node: String,
    calls: u64,
}

/// The node runner of all nodes of this program.
struct Counting {
    inner: NodeRunner,
    /// Number of the messages with events that the node runner has observed.
    observed: u32,
    /// Whether addresses were observed.
    told: bool,
}

impl Counting {
    fn new(node: StandaloneNode, sockets: NodeSockets) -> Self {
        Self {
            inner: node.attach(sockets),
            observed: 0,
            told: false,
        }
    }
}

#[handlers(NodeSockets, delegate = inner)]
impl Counting {
    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, _events: &Events) -> Result<(), &'static str> {
        self.observed += 1;
        if self.inner.id() == "fails_at_events" && self.observed == 2 {
            return Err("the second message is not liked");
        }
        Ok(())
    }

    #[on_dealer(MessageType::Announce)]
    fn on_addresses(&mut self, _announce: &Announce) -> Result<(), &'static str> {
        if self.inner.id() == "fails_at_announce" && !std::mem::replace(&mut self.told, true) {
            return Err("the addresses are not liked");
        }
        Ok(())
    }

    #[on_inbox(MessageType::Announce)]
    fn on_table(&mut self, _table: &Announce) -> Result<(), &'static str> {
        if self.inner.id().starts_with("fails_at_table") {
            return Err("the table of all nodes was sent");
        }
        Ok(())
    }

    #[on_inbox(MessageType::Deinit)]
    fn on_deinit(&mut self, _deinit: &Deinit) -> Result<(), ActorError> {
        self.inner.sockets().dealer.send_undeclared(&Counted {
            node: self.inner.id().to_owned(),
            calls: self.inner.calls().number,
        })
    }
}

impl AsMut<NodeRunner> for Counting {
    fn as_mut(&mut self) -> &mut NodeRunner {
        &mut self.inner
    }
}

static COUNTED: Mutex<Vec<(String, String, u64)>> = Mutex::new(Vec::new());

#[addon(CommandNode, on_router(Counted))]
fn on_counted(command: &mut CommandNode, counted: Counted) {
    let run = command.scope().runner_id.clone();
    COUNTED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push((run, counted.node, counted.calls));
}

#[test]
fn the_processes_of_a_test_binary_host_its_own_node_runner() {
    let mut private = zmq(tube(CHAIN));
    for epoch in 0..7 {
        let value = private.runner.process(Map::new()).unwrap();
        assert_eq!(value, Some(Value::Int(2 * epoch)));
    }
    let run = private.runner.runner_id().unwrap().to_owned();
    private.runner.deinit().unwrap();
    let counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut counted: Vec<_> = counted
        .iter()
        .filter(|(of, ..)| *of == run)
        .map(|(_, node, calls)| (node.as_str(), *calls))
        .collect();
    counted.sort_unstable();
    assert_eq!(counted, [("count", 7), ("twice", 7)]);
}

/// Runs five epochs through the node `id`; returns the values and the errors.
fn run_observed(id: &str) -> (Vec<i64>, Vec<String>) {
    let mut private = zmq(tube(&CHAIN.replace("twice", id)));
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        match private.runner.process_as::<i64>(Map::new()) {
            Ok(value) => values.extend(value),
            Err(error) => errors.push(error.to_string()),
        }
    }
    errors.extend(private.runner.deinit().err().map(|error| error.to_string()));
    (values, errors)
}

/// Each node hears of its neighbours alone, so that a start costs messages in proportion to nodes
/// and edges.
#[test]
fn node_is_not_sent_the_table_of_all_nodes() {
    let mut text = "nodes:\n  fails_at_table0: {type: test.count}\n".to_owned();
    let mut fed_by = "fails_at_table0.index".to_owned();
    // Enough nodes that the first have subscribed before the last is started.
    for number in 1..=12 {
        let node = format!("fails_at_table{number}");
        text += &format!("  {node}: {{type: test.double, depends: [{{value: {fed_by}}}]}}\n");
        fed_by = format!("{node}.value");
    }
    text += &format!("  return: {{type: return, depends: {fed_by}}}\n");
    let mut private = zmq(tube(&text));
    assert_eq!(private.runner.run(2).unwrap(), [0, 1 << 12].map(Value::Int));
    private.runner.deinit().unwrap();
}

/// The error belongs to no epoch: it is that of the epoch that is open when it arrives.
#[test]
fn observing_node_runner_error_reaches_the_caller() {
    let (values, errors) = run_observed("fails_at_events");
    assert_eq!(
        errors,
        [
            "the node `fails_at_events` (test.yaml:5:3) failed: a handler of its node runner \
             failed on the socket `inbox`: the second message is not liked"
        ]
    );
    let all = [0, 2, 4, 6, 8];
    assert!(
        values.len() >= 4 && values.is_sorted_by(|a, b| a < b),
        "{values:?}"
    );
    assert!(values.iter().all(|value| all.contains(value)), "{values:?}");
}

/// Without the message, the node would never be ready.
#[test]
fn message_of_a_failing_observer_goes_on() {
    let (values, errors) = run_observed("fails_at_announce");
    assert_eq!(
        errors,
        [
            "the node `fails_at_announce` (test.yaml:5:3) failed: a handler of its node runner \
             failed on the socket `dealer`: the addresses are not liked"
        ]
    );
    assert_eq!(values, [0, 2, 4, 6, 8]);
}
