//! Parts of a run that are shown beside its values: the progress, and a page.

use super::progress::Progress;
#[cfg(feature = "view")]
use super::{Failure, view};
#[cfg(feature = "view")]
use crate::page::Page;
use crate::runner::Watcher;

/// Choice of what is shown beside the values.
pub(super) struct Display {
    pub(super) progress: bool,
    /// The page to be served.
    #[cfg(feature = "view")]
    pub(super) page: Option<view::RunPage>,
}

impl Display {
    /// Starts the progress, if it is to be shown.
    ///
    /// The progress begins before the start of the run, which may take a while; a start that fails
    /// drops it.
    pub(super) fn progress(&self, watcher: Watcher, epochs: Option<u64>) -> Option<Progress> {
        self.progress.then(|| Progress::start(watcher, epochs))
    }

    /// Serves the page, if there is to be one.
    #[cfg(feature = "view")]
    pub(super) fn page(&self, watcher: Watcher) -> Result<Option<Page>, Failure> {
        let page = self.page.as_ref();
        page.map(|page| page.serve(watcher)).transpose()
    }
}
