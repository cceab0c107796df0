//! The options of `noob-zmq run` that record and replay.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::Failure;
use crate::cli::output::print_error;
use crate::graph::{Map, Tube};
use crate::record::{Pace, Recording, Replay};
use crate::runner::Runner;

/// Options of a run that is recorded, or that replays a record.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Record the run into this new file, in the form MCAP.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Signals to record: patterns such as `camera.*,!camera.raw`, of which the last that matches
    /// decides [default: all].
    #[arg(long, value_name = "PATTERNS", requires = "record")]
    signals: Vec<String>,
    /// Leave whole epochs out of the record, and count them, where the disk is slower than the run;
    /// otherwise the run waits.
    #[arg(long, requires = "record")]
    record_drop: bool,
    /// Replace recorded nodes by their record, and run the rest; the inputs come from the record
    /// too.
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    replay: Option<PathBuf>,
    /// Nodes to replace [default: all that are recorded].
    #[arg(long, value_name = "NODES", value_delimiter = ',', requires = "replay")]
    nodes: Vec<String>,
    /// `fast`: as fast as the tube runs; `real`: at the intervals at which the events were
    /// recorded.
    #[arg(
        long,
        value_enum,
        value_name = "PACE",
        requires = "replay",
        default_value = "fast"
    )]
    pace: PaceName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PaceName {
    Fast,
    Real,
}

/// Replay of a run, if there is one.
#[derive(Default)]
pub(crate) struct Replayed(Option<Replay>);

impl Options {
    /// Opens the record that is to be replayed.
    ///
    /// # Errors
    /// A file that cannot be replayed.
    pub(crate) fn replay(&self) -> Result<Replayed, Failure> {
        let Some(path) = &self.replay else {
            return Ok(Replayed(None));
        };
        let mut replay = Replay::open(path)?;
        if !replay.record().is_complete() {
            print_error(format_args!(
                "note: the record `{}` ends early, as that of a killed run; its {} whole epochs \
                 are replayed",
                path.display(),
                replay.record().epochs().len()
            ));
        }
        if !self.nodes.is_empty() {
            replay = replay.nodes(self.nodes.iter().map(|node| node.trim()));
        }
        replay = replay.pace(match self.pace {
            PaceName::Fast => Pace::Fast,
            PaceName::Real => Pace::Real,
        });
        Ok(Replayed(Some(replay)))
    }

    /// Starts the record of a runner that is not started.
    ///
    /// # Errors
    /// A file that cannot be created, and a pattern that matches no signal.
    pub(crate) fn start(&self, runner: &mut dyn Runner) -> Result<(), Failure> {
        if let Some(path) = &self.record {
            let recording = Recording::new(path).signals(&self.signals);
            runner.record(recording.drop_epochs(self.record_drop))?;
        }
        Ok(())
    }

    /// Reports epochs that are not in the record.
    pub(crate) fn report(&self, runner: &dyn Runner) {
        if let (Some(path), Some(counts)) = (&self.record, runner.recorded())
            && counts.dropped > 0
        {
            print_error(format_args!(
                "the record `{}` has {} epochs, and lacks {} for which the disk was too slow",
                path.display(),
                counts.epochs,
                counts.dropped
            ));
        }
    }
}

impl Replayed {
    /// Returns the tube-scoped inputs of the recorded run.
    pub(crate) fn tube_inputs(&self) -> Map {
        let replay = self.0.as_ref();
        replay
            .map(|replay| replay.record().tube_inputs())
            .unwrap_or_default()
    }

    /// Returns the tube with the recorded nodes replaced.
    ///
    /// # Errors
    /// A record that does not fit the tube.
    pub(crate) fn tube(&self, tube: Tube) -> Result<Tube, Failure> {
        match &self.0 {
            Some(replay) => Ok(replay.tube(tube)?),
            None => Ok(tube),
        }
    }

    /// Returns the recorded process-scoped inputs of each epoch; `None` without a replay, and for a
    /// tube that has none.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub(crate) fn inputs(&self, tube: &Tube) -> Result<Option<Vec<Map>>, Failure> {
        let has_inputs = tube
            .inputs
            .values()
            .any(|input| input.scope == crate::graph::InputScope::Process);
        match &self.0 {
            Some(replay) if has_inputs => Ok(Some(replay.inputs()?)),
            _ => Ok(None),
        }
    }
}
