//! Rules of tube files, and of mistakes that are found earlier.

use noob_zmq::graph::spec::DiagnosticKind as Kind;

use super::{Rule, Run};
use crate::deviation::Came;
use crate::recording::{items, text};

pub(super) const RULES: &[Rule] = &[
    ("files/unknown_signal", unknown_signal),
    ("files/long_names", long_names),
    ("files/mistake_found_at_load", mistake_found_at_load),
    ("files/extends_nothing", extends_nothing),
    ("values/input_edges", input_edges),
];

impl Run<'_> {
    /// Returns whether the load refused the tube, and all mistakes are of a kind.
    fn refused_for(&self, is: impl Fn(&Kind) -> bool) -> bool {
        let Came::Refused(mistakes) = &self.deviation.came else {
            return false;
        };
        !mistakes.is_empty() && mistakes.iter().all(|mistake| is(&mistake.kind))
    }
}

/// Explains a refusal for signals that noob's node does not have either.
fn unknown_signal(run: &Run) -> bool {
    let has = |node: &str, signal: &str| run.recording.signals(node).any(|known| known == signal);
    run.refused_for(|kind| match kind {
        Kind::UnknownSignal { node, signal, .. } => !has(node, signal),
        _ => false,
    })
}

fn long_names(run: &Run) -> bool {
    run.refused_for(|kind| matches!(kind, Kind::NameTooLong { name, .. } if name.len() > 255))
}

/// Explains the refusal of a tube that noob loads, and whose start or first call then fails.
fn mistake_found_at_load(run: &Run) -> bool {
    let case = run.recording.0;
    let first = text(&case["calls"][0]["error"]["type"]);
    let fails = !case["init_error"].is_null() || !matches!(first, "" | "$HANG");
    fails && run.refused_for(|kind| !kind.is_warning())
}

/// Explains why a tube loads that extends one without `nodes`.
fn extends_nothing(run: &Run) -> bool {
    let case = run.recording.0;
    let tubes = case["extra_tubes"].as_object().into_iter().flatten();
    let without = |tube: &str| !tube.lines().any(|line| line.starts_with("nodes:"));
    case["error"]["message"] == "'nodes'"
        && matches!(run.deviation.came, Came::Loaded)
        && tubes.into_iter().any(|(_, tube)| without(text(tube)))
}

/// Explains the refusal of edges from inputs, which noob never checks.
fn input_edges(run: &Run) -> bool {
    let loads = run.recording.0["load"]["error"].is_null();
    let inputs = items(&run.recording.0["load"]["edges"]).any(|edge| edge[0] == "input");
    loads
        && inputs
        && run.refused_for(|kind| match kind {
            Kind::TypeMismatch(edge) => edge.source_signal.starts_with("input."),
            _ => false,
        })
}
