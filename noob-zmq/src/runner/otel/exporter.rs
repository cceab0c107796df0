//! [`Exporter`]: the exporter of a process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter as _;

use super::collector::Collector;
use super::ids::{SpanIds, TraceIds};
use super::metrics::MetricExport;
use super::settings::{Settings, SpanSettings};
use super::spans::{Span, SpanEnd, SpanQueue};
use crate::graph::{Epoch, Name, Timestamp};
use crate::node::NodeError;
use crate::runner::watch::watcher::Watcher;

/// Longest time that the end of a run, or of a node process, takes for what is left.
const FINISH: Duration = Duration::from_secs(1);

/// Exporter of the spans and the metrics of a process.
pub(crate) struct Exporter {
    spans: Option<SpanExport>,
    metrics: Option<MetricExport>,
}

/// Exporter of spans.
struct SpanExport {
    ids: TraceIds,
    span_ids: SpanIds,
    /// Traces are exported whose lower half, shifted by one, is below.
    sampled_below: u64,
    queue: Arc<SpanQueue>,
}

impl Exporter {
    /// Starts the exporter that the environment asks for, of a tube and a run; with a watcher, its
    /// numbers are exported too.
    pub(crate) fn start(
        (tube, run): (&str, Option<&str>),
        seed: u64,
        watcher: Option<&Watcher>,
    ) -> Option<Self> {
        let settings = Settings::read(|name| std::env::var(name).ok())?;
        let resource = resource(tube, run, settings.names_service);
        // All failures of the process are logged once.
        let logged = Arc::new(AtomicBool::new(false));
        let spans = settings.spans.and_then(|settings| {
            let client = Collector::new(settings.timeout, Arc::clone(&logged));
            let started = SpanExport::start(settings, client, &resource, (tube, seed));
            started
                .inspect_err(|error| tracing::warn!("no spans are exported: {error}"))
                .ok()
        });
        let metrics = settings
            .metrics
            .zip(watcher)
            .and_then(|(timeout, watcher)| {
                let client = Collector::new(timeout, logged);
                MetricExport::start(client, resource, watcher.clone())
                    .inspect_err(|error| tracing::warn!("no metrics are exported: {error}"))
                    .ok()
            });
        (spans.is_some() || metrics.is_some()).then_some(Self { spans, metrics })
    }

    /// Returns the seed of the run, if spans are exported.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.spans.as_ref().map(|spans| spans.ids.seed)
    }

    /// Exports the span of a call that ends now.
    pub(crate) fn end_call(
        &self,
        node: &Name,
        epoch: &Epoch,
        begun: Instant,
        outcome: &Result<(), NodeError>,
    ) {
        let Some(spans) = &self.spans else { return };
        let trace = spans.ids.trace(epoch.number());
        if !spans.samples(trace) {
            return;
        }
        let end = SystemTime::now();
        spans.queue.add(Span {
            trace,
            id: spans.span_ids.next(),
            parent: spans.ids.root(epoch.number()),
            node: Some(node.clone()),
            epoch: epoch.clone(),
            begin: end.checked_sub(begun.elapsed()).unwrap_or(end),
            end,
            outcome: match outcome {
                Ok(()) => SpanEnd::new("done", None),
                Err(error) => SpanEnd::new("failed", Some(&error.to_string())),
            },
        });
    }

    /// Exports the root span of an epoch.
    pub(crate) fn end_epoch(
        &self,
        epoch: u32,
        (begin, end): (Timestamp, Timestamp),
        outcome: SpanEnd,
    ) {
        let Some(spans) = &self.spans else { return };
        let trace = spans.ids.trace(epoch);
        if !spans.samples(trace) {
            return;
        }
        spans.queue.add(Span {
            trace,
            id: spans.ids.root(epoch),
            parent: 0,
            node: None,
            epoch: Epoch::root(epoch),
            begin: system_time(begin),
            end: system_time(end.max(begin)),
            outcome,
        });
    }

    /// Exports what is left, for a second at most, and logs what was lost.
    pub(crate) fn finish(&self) {
        let deadline = Instant::now() + FINISH;
        // Begun before the wait for spans, so that both have the second.
        let metrics = self.metrics.as_ref().map(MetricExport::finish);
        if let Some(spans) = &self.spans {
            let counts = spans.queue.finish(deadline);
            if counts.dropped + counts.refused > 0 {
                tracing::warn!(
                    "of the spans of this process, {} were exported, {} did not reach the \
                     collector, and {} were dropped since too many waited",
                    counts.exported,
                    counts.refused,
                    counts.dropped
                );
            }
        }
        if let Some(metrics) = metrics {
            let _ = metrics.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(spans) = &self.spans {
            // The thread ends; nobody waits for it.
            let _ = spans.queue.finish(Instant::now());
        }
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter")
            .field("spans", &self.spans.is_some())
            .field("metrics", &self.metrics.is_some())
            .finish()
    }
}

impl SpanExport {
    fn start(
        settings: SpanSettings,
        client: Collector,
        resource: &Resource,
        (tube, seed): (&str, u64),
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let builder = SpanExporter::builder().with_http();
        let mut exporter = builder.with_http_client(client).build()?;
        exporter.set_resource(resource);
        Ok(Self {
            ids: TraceIds { seed },
            span_ids: SpanIds::new(),
            // As the sampler `traceidratio` of the standard libraries.
            sampled_below: (settings.sampled * (1_u64 << 63) as f64) as u64,
            queue: SpanQueue::start(settings, exporter, tube)?,
        })
    }

    const fn samples(&self, trace: u128) -> bool {
        (trace as u64) >> 1 < self.sampled_below
    }
}

/// Returns the attributes of everything that the process exports.
fn resource(tube: &str, run: Option<&str>, names_service: bool) -> Resource {
    let mut attributes = vec![
        KeyValue::new("noob_zmq.tube", tube.to_owned()),
        KeyValue::new("process.pid", i64::from(std::process::id())),
    ];
    attributes.extend(run.map(|run| KeyValue::new("noob_zmq.run", run.to_owned())));
    if !names_service {
        attributes.push(KeyValue::new("service.name", "noob-zmq"));
    }
    Resource::builder().with_attributes(attributes).build()
}

fn system_time(at: Timestamp) -> SystemTime {
    let micros = u64::try_from(at.as_micros()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}
