//! [`Shown`]: the thing that pages look at.

use crate::runner::RunStatus;
use crate::runner::watch::protocol::SampleLine;
use crate::view::Places;

/// Run or tube that pages look at.
pub(crate) trait Shown: Send + Sync + 'static {
    /// Opens a look, for one page, at everything and at one node in particular.
    fn look(&self, node: Option<&str>) -> Box<dyn Look>;

    /// Returns the status of the run; `None` if no run goes on.
    fn status(&self) -> Option<RunStatus>;
}

/// Look of one page, on a thread of its own.
pub(crate) trait Look: Send {
    /// Waits for the next update, for two seconds at most, and returns it.
    fn next(&mut self) -> News;
}

/// Update of a page: what has changed.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// The picture of the tube.
    pub(crate) places: Option<Places>,
    /// The mistakes of the tube, as texts.
    pub(crate) mistakes: Option<Vec<String>>,
    pub(crate) status: Option<RunStatus>,
    /// Last lines of the output of the node.
    pub(crate) log: Option<Vec<String>>,
    /// Values of the signals of the node.
    pub(crate) samples: Vec<SampleLine>,
    /// Whether nothing more comes: the run has ended.
    pub(crate) ended: bool,
}
