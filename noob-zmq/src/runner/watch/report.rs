//! [`RunStatus`]: the status of a run, for programs and for the commands that show it.

use serde::{Deserialize, Serialize};

use super::call_times::CallTimeSummary;
use crate::graph::{EdgePolicy, Name, SlotRef, Tube, TubeNode, TubeNodeKind};
use crate::runner::report::{EpochCounts, RejectedCounts};
use crate::wire::NodeStatus;

/// Status of a run: its epochs, its nodes and its edges.
///
/// All times are in seconds, all sizes in bytes, and all rates are per second, over about the last
/// second; the rates of runners without processes of their own are over the time since an earlier
/// look. Counters count from [`init`](crate::runner::Runner::init) on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunStatus {
    /// The id of the tube (`noob_id`).
    pub tube: String,
    /// The kind of the runner: `sync`, `task` or `zmq`.
    pub runner: String,
    /// The name of the run, where it has one: eight hexadecimal digits.
    pub run: Option<String>,
    /// State of the runner.
    pub state: RunnerState,
    /// Process id of the runner.
    pub pid: u32,
    /// Name of the machine of the runner.
    pub host: String,
    /// Time since the runner was started.
    pub uptime: f64,
    /// Results of the epochs so far.
    pub epochs: EpochCounts,
    /// Epochs that are completed, failed or skipped in a second.
    pub epochs_per_second: f64,
    /// Number of epochs that are requested and not closed.
    pub open: u64,
    /// Lowest of these epochs.
    pub oldest_open: Option<u32>,
    /// Highest epoch that has begun: that of the newest event of any source.
    pub newest: Option<u32>,
    /// Number of restarts of processes.
    pub restarts: u64,
    /// Connections and messages of others that were rejected.
    pub rejected: RejectedCounts,
    /// Resident memory of the process of the runner.
    pub memory: Option<u64>,
    /// The first failure, which has closed the runner.
    pub cause: Option<String>,
    /// The nodes, in the order of the tube, without the return node.
    pub nodes: Vec<NodeStatusReport>,
    /// The edges, in the order of the tube, with those from `input` and to the return node.
    pub edges: Vec<EdgeStatus>,
}

/// State of a runner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunnerState {
    /// The runner was not started yet.
    #[default]
    Idle,
    /// Nodes are being started.
    Starting,
    /// The runner can run epochs.
    Running,
    /// A failure has closed the runner; its nodes may live on until it is shut down.
    Failed,
    /// The runner was shut down.
    Closed,
}

/// Status of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeStatusReport {
    /// The node.
    pub node: Name,
    /// Type of the node, as in the tube.
    pub type_name: String,
    /// Status that the node has sent; [`NodeStatus::Closed`] while it has no process.
    pub status: NodeStatus,
    /// Whether the node is enabled.
    pub enabled: bool,
    /// Process id, while the node has a process on the machine of the runner.
    pub pid: Option<u32>,
    /// Name of the machine that the node runs on; for another host, its address.
    pub host: String,
    /// Completed epochs that the node was told of, in all its processes.
    pub epochs: u64,
    /// Epochs that have failed because a call of this node did.
    pub failed: u64,
    /// Epochs that were skipped because a call of this node has failed (`on_error: skip`).
    pub skipped: u64,
    /// Calls, in all its processes.
    pub calls: u64,
    /// Calls that end in a second.
    pub calls_per_second: f64,
    /// Duration of the last calls; `None` before the first.
    pub call_time: Option<CallTime>,
    /// Share of the time that the node spends in calls, from 0 to 1.
    ///
    /// The node with the highest load limits the rate of the run.
    pub load: f64,
    /// Events that were received, in all its processes.
    pub received: Traffic,
    /// Events that were emitted, in all its processes.
    pub emitted: Traffic,
    /// Values that were emitted, by signal.
    pub signals: Vec<SignalStatus>,
    /// Calls that are ready and have not started.
    pub queue: u64,
    /// Epoch of the running call, such as `7` or `7/items[2]`.
    pub busy: Option<String>,
    /// Time for which this call has been running.
    pub busy_for: Option<f64>,
    /// Distance to the newest epoch that has begun; `None` while nothing is known of the node.
    pub lag: Option<Lag>,
    /// Resident memory of its process.
    pub memory: Option<u64>,
    /// Number of restarts of its process.
    pub restarts: u32,
    /// Messages that the node has rejected, since they could not be decoded or their sender must
    /// not send them, in all its processes.
    pub rejected: u64,
    /// Events that were dropped on the way to this node, as the tube allows (`policy: latest`).
    pub dropped: u64,
    /// Last error of the node, or how its process ended.
    pub last_error: Option<String>,
    /// Time since its last health report.
    pub heard: Option<f64>,
}

/// Counter of events, and their rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Traffic {
    /// Number of events.
    pub events: u64,
    /// Size of their values, about.
    pub bytes: u64,
    /// Events in a second.
    pub events_per_second: f64,
    /// Bytes in a second.
    pub bytes_per_second: f64,
}

/// Values that a node has emitted on a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignalStatus {
    /// The signal.
    pub signal: Name,
    /// Its values; events without a value are not counted.
    pub traffic: Traffic,
}

/// Duration of calls, in seconds: of those of the last seconds in which there were calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallTime {
    /// Half of the calls were not longer.
    pub p50: f64,
    /// 99 % of the calls were not longer.
    pub p99: f64,
    /// The longest call.
    pub max: f64,
}

/// Distance of a node to the newest epoch that has begun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lag {
    /// Epochs that have begun and in which the node was not called yet.
    pub epochs: u32,
    /// Time since the first of them has begun.
    pub seconds: f64,
}

/// Status of an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EdgeStatus {
    /// The node that emits the values; `input` for an input of the tube.
    pub source: Name,
    /// The signal, or the name of the input.
    pub signal: Name,
    /// The node that receives the values.
    pub target: Name,
    /// The slot of that node: its name, or its position from 0.
    pub slot: String,
    /// Policy for a target that is slower than the source: `all`, `latest` or `drop_oldest`.
    pub policy: String,
    /// Values that were emitted on the edge; none for an input.
    pub traffic: Traffic,
    /// Values that were dropped in favour of newer ones, in all processes of the target.
    pub dropped: u64,
}

impl Traffic {
    /// Returns the sum.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            bytes: self.bytes + other.bytes,
            events_per_second: self.events_per_second + other.events_per_second,
            bytes_per_second: self.bytes_per_second + other.bytes_per_second,
        }
    }
}

impl Traffic {
    const fn without_rates(self) -> Self {
        Self {
            events_per_second: 0.0,
            bytes_per_second: 0.0,
            ..self
        }
    }
}

impl From<CallTimeSummary> for CallTime {
    fn from(summary: CallTimeSummary) -> Self {
        Self {
            p50: summary.p50.as_secs_f64(),
            p99: summary.p99.as_secs_f64(),
            max: summary.max.as_secs_f64(),
        }
    }
}

impl NodeStatusReport {
    /// Returns the status of a node of which nothing is known yet.
    pub(crate) fn of(node: &TubeNode, host: &str) -> Self {
        let signals = node.signals.iter().map(|signal| SignalStatus {
            signal: signal.clone(),
            traffic: Traffic::default(),
        });
        Self {
            node: node.id.clone(),
            type_name: node.type_name.to_string(),
            status: NodeStatus::Closed,
            enabled: node.enabled,
            pid: None,
            host: host.to_owned(),
            epochs: 0,
            failed: 0,
            skipped: 0,
            calls: 0,
            calls_per_second: 0.0,
            call_time: None,
            load: 0.0,
            received: Traffic::default(),
            emitted: Traffic::default(),
            signals: signals.collect(),
            queue: 0,
            busy: None,
            busy_for: None,
            lag: None,
            memory: None,
            restarts: 0,
            rejected: 0,
            dropped: 0,
            last_error: None,
            heard: None,
        }
    }
}

impl NodeStatusReport {
    /// Sets all rates to zero: nothing happens, or nothing is heard of it.
    pub(crate) fn stop_rates(&mut self) {
        (self.calls_per_second, self.load) = (0.0, 0.0);
        self.received = self.received.without_rates();
        self.emitted = self.emitted.without_rates();
        for signal in &mut self.signals {
            signal.traffic = signal.traffic.without_rates();
        }
    }
}

impl RunStatus {
    /// Returns the status of a runner that was not started: the nodes and edges of its tube.
    pub(crate) fn of(tube: &Tube, runner: &str) -> Self {
        let host = host_name();
        let nodes = tube.nodes.values();
        let nodes = nodes.filter(|node| node.kind != TubeNodeKind::Return);
        Self {
            tube: tube.id.to_string(),
            runner: runner.to_owned(),
            pid: std::process::id(),
            nodes: nodes
                .map(|node| NodeStatusReport::of(node, &host))
                .collect(),
            edges: edges_of(tube),
            host,
            ..Self::default()
        }
    }

    /// Copies to each edge the counters of its signal.
    pub(crate) fn fill_edges(&mut self) {
        for edge in &mut self.edges {
            let node = self.nodes.iter().find(|node| node.node == edge.source);
            let mut signals = node.into_iter().flat_map(|node| &node.signals);
            if let Some(signal) = signals.find(|signal| signal.signal == edge.signal) {
                edge.traffic = signal.traffic;
            }
        }
    }

    /// Leaves what remains of a run that has ended: its totals.
    pub(crate) fn close(&mut self) {
        if self.state != RunnerState::Failed {
            self.state = RunnerState::Closed;
        }
        (self.open, self.oldest_open) = (0, None);
        self.epochs_per_second = 0.0;
        for node in &mut self.nodes {
            node.status = NodeStatus::Closed;
            (node.pid, node.busy, node.busy_for) = (None, None, None);
            (node.lag, node.memory, node.heard) = (None, None, None);
            (node.queue, node.load) = (0, 0.0);
            node.stop_rates();
        }
        for edge in &mut self.edges {
            edge.traffic = edge.traffic.without_rates();
        }
    }

    /// Returns the node of this name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&NodeStatusReport> {
        self.nodes.iter().find(|node| &*node.node == name)
    }

    /// Returns the node that limits the rate of the run: the one with the highest load.
    #[must_use]
    pub fn slowest(&self) -> Option<&NodeStatusReport> {
        let busy = self.nodes.iter().filter(|node| node.load > 0.0);
        busy.max_by(|a, b| a.load.total_cmp(&b.load))
    }

    /// Returns the number of events that were dropped, on all edges.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let dropped = self.nodes.iter().map(|node| node.dropped);
        dropped.fold(0, u64::saturating_add)
    }
}

fn edges_of(tube: &Tube) -> Vec<EdgeStatus> {
    let edges = tube.edges.iter().map(|edge| EdgeStatus {
        source: edge.source_node.clone(),
        signal: edge.source_signal.clone(),
        target: edge.target_node.clone(),
        slot: match &edge.target_slot {
            SlotRef::Scalar => "0".to_owned(),
            SlotRef::Position(position) => position.to_string(),
            SlotRef::Name(name) => name.to_string(),
        },
        policy: match edge.policy {
            EdgePolicy::DropOldest(1) => "latest",
            EdgePolicy::DropOldest(_) => "drop_oldest",
            _ => "all",
        }
        .to_owned(),
        traffic: Traffic::default(),
        dropped: 0,
    });
    edges.collect()
}

/// Returns the name of this machine.
pub(crate) fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// Returns the resident memory of this process in bytes, on systems that tell it.
pub(crate) fn resident_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
