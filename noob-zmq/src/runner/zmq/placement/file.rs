//! [`Placement`]: the content of a placement file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use noob_zmq_spec::files::read_text;
use noob_zmq_spec::placement::{PlacementSpec, read};
use noob_zmq_spec::{Diagnostics, Source};

use super::resolve::Placed;
#[cfg(feature = "cli")]
use crate::graph::Name;
use crate::graph::spec::TubeErrors;
use crate::graph::{Supervision, Tube};
use crate::runner::zmq::program::NodePrograms;

/// Error of reading a placement file.
///
/// `Debug` prints the full report, with a snippet for each mistake.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PlacementError {
    /// The file cannot be read.
    #[error("cannot read the placement `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        error: Arc<std::io::Error>,
    },
    /// All mistakes in the file.
    #[error(transparent)]
    Mistakes(#[from] TubeErrors),
}

impl fmt::Debug for PlacementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(mistakes) => f.write_str(&mistakes.render()),
            Self::Read { .. } => write!(f, "{self}"),
        }
    }
}

/// Hosts and processes in which the nodes of a tube run, read from a file apart from the tube.
///
/// The values of the tube do not depend on it. `docs/hosts.md` explains the keys of the file.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// use noob_zmq::runner::zmq::Placement;
///
/// # fn example(tube: Tube) -> Result<(), Box<dyn std::error::Error>> {
/// let placement = Placement::load("rig.placement.yaml")?;
/// let mut runner = ZmqRunner::builder(tube).placement(&placement).build();
/// runner.run(100)?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Placement {
    spec: Arc<PlacementSpec>,
    /// Folder from which relative paths of programs count.
    folder: PathBuf,
}

impl Placement {
    /// Reads a placement file; paths of programs count from its folder.
    ///
    /// # Errors
    /// A file that cannot be read, or all mistakes in it that show without the tube.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, PlacementError> {
        let path = path.as_ref();
        let text = read_text(path).map_err(|error| PlacementError::Read {
            path: path.to_owned(),
            error: Arc::new(error),
        })?;
        let placement = Self::from_text(&path.to_string_lossy(), &text)?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self {
            folder: std::path::absolute(&folder).unwrap_or(folder),
            ..placement
        })
    }

    /// Reads a placement from its text; `name` stands for the file in messages, and paths of
    /// programs count from the current directory.
    ///
    /// # Errors
    /// All mistakes in the text that show without the tube.
    pub fn from_text(name: &str, text: &str) -> Result<Self, PlacementError> {
        let source = Source::new(name, text);
        let mut diagnostics = Diagnostics::new(source.clone());
        let spec = read(&source, &mut diagnostics);
        let (spec, _) = diagnostics.finish(spec)?;
        Ok(Self {
            spec: Arc::new(spec),
            folder: PathBuf::new(),
        })
    }

    /// Checks the placement against a tube, as a runner with default settings does at its start.
    ///
    /// # Errors
    /// All mistakes: nodes that the tube does not have, and groups that cannot share a process.
    pub fn check(&self, tube: &Tube) -> Result<(), TubeErrors> {
        self.placed(tube).map(drop)
    }

    /// Returns the places of the nodes of a tube, as a runner with default settings has them.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub(crate) fn placed(&self, tube: &Tube) -> Result<Placed, TubeErrors> {
        self.placed_by(tube, (&NodePrograms::default(), Supervision::default()))
    }

    /// Returns the places of the nodes of a tube, for a runner with these programs and rules.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub(crate) fn placed_by(
        &self,
        tube: &Tube,
        rules: (&NodePrograms, Supervision),
    ) -> Result<Placed, TubeErrors> {
        Placed::resolve((&self.spec, &self.folder), tube, rules)
    }

    /// Returns the name of the host of the runner, if the file has it.
    #[cfg(feature = "cli")]
    pub(crate) fn runner(&self) -> Option<&Name> {
        self.spec.runner.as_ref().map(|runner| &runner.value)
    }
}
