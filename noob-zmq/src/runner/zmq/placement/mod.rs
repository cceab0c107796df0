//! Placement: on which host and in which process each node of a tube runs.
//!
//! [`Placement`] is a file, which knows no tube; `resolve` compares it with a tube; `settings` has
//! the outcome for a process, and `limits` the part that the process sets for itself at its start.

mod file;
pub(super) mod limits;
mod resolve;
pub(super) mod settings;
#[cfg(test)]
mod tests;

#[cfg(feature = "cli")]
pub(crate) use limits::{cpu_list, missing_cpus};
pub(crate) use resolve::Placed;
#[cfg(feature = "remote")]
pub(crate) use settings::PlacedHost;
#[cfg(any(feature = "cli", feature = "remote"))]
pub(crate) use settings::ProcessSettings;

pub use file::{Placement, PlacementError};
