//! [`SpanQueue`]: spans that wait, and the thread that exports them.

use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};

use super::settings::SpanSettings;
use crate::graph::{Epoch, Name};
use crate::sync::{lock, wait_timeout};

/// Longest text of an error in a span, in characters.
const MAX_ERROR: usize = 1000;

/// Result of a call or of an epoch.
#[derive(Debug)]
pub(crate) struct SpanEnd {
    result: &'static str,
    error: Option<String>,
}

impl SpanEnd {
    pub(crate) fn new(result: &'static str, error: Option<&String>) -> Self {
        let error = error.map(|error| error.chars().take(MAX_ERROR).collect());
        Self { result, error }
    }
}

/// Span of a call, or of an epoch.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) trace: u128,
    pub(super) id: u64,
    /// The span above; zero for the root span of an epoch.
    pub(super) parent: u64,
    /// The node, for the span of a call.
    pub(super) node: Option<Name>,
    pub(super) epoch: Epoch,
    pub(super) begin: SystemTime,
    pub(super) end: SystemTime,
    pub(super) outcome: SpanEnd,
}

/// Spans that wait for their export.
#[derive(Debug)]
pub(super) struct SpanQueue {
    settings: SpanSettings,
    waiting: Mutex<Waiting>,
    /// Notified when a batch is there, and at the end.
    wake: Condvar,
    /// Notified when the thread has ended.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    spans: Vec<Span>,
    /// Number of spans that are on their way to the collector.
    sent: u64,
    counts: SpanCounts,
    closing: bool,
    has_ended: bool,
}

/// Numbers of spans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SpanCounts {
    pub(super) exported: u64,
    /// Spans for which the queue had no room.
    pub(super) dropped: u64,
    /// Spans that the collector did not take.
    pub(super) refused: u64,
}

impl SpanQueue {
    /// Starts the thread that exports the spans of a tube.
    pub(super) fn start(
        settings: SpanSettings,
        exporter: SpanExporter,
        tube: &str,
    ) -> std::io::Result<Arc<Self>> {
        let queue = Arc::new(Self {
            settings,
            waiting: Mutex::default(),
            wake: Condvar::new(),
            ended: Condvar::new(),
        });
        let (own, tube) = (Arc::clone(&queue), tube.to_owned());
        std::thread::Builder::new()
            .name("noob-zmq-spans".into())
            .spawn(move || {
                own.export_all(|spans| export(&exporter, &tube, spans));
                lock(&own.waiting).has_ended = true;
                own.ended.notify_all();
            })?;
        Ok(queue)
    }

    /// Adds a span, or counts it as dropped if there is no room.
    ///
    /// Any thread: the lock is held for a move, and never during an export.
    pub(super) fn add(&self, span: Span) {
        let mut waiting = lock(&self.waiting);
        if waiting.spans.len() >= self.settings.queue || waiting.closing {
            waiting.counts.dropped += 1;
            return;
        }
        waiting.spans.push(span);
        let is_batch = waiting.spans.len() == self.settings.batch;
        drop(waiting);
        if is_batch {
            self.wake.notify_one();
        }
    }

    /// Has the thread export what is left and end; waits for it until the deadline, and returns
    /// the numbers.
    pub(super) fn finish(&self, deadline: Instant) -> SpanCounts {
        let mut waiting = lock(&self.waiting);
        waiting.closing = true;
        self.wake.notify_one();
        while !waiting.has_ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            waiting = wait_timeout(&self.ended, waiting, left);
        }
        let mut counts = waiting.counts;
        // Nobody waits for these any more.
        counts.refused += waiting.sent + waiting.spans.len() as u64;
        counts
    }

    /// Exports batches until the queue is closed and empty, or the collector fails after that.
    fn export_all(&self, mut export: impl FnMut(Vec<Span>) -> bool) {
        let mut due = Instant::now() + self.settings.delay;
        loop {
            let mut waiting = lock(&self.waiting);
            while !waiting.closing && waiting.spans.len() < self.settings.batch {
                let left = due.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                waiting = wait_timeout(&self.wake, waiting, left);
            }
            let closing = waiting.closing;
            let count = waiting.spans.len().min(self.settings.batch);
            let batch: Vec<Span> = waiting.spans.drain(..count).collect();
            waiting.sent = count as u64;
            drop(waiting);
            if !batch.is_empty() {
                let exported = export(batch);
                let mut waiting = lock(&self.waiting);
                let number = std::mem::take(&mut waiting.sent);
                let counts = &mut waiting.counts;
                if exported {
                    counts.exported += number;
                } else {
                    counts.refused += number;
                }
                if closing && !exported {
                    return;
                }
            } else if closing {
                return;
            }
            due = Instant::now() + self.settings.delay;
        }
    }
}

/// Sends spans to the collector; returns whether it took them.
fn export(exporter: &SpanExporter, tube: &str, spans: Vec<Span>) -> bool {
    let spans = spans.into_iter().map(|span| span.into_data(tube)).collect();
    block_on(exporter.export(spans)).is_ok()
}

/// Returns the output of a future of the exporter, whose client blocks the thread and never waits
/// for anything else.
fn block_on(future: impl Future<Output = Result<(), OTelSdkError>>) -> Result<(), OTelSdkError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => Err(OTelSdkError::Timeout(Duration::ZERO)),
    }
}

impl Span {
    fn into_data(self, tube: &str) -> SpanData {
        let mut attributes = vec![
            KeyValue::new("noob_zmq.tube", tube.to_owned()),
            KeyValue::new("noob_zmq.epoch", self.epoch.to_string()),
            KeyValue::new("noob_zmq.result", self.outcome.result),
        ];
        let name = match &self.node {
            Some(node) => {
                attributes.push(KeyValue::new("noob_zmq.node", node.to_string()));
                node.to_string().into()
            }
            None => "epoch".into(),
        };
        let trace = self.trace.to_be_bytes();
        SpanData {
            span_context: SpanContext::new(
                opentelemetry::TraceId::from_bytes(trace),
                opentelemetry::SpanId::from_bytes(self.id.to_be_bytes()),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: opentelemetry::SpanId::from_bytes(self.parent.to_be_bytes()),
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name,
            start_time: self.begin,
            end_time: self.end,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: match (self.outcome.result, self.outcome.error) {
                ("failed", error) => Status::error(error.unwrap_or_default()),
                _ => Status::Unset,
            },
            instrumentation_scope: InstrumentationScope::builder("noob-zmq")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn queue(queue: usize, batch: usize) -> SpanQueue {
        SpanQueue {
            settings: SpanSettings {
                sampled: 1.0,
                queue,
                batch,
                delay: Duration::from_secs(600),
                timeout: Duration::from_secs(600),
            },
            waiting: Mutex::default(),
            wake: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    fn span(epoch: u32) -> Span {
        Span {
            trace: 1,
            id: 2,
            parent: 3,
            node: None,
            epoch: Epoch::root(epoch),
            begin: SystemTime::UNIX_EPOCH,
            end: SystemTime::UNIX_EPOCH,
            outcome: SpanEnd::new("done", None),
        }
    }

    #[test]
    fn full_queue_drops_and_counts() {
        let queue = queue(3, 2);
        (0..5).for_each(|epoch| queue.add(span(epoch)));
        lock(&queue.waiting).closing = true;
        let mut sizes = Vec::new();
        queue.export_all(|spans| {
            sizes.push(spans.len());
            true
        });
        assert_eq!(sizes, [2, 1]);
        let counts = SpanCounts {
            exported: 3,
            dropped: 2,
            refused: 0,
        };
        assert_eq!(queue.finish(Instant::now()), counts);
    }

    #[test]
    fn collector_that_fails_at_the_end_is_asked_once() {
        let queue = queue(9, 2);
        (0..7).for_each(|epoch| queue.add(span(epoch)));
        lock(&queue.waiting).closing = true;
        let mut asked = 0;
        queue.export_all(|_| {
            asked += 1;
            false
        });
        assert_eq!(asked, 1);
        let counts = queue.finish(Instant::now());
        assert_eq!((counts.refused, counts.exported), (7, 0));
    }

    #[test]
    fn batch_is_exported_while_spans_are_added() {
        let queue = queue(100, 2);
        let (sender, sizes) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                queue.export_all(|spans| sender.send(spans.len()).is_ok());
            });
            for round in 0..3 {
                queue.add(span(round));
                queue.add(span(round));
                assert_eq!(sizes.recv(), Ok(2), "without a wait of ten minutes");
            }
            let _ = queue.finish(Instant::now());
        });
    }
}
