//! Counters of a node over all its processes, and their rates.

use std::time::Duration;

use indexmap::IndexMap;

use crate::graph::Name;
use crate::runner::error::DisplayEpoch;
use crate::runner::watch::call_times::CallTimeSummary;
use crate::runner::watch::rates::RateWindow;
use crate::runner::watch::report::{Lag, NodeStatusReport, Traffic};
use crate::wire::Health;

/// Places of the counters of a node in a sample.
const CALLS: usize = 0;
const BUSY_TIME: usize = 1;
const EVENTS_IN: usize = 2;
const BYTES_IN: usize = 3;
const EVENTS_OUT: usize = 4;
/// First of two counters for each signal.
const SIGNALS: usize = 5;

/// Counters of a node: totals of its processes, and the last health reports of the present one.
#[derive(Debug, Default)]
pub(super) struct NodeCounters {
    earlier: Totals,
    health: Option<Health>,
    rates: RateWindow,
    /// Time of all calls of the present process in microseconds, which never falls.
    busy_time: u64,
    lag: Option<Lag>,
}

/// Totals of one or several processes of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals {
    epochs: u64,
    calls: u64,
    events_in: u64,
    events_out: u64,
    bytes_in: u64,
    pub(super) rejected: u64,
    /// Values and bytes by signal.
    signals: IndexMap<Name, (u64, u64)>,
    /// Dropped events by their signal, `node.signal`.
    pub(super) dropped: IndexMap<String, u64>,
}

impl Totals {
    fn add(&mut self, health: &Health) {
        // Another host may report any number.
        let add = |total: &mut u64, more: u64| *total = total.saturating_add(more);
        add(&mut self.epochs, health.epochs);
        add(&mut self.calls, health.calls);
        add(&mut self.events_in, health.events_in);
        add(&mut self.events_out, health.events_out);
        add(&mut self.bytes_in, health.bytes_in);
        add(&mut self.rejected, health.refused);
        for (signal, values, bytes) in &health.signals {
            let total = self.signals.entry(signal.clone()).or_default();
            add(&mut total.0, *values);
            add(&mut total.1, *bytes);
        }
        for (edge, count) in &health.dropped {
            add(self.dropped.entry(edge.clone()).or_default(), *count);
        }
    }
}

impl NodeCounters {
    /// Returns the last health report of the present process.
    pub(super) const fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// Records a health report, and how far the node was behind when it came.
    pub(super) fn on_health(&mut self, health: Health, lag: Lag) {
        // The time of the call in progress is known less exactly than that of an ended one.
        self.busy_time = self.busy_time.max(health.busy_time);
        let mut counters = vec![0; SIGNALS];
        counters[CALLS] = health.calls;
        counters[BUSY_TIME] = self.busy_time;
        counters[EVENTS_IN] = health.events_in;
        counters[BYTES_IN] = health.bytes_in;
        counters[EVENTS_OUT] = health.events_out;
        let signals = health.signals.iter();
        counters.extend(signals.flat_map(|(_, values, bytes)| [*values, *bytes]));
        self.rates
            .add(Duration::from_micros(health.uptime), counters);
        self.lag = Some(lag);
        self.health = Some(health);
    }

    /// Records that the present process has ended.
    pub(super) fn end_process(&mut self) {
        *self = Self {
            earlier: self.totals(),
            ..Self::default()
        };
    }

    /// Returns the totals of all processes.
    pub(super) fn totals(&self) -> Totals {
        let mut totals = self.earlier.clone();
        if let Some(health) = &self.health {
            totals.add(health);
        }
        totals
    }

    /// Returns the number of events that an edge to the node has dropped, by its signal.
    pub(super) fn dropped(&self, signal: &str) -> u64 {
        let earlier = self.earlier.dropped.get(signal).copied().unwrap_or(0);
        let mut reported = self.health.iter().flat_map(|health| &health.dropped);
        let present = reported.find(|(name, _)| name == signal);
        earlier.saturating_add(present.map_or(0, |(_, count)| *count))
    }

    /// Enters the counters and rates into the status of the node.
    pub(super) fn fill(&self, report: &mut NodeStatusReport) {
        let totals = self.totals();
        let rates = self.rates.rates();
        let rate = |place: usize| rates.get(place).copied().unwrap_or(0.0);
        (report.epochs, report.calls) = (totals.epochs, totals.calls);
        report.rejected = totals.rejected;
        report.dropped = totals.dropped.values().fold(0, |a, b| a.saturating_add(*b));
        report.calls_per_second = rate(CALLS);
        report.load = (rate(BUSY_TIME) / 1e6).min(1.0);
        report.received = Traffic {
            events: totals.events_in,
            bytes: totals.bytes_in,
            events_per_second: rate(EVENTS_IN),
            bytes_per_second: rate(BYTES_IN),
        };
        report.emitted = Traffic {
            events: totals.events_out,
            events_per_second: rate(EVENTS_OUT),
            ..Traffic::default()
        };
        let place_of = |signal: &Name| {
            let mut reported = self.health.iter().flat_map(|health| &health.signals);
            let place = reported.position(|(other, ..)| other == signal)?;
            Some(SIGNALS + 2 * place)
        };
        for entry in &mut report.signals {
            let total = totals.signals.get(&entry.signal);
            let (events, bytes) = total.copied().unwrap_or_default();
            let place = place_of(&entry.signal);
            entry.traffic = Traffic {
                events,
                bytes,
                events_per_second: place.map_or(0.0, rate),
                bytes_per_second: place.map_or(0.0, |place| rate(place + 1)),
            };
            report.emitted.bytes = report.emitted.bytes.saturating_add(bytes);
            report.emitted.bytes_per_second += entry.traffic.bytes_per_second;
        }
        let Some(health) = &self.health else { return };
        report.queue = health.queue;
        report.call_time = health.call_times.map(|(p50, p99, max)| {
            let [p50, p99, max] = [p50, p99, max].map(Duration::from_nanos);
            CallTimeSummary { p50, p99, max }.into()
        });
        let busy = health.busy.as_ref();
        report.busy = busy.map(|epoch| DisplayEpoch(epoch).to_string());
        report.busy_for = busy.map(|_| health.busy_for as f64 / 1e6);
        report.memory = health.memory;
        report.lag = self.lag;
    }
}
