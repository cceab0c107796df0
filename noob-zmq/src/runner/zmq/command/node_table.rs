//! Table of the node processes of a run: their state and their totals.
//!
//! Filled by the supervisor and by messages of the nodes; read by callers of the runner. Guarded by
//! a lock of [`RunState`](crate::runner::zmq::run_state::RunState).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::node_counters::NodeCounters;
use crate::actor::RejectCounters;
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::report::{EdgeDrops, RejectedCounts};
use crate::runner::watch::rates::RateWindow;
use crate::runner::watch::report::{Lag, NodeStatusReport, RunStatus};
use crate::wire::{Health, NodeStatus};

/// Time without a health report from which the rates of a node count as zero.
const STALE: Duration = Duration::from_secs(2);

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
    /// Nodes and edges of the tube, of which nothing else is known.
    template: RunStatus,
    /// Number of epochs that have ended, at the last looks.
    epochs: RateWindow,
}

#[derive(Debug, Default)]
struct NodeRecord {
    pid: Option<u32>,
    /// Other host that has joined for the node.
    host: Option<SocketAddr>,
    status: Option<NodeStatus>,
    counters: NodeCounters,
    last_health: Option<Instant>,
    /// Start of its silence: the last health report, or later if the runner itself was late.
    silent_since: Option<Instant>,
    restarts: u32,
    last_error: Option<String>,
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
    /// Enters what is known of the node into its status.
    fn fill(&self, now: Instant, report: &mut NodeStatusReport) {
        report.status = self.status.unwrap_or(NodeStatus::Waiting);
        report.pid = self.pid;
        if let Some(peer) = self.host {
            report.host = peer.ip().to_string();
        }
        report.restarts = self.restarts;
        report.last_error.clone_from(&self.last_error);
        let heard = self
            .last_health
            .map(|last| now.saturating_duration_since(last));
        report.heard = heard.map(|heard| heard.as_secs_f64());
        self.counters.fill(report);
        if heard.is_none_or(|heard| heard > STALE) {
            report.stop_rates();
        }
    }

    fn facts(&self, node: &Name, recorded_until: Option<Instant>) -> NodeFacts {
        let silence = self.silent_since.map(|since| {
            recorded_until.map_or(Duration::ZERO, |until| {
                until.saturating_duration_since(since)
            })
        });
        let thread = self.counters.health().and_then(|health| health.thread);
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
        let nodes = self
            .nodes
            .values()
            .map(|record| record.counters.totals().rejected);
        RejectedCounts {
            connections: self.listener_counts.0,
            links: self.listener_counts.1,
            messages: nodes.fold(self.reject_counters.total(), u64::saturating_add),
        }
    }

    /// Keeps the records of nodes that have or had a process, in the order of this tube.
    pub(crate) fn track_nodes_of(&mut self, tube: &Tube) {
        self.template = RunStatus::of(tube, "zmq");
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
            record.counters.end_process();
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

    /// Records a health report, and how far the node was behind when it came.
    pub(crate) fn on_health(&mut self, health: &Health, lag: Lag, now: Instant) {
        if let Some(record) = self.nodes.get_mut(&health.node_id) {
            record
                .counters
                .on_health(known_parts(health, &self.template), lag);
            record.last_health = Some(now);
            record.silent_since = Some(now);
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
            let dropped = record.counters.totals().dropped.into_iter();
            dropped.map(|(from, events)| EdgeDrops {
                from,
                to: node.to_string(),
                events,
            })
        });
        edges.filter(|edge| edge.events > 0).collect()
    }

    /// Records the number of epochs that have ended since the start.
    pub(crate) fn set_ended_epochs(&mut self, uptime: Duration, epochs: u64) {
        self.epochs.add(uptime, vec![epochs]);
    }

    /// Returns the status of the run, as far as the nodes tell it.
    pub(crate) fn status(&self, now: Instant) -> RunStatus {
        let mut status = self.template.clone();
        status.epochs_per_second = self.epochs.rates().first().copied().unwrap_or(0.0);
        for report in &mut status.nodes {
            if let Some(record) = self.nodes.get(&report.node) {
                record.fill(now, report);
            }
        }
        status.rejected = self.rejected();
        status.fill_edges();
        for edge in &mut status.edges {
            let record = self.nodes.get(&edge.target);
            let name = format!("{}.{}", edge.source, edge.signal);
            edge.dropped = record.map_or(0, |record| record.counters.dropped(&name));
        }
        status
    }
}

/// Returns a health report without samples, which the taps have, and without names that the tube
/// does not have: another host may send any.
fn known_parts(health: &Health, tube: &RunStatus) -> Health {
    let mut known = health.clone();
    known.samples = Vec::new();
    let signals = tube
        .node(&health.node_id)
        .map_or(&[][..], |node| &node.signals);
    known
        .signals
        .retain(|(name, ..)| signals.iter().any(|signal| signal.signal == *name));
    known.signals.truncate(signals.len());
    let edges = tube
        .edges
        .iter()
        .filter(|edge| edge.target == health.node_id);
    let edges: Vec<String> = edges
        .map(|edge| format!("{}.{}", edge.source, edge.signal))
        .collect();
    known.dropped.retain(|(edge, _)| edges.contains(edge));
    known.dropped.truncate(edges.len());
    known
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
            epochs: calls,
            calls,
            events_in: 2 * calls,
            events_out: 3 * calls,
            queue: 1,
            dropped: vec![("a.value".into(), calls)],
            thread: Some(calls as u32),
            refused: calls,
            signals: vec![("value".into(), 3 * calls, 24 * calls)],
            ..Health::new(node.into(), NodeStatus::Running)
        }
    }

    #[test]
    fn names_that_the_tube_does_not_have_and_huge_numbers_are_harmless() {
        let (mut node_table, now) = (node_table(), Instant::now());
        for node in ["a", "b"] {
            let mut lie = health(node, 5);
            (lie.epochs, lie.calls, lie.refused) = (u64::MAX, u64::MAX, u64::MAX);
            (lie.events_in, lie.events_out, lie.queue) = (u64::MAX, u64::MAX, u64::MAX);
            let names = (0..1000).map(|name| format!("no.{name}"));
            lie.dropped = names.map(|name| (name, u64::MAX)).collect();
            lie.dropped
                .extend(vec![("a.value".to_owned(), u64::MAX); 1000]);
            lie.signals
                .extend(vec![("value".into(), u64::MAX, u64::MAX); 1000]);
            node_table.on_spawn(node, Some(7));
            node_table.on_health(&lie, Lag::default(), now);
            node_table.on_exit(node, "was killed by signal 9 (SIGKILL)");
            node_table.on_restart(node);
            node_table.on_spawn(node, Some(8));
            node_table.on_health(&lie, Lag::default(), now);
            let kept = node_table.nodes[node].counters.health().unwrap();
            assert!(kept.dropped.len() <= 1 && kept.signals.len() <= 2);
        }
        let status = node_table.status(now);
        assert_eq!(
            (status.dropped(), status.rejected.messages),
            (u64::MAX, u64::MAX)
        );
    }

    #[test]
    fn totals_add_up_over_processes() {
        let (mut node_table, now) = (node_table(), Instant::now());
        node_table.on_spawn("b", Some(7));
        node_table.on_health(&health("b", 5), Lag::default(), now);
        node_table.on_exit("b", "was killed by signal 9 (SIGKILL)");
        node_table.on_restart("b");
        assert_eq!(node_table.processes(), []);
        node_table.on_spawn("b", Some(8));
        node_table.on_health(&health("b", 1), Lag::default(), now);
        let status = node_table.status(now + Duration::from_secs(2));
        assert_eq!(status.nodes.len(), 2);
        let b = &status.nodes[1];
        let counters = (b.epochs, b.calls, b.received.events, b.emitted.events);
        assert_eq!(counters, (6, 6, 12, 18));
        assert_eq!((b.restarts, b.rejected, b.pid), (1, 6, Some(8)));
        assert_eq!((b.dropped, status.edges[1].dropped), (6, 6));
        let to_return = status.edges[2].traffic;
        assert_eq!((to_return.events, to_return.bytes), (18, 144));
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
            .status(Instant::now())
            .nodes
            .into_iter()
            .map(|node| node.host);
        assert_eq!(
            hosts.collect::<Vec<_>>(),
            [node_table.template.host.clone(), "10.0.0.7".to_owned()]
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
        node_table.on_health(&health("a", 0), Lag::default(), now);
        node_table.on_health(&health("b", 0), Lag::default(), now + second);
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
        node_table.on_health(&health("a", 0), Lag::default(), now);
        node_table.set_recorded_until(now);
        // A minute goes by, in which one message is handled.
        assert_eq!(node_table.facts()[0].silence, Some(Duration::ZERO));
    }
}
