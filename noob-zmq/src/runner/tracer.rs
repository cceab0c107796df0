//! Exporter of spans and metrics of OpenTelemetry, as runners and node processes use it; without
//! the feature `otel` there is none.
//!
//! The spans of an epoch are one trace. Its id is computed from the [`seed`](Tracer::seed) of the
//! run and the number of the epoch, and so is that of its root span: all processes agree on both
//! without a message.

#[cfg(feature = "otel")]
use std::sync::Arc;
use std::time::Instant;

use crate::graph::{Epoch, Name, Timestamp, Tube};
use crate::node::NodeError;
#[cfg(feature = "otel")]
use crate::runner::otel::{Exporter, SpanEnd, new_seed};
use crate::runner::recorder::EpochEnd;
use crate::runner::watch::watcher::Watcher;

/// Exporter of a process, if the environment asks for one; a clone is the same exporter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracer {
    #[cfg(feature = "otel")]
    exporter: Option<Arc<Exporter>>,
}

#[cfg(feature = "otel")]
impl Tracer {
    /// Returns the exporter of a run, for the process of its runner: of the spans of epochs, of the
    /// calls that are made in this process, and of the numbers of the status.
    pub(crate) fn of_run(tube: &Tube, run: Option<&str>, watcher: &Watcher) -> Self {
        let exporter = Exporter::start((&tube.id, run), new_seed(), Some(watcher));
        Self {
            exporter: exporter.map(Arc::new),
        }
    }

    /// Returns the exporter of a node process, for the spans of its calls; there is none if the
    /// runner exports no spans.
    pub(crate) fn of_node_process(tube: &str, run: &str, seed: Option<u64>) -> Self {
        let exporter = seed.and_then(|seed| Exporter::start((tube, Some(run)), seed, None));
        Self {
            exporter: exporter.map(Arc::new),
        }
    }

    /// Returns the number from which the ids of the run are computed, if its spans are exported.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.exporter.as_ref()?.seed()
    }

    /// Returns the begin of a call, if its span is exported.
    pub(crate) fn begin_call(&self) -> Option<Instant> {
        self.exporter.is_some().then(Instant::now)
    }

    /// Exports the span of a call that ends now.
    pub(crate) fn end_call(
        &self,
        node: &Name,
        epoch: &Epoch,
        begun: Option<Instant>,
        outcome: &Result<(), NodeError>,
    ) {
        if let (Some(exporter), Some(begun)) = (&self.exporter, begun) {
            exporter.end_call(node, epoch, begun, outcome);
        }
    }

    /// Returns the begin of an epoch, if its span is exported.
    pub(crate) fn begin_epoch(&self, clock: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        self.exporter.is_some().then(clock)
    }

    /// Exports the span of an epoch that ends now.
    pub(crate) fn end_epoch(
        &self,
        epoch: u32,
        begun: Option<Timestamp>,
        clock: impl FnOnce() -> Timestamp,
        end: &EpochEnd,
    ) {
        if let (Some(exporter), Some(begun)) = (&self.exporter, begun) {
            let end = match end {
                EpochEnd::Done => SpanEnd::new("done", None),
                EpochEnd::Failed(_, error) => SpanEnd::new("failed", Some(error)),
                EpochEnd::Skipped(_, error) => SpanEnd::new("skipped", Some(error)),
            };
            exporter.end_epoch(epoch, (begun, clock()), end);
        }
    }

    /// Exports what is left, which takes a second at most.
    pub(crate) fn finish(&self) {
        if let Some(exporter) = &self.exporter {
            exporter.finish();
        }
    }
}

#[cfg(not(feature = "otel"))]
impl Tracer {
    /// Returns no exporter.
    pub(crate) const fn of_run(_tube: &Tube, _run: Option<&str>, _watcher: &Watcher) -> Self {
        Self {}
    }

    /// Returns no exporter.
    pub(crate) const fn of_node_process(_tube: &str, _run: &str, _seed: Option<u64>) -> Self {
        Self {}
    }

    /// Returns no number.
    pub(crate) const fn seed(&self) -> Option<u64> {
        None
    }

    /// Returns no begin.
    pub(crate) const fn begin_call(&self) -> Option<Instant> {
        None
    }

    /// Does nothing.
    pub(crate) const fn end_call(
        &self,
        _node: &Name,
        _epoch: &Epoch,
        _begun: Option<Instant>,
        _outcome: &Result<(), NodeError>,
    ) {
    }

    /// Returns no begin.
    pub(crate) fn begin_epoch(&self, _clock: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        None
    }

    /// Does nothing.
    pub(crate) fn end_epoch(
        &self,
        _epoch: u32,
        _begun: Option<Timestamp>,
        _clock: impl FnOnce() -> Timestamp,
        _end: &EpochEnd,
    ) {
    }

    /// Does nothing.
    pub(crate) const fn finish(&self) {}
}
