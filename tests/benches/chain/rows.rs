//! Rows of the table: a job each, and the figures of all rounds by system.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::job::Values::Frames;
use crate::job::{Frame, Graph, Job, Pace, Values};
use crate::{Failed, System, noob};

/// Kind of figures of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// `p50` and `p99`, from the source to the sink or of `process`.
    Latency,
    /// `seconds` and `cpu` of a free run.
    Rate,
    /// `start` and `stop`.
    StartStop,
    /// `received`: bytes that the command process receives for each epoch.
    Received,
}

impl Measure {
    const ALL: [Self; 4] = [Self::Latency, Self::Rate, Self::StartStop, Self::Received];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Rate => "rate",
            Self::StartStop => "start-stop",
            Self::Received => "received",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self, Failed> {
        let mut all = Self::ALL.into_iter();
        all.find(|measure| measure.name() == name)
            .ok_or_else(|| format!("`{name}` is no measure").into())
    }
}

/// Row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) measure: Measure,
    pub(crate) job: Job,
    figures: HashMap<(&'static str, String), Vec<f64>>,
}

impl Row {
    fn new(name: &str, measure: Measure, graph: Graph, values: Values, pace: Pace) -> Self {
        Self {
            name: name.to_owned(),
            measure,
            job: Job {
                graph,
                values,
                pace,
                count: 1,
                shared_memory: true,
                directory: PathBuf::new(),
            },
            figures: HashMap::new(),
        }
    }

    fn count(mut self, count: f64) -> Self {
        // Enough for the values that do not count, and for a p99.
        self.job.count = (count as i64).max(100);
        self
    }

    fn by_sockets(mut self) -> Self {
        self.job.shared_memory = false;
        self.name += ", shared memory off";
        self
    }

    /// Whether a system has such figures.
    pub(crate) fn is_for(&self, system: System) -> bool {
        let both = matches!(self.measure, Measure::Latency | Measure::Rate);
        match system {
            System::Ours => true,
            System::Noob if matches!(self.job.values, Frames(_)) => false,
            System::Noob => both && noob::python().is_some() && noob::takes(&self.job),
            System::Zmq | System::Unix => {
                both && self.job.pace != Pace::Process && !matches!(self.job.values, Frames(_))
            }
        }
    }

    /// Adds the figures of a round.
    pub(crate) fn add(&mut self, system: System, figures: &Value) {
        for (name, figure) in figures.as_object().into_iter().flatten() {
            if let Some(figure) = figure.as_f64() {
                let all = self.figures.entry((system.name(), name.clone()));
                all.or_default().push(figure);
            }
        }
    }

    /// Returns the median of a figure.
    pub(crate) fn median(&self, system: System, name: &str) -> Option<f64> {
        let mut all = self.figures.get(&(system.name(), name.to_owned()))?.clone();
        all.sort_unstable_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }
}

/// Returns every row, for measurements of about so many seconds.
pub(crate) fn all(seconds: f64) -> Vec<Row> {
    use Graph::{Chain, Diamond, Fan, Map};
    use Measure::{Latency, Rate, Received, StartStop};
    use Pace::{Free, Paused, Process};
    use Values::{Large, Small};
    let latency =
        |name, graph, values| Row::new(name, Latency, graph, values, Paused).count(seconds * 500.0);
    let process = |name, graph, values, a_second: f64| {
        Row::new(name, Latency, graph, values, Process).count(seconds * a_second)
    };
    let rate = |name, graph, values, a_second: f64| {
        Row::new(name, Rate, graph, values, Free).count(seconds * a_second)
    };
    vec![
        latency("latency, chain 1", Chain(1), Small),
        latency("latency, chain 4", Chain(4), Small),
        latency("latency, fan-out 4", Fan(4), Small),
        latency("latency, diamond", Diamond, Small),
        latency("latency, chain 1, 1 MiB", Chain(1), Large),
        process("process, chain 1", Chain(1), Small, 2000.0),
        process("process, chain 4", Chain(4), Small, 1000.0),
        process("process, fan-out 4", Fan(4), Small, 1000.0),
        process("process, diamond", Diamond, Small, 1000.0),
        process("process, map of 1000", Map(1000), Small, 25.0),
        process("process, chain 1, 1 MiB", Chain(1), Large, 200.0),
        rate("rate, chain 1", Chain(1), Small, 100_000.0),
        rate("rate, chain 4", Chain(4), Small, 50_000.0),
        rate("rate, fan-out 4", Fan(4), Small, 20_000.0),
        rate("rate, diamond", Diamond, Small, 20_000.0),
        rate("rate, map of 1000", Map(1000), Small, 50.0),
        rate("rate, chain 1, 1 MiB", Chain(1), Large, 1000.0),
        rate("rate, fan-out 4, 1 MiB", Fan(4), Large, 500.0),
        rate("rate, chain 1, 1 MiB", Chain(1), Large, 1000.0).by_sockets(),
        rate("rate, fan-out 4, 1 MiB", Fan(4), Large, 500.0).by_sockets(),
        rate("frames, `Bytes`", Chain(2), Frames(Frame::Bytes), 500.0),
        rate("frames, `Vec<u8>`", Chain(2), Frames(Frame::Vector), 500.0),
        rate("frames, `ndarray`", Chain(2), Frames(Frame::Array), 500.0),
        Row::new(
            "start and stop, five nodes",
            StartStop,
            Chain(3),
            Small,
            Process,
        )
        .count(1000.0),
        Row::new("received, chain 1, 1 MiB", Received, Chain(1), Large, Free).count(100.0),
        Row::new("received, chain 1, 1 MiB", Received, Chain(1), Large, Free)
            .count(100.0)
            .by_sockets(),
    ]
}
