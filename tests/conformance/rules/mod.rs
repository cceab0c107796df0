//! Rules of `docs/differences.md` by which a run may differ from its recording.
//!
//! Each rule is a predicate of the tube, the recording and the deviation; no rule knows the name of
//! a case.

mod files;
mod maps;
mod nothing;
mod page;
mod values;

use serde_json::Value as Json;

use noob_zmq::graph::Tube;

use crate::deviation::Deviation;
use crate::recording::Recording;
use crate::{epochs, trace};

pub(crate) use page::names as names_of_page;

/// Deviation, with what explains it.
#[derive(Debug, Clone, Copy)]
struct Run<'c> {
    recording: Recording<'c>,
    /// The tube, unless it was refused.
    tube: Option<&'c Tube>,
    deviation: &'c Deviation,
}

/// Rule: its name, and whether it explains a deviation.
type Rule = (&'static str, fn(&Run) -> bool);

fn rules() -> impl Iterator<Item = &'static Rule> {
    [files::RULES, maps::RULES, nothing::RULES, values::RULES]
        .into_iter()
        .flatten()
}

/// Returns the rule that explains a deviation of a recorded case.
pub(crate) fn explain(
    case: &Json,
    tube: Option<&Tube>,
    deviation: &Deviation,
) -> Option<&'static str> {
    let recording = Recording(case);
    let run = Run {
        recording,
        tube,
        deviation,
    };
    rules().find(|(_, fits)| fits(&run)).map(|(name, _)| *name)
}

/// Returns the names of all rules that the tests use.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let others = trace::RULES.iter().chain([&epochs::OTHER_FORMS]);
    rules().map(|(name, _)| *name).chain(others.copied())
}
