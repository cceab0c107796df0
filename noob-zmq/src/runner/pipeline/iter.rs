//! Iterator over the values of a run, returned by [`Runner::iter`](crate::runner::Runner::iter).

use std::fmt;
use std::iter::FusedIterator;

use crate::graph::Value;
use crate::runner::RunError;

/// Default limit of epochs in a row that return nothing.
pub(crate) const MAX_ITER_LOOPS: u64 = 100;

/// Iterator over the values of a tube, each of which is run for when it is asked for.
/// [`Runner::iter`](crate::runner::Runner::iter) makes it.
pub struct EpochResults<'r>(Box<dyn Iterator<Item = Result<Value, RunError>> + 'r>);

impl<'r> EpochResults<'r> {
    pub(crate) fn new(values: impl Iterator<Item = Result<Value, RunError>> + 'r) -> Self {
        Self(Box::new(values.fuse()))
    }
}

impl Iterator for EpochResults<'_> {
    type Item = Result<Value, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl FusedIterator for EpochResults<'_> {}

impl fmt::Debug for EpochResults<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EpochResults").finish_non_exhaustive()
    }
}

/// Progress of a reader of values.
#[derive(Debug)]
pub(crate) struct ResultReader {
    /// The number of values that are still wanted; `None` for all.
    left: Option<u64>,
    /// The number of epochs since the last value.
    silent: u64,
    /// The limit of `silent`.
    most_silent: u64,
    /// Whether the tube has a return node.
    returns: bool,
    over: bool,
}

impl ResultReader {
    pub(crate) const fn new(n: Option<u64>, most_silent: u64, returns: bool) -> Self {
        Self {
            left: n,
            silent: 0,
            most_silent,
            returns,
            over: false,
        }
    }

    /// Ends the reading.
    pub(crate) const fn end(&mut self) {
        self.over = true;
    }

    /// Returns how many further epochs are needed at least.
    pub(crate) fn needs(&self) -> u64 {
        let left = self.left.unwrap_or(u64::MAX);
        match (self.over, self.returns) {
            (true, _) => 0,
            (false, true) => left.min(self.most_silent.saturating_sub(self.silent)),
            (false, false) => left,
        }
    }

    /// Returns the item that the result of an epoch is for the reader, if it is one.
    ///
    /// `exhausted`: whether all sources had ended when the epoch was closed.
    pub(crate) fn on_result(
        &mut self,
        returned: Result<Option<Value>, RunError>,
        exhausted: bool,
    ) -> Option<Result<Value, RunError>> {
        match returned {
            Ok(None) if self.returns => {
                self.silent += 1;
                if self.silent < self.most_silent {
                    return None;
                }
                self.over = true;
                let given_up = RunError::NothingReturned {
                    epochs: self.silent,
                };
                match (exhausted, self.left) {
                    (false, _) => Some(Err(given_up)),
                    (true, Some(_)) => Some(Err(RunError::Exhausted)),
                    (true, None) => None,
                }
            }
            Ok(value) => {
                self.silent = 0;
                self.left = self.left.map(|left| left.saturating_sub(1));
                Some(Ok(value.unwrap_or_default()))
            }
            Err(error) => {
                self.over = true;
                let quietly = matches!(error, RunError::Exhausted) && self.left.is_none();
                (!quietly).then_some(Err(error))
            }
        }
    }
}
