//! Settings of a recording.

use std::path::{Path, PathBuf};

use super::selection::Selection;

/// Settings of a recording: the file, the signals, and the policy for a disk that is slower than
/// the run.
///
/// [`Runner::record`](crate::runner::Runner::record) takes it.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// use noob_zmq::record::Recording;
///
/// # fn example(tube: Tube) -> Result<(), RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.record(Recording::new("run.mcap").signals(["camera.*", "!camera.raw"]))?;
/// runner.run(100)?;
/// runner.deinit()?; // Writes the index of the record, and reports what could not be written.
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass it to `Runner::record`"]
pub struct Recording {
    pub(super) path: PathBuf,
    pub(super) selection: Selection,
    pub(super) drop_epochs: bool,
}

impl Recording {
    /// Creates a recording of all signals into a new file, which must not exist.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            selection: Selection::default(),
            drop_epochs: false,
        }
    }

    /// Selects the signals by patterns, of which the last that matches a signal decides.
    ///
    /// A pattern is `node.signal`, in which `*` stands for any letters; `!` in front of it
    /// deselects. Process-scoped inputs are the signals of `input`, and are recorded unless a
    /// pattern deselects them: a replay needs them.
    pub fn signals(mut self, patterns: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        for pattern in patterns {
            self.selection.add(pattern.as_ref());
        }
        self
    }

    /// Sets whether whole epochs are left out of the record, and counted, where the disk is slower
    /// than the run; by default the run waits for the disk.
    pub const fn drop_epochs(mut self, drop_epochs: bool) -> Self {
        self.drop_epochs = drop_epochs;
        self
    }
}
