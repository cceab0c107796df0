//! Cost of a start, in descriptors and messages of each process: in proportion to its edges.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use noob_zmq::graph::Map;
use noob_zmq::runner::{Runner, RunnerExt};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{Private, tube, zmq};

/// Descriptors of a node process that has no edges, at most.
const BASE: usize = 16;
const NODES: usize = 12;

/// A tube, and the number of edges of each node that has a process.
struct Shape {
    text: String,
    edges: BTreeMap<String, usize>,
}

impl Shape {
    fn new() -> Self {
        Self {
            text: "nodes:\n  n0: {type: test.count}\n".to_owned(),
            edges: BTreeMap::from([("n0".to_owned(), 0)]),
        }
    }

    /// Adds a node that doubles the values of another.
    fn double(&mut self, node: usize, feeder: usize) {
        let signal = if feeder == 0 { "index" } else { "value" };
        let _ = writeln!(
            self.text,
            "  n{node}: {{type: test.double, depends: [{{value: n{feeder}.{signal}}}]}}"
        );
        *self.edges.entry(format!("n{node}")).or_default() += 1;
        *self.edges.entry(format!("n{feeder}")).or_default() += 1;
    }

    fn returns(mut self, node: usize) -> Self {
        let _ = writeln!(
            self.text,
            "  return: {{type: return, depends: n{node}.value}}"
        );
        self
    }

    fn chain() -> Self {
        let mut shape = Self::new();
        (1..NODES).for_each(|node| shape.double(node, node - 1));
        shape.returns(NODES - 1)
    }

    fn fan_out() -> Self {
        let mut shape = Self::new();
        (1..NODES).for_each(|node| shape.double(node, 0));
        shape.returns(NODES - 1)
    }
}

/// Numbers and targets of the descriptors that are open in a process.
fn descriptors(pid: u32) -> HashMap<u32, PathBuf> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let numbers = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let open = numbers.filter_map(|number| {
        let target = std::fs::read_link(format!("/proc/{pid}/fd/{number}")).ok()?;
        Some((number.parse().unwrap(), target))
    });
    open.collect()
}

/// Waits until each node has reported so many received events.
fn wait_for_received(private: &Private, expected: impl Fn(&str) -> u64) {
    wait_for("the counts of all nodes", Duration::from_secs(10), || {
        let status = private.runner.status();
        let mut nodes = status.nodes.iter();
        nodes
            .all(|node| node.received.events == expected(&node.node))
            .then_some(())
    });
}

#[test]
fn descriptors_of_a_node_grow_with_its_edges_only() {
    for shape in [Shape::chain(), Shape::fan_out()] {
        let mut private = zmq(tube(&shape.text));
        private.runner.init().unwrap();
        private.runner.process(Map::new()).unwrap();
        let processes = private.runner.processes();
        assert_eq!(processes.len(), NODES);
        // A shell or `cargo` may pass descriptors of its own to the test, and so to its nodes.
        let own = descriptors(std::process::id());
        for (node, pid) in processes {
            let (mut open, edges) = (descriptors(pid), shape.edges[&*node]);
            open.retain(|number, target| own.get(number) != Some(target));
            assert!(
                open.len() <= BASE + edges,
                "{} descriptors of `{node}`, which has {edges} edges: {open:?}",
                open.len()
            );
        }
        private.runner.deinit().unwrap();
    }
}

#[test]
fn node_receives_events_of_the_nodes_that_feed_it_only() {
    let mut private = zmq(tube(&Shape::chain().text));
    assert_eq!(private.runner.run(10).unwrap().len(), 10);
    wait_for_received(&private, |node| if node == "n0" { 0 } else { 10 });
}

#[test]
fn ready_timeout_grows_with_the_tube() {
    let default = |text: &str| {
        let builder = noob_zmq::runner::ZmqRunner::builder(tube(text));
        format!("{builder:?}")
    };
    let (small, large) = (
        default("nodes: {n0: {type: test.count}}\n"),
        default(&Shape::chain().text),
    );
    assert!(small.contains("ready_timeout: 30.1s"), "{small}");
    assert!(large.contains("ready_timeout: 31.3s"), "{large}");
}
