//! What is known of each node: its process, whether it lives, and what it has done.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde::Serialize;

use crate::actor::RejectCounters;
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::report::RejectedCounts;
use crate::wire::{Health, NodeStatus};

/// What a node does and has done, as [`ZmqRunner::status`](super::ZmqRunner::status) tells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NodeStatusReport {
    /// The node.
    pub node: Name,
    /// In which state it is, by its own words; [`NodeStatus::Closed`] while it has no process.
    #[serde(serialize_with = "status")]
    pub status: NodeStatus,
    /// Its process, while it has one.
    pub pid: Option<u32>,
    /// The name of the machine that it runs on; the address of another host.
    pub host: String,
    /// Epochs that were run to their end, as far as it was told of them, in all its processes.
    pub epochs: u64,
    /// Calls that were made, in all its processes.
    pub calls: u64,
    /// Events that were heard, in all its processes.
    pub events_in: u64,
    /// Events that were said, in all its processes.
    pub events_out: u64,
    /// Calls that are ready and not begun.
    pub queue: u64,
    /// The epoch of the call that goes on, such as `7` or `7/items[2]`.
    pub busy: Option<String>,
    /// How often its process was started again.
    pub restarts: u32,
    /// Messages that it has dropped, since they could not be read or were not their sender's to send, in all its processes.
    pub refused: u64,
    /// What it said last when it failed, or how its process ended.
    pub last_error: Option<String>,
    /// When it last said that it lives, in seconds before now.
    pub heard: Option<f64>,
}

fn status<S: serde::Serializer>(status: &NodeStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.as_str())
}

/// What is known of each node that has a process.
#[derive(Debug, Default)]
pub(crate) struct NodeTable {
    nodes: IndexMap<Name, NodeRecord>,
    /// What the command node has dropped.
    reject_counters: RejectCounters,
    /// Connections that were refused, and links that were cut.
    strangers: (u64, u64),
}

#[derive(Debug, Default)]
struct NodeRecord {
    pid: Option<u32>,
    /// The other host that has joined for it.
    host: Option<SocketAddr>,
    status: Option<NodeStatus>,
    health: Option<Health>,
    heard: Option<Instant>,
    /// What its earlier processes have done.
    before: [u64; 4],
    dropped_before: IndexMap<String, u64>,
    refused_before: u64,
    restarts: u32,
    last_error: Option<String>,
}

impl NodeRecord {
    fn refused(&self) -> u64 {
        self.refused_before + self.health.as_ref().map_or(0, |health| health.refused)
    }
}

impl NodeTable {
    pub(crate) fn new(tube: &Tube) -> Self {
        let hosted = tube
            .nodes
            .values()
            .filter(|node| node.enabled && node.kind != TubeNodeKind::Return);
        Self {
            nodes: hosted
                .map(|node| (node.id.clone(), NodeRecord::default()))
                .collect(),
            ..Self::default()
        }
    }

    /// Has what the command node drops counted.
    pub(crate) fn count(&mut self, reject_counters: &RejectCounters) {
        self.reject_counters = reject_counters.clone();
    }

    /// So many connections from other hosts were refused, and so many links cut.
    #[cfg(feature = "remote")]
    pub(crate) const fn strangers(&mut self, refused: u64, cut: u64) {
        self.strangers = (refused, cut);
    }

    /// What was not let in, or not believed.
    pub(crate) fn refused(&self) -> RejectedCounts {
        let nodes = self.nodes.values().map(NodeRecord::refused);
        RejectedCounts {
            connections: self.strangers.0,
            links: self.strangers.1,
            messages: self.reject_counters.total() + nodes.sum::<u64>(),
        }
    }

    /// Nodes were enabled or disabled: those that have a process, or had one, in the order of the tube.
    pub(crate) fn host(&mut self, tube: &Tube) {
        let mut before = std::mem::take(&mut self.nodes);
        for node in tube.nodes.values() {
            let known = before.shift_remove(&node.id);
            if node.kind != TubeNodeKind::Return && (node.enabled || known.is_some()) {
                self.nodes
                    .insert(node.id.clone(), known.unwrap_or_default());
            }
        }
    }

    /// A process was started for a node.
    pub(crate) fn started(&mut self, node: &str, pid: Option<u32>) {
        if let Some(entry) = self.nodes.get_mut(node) {
            entry.pid = pid;
            entry.status = None;
            entry.heard = None;
        }
    }

    /// Another host has joined for a node.
    #[cfg(feature = "remote")]
    pub(crate) fn joined(&mut self, node: &str, peer: SocketAddr) {
        self.started(node, None);
        if let Some(entry) = self.nodes.get_mut(node) {
            entry.host = Some(peer);
        }
    }

    /// The process of a node has ended.
    pub(crate) fn ended(&mut self, node: &str, how: &str) {
        if let Some(entry) = self.nodes.get_mut(node) {
            if let Some(health) = entry.health.take() {
                for (before, now) in entry.before.iter_mut().zip(counts(&health)) {
                    *before += now;
                }
                entry.refused_before += health.refused;
                for (edge, count) in health.dropped {
                    *entry.dropped_before.entry(edge).or_default() += count;
                }
            }
            entry.pid = None;
            entry.status = Some(NodeStatus::Closed);
            entry.last_error = Some(format!("its process {how}"));
        }
    }

    /// The process of a node is about to be started again.
    pub(crate) fn restarting(&mut self, node: &str) {
        if let Some(entry) = self.nodes.get_mut(node) {
            entry.restarts += 1;
        }
    }

    pub(crate) fn status_is(&mut self, node: &str, status: NodeStatus) {
        if let Some(entry) = self.nodes.get_mut(node) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn failed(&mut self, node: &str, error: &str) {
        if let Some(entry) = self.nodes.get_mut(node) {
            entry.last_error = Some(error.to_owned());
        }
    }

    /// A node said that it lives.
    pub(crate) fn heard(&mut self, health: &Health, now: Instant) {
        if let Some(entry) = self.nodes.get_mut(&health.node_id) {
            entry.heard = Some(now);
            entry.health = Some(health.clone());
        }
    }

    /// Whether the process of a node, here or on another host, has told who it is.
    pub(crate) fn has_reported(&self, node: &str) -> bool {
        self.nodes.get(node).is_some_and(|entry| {
            (entry.pid.is_some() || entry.host.is_some())
                && entry
                    .status
                    .is_some_and(|status| status != NodeStatus::Closed)
        })
    }

    /// Nodes that have said that they live, and have not for `silence`.
    pub(crate) fn silent(&self, now: Instant, silence: Duration) -> Vec<Name> {
        let silent = |entry: &NodeRecord| {
            entry.pid.is_some()
                && entry
                    .heard
                    .is_some_and(|heard| now.saturating_duration_since(heard) > silence)
        };
        self.nodes
            .iter()
            .filter(|(_, entry)| silent(entry))
            .map(|(node, _)| node.clone())
            .collect()
    }

    /// The process of a node, and the thread that serves its sockets, as far as it has told.
    pub(crate) fn thread(&self, node: &str) -> Option<(u32, u32)> {
        let entry = self.nodes.get(node)?;
        Some((entry.pid?, entry.health.as_ref()?.thread?))
    }

    /// The nodes and their processes.
    pub(crate) fn processes(&self) -> Vec<(Name, u32)> {
        self.nodes
            .iter()
            .filter_map(|(node, entry)| Some((node.clone(), entry.pid?)))
            .collect()
    }

    /// How often edges have lost an event in favour of a newer one: from (`node.signal`), to, how often.
    pub(crate) fn dropped(&self) -> Vec<(String, Name, u64)> {
        let mut drops = Vec::new();
        for (node, entry) in &self.nodes {
            let mut edges = entry.dropped_before.clone();
            for (edge, count) in entry.health.iter().flat_map(|health| &health.dropped) {
                *edges.entry(edge.clone()).or_default() += count;
            }
            let lost = edges.into_iter().filter(|(_, count)| *count > 0);
            drops.extend(lost.map(|(edge, count)| (edge, node.clone(), count)));
        }
        drops
    }

    pub(crate) fn report(&self, now: Instant) -> Vec<NodeStatusReport> {
        let host = host();
        let report = |(node, entry): (&Name, &NodeRecord)| {
            let health = entry.health.as_ref();
            let mut sums = entry.before;
            for (sum, now) in sums.iter_mut().zip(health.map(counts).unwrap_or_default()) {
                *sum += now;
            }
            let [epochs, calls, events_in, events_out] = sums;
            NodeStatusReport {
                node: node.clone(),
                status: entry.status.unwrap_or(NodeStatus::Waiting),
                pid: entry.pid,
                host: entry
                    .host
                    .map_or_else(|| host.clone(), |peer| peer.ip().to_string()),
                epochs,
                calls,
                events_in,
                events_out,
                queue: health.map_or(0, |health| health.queue),
                busy: health
                    .and_then(|health| health.busy.as_ref())
                    .map(|epoch| crate::runner::error::DisplayEpoch(epoch).to_string()),
                restarts: entry.restarts,
                refused: entry.refused(),
                last_error: entry.last_error.clone(),
                heard: entry
                    .heard
                    .map(|heard| now.saturating_duration_since(heard).as_secs_f64()),
            }
        };
        self.nodes.iter().map(report).collect()
    }
}

/// What a process has done: epochs, calls, events heard, events said.
const fn counts(health: &Health) -> [u64; 4] {
    [
        health.epochs,
        health.calls,
        health.events_in,
        health.events_out,
    ]
}

/// The name of this machine.
fn host() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUBE: &str = "
noob_id: board
input:
  x: {type: int, scope: process}
nodes:
  a: {type: map, depends: [{value: input.x}]}
  b: {type: map, depends: [{value: a.value}]}
  return: {type: return, depends: b.value}
";

    fn node_table() -> NodeTable {
        let tube = crate::tube::from_text("board.yaml", TUBE, &crate::graph::Map::new())
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
            refused: calls,
        }
    }

    #[test]
    fn counts_go_on_over_processes() {
        let (mut node_table, now) = (node_table(), Instant::now());
        node_table.started("b", Some(7));
        node_table.heard(&health("b", 5), now);
        node_table.ended("b", "was killed by signal 9 (SIGKILL)");
        node_table.restarting("b");
        assert_eq!(node_table.processes(), []);
        node_table.started("b", Some(8));
        node_table.heard(&health("b", 1), now);
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
            [("a.value".to_owned(), Name::from("b"), 6)]
        );
    }

    #[cfg(feature = "remote")]
    #[test]
    fn a_node_on_another_host_is_there() {
        let mut node_table = node_table();
        node_table.started("a", Some(1));
        node_table.joined("b", "10.0.0.7:41234".parse().unwrap());
        let hosts = node_table
            .report(Instant::now())
            .into_iter()
            .map(|node| node.host);
        assert_eq!(hosts.collect::<Vec<_>>(), [host(), "10.0.0.7".to_owned()]);
    }

    #[test]
    fn silence_counts_from_the_last_word_of_a_living_process() {
        let (mut node_table, now) = (node_table(), Instant::now());
        let second = Duration::from_secs(1);
        node_table.started("a", Some(1));
        node_table.started("b", Some(2));
        assert_eq!(
            node_table.silent(now + 9 * second, second),
            Vec::<Name>::new()
        );
        node_table.heard(&health("a", 0), now);
        node_table.heard(&health("b", 0), now + second);
        assert_eq!(
            node_table.silent(now + second + second / 2, second),
            [Name::from("a")]
        );
        node_table.ended("a", "exited");
        assert_eq!(
            node_table.silent(now + 9 * second, second),
            [Name::from("b")]
        );
    }
}
