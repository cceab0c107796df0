//! Spans and metrics for OpenTelemetry (feature `otel`), over OTLP with HTTP and protobuf.
//!
//! [`Exporter`] belongs to one process. It reads the standard environment variables (`settings`),
//! computes the ids of traces (`ids`), and has two threads: `spans` exports what a bounded queue
//! has, and the SDK reads `metrics` at an interval. Both send by `collector`, the HTTP client.
//! Neither the run nor a call waits for them: what the queue cannot take is dropped and counted.

mod collector;
mod exporter;
mod ids;
mod metrics;
mod settings;
mod spans;

pub(crate) use exporter::Exporter;
pub(crate) use ids::new_seed;
pub(crate) use spans::SpanEnd;
