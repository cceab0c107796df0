//! Warnings of the load of a tube, in the log of the program that runs it.

use crate::graph::Tube;

/// Whether a runner has logged the warnings of its tube.
#[derive(Debug, Default)]
pub(crate) struct TubeWarnings {
    logged: bool,
}

impl TubeWarnings {
    /// Logs the warnings of the tube of a runner, unless that was done.
    pub(crate) fn log(&mut self, tube: &Tube) {
        if !std::mem::replace(&mut self.logged, true) {
            for warning in &tube.warnings {
                tracing::warn!("{}", warning.with_help());
            }
        }
    }
}
