//! Numbers of a run in the text format of Prometheus.

use std::fmt::{Display, Write};

use crate::runner::watch::report::EdgeStatus;
use crate::runner::{NodeStatusReport, RunStatus};
use crate::wire::NodeStatus;

/// Number of a node: its name, the kind, a help text, and the number where there is one.
type OfNode = (
    &'static str,
    &'static str,
    &'static str,
    fn(&NodeStatusReport) -> Option<f64>,
);

/// Number of a run.
type OfRun = (
    &'static str,
    &'static str,
    &'static str,
    fn(&RunStatus) -> Option<f64>,
);

/// Number of an edge.
type OfEdge = (
    &'static str,
    &'static str,
    &'static str,
    fn(&EdgeStatus) -> f64,
);

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

const OF_RUN: [OfRun; 11] = [
    (
        "uptime_seconds",
        GAUGE,
        "Time since the runner was started.",
        |run| Some(run.uptime),
    ),
    (
        "epochs_done_total",
        COUNTER,
        "Epochs that are completed.",
        |run| Some(run.epochs.done as f64),
    ),
    (
        "epochs_failed_total",
        COUNTER,
        "Epochs that have failed.",
        |run| Some(run.epochs.failed as f64),
    ),
    (
        "epochs_skipped_total",
        COUNTER,
        "Epochs that were skipped.",
        |run| Some(run.epochs.skipped as f64),
    ),
    (
        "epochs_retried_total",
        COUNTER,
        "Epochs that were retried.",
        |run| Some(run.epochs.retried as f64),
    ),
    (
        "epochs_given_up_total",
        COUNTER,
        "Epochs that were given up.",
        |run| Some(run.epochs.given_up as f64),
    ),
    (
        "epochs_open",
        GAUGE,
        "Epochs that are requested and not closed.",
        |run| Some(run.open as f64),
    ),
    ("restarts_total", COUNTER, "Restarts of processes.", |run| {
        Some(run.restarts as f64)
    }),
    (
        "rejected_messages_total",
        COUNTER,
        "Messages of others that were rejected.",
        |run| Some(run.rejected.messages as f64),
    ),
    (
        "rejected_connections_total",
        COUNTER,
        "Connections that were rejected.",
        |run| Some(run.rejected.connections as f64),
    ),
    (
        "memory_bytes",
        GAUGE,
        "Resident memory of the runner.",
        |run| run.memory.map(|bytes| bytes as f64),
    ),
];

const OF_NODE: [OfNode; 20] = [
    (
        "node_up",
        GAUGE,
        "Whether the node is ready or runs.",
        |node| {
            let up = matches!(node.status, NodeStatus::Ready | NodeStatus::Running);
            Some(f64::from(u8::from(up)))
        },
    ),
    (
        "node_enabled",
        GAUGE,
        "Whether the node is enabled.",
        |node| Some(f64::from(u8::from(node.enabled))),
    ),
    (
        "node_epochs_total",
        COUNTER,
        "Completed epochs that the node was told of.",
        |node| Some(node.epochs as f64),
    ),
    (
        "node_failed_total",
        COUNTER,
        "Epochs that have failed because of the node.",
        |node| Some(node.failed as f64),
    ),
    (
        "node_skipped_total",
        COUNTER,
        "Epochs that were skipped because of the node.",
        |node| Some(node.skipped as f64),
    ),
    ("node_calls_total", COUNTER, "Calls of the node.", |node| {
        Some(node.calls as f64)
    }),
    (
        "node_load_ratio",
        GAUGE,
        "Share of the time that the node spends in calls.",
        |node| Some(node.load),
    ),
    (
        "node_call_p50_seconds",
        GAUGE,
        "Median duration of the last calls.",
        |node| node.call_time.map(|time| time.p50),
    ),
    (
        "node_call_p99_seconds",
        GAUGE,
        "Duration that 99 % of the last calls kept.",
        |node| node.call_time.map(|time| time.p99),
    ),
    (
        "node_call_max_seconds",
        GAUGE,
        "Longest of the last calls.",
        |node| node.call_time.map(|time| time.max),
    ),
    (
        "node_received_events_total",
        COUNTER,
        "Events that the node has received.",
        |node| Some(node.received.events as f64),
    ),
    (
        "node_received_bytes_total",
        COUNTER,
        "Size of these events, about.",
        |node| Some(node.received.bytes as f64),
    ),
    (
        "node_emitted_events_total",
        COUNTER,
        "Events that the node has emitted.",
        |node| Some(node.emitted.events as f64),
    ),
    (
        "node_emitted_bytes_total",
        COUNTER,
        "Size of these events, about.",
        |node| Some(node.emitted.bytes as f64),
    ),
    (
        "node_queue_calls",
        GAUGE,
        "Calls that are ready and have not started.",
        |node| Some(node.queue as f64),
    ),
    (
        "node_lag_epochs",
        GAUGE,
        "Epochs that have begun without a call of the node.",
        |node| node.lag.map(|lag| f64::from(lag.epochs)),
    ),
    (
        "node_memory_bytes",
        GAUGE,
        "Resident memory of the node.",
        |node| node.memory.map(|bytes| bytes as f64),
    ),
    (
        "node_restarts_total",
        COUNTER,
        "Restarts of the process of the node.",
        |node| Some(f64::from(node.restarts)),
    ),
    (
        "node_rejected_total",
        COUNTER,
        "Messages that the node has rejected.",
        |node| Some(node.rejected as f64),
    ),
    (
        "node_dropped_total",
        COUNTER,
        "Events dropped on the way to the node.",
        |node| Some(node.dropped as f64),
    ),
];

const OF_EDGE: [OfEdge; 3] = [
    (
        "edge_events_total",
        COUNTER,
        "Values that were emitted on the edge.",
        |edge| edge.traffic.events as f64,
    ),
    (
        "edge_bytes_total",
        COUNTER,
        "Size of these values, about.",
        |edge| edge.traffic.bytes as f64,
    ),
    (
        "edge_dropped_total",
        COUNTER,
        "Values that were dropped for newer ones.",
        |edge| edge.dropped as f64,
    ),
];

/// Returns the numbers of a run, each with its help and type.
pub(super) fn write(run: &RunStatus) -> String {
    let mut out = String::new();
    head(&mut out, "run_info", GAUGE, "The run: always 1.");
    let state = serde_json::to_value(run.state).unwrap_or_default();
    let labels = [
        ("tube", &*run.tube),
        ("run", run.run.as_deref().unwrap_or_default()),
        ("runner", &run.runner),
        ("host", &run.host),
        ("state", state.as_str().unwrap_or_default()),
    ];
    line(&mut out, "run_info", &labels, 1);
    for (name, kind, help, number) in OF_RUN {
        if let Some(number) = number(run) {
            head(&mut out, name, kind, help);
            line(&mut out, name, &[], number);
        }
    }
    for (name, kind, help, number) in OF_NODE {
        let numbers = run
            .nodes
            .iter()
            .filter_map(|node| Some((node, number(node)?)));
        for (place, (node, number)) in numbers.enumerate() {
            if place == 0 {
                head(&mut out, name, kind, help);
            }
            line(&mut out, name, &[("node", &node.node)], number);
        }
    }
    for (name, kind, help, number) in OF_EDGE {
        if !run.edges.is_empty() {
            head(&mut out, name, kind, help);
        }
        for edge in &run.edges {
            let labels = [
                ("source", &*edge.source),
                ("signal", &edge.signal),
                ("target", &edge.target),
                ("slot", &edge.slot),
            ];
            line(&mut out, name, &labels, number(edge));
        }
    }
    out
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(
        out,
        "# HELP noob_zmq_{name} {help}\n# TYPE noob_zmq_{name} {kind}"
    );
}

fn line(out: &mut String, name: &str, labels: &[(&str, &str)], number: impl Display) {
    let _ = write!(out, "noob_zmq_{name}");
    for (place, (label, value)) in labels.iter().enumerate() {
        let _ = write!(out, "{}{label}=\"", if place == 0 { '{' } else { ',' });
        for character in value.chars() {
            match character {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                other => out.push(other),
            }
        }
        out.push('"');
    }
    let _ = writeln!(out, "{} {number}", if labels.is_empty() { "" } else { "}" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::{Runner, SyncRunner};

    const TUBE: &str = "
noob_id: counted
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  return: {type: return, depends: a.index}
";

    fn counted() -> RunStatus {
        let tube = crate::tube::from_text("counted.yaml", TUBE, ());
        let runner = SyncRunner::new(tube.unwrap_or_else(|errors| panic!("{errors}")));
        runner.unwrap().status()
    }

    #[test]
    fn numbers_have_help_and_type_once_and_before_them() {
        let text = write(&counted());
        let mut known: Vec<&str> = Vec::new();
        for line in text.lines() {
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                let name = kind.split(' ').next().unwrap();
                assert!(!known.contains(&name), "{name}");
                known.push(name);
                assert_eq!(
                    kind.ends_with(" counter"),
                    name.ends_with("_total"),
                    "{kind}"
                );
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(known.last(), Some(&name), "{line}");
                line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap();
            }
        }
        assert!(
            text.contains("\nnoob_zmq_node_calls_total{node=\"a\"} 0\n"),
            "{text}"
        );
        let edge = "{source=\"a\",signal=\"index\",target=\"return\",slot=\"0\"} 0";
        assert!(
            text.contains(&format!("\nnoob_zmq_edge_events_total{edge}\n")),
            "{text}"
        );
    }

    #[test]
    fn labels_are_escaped() {
        let mut run = counted();
        run.tube = "a\"b\\c\nd".to_owned();
        assert!(write(&run).contains("{tube=\"a\\\"b\\\\c\\nd\",run="));
    }
}
