//! Placement files of the command line.

use std::path::Path;

use super::Failure;
use crate::graph::Tube;
use crate::runner::zmq::{Placed, Placement, PlacementError};

/// Reads a placement, and compares it with a tube.
pub(super) fn load(path: &Path, tube: &Tube) -> Result<(Placement, Placed), Failure> {
    let placement = Placement::load(path).map_err(|error| match error {
        PlacementError::Mistakes(mistakes) => Failure::Placement(mistakes),
        error => error.into(),
    })?;
    let placed = placement.placed(tube).map_err(Failure::Placement)?;
    Ok((placement, placed))
}
