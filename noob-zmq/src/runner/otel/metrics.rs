//! [`MetricExport`]: the numbers of the status of a run, exported at an interval.
//!
//! The SDK has the thread for it. The names are those of `/metrics`.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, MeterProvider};
use opentelemetry_otlp::{MetricExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};

use super::collector::Collector;
use crate::runner::RunStatus;
use crate::runner::watch::numbers::{NUMBERS, Number, NumberKind};
use crate::runner::watch::watcher::Watcher;
use crate::sync::lock;

/// Exporter of the numbers of a run.
pub(super) struct MetricExport {
    provider: SdkMeterProvider,
}

/// Status that all numbers of one export are read from.
type Shared = Arc<Mutex<Option<RunStatus>>>;

impl MetricExport {
    pub(super) fn start(
        client: Collector,
        resource: Resource,
        watcher: Watcher,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let builder = MetricExporter::builder().with_http();
        let exporter = builder.with_http_client(client).build()?;
        let provider = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(exporter).build())
            .with_resource(resource)
            .build();
        let meter = provider.meter("noob-zmq");
        let shared = Shared::default();
        for (place, number) in NUMBERS.iter().enumerate() {
            let (shared, watcher) = (Arc::clone(&shared), watcher.clone());
            let observe = move |instrument: &dyn AsyncInstrument<f64>| {
                let mut status = lock(&shared);
                // The SDK observes the instruments of an export in the order of their creation.
                if place == 0 {
                    *status = Some(watcher.status());
                }
                observe(number, status.as_ref(), instrument);
            };
            let name = format!("noob_zmq_{}", number.name);
            // The SDK keeps an observable instrument by its callback.
            match number.kind {
                NumberKind::Counter => {
                    let builder = meter.f64_observable_counter(name);
                    let builder = builder.with_description(number.help);
                    let _ = builder.with_callback(observe).build();
                }
                NumberKind::Gauge => {
                    let builder = meter.f64_observable_gauge(name);
                    let builder = builder.with_description(number.help);
                    let _ = builder.with_callback(observe).build();
                }
            }
        }
        Ok(Self { provider })
    }

    /// Exports the numbers for the last time, on a thread of its own, whose end can be received.
    pub(super) fn finish(&self) -> Receiver<()> {
        let (ended, end) = channel();
        let provider = self.provider.clone();
        // The SDK waits for its collector for longer than the end of a run may take.
        let _ = std::thread::Builder::new()
            .name("noob-zmq-metrics".into())
            .spawn(move || {
                let _ = provider.shutdown();
                let _ = ended.send(());
            });
        end
    }
}

fn observe(number: &Number, status: Option<&RunStatus>, to: &dyn AsyncInstrument<f64>) {
    let Some(status) = status else { return };
    number.read(status, |labels, value| {
        let labels = labels
            .iter()
            .map(|(label, value)| KeyValue::new(*label, (*value).to_owned()));
        to.observe(value, &labels.collect::<Vec<_>>());
    });
}
