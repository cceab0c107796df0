//! Speed of chains of processes: `cargo bench -p noob-zmq-tests --bench chain`.
//!
//! The same graphs, values and checks are run by this project, by the bare `zeromq` crate (XPUB to
//! SUB over ipc), by bare unix sockets and, if `NOOB_PYTHON` names a Python that has it, by noob.
//! Each node is a process. All systems are measured in turns, in several rounds; printed are the
//! medians, and the ratios of this project to the bare systems. A measurement fails if a value is
//! lost, comes twice or comes out of order.
//!
//! ```console
//! $ cargo bench -p noob-zmq-tests --bench chain -- [--quick] [--rounds N] [--seconds S] [ROW]..
//! ```
//!
//! `ROW` is a part of the names of the rows to measure. `--quick` is one short round, which shows
//! only that everything works. `docs/performance.md` explains the rows.

mod bare;
mod bare_unix;
mod bare_zmq;
mod ends;
mod frames;
mod job;
mod noob;
mod ours;
mod rows;
mod strace;
mod table;

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::job::{Job, Pace};
use crate::rows::{Measure, Row};

pub(crate) type Failed = Box<dyn std::error::Error>;

/// Time after which a measurement that does not end has lost values.
const DEADLINE: Duration = Duration::from_secs(180);

/// Measured system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Ours,
    Zmq,
    Unix,
    Noob,
}

impl System {
    pub(crate) const ALL: [Self; 4] = [Self::Ours, Self::Zmq, Self::Unix, Self::Noob];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "this project",
            Self::Zmq => "bare `zeromq`",
            Self::Unix => "bare unix sockets",
            Self::Noob => "noob",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self, Failed> {
        let mut all = Self::ALL.into_iter();
        all.find(|system| system.name() == name)
            .ok_or_else(|| format!("`{name}` is no system").into())
    }
}

/// Extent of the benchmark.
struct Options {
    rounds: usize,
    seconds: f64,
    rows: Vec<String>,
}

impl Options {
    fn read(words: &[String]) -> Result<Self, Failed> {
        let mut options = Self {
            rounds: 5,
            seconds: 2.0,
            rows: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a number"));
            match word.as_str() {
                "--rounds" => options.rounds = value()?.parse()?,
                "--seconds" => options.seconds = value()?.parse()?,
                "--quick" => (options.rounds, options.seconds) = (1, 0.2),
                // An argument that cargo adds.
                "--bench" => {}
                option if option.starts_with('-') => {
                    return Err(format!("there is no option `{option}`").into());
                }
                row => options.rows.push(row.to_owned()),
            }
        }
        if options.rounds == 0 || options.seconds.is_nan() || options.seconds <= 0.0 {
            return Err("`--rounds` and `--seconds` are numbers above 0".into());
        }
        Ok(options)
    }
}

#[noob_zmq::main]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match *words {
        ["part", system, job, number] => number
            .parse()
            .map_err(Failed::from)
            .and_then(|number| bare::part(system, job, number)),
        ["case", system, measure, job] => case(system, measure, job),
        _ => compare(&words),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures every row of every system in turns, and prints the table.
fn compare(words: &[&str]) -> Result<(), Failed> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let options = Options::read(&words)?;
    let mut rows = rows::all(options.seconds);
    if !options.rows.is_empty() {
        rows.retain(|row| options.rows.iter().any(|part| row.name.contains(part)));
    }
    if rows.is_empty() {
        return Err("no row has such a name".into());
    }
    if noob::python().is_none() {
        eprintln!("noob is not measured: `NOOB_PYTHON` names no Python that has it");
    }
    for round in 1..=options.rounds {
        for row in &mut rows {
            for system in System::ALL {
                if !row.is_for(system) {
                    continue;
                }
                eprintln!("round {round}: {}, {}", row.name, system.name());
                match measured(system, row) {
                    Ok(figures) => row.add(system, &figures),
                    Err(error) if row.measure == Measure::Received => {
                        eprintln!("{}: {error}", row.name);
                    }
                    Err(error) => {
                        return Err(format!("{}, {}: {error}", row.name, system.name()).into());
                    }
                }
            }
        }
    }
    table::print(&rows, options.rounds, options.seconds);
    Ok(())
}

/// Measures a row once, in a process of its own, so that the CPU time of all its processes is
/// known when it has ended.
fn measured(system: System, row: &Row) -> Result<Value, Failed> {
    let directory = tempfile::Builder::new().prefix("nzb").tempdir()?;
    let job = Job {
        directory: directory.path().to_owned(),
        ..row.job.clone()
    };
    let mut child = Command::new(std::env::current_exe()?)
        .args(["case", system.name(), row.measure.name()])
        .arg(serde_json::to_string(&job)?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let begin = Instant::now();
    while child.try_wait()?.is_none() {
        if begin.elapsed() > DEADLINE {
            child.kill()?;
            child.wait()?;
            return Err(format!("values are missing after {DEADLINE:?}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("the measurement failed; its reason is above".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Measures once, and prints the figures.
fn case(system: &str, measure: &str, job: &str) -> Result<(), Failed> {
    let system = System::named(system)?;
    let measure = Measure::named(measure)?;
    let job: Job = serde_json::from_str(job)?;
    let figures = match (system, measure) {
        (System::Noob, _) => noob::measure(&job)?,
        (System::Ours, Measure::StartStop) => {
            let (start, stop) = ours::start_and_stop(&job)?;
            serde_json::json!({"start": start, "stop": stop})
        }
        (System::Ours, Measure::Received) => {
            serde_json::json!({"received": ours::received_per_epoch(&job)?})
        }
        (System::Ours, _) if job.pace == Pace::Process => {
            let (p50, p99) = ours::process(&job)?;
            serde_json::json!({"p50": p50, "p99": p99})
        }
        _ => {
            match system {
                System::Ours => ours::measure(&job)?,
                _ => bare::measure(system, &job)?,
            }
            let received = ends::received(&job.directory)?;
            if received.values != job.count {
                return Err(format!("{} of {} values came", received.values, job.count).into());
            }
            let mut figures = serde_json::to_value(received)?;
            figures["cpu"] = cpu()?.into();
            figures
        }
    };
    println!("{figures}");
    Ok(())
}

/// Returns the seconds that this process and all its children, which have ended, have run.
///
/// The kernel gives them in ticks of 1/100 s, rounded once for the sum.
fn cpu() -> Result<f64, Failed> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no stat")?.1;
    let ticks = fields.split_whitespace().skip(11).take(4);
    let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
