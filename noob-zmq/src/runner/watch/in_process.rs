//! Counters of the nodes of a runner that has no processes for them.
//!
//! The calls of a node come one after the other, so that each counter has one writer at a time; any
//! thread reads them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::call_times::CallTimes;
use super::rates::RateWindow;
use super::report::{CallTime, NodeStatusReport, RunStatus, RunnerState, Traffic, resident_memory};
use super::taps::Taps;
use crate::graph::{Emit, Epoch, NodeIx, Plan, SignalIx, Tube};
use crate::node::NodeError;
use crate::sync::lock;
use crate::wire::NodeStatus;

/// Number of quick calls of which one is timed: two looks at the clock would cost more than such a
/// call.
const SPARSE: u32 = 32;
/// Duration from which the next call is timed in any case.
const SLOW: Duration = Duration::from_micros(20);

/// Counters of the nodes and the signals of a plan.
#[derive(Debug)]
pub(crate) struct NodeMeters {
    started: Instant,
    /// Epochs that were opened, completed, and failed, where no coordinator counts them.
    opened: Counter,
    done: Counter,
    failed: Counter,
    nodes: Box<[NodeMeter]>,
    signals: Box<[SignalMeter]>,
    taps: Taps,
    /// Counters at the last looks: of epochs, and of each node of the tube.
    rates: Mutex<Vec<RateWindow>>,
}

#[derive(Debug, Default)]
struct NodeMeter {
    calls: Counter,
    failed: Counter,
    /// Epoch of the last call, plus one.
    newest: Counter,
    /// Epoch of the running call, plus one.
    busy: Counter,
    /// Start of the running call in microseconds since the start of the run, if it is timed.
    busy_since: Counter,
    /// Calls until the next one that is timed.
    until_timed: AtomicU32,
    times: Mutex<CallTimes>,
    last_error: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct SignalMeter {
    events: Counter,
    bytes: Counter,
}

/// Counter with one writer at a time.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    fn get(&self) -> u64 {
        // Counters are read one by one, and order nothing.
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Adds without a locked instruction: there is no other writer.
    fn add(&self, more: u64) {
        self.set(self.get() + more);
    }
}

/// Running call of a node.
#[derive(Debug)]
pub(crate) struct MeteredCall {
    /// Start, and the number of calls that it stands for, if it is timed.
    timed: Option<(Instant, u32)>,
}

impl NodeMeters {
    /// Creates counters for the nodes and signals of a plan.
    pub(crate) fn new(tube: &Tube, plan: &Plan, taps: &Taps) -> Self {
        let signals = plan.nodes().map(|node| plan.signals_of(node).count());
        Self {
            started: Instant::now(),
            opened: Counter::default(),
            done: Counter::default(),
            failed: Counter::default(),
            taps: taps.clone(),
            nodes: plan.nodes().map(|_| NodeMeter::default()).collect(),
            signals: (0..signals.sum()).map(|_| SignalMeter::default()).collect(),
            rates: Mutex::new(
                (0..=tube.nodes.len())
                    .map(|_| RateWindow::default())
                    .collect(),
            ),
        }
    }

    /// Creates counters for a plan that follows this one, with the values of these.
    pub(crate) fn for_next_plan(&self, before: &Plan, tube: &Tube, plan: &Plan) -> Self {
        let mut next = Self::new(tube, plan, &self.taps);
        next.started = self.started;
        for (from, to) in [
            (&self.opened, &next.opened),
            (&self.done, &next.done),
            (&self.failed, &next.failed),
        ] {
            to.set(from.get());
        }
        for node in plan.nodes() {
            let Some(old) = before.node_index(plan.node_name(node)) else {
                continue;
            };
            let (from, to) = (&self.nodes[old.index()], &next.nodes[node.index()]);
            for counter in [
                NodeMeter::calls,
                NodeMeter::failed,
                NodeMeter::newest_counter,
            ] {
                counter(to).set(counter(from).get());
            }
            *lock(&to.last_error) = lock(&from.last_error).clone();
            for signal in plan.signals_of(node) {
                let Some(old) = before.signal_index(old, plan.signal_name(signal)) else {
                    continue;
                };
                let (from, to) = (&self.signals[old.index()], &next.signals[signal.index()]);
                to.events.set(from.events.get());
                to.bytes.set(from.bytes.get());
            }
        }
        next
    }

    /// Records that an epoch is opened by a runner that has one open epoch.
    pub(crate) fn open_epoch(&self, epoch: u32) {
        self.opened.set(u64::from(epoch) + 1);
    }

    /// Records that the open epoch is completed.
    pub(crate) fn complete_epoch(&self) {
        self.done.add(1);
    }

    /// Records that the open epoch has failed.
    pub(crate) fn fail_epoch(&self) {
        self.failed.add(1);
    }

    /// Returns the status of a runner that has one open epoch.
    pub(crate) fn read(&self, tube: &Tube, plan: &Plan, runner: &str) -> RunStatus {
        let mut status = RunStatus::of(tube, runner);
        status.state = RunnerState::Running;
        status.epochs.done = self.done.get();
        status.epochs.failed = self.failed.get();
        status.newest = self.opened.get().checked_sub(1).map(|epoch| epoch as u32);
        self.fill(plan, &mut status);
        status.open = u64::from(status.nodes.iter().any(|node| node.busy.is_some()));
        status.oldest_open = status.newest.filter(|_| status.open > 0);
        status
    }

    /// Records that a call of a node begins.
    pub(crate) fn begin(&self, node: NodeIx, epoch: u32) -> MeteredCall {
        let meter = &self.nodes[node.index()];
        meter.busy.set(u64::from(epoch) + 1);
        let until = meter.until_timed.load(Ordering::Relaxed);
        let timed = match until {
            0 | 1 => {
                let weight = if until == 0 { 1 } else { SPARSE };
                let now = Instant::now();
                let micros = (now - self.started).as_micros() as u64;
                meter.busy_since.set(micros.max(1));
                Some((now, weight))
            }
            _ => {
                meter.until_timed.store(until - 1, Ordering::Relaxed);
                None
            }
        };
        MeteredCall { timed }
    }

    /// Records that a call of a node has ended.
    pub(crate) fn end(&self, node: NodeIx, call: &MeteredCall) {
        let meter = &self.nodes[node.index()];
        if let Some((begun, weight)) = call.timed {
            let took = begun.elapsed();
            // Not contended but by readers: the calls of a node come one after the other.
            lock(&meter.times).add(took, weight);
            meter.busy_since.set(0);
            let until = if took >= SLOW { 0 } else { SPARSE };
            meter.until_timed.store(until, Ordering::Relaxed);
        }
        meter.calls.add(1);
        let newest = meter.newest.get().max(meter.busy.get());
        meter.newest.set(newest);
        meter.busy.set(0);
    }

    /// Records that a call of a node has failed.
    pub(crate) fn fail(&self, node: NodeIx, error: &NodeError) {
        let meter = &self.nodes[node.index()];
        meter.failed.add(1);
        *lock(&meter.last_error) = Some(error.to_string());
    }

    /// Records an event of a node.
    pub(crate) fn emit(&self, signal: SignalIx, value: &Emit) {
        if let Emit::Value(value) = value {
            let meter = &self.signals[signal.index()];
            meter.events.add(1);
            meter.bytes.add(value.size());
        }
    }

    /// Passes an event to those who tap its signal.
    pub(crate) fn tap(&self, plan: &Plan, signal: SignalIx, epoch: &Epoch, value: &Emit) {
        if let (true, Emit::Value(value)) = (self.taps.any(), value) {
            let node = plan.node_name(plan.signal_node(signal));
            let names = (node, plan.signal_name(signal));
            self.taps.sample(names, epoch, crate::actor::now(), value);
        }
    }

    /// Returns the epoch of the last call of a node.
    pub(crate) fn newest(&self, node: NodeIx) -> Option<u32> {
        self.nodes[node.index()].newest()
    }

    /// Enters the counters of the nodes, and the rates, into a status that has its epochs.
    pub(crate) fn fill(&self, plan: &Plan, status: &mut RunStatus) {
        let now = Instant::now();
        let at = now - self.started;
        status.uptime = at.as_secs_f64();
        status.memory = resident_memory();
        // Readers share the windows, and wait for each other here; no node takes this lock.
        let mut windows = lock(&self.rates);
        let mut windows = windows.iter_mut();
        let epochs = status.epochs.done + status.epochs.failed + status.epochs.skipped;
        let rates = sample(windows.next(), at, vec![epochs]);
        status.epochs_per_second = rates.first().copied().unwrap_or(0.0);
        for report in &mut status.nodes {
            let window = windows.next();
            if let Some(node) = plan.node_index(&report.node) {
                self.fill_node(plan, node, (now, at), window, report);
                report.pid = Some(status.pid);
                report.epochs = status.epochs.done;
            }
        }
        status.fill_edges();
        // What a node receives are the values of its edges.
        for report in &mut status.nodes {
            let edges = status.edges.iter();
            for edge in edges.filter(|edge| edge.target == report.node) {
                report.received = report.received.plus(edge.traffic);
            }
        }
    }

    fn fill_node(
        &self,
        plan: &Plan,
        node: NodeIx,
        (now, at): (Instant, Duration),
        window: Option<&mut RateWindow>,
        report: &mut NodeStatusReport,
    ) {
        let meter = &self.nodes[node.index()];
        // Held for a sum over the buckets; a call of the node that ends meanwhile waits for that.
        let mut times = lock(&meter.times);
        report.call_time = times.summarize(now).map(CallTime::from);
        let begun = Duration::from_micros(meter.busy_since.get());
        let busy = Some(begun).filter(|begun| !begun.is_zero());
        let running = busy.map(|begun| at.saturating_sub(begun));
        let total = times.total() + running.unwrap_or_default();
        drop(times);
        report.calls = meter.calls.get();
        report.failed = meter.failed.get();
        report.last_error = lock(&meter.last_error).clone();
        let busy = meter.busy.get().checked_sub(1);
        report.busy = busy.map(|epoch| epoch.to_string());
        report.busy_for = report
            .busy
            .as_ref()
            .and(running)
            .map(|time| time.as_secs_f64());
        report.status = match (report.enabled, report.calls) {
            (false, _) => NodeStatus::Closed,
            (true, 0) => NodeStatus::Ready,
            (true, _) => NodeStatus::Running,
        };
        let mut counters = vec![report.calls, total.as_micros() as u64];
        for signal in plan.signals_of(node) {
            let meter = &self.signals[signal.index()];
            counters.extend([meter.events.get(), meter.bytes.get()]);
        }
        let totals = counters.clone();
        let rates = sample(window, at, counters);
        let rate = |place: usize| rates.get(place).copied().unwrap_or(0.0);
        report.calls_per_second = rate(0);
        report.load = (rate(1) / 1e6).min(1.0);
        for (place, signal) in plan.signals_of(node).enumerate() {
            let (events, bytes) = (2 + 2 * place, 3 + 2 * place);
            let traffic = Traffic {
                events: totals[events],
                bytes: totals[bytes],
                events_per_second: rate(events),
                bytes_per_second: rate(bytes),
            };
            report.emitted = report.emitted.plus(traffic);
            let name = plan.signal_name(signal);
            let mut signals = report.signals.iter_mut();
            if let Some(entry) = signals.find(|entry| entry.signal == *name) {
                entry.traffic = traffic;
            }
        }
    }
}

impl NodeMeter {
    const fn calls(&self) -> &Counter {
        &self.calls
    }

    const fn failed(&self) -> &Counter {
        &self.failed
    }

    const fn newest_counter(&self) -> &Counter {
        &self.newest
    }

    fn newest(&self) -> Option<u32> {
        u32::try_from(self.newest.get().checked_sub(1)?).ok()
    }
}

fn sample(window: Option<&mut RateWindow>, at: Duration, counters: Vec<u64>) -> Vec<f64> {
    let Some(window) = window else {
        return Vec::new();
    };
    if window.is_empty() {
        // All counters begin at zero with the run.
        window.add(Duration::ZERO, vec![0; counters.len()]);
    }
    window.add(at, counters);
    window.rates()
}
