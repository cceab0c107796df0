//! Numbers of a run for systems that collect numbers: Prometheus, and OpenTelemetry.

use super::report::{EdgeStatus, NodeStatusReport, RunStatus};
use crate::wire::NodeStatus;

/// Kind of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberKind {
    /// A number that never falls during a run.
    Counter,
    Gauge,
}

/// Number of a run, of each node, or of each edge.
#[derive(Debug)]
pub(crate) struct Number {
    /// Name without the prefix `noob_zmq_`.
    pub(crate) name: &'static str,
    pub(crate) kind: NumberKind,
    pub(crate) help: &'static str,
    of: Of,
}

/// Subject of a number, and the way to read it.
#[derive(Debug)]
enum Of {
    /// The run itself, whose facts are labels.
    Facts,
    Run(fn(&RunStatus) -> Option<f64>),
    Node(fn(&NodeStatusReport) -> Option<f64>),
    Edge(fn(&EdgeStatus) -> f64),
}

impl Number {
    const fn counter(name: &'static str, help: &'static str, of: Of) -> Self {
        Self {
            name,
            kind: NumberKind::Counter,
            help,
            of,
        }
    }

    const fn gauge(name: &'static str, help: &'static str, of: Of) -> Self {
        Self {
            name,
            kind: NumberKind::Gauge,
            help,
            of,
        }
    }

    /// Calls a function with the labels and the value of each instance of the number.
    pub(crate) fn read(&self, run: &RunStatus, mut each: impl FnMut(&[(&'static str, &str)], f64)) {
        match &self.of {
            Of::Facts => {
                let state = serde_json::to_value(run.state).unwrap_or_default();
                let labels = [
                    ("tube", &*run.tube),
                    ("run", run.run.as_deref().unwrap_or_default()),
                    ("runner", &run.runner),
                    ("host", &run.host),
                    ("state", state.as_str().unwrap_or_default()),
                ];
                each(&labels, 1.0);
            }
            Of::Run(read) => {
                if let Some(value) = read(run) {
                    each(&[], value);
                }
            }
            Of::Node(read) => {
                for node in &run.nodes {
                    if let Some(value) = read(node) {
                        each(&[("node", &node.node)], value);
                    }
                }
            }
            Of::Edge(read) => {
                for edge in &run.edges {
                    let labels = [
                        ("source", &*edge.source),
                        ("signal", &edge.signal),
                        ("target", &edge.target),
                        ("slot", &edge.slot),
                    ];
                    each(&labels, read(edge));
                }
            }
        }
    }
}

/// Numbers that are collected, in the order in which they are shown.
pub(crate) const NUMBERS: [Number; 35] = [
    Number::gauge("run_info", "The run: always 1.", Of::Facts),
    Number::gauge(
        "uptime_seconds",
        "Time since the runner was started.",
        Of::Run(|run| Some(run.uptime)),
    ),
    Number::counter(
        "epochs_done_total",
        "Epochs that are completed.",
        Of::Run(|run| Some(run.epochs.done as f64)),
    ),
    Number::counter(
        "epochs_failed_total",
        "Epochs that have failed.",
        Of::Run(|run| Some(run.epochs.failed as f64)),
    ),
    Number::counter(
        "epochs_skipped_total",
        "Epochs that were skipped.",
        Of::Run(|run| Some(run.epochs.skipped as f64)),
    ),
    Number::counter(
        "epochs_retried_total",
        "Epochs that were retried.",
        Of::Run(|run| Some(run.epochs.retried as f64)),
    ),
    Number::counter(
        "epochs_given_up_total",
        "Epochs that were given up.",
        Of::Run(|run| Some(run.epochs.given_up as f64)),
    ),
    Number::gauge(
        "epochs_open",
        "Epochs that are requested and not closed.",
        Of::Run(|run| Some(run.open as f64)),
    ),
    Number::counter(
        "restarts_total",
        "Restarts of processes.",
        Of::Run(|run| Some(run.restarts as f64)),
    ),
    Number::counter(
        "rejected_messages_total",
        "Messages of others that were rejected.",
        Of::Run(|run| Some(run.rejected.messages as f64)),
    ),
    Number::counter(
        "rejected_connections_total",
        "Connections that were rejected.",
        Of::Run(|run| Some(run.rejected.connections as f64)),
    ),
    Number::gauge(
        "memory_bytes",
        "Resident memory of the runner.",
        Of::Run(|run| run.memory.map(|bytes| bytes as f64)),
    ),
    Number::gauge(
        "node_up",
        "Whether the node is ready or runs.",
        Of::Node(|node| {
            let up = matches!(node.status, NodeStatus::Ready | NodeStatus::Running);
            Some(f64::from(u8::from(up)))
        }),
    ),
    Number::gauge(
        "node_enabled",
        "Whether the node is enabled.",
        Of::Node(|node| Some(f64::from(u8::from(node.enabled)))),
    ),
    Number::counter(
        "node_epochs_total",
        "Completed epochs that the node was told of.",
        Of::Node(|node| Some(node.epochs as f64)),
    ),
    Number::counter(
        "node_failed_total",
        "Epochs that have failed because of the node.",
        Of::Node(|node| Some(node.failed as f64)),
    ),
    Number::counter(
        "node_skipped_total",
        "Epochs that were skipped because of the node.",
        Of::Node(|node| Some(node.skipped as f64)),
    ),
    Number::counter(
        "node_calls_total",
        "Calls of the node.",
        Of::Node(|node| Some(node.calls as f64)),
    ),
    Number::gauge(
        "node_load_ratio",
        "Share of the time that the node spends in calls.",
        Of::Node(|node| Some(node.load)),
    ),
    Number::gauge(
        "node_call_p50_seconds",
        "Median duration of the last calls.",
        Of::Node(|node| node.call_time.map(|time| time.p50)),
    ),
    Number::gauge(
        "node_call_p99_seconds",
        "Duration that 99 % of the last calls kept.",
        Of::Node(|node| node.call_time.map(|time| time.p99)),
    ),
    Number::gauge(
        "node_call_max_seconds",
        "Longest of the last calls.",
        Of::Node(|node| node.call_time.map(|time| time.max)),
    ),
    Number::counter(
        "node_received_events_total",
        "Events that the node has received.",
        Of::Node(|node| Some(node.received.events as f64)),
    ),
    Number::counter(
        "node_received_bytes_total",
        "Size of these events, about.",
        Of::Node(|node| Some(node.received.bytes as f64)),
    ),
    Number::counter(
        "node_emitted_events_total",
        "Events that the node has emitted.",
        Of::Node(|node| Some(node.emitted.events as f64)),
    ),
    Number::counter(
        "node_emitted_bytes_total",
        "Size of these events, about.",
        Of::Node(|node| Some(node.emitted.bytes as f64)),
    ),
    Number::gauge(
        "node_queue_calls",
        "Calls that are ready and have not started.",
        Of::Node(|node| Some(node.queue as f64)),
    ),
    Number::gauge(
        "node_lag_epochs",
        "Epochs that have begun without a call of the node.",
        Of::Node(|node| node.lag.map(|lag| f64::from(lag.epochs))),
    ),
    Number::gauge(
        "node_memory_bytes",
        "Resident memory of the node.",
        Of::Node(|node| node.memory.map(|bytes| bytes as f64)),
    ),
    Number::counter(
        "node_restarts_total",
        "Restarts of the process of the node.",
        Of::Node(|node| Some(f64::from(node.restarts))),
    ),
    Number::counter(
        "node_rejected_total",
        "Messages that the node has rejected.",
        Of::Node(|node| Some(node.rejected as f64)),
    ),
    Number::counter(
        "node_dropped_total",
        "Events dropped on the way to the node.",
        Of::Node(|node| Some(node.dropped as f64)),
    ),
    Number::counter(
        "edge_events_total",
        "Values that were emitted on the edge.",
        Of::Edge(|edge| edge.traffic.events as f64),
    ),
    Number::counter(
        "edge_bytes_total",
        "Size of these values, about.",
        Of::Edge(|edge| edge.traffic.bytes as f64),
    ),
    Number::counter(
        "edge_dropped_total",
        "Values that were dropped for newer ones.",
        Of::Edge(|edge| edge.dropped as f64),
    ),
];
