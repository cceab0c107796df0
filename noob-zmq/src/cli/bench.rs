//! `noob-zmq bench`: measures how fast a tube starts, answers and runs.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::inputs::{self, Given};
use super::output::print_to;
use super::{Failure, RunnerKind};
use crate::graph::Map;
use crate::node::Registry;
use crate::runner::{EdgeDrops, RunError, Runner, RunnerExt, SyncRunner, TaskRunner, ZmqRunner};
use crate::standard_streams::{take_standard_input, take_standard_output};

/// Measure how fast a tube starts, answers and runs.
///
/// All figures are of this machine and this moment: compare those of one run only.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// Number of epochs to run one by one, each awaited.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    process: u64,
    /// Number of epochs to run as one, with a window of them open.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    run: u64,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// The runner.
    #[arg(long, value_enum, default_value = "zmq")]
    runner: RunnerKind,
    /// Number of epochs that may be open at once (`zmq` and `task`) [default: 64].
    #[arg(long, value_name = "EPOCHS")]
    window: Option<u32>,
    /// Nodes that share one process, separated by commas; may be given several times (`zmq`).
    #[arg(long, value_name = "NODES")]
    group: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Figures of a measurement.
#[derive(Debug, Default, Serialize)]
struct Figures {
    /// Seconds from `init` until every node was ready.
    start: f64,
    /// Epochs one by one.
    process: Option<Latency>,
    /// Epochs as one run.
    run: Option<Throughput>,
    /// Seconds from `deinit` until every process was gone.
    stop: f64,
    lost: Losses,
}

/// Epochs and events that were requested and not received.
#[derive(Debug, Default, Serialize)]
struct Losses {
    /// Epochs that were opened and not completed, or that the tube skipped (`on_error: skip`).
    epochs: u64,
    /// Events that edges dropped for newer ones (`policy: latest`).
    events: Vec<EdgeDrops>,
}

/// Epochs one by one; times in microseconds.
#[derive(Debug, Serialize)]
struct Latency {
    epochs: u64,
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
    epochs_per_second: f64,
}

/// Epochs as one run.
#[derive(Debug, Serialize)]
struct Throughput {
    epochs: u64,
    /// Epochs that returned nothing.
    empty: u64,
    epochs_per_second: f64,
}

pub(super) fn bench(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let (mut tube, process) = inputs::load(&arguments.tube, &arguments.input, registry)?;
    // The load has shown them, and the runner would log them.
    tube.warnings.clear();
    inputs::refuse_missing(&tube, &process)?;
    take_standard_input()?;
    let out = take_standard_output()?;
    if arguments.window.is_some() && matches!(arguments.runner, RunnerKind::Sync) {
        return Err(Failure::Usage(
            "`--window` is an option of the runners `zmq` and `task`; the runner `sync` has one \
             epoch open"
                .into(),
        ));
    }
    if !arguments.group.is_empty() && !matches!(arguments.runner, RunnerKind::Zmq) {
        return Err(Failure::Usage(
            "`--group` is an option of the runner `zmq`; the others have no node processes".into(),
        ));
    }
    let window = arguments.window.unwrap_or(64);
    let figures = match arguments.runner {
        RunnerKind::Zmq => {
            let mut builder = ZmqRunner::builder(tube).window(window);
            for group in &arguments.group {
                builder = builder.group(group.split(','));
            }
            let mut runner = builder.build();
            let mut figures = measure(&mut runner, arguments, &process)?;
            let report = runner.report();
            figures.lost.epochs += report.epochs.skipped;
            figures.lost.events = report.dropped;
            figures
        }
        RunnerKind::Sync => measure(&mut SyncRunner::new(tube)?, arguments, &process)?,
        RunnerKind::Task => {
            let mut runner = TaskRunner::new(tube)?.window(window);
            measure(&mut runner, arguments, &process)?
        }
    };
    print_figures(out, &figures, arguments.json)
}

fn measure(
    runner: &mut impl Runner,
    arguments: &Arguments,
    process: &Map,
) -> Result<Figures, RunError> {
    let mut figures = Figures::default();
    let begun = Instant::now();
    runner.init()?;
    figures.start = begun.elapsed().as_secs_f64();
    let mut exhausted = false;
    let mut times = Vec::new();
    for _ in 0..arguments.process {
        let begun = Instant::now();
        match runner.process(process.clone()) {
            Ok(_) => times.push(begun.elapsed()),
            Err(RunError::Exhausted) => {
                exhausted = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    figures.process = latency(times);
    if process.is_empty() && !exhausted && arguments.run > 0 {
        let run = throughput(runner, arguments.run)?;
        // Sources that end, end the run; no epoch is opened after them.
        let ended = matches!(runner.process(Map::new()), Err(RunError::Exhausted));
        if !ended {
            figures.lost.epochs = arguments.run - run.epochs;
        }
        figures.run = Some(run);
    }
    let begun = Instant::now();
    runner.deinit()?;
    figures.stop = begun.elapsed().as_secs_f64();
    Ok(figures)
}

fn latency(mut times: Vec<Duration>) -> Option<Latency> {
    times.sort_unstable();
    let micros = |time: &Duration| time.as_secs_f64() * 1e6;
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place.min(times.len().saturating_sub(1)))
    };
    let total: f64 = times.iter().map(micros).sum();
    let count = times.len() as f64;
    Some(Latency {
        epochs: times.len() as u64,
        mean: total / count,
        p50: at(0.5).map(micros)?,
        p90: at(0.9).map(micros)?,
        p99: at(0.99).map(micros)?,
        max: times.last().map(micros)?,
        epochs_per_second: count / total * 1e6,
    })
}

fn throughput(runner: &mut impl Runner, n: u64) -> Result<Throughput, RunError> {
    let begun = Instant::now();
    let mut returned = 0;
    let run = runner.run_each(n, &mut |_| {
        returned += 1;
        ControlFlow::Continue(())
    })?;
    let taken = begun.elapsed().as_secs_f64();
    Ok(Throughput {
        epochs: run,
        empty: run.saturating_sub(returned),
        epochs_per_second: run as f64 / taken,
    })
}

fn print_figures(out: File, figures: &Figures, json: bool) -> Result<(), Failure> {
    let text = if json {
        serde_json::to_string(figures)? + "\n"
    } else {
        table(figures)
    };
    print_to(out, &text)
}

fn table(figures: &Figures) -> String {
    let mut text = format!("start     {:.3} s\n", figures.start);
    if let Some(latency) = &figures.process {
        text += &format!(
            "process   {} epochs: mean {:.0} us, p50 {:.0}, p90 {:.0}, p99 {:.0}, max {:.0}; \
             {:.0} epochs/s\n",
            latency.epochs,
            latency.mean,
            latency.p50,
            latency.p90,
            latency.p99,
            latency.max,
            latency.epochs_per_second
        );
    }
    if let Some(run) = &figures.run {
        text += &format!(
            "run       {} epochs: {:.0} epochs/s, {} without a value\n",
            run.epochs, run.epochs_per_second, run.empty
        );
    }
    text += &format!("stop      {:.3} s\n", figures.stop);
    text += &format!("lost      {} epochs\n", figures.lost.epochs);
    for edge in &figures.lost.events {
        text += &format!(
            "          {} events from {} to {}, which the tube lets be dropped\n",
            edge.events, edge.from, edge.to
        );
    }
    text
}
