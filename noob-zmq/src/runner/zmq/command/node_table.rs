//! Table of the node processes of a run: their state and their totals.
//!
//! Filled by the supervisor and by messages of the nodes; read by callers of the runner. Guarded by
//! a lock of [`RunState`](crate::runner::zmq::run_state::RunState).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde::Serialize;

use crate::actor::RejectCounters;
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::report::{EdgeDrops, RejectedCounts};
use crate::wire::{Health, NodeStatus};

/// State and totals of a node, as [`ZmqRunner::status`](super::super::ZmqRunner::status) returns
/// them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NodeStatusReport {
    /// The node.
    pub node: Name,
    /// Status that the node has sent; [`NodeStatus::Closed`] while it has no process.
    #[serde(serialize_with = "status")]
    pub status: NodeStatus,
    /// Process id, while the node has a process on this host.
    pub pid: Option<u32>,
    /// Name of the machine that the node runs on; for another host, its address.
    pub host: String,
    /// Completed epochs that the node was told of, in all its processes.
    pub epochs: u64,
    /// Calls, in all its processes.
    pub calls: u64,
    /// Events that were received, in all its processes.
    pub events_in: u64,
    /// Events that were emitted, in all its processes.
    pub events_out: u64,
    /// Calls that are ready and have not started.
    pub queue: u64,
    /// Epoch of the running call, such as `7` or `7/items[2]`.
    pub busy: Option<String>,
    /// Number of restarts of its process.
    pub restarts: u32,
    /// Messages that the node has rejected, since they could not be decoded or their sender must
    /// not send them, in all its processes.
    pub refused: u64,
    /// Last error of the node, or how its process ended.
    pub last_error: Option<String>,
    /// Time since its last health report, in seconds.
    pub heard: Option<f64>,
}

fn status<S: serde::Serializer>(status: &NodeStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.as_str())
}

/// Records of all nodes that have or had a process, and counters of rejected messages.
#[derive(Debug, Default)]
pub(crate) struct NodeTable {
    nodes: IndexMap<Name, NodeRecord>,
    /// Time at which the last health report that is recorded had arrived, at the earliest.
    recorded_until: Option<Instant>,
    /// Messages that the command node has rejected.
    reject_counters: RejectCounters,
    /// Connections of other hosts that were rejected, and links that were cut.
    listener_counts: (u64, u64),
}

#[derive(Debug, Default)]
struct NodeRecord {
    pid: Option<u32>,
    /// Other host that has joined for the node.
    host: Option<SocketAddr>,
    status: Option<NodeStatus>,
    health: Option<Health>,
    last_health: Option<Instant>,
    /// Start of its silence: the last health report, or later if the runner itself was late.
    silent_since: Option<Instant>,
    /// Totals of earlier processes.
    earlier: Totals,
    restarts: u32,
    last_error: Option<String>,
}

/// Totals of one or several processes of a node.
#[derive(Debug, Clone, Default)]
struct Totals {
    epochs: u64,
    calls: u64,
    events_in: u64,
    events_out: u64,
    rejected: u64,
    /// Dropped events by their signal, `node.signal`.
    dropped: IndexMap<String, u64>,
}

impl Totals {
    fn add(&mut self, health: &Health) {
        self.epochs += health.epochs;
        self.calls += health.calls;
        self.events_in += health.events_in;
        self.events_out += health.events_out;
        self.rejected += health.refused;
        for (edge, count) in &health.dropped {
            *self.dropped.entry(edge.clone()).or_default() += count;
        }
    }
}

/// Facts about one node from which the supervisor concludes whether its process lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeFacts {
    pub(crate) node: Name,
    /// Time in which a health report of the present process would have been recorded and was not,
    /// if there was one before.
    pub(crate) silence: Option<Duration>,
    /// Process, and the thread that serves its sockets, if the node has reported both.
    pub(crate) socket_thread: Option<(u32, u32)>,
    /// Whether the present process, here or on another host, has identified itself.
    pub(crate) reported: bool,
}

impl NodeRecord {
    fn totals(&self) -> Totals {
        let mut totals = self.earlier.clone();
        if let Some(health) = &self.health {
            totals.add(health);
        }
        totals
    }

    fn facts(&self, node: &Name, recorded_until: Option<Instant>) -> NodeFacts {
        let silence = self.silent_since.map(|since| {
            recorded_until.map_or(Duration::ZERO, |until| {
                until.saturating_duration_since(since)
            })
        });
        let thread = self.health.as_ref().and_then(|health| health.thread);
        NodeFacts {
            node: node.clone(),
            silence: silence.filter(|_| self.pid.is_some()),
            socket_thread: self.pid.zip(thread),
            reported: (self.pid.is_some() || self.host.is_some())
                && self
                    .status
                    .is_some_and(|status| status != NodeStatus::Closed),
        }
    }
}

impl NodeTable {
    pub(crate) fn new(tube: &Tube) -> Self {
        let mut table = Self::default();
        table.track_nodes_of(tube);
        table
    }

    /// Sets the counters of messages that the command node rejects.
    pub(crate) fn set_reject_counters(&mut self, reject_counters: &RejectCounters) {
        self.reject_counters = reject_counters.clone();
    }

    /// Sets the counters of the listener for other hosts.
    #[cfg(feature = "remote")]
    pub(crate) const fn set_listener_counts(&mut self, rejected: u64, cut: u64) {
        self.listener_counts = (rejected, cut);
    }

    /// Returns the counters of rejected connections and messages.
    pub(crate) fn rejected(&self) -> RejectedCounts {
        let nodes = self.nodes.values().map(|record| record.totals().rejected);
        RejectedCounts {
            connections: self.listener_counts.0,
            links: self.listener_counts.1,
            messages: self.reject_counters.total() + nodes.sum::<u64>(),
        }
    }

    /// Keeps the records of nodes that have or had a process, in the order of this tube.
    pub(crate) fn track_nodes_of(&mut self, tube: &Tube) {
        let mut before = std::mem::take(&mut self.nodes);
        for node in tube.nodes.values() {
            let known = before.shift_remove(&node.id);
            if node.kind != TubeNodeKind::Return && (node.enabled || known.is_some()) {
                self.nodes
                    .insert(node.id.clone(), known.unwrap_or_default());
            }
        }
    }

    /// Records that a process was started for a node.
    pub(crate) fn on_spawn(&mut self, node: &str, pid: Option<u32>) {
        if let Some(record) = self.nodes.get_mut(node) {
            record.pid = pid;
            record.status = None;
            record.last_health = None;
            record.silent_since = None;
        }
    }

    /// Records that another host has joined for a node.
    #[cfg(feature = "remote")]
    pub(crate) fn on_join(&mut self, node: &str, peer: SocketAddr) {
        self.on_spawn(node, None);
        if let Some(record) = self.nodes.get_mut(node) {
            record.host = Some(peer);
        }
    }

    /// Records how the process of a node has ended.
    pub(crate) fn on_exit(&mut self, node: &str, how: &str) {
        if let Some(record) = self.nodes.get_mut(node) {
            record.earlier = record.totals();
            record.health = None;
            record.pid = None;
            record.status = Some(NodeStatus::Closed);
            record.last_error = Some(format!("its process {how}"));
        }
    }

    /// Records that the process of a node is about to be restarted.
    pub(crate) fn on_restart(&mut self, node: &str) {
        if let Some(record) = self.nodes.get_mut(node) {
            record.restarts += 1;
        }
    }

    /// Records a status that a node has sent.
    pub(crate) fn on_status(&mut self, node: &str, status: NodeStatus) {
        if let Some(record) = self.nodes.get_mut(node) {
            record.status = Some(status);
        }
    }

    /// Records an error that a node has sent.
    pub(crate) fn on_error(&mut self, node: &str, error: &str) {
        if let Some(record) = self.nodes.get_mut(node) {
            record.last_error = Some(error.to_owned());
        }
    }

    /// Records a health report.
    pub(crate) fn on_health(&mut self, health: &Health, now: Instant) {
        if let Some(record) = self.nodes.get_mut(&health.node_id) {
            record.last_health = Some(now);
            record.silent_since = Some(now);
            record.health = Some(health.clone());
        }
    }

    /// Records that every health report that had arrived at this time is recorded.
    ///
    /// Until then, a node is not silent: its report may wait behind other messages.
    pub(crate) const fn set_recorded_until(&mut self, at: Instant) {
        self.recorded_until = Some(at);
    }

    /// Leaves this time, in which the runner itself was late, out of the silence of all nodes.
    pub(crate) fn postpone(&mut self, late: Duration) {
        for record in self.nodes.values_mut() {
            record.silent_since = record.silent_since.map(|since| since + late);
        }
    }

    /// Returns the facts from which the supervisor concludes whether processes live.
    pub(crate) fn facts(&self) -> Vec<NodeFacts> {
        let nodes = self.nodes.iter();
        nodes
            .map(|(node, record)| record.facts(node, self.recorded_until))
            .collect()
    }

    /// Returns the nodes with a process on this host, and their process ids.
    pub(crate) fn processes(&self) -> Vec<(Name, u32)> {
        self.nodes
            .iter()
            .filter_map(|(node, record)| Some((node.clone(), record.pid?)))
            .collect()
    }

    /// Returns the edges that have dropped events.
    pub(crate) fn dropped(&self) -> Vec<EdgeDrops> {
        let edges = self.nodes.iter().flat_map(|(node, record)| {
            let dropped = record.totals().dropped.into_iter();
            dropped.map(|(from, events)| EdgeDrops {
                from,
                to: node.to_string(),
                events,
            })
        });
        edges.filter(|edge| edge.events > 0).collect()
    }

    pub(crate) fn report(&self, now: Instant) -> Vec<NodeStatusReport> {
        let this_host = host_name();
        let report = |(node, record): (&Name, &NodeRecord)| {
            let health = record.health.as_ref();
            let totals = record.totals();
            NodeStatusReport {
                node: node.clone(),
                status: record.status.unwrap_or(NodeStatus::Waiting),
                pid: record.pid,
                host: record
                    .host
                    .map_or_else(|| this_host.clone(), |peer| peer.ip().to_string()),
                epochs: totals.epochs,
                calls: totals.calls,
                events_in: totals.events_in,
                events_out: totals.events_out,
                queue: health.map_or(0, |health| health.queue),
                busy: health
                    .and_then(|health| health.busy.as_ref())
                    .map(|epoch| crate::runner::error::DisplayEpoch(epoch).to_string()),
                restarts: record.restarts,
                refused: totals.rejected,
                last_error: record.last_error.clone(),
                heard: record
                    .last_health
                    .map(|last| now.saturating_duration_since(last).as_secs_f64()),
            }
        };
        self.nodes.iter().map(report).collect()
    }
}

/// Returns the name of this machine.
fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUBE: &str = "
noob_id: table
input:
  x: {type: list, scope: process}
nodes:
  a: {type: map, depends: [{value: input.x}]}
  b: {type: map, depends: [{value: a.value}]}
  return: {type: return, depends: b.value}
";

    fn node_table() -> NodeTable {
        let tube = crate::tube::from_text("table.yaml", TUBE, crate::graph::Map::new())
            .unwrap_or_else(|errors| panic!("{errors}"));
        NodeTable::new(&tube)
    }

    fn health(node: &str, calls: u64) -> Health {
        Health {
            node_id: node.into(),
            status: NodeStatus::Running,
            epochs: calls,
            calls,
            events_in: 2 * calls,
            events_out: 3 * calls,
            queue: 1,
            busy: None,
            overran: false,
            dropped: vec![("a.value".into(), calls)],
            thread: Some(calls as u32),
            terminated: false,
            refused: calls,
        }
    }

    #[test]
    fn totals_add_up_over_processes() {
        let (mut node_table, now) = (node_table(), Instant::now());
        node_table.on_spawn("b", Some(7));
        node_table.on_health(&health("b", 5), now);
        node_table.on_exit("b", "was killed by signal 9 (SIGKILL)");
        node_table.on_restart("b");
        assert_eq!(node_table.processes(), []);
        node_table.on_spawn("b", Some(8));
        node_table.on_health(&health("b", 1), now);
        let report = node_table.report(now + Duration::from_secs(2));
        assert_eq!(report.len(), 2);
        let b = &report[1];
        assert_eq!(
            (
                b.epochs,
                b.calls,
                b.events_in,
                b.events_out,
                b.restarts,
                b.refused,
                b.pid
            ),
            (6, 6, 12, 18, 1, 6, Some(8))
        );
        assert_eq!(b.heard, Some(2.0));
        assert!(b.last_error.as_ref().unwrap().contains("SIGKILL"));
        assert_eq!(
            node_table.dropped(),
            [EdgeDrops {
                from: "a.value".into(),
                to: "b".into(),
                events: 6
            }]
        );
    }

    #[cfg(feature = "remote")]
    #[test]
    fn node_on_another_host_has_its_address() {
        let mut node_table = node_table();
        node_table.on_spawn("a", Some(1));
        node_table.on_join("b", "10.0.0.7:41234".parse().unwrap());
        let hosts = node_table
            .report(Instant::now())
            .into_iter()
            .map(|node| node.host);
        assert_eq!(
            hosts.collect::<Vec<_>>(),
            [host_name(), "10.0.0.7".to_owned()]
        );
    }

    #[test]
    fn silence_counts_from_the_last_report_of_a_process() {
        let (mut node_table, now) = (node_table(), Instant::now());
        let second = Duration::from_secs(1);
        let silence = |table: &mut NodeTable, seconds: u32| {
            table.set_recorded_until(now + seconds * second);
            let facts = table.facts().into_iter();
            facts.map(|facts| facts.silence).collect::<Vec<_>>()
        };
        node_table.on_spawn("a", Some(1));
        node_table.on_spawn("b", Some(2));
        assert_eq!(silence(&mut node_table, 9), [None, None]);
        node_table.on_health(&health("a", 0), now);
        node_table.on_health(&health("b", 0), now + second);
        assert_eq!(
            silence(&mut node_table, 2),
            [Some(2 * second), Some(second)]
        );
        assert_eq!(node_table.facts()[1].socket_thread, Some((2, 0)));
        // The runner was late.
        node_table.postpone(3 * second);
        assert_eq!(
            silence(&mut node_table, 7),
            [Some(4 * second), Some(3 * second)]
        );
        node_table.on_exit("a", "exited");
        assert_eq!(silence(&mut node_table, 9), [None, Some(5 * second)]);
        assert!(!node_table.facts()[0].reported);
    }

    #[test]
    fn report_that_waits_behind_other_messages_is_no_silence() {
        let (mut node_table, now) = (node_table(), Instant::now());
        node_table.on_spawn("a", Some(1));
        node_table.on_health(&health("a", 0), now);
        node_table.set_recorded_until(now);
        // A minute goes by, in which one message is handled.
        assert_eq!(node_table.facts()[0].silence, Some(Duration::ZERO));
    }
}
