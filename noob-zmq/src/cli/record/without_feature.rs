//! The options of `noob-zmq run` that record and replay, in a program without the feature `record`:
//! none.

use clap::Args;

use super::Failure;
use crate::graph::{Map, Tube};
use crate::runner::Runner;

/// No options.
#[derive(Debug, Args)]
pub(super) struct Options {}

/// No replay.
pub(super) struct Replayed;

impl Options {
    pub(super) const fn replay(&self) -> Result<Replayed, Failure> {
        Ok(Replayed)
    }

    pub(super) fn start(&self, _runner: &mut dyn Runner) -> Result<(), Failure> {
        Ok(())
    }

    pub(super) fn report(&self, _runner: &dyn Runner) {}
}

impl Replayed {
    pub(super) fn tube_inputs(&self) -> Map {
        Map::new()
    }

    pub(super) fn tube(&self, tube: Tube) -> Result<Tube, Failure> {
        Ok(tube)
    }

    pub(super) fn inputs(&self, _tube: &Tube) -> Result<Option<Vec<Map>>, Failure> {
        Ok(None)
    }
}
