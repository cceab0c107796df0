//! Numbers of a run in the text format of Prometheus.

use std::fmt::Write;

use crate::runner::RunStatus;
use crate::runner::watch::numbers::{NUMBERS, NumberKind};

/// Returns the numbers of a run, each with its help and type.
pub(super) fn write(run: &RunStatus) -> String {
    let mut out = String::new();
    for number in &NUMBERS {
        let (name, help) = (number.name, number.help);
        let kind = match number.kind {
            NumberKind::Counter => "counter",
            NumberKind::Gauge => "gauge",
        };
        let mut is_first = true;
        number.read(run, |labels, value| {
            if std::mem::take(&mut is_first) {
                let _ = writeln!(
                    out,
                    "# HELP noob_zmq_{name} {help}\n# TYPE noob_zmq_{name} {kind}"
                );
            }
            line(&mut out, name, labels, value);
        });
    }
    out
}

fn line(out: &mut String, name: &str, labels: &[(&str, &str)], number: f64) {
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
