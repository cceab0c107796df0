//! Cost of a record: `cargo bench -p noob-zmq-tests --bench record`.
//!
//! A chain of four nodes with a number is run without a record and with one, in turns; printed are
//! the medians, and their ratio. Then four cameras of 1 MiB a frame and 60 frames a second each are
//! recorded: printed are the frames, and the epochs that were left out.
//!
//! ```console
//! $ cargo bench -p noob-zmq-tests --bench record -- [--rounds N] [--seconds S] [--dir DIRECTORY]
//! ```

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use noob_zmq::graph::{Bytes, Tube};
use noob_zmq::node;
use noob_zmq::record::{Record, Recording};
use noob_zmq::runner::{Runner, ZmqRunner};

type Failed = Box<dyn std::error::Error>;

const CHAIN: &str = "
noob_id: chain
nodes:
  a: {type: bench.count}
  b: {type: bench.next, depends: [{value: a.value}]}
  c: {type: bench.next, depends: [{value: b.value}]}
  d: {type: bench.next, depends: [{value: c.value}]}
  return: {type: return, depends: d.value}
";

const CAMERAS: &str = "
noob_id: cameras
nodes:
  one: {type: bench.camera}
  two: {type: bench.camera}
  three: {type: bench.camera}
  four: {type: bench.camera}
  sizes: {type: bench.sizes, depends: [one.value, two.value, three.value, four.value]}
  return: {type: return, depends: sizes.value}
";

/// Frames of each camera in a second.
const RATE: u32 = 60;

#[node(name = "bench.count")]
fn count() -> impl Iterator<Item = u64> {
    0..
}

#[node(name = "bench.next")]
fn next(value: u64) -> u64 {
    value + 1
}

/// Emits a frame of 1 MiB each sixtieth of a second.
#[node(name = "bench.camera")]
fn camera() -> impl Iterator<Item = Bytes> {
    let start = Instant::now();
    (0_u32..).map(move |number| {
        let due = start + Duration::from_secs(1) * number / RATE;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        Bytes::from(vec![number as u8; 1 << 20])
    })
}

#[node(name = "bench.sizes")]
fn sizes(a: Bytes, b: Bytes, c: Bytes, d: Bytes) -> usize {
    a.len() + b.len() + c.len() + d.len()
}

struct Options {
    rounds: usize,
    seconds: f64,
    dir: PathBuf,
}

impl Options {
    fn read() -> Result<Self, Failed> {
        let mut options = Self {
            rounds: 5,
            seconds: 2.0,
            dir: std::env::temp_dir(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--rounds" => options.rounds = value()?.parse()?,
                "--seconds" => options.seconds = value()?.parse()?,
                "--dir" => options.dir = value()?.into(),
                // An argument that cargo adds.
                "--bench" => {}
                other => return Err(format!("there is no option `{other}`").into()),
            }
        }
        Ok(options)
    }
}

#[noob_zmq::main]
fn main() -> ExitCode {
    let outcome = Options::read().and_then(|options| {
        chain(&options)?;
        cameras(&options)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn tube(text: &str) -> Result<Tube, Failed> {
    Ok(noob_zmq::tube::from_text("bench.yaml", text, ())?)
}

/// Ways to run the chain.
#[derive(Debug, Clone, Copy)]
enum Way {
    Plain,
    Recorded,
    Last,
}

fn chain(options: &Options) -> Result<(), Failed> {
    let dir = tempfile::TempDir::with_prefix_in("nzb", &options.dir)?;
    let ways = [Way::Plain, Way::Recorded, Way::Last];
    let mut rates: [Vec<f64>; 3] = Default::default();
    for round in 0..options.rounds {
        for (way, rates) in ways.into_iter().zip(&mut rates) {
            let file = dir.path().join(format!("{round}-{way:?}.mcap"));
            rates.push(rate(way, &file, options.seconds)?);
            let _ = std::fs::remove_file(file);
        }
    }
    let ratios = |rates: &[f64], plain: &[f64]| {
        let pairs = rates.iter().zip(plain);
        median(pairs.map(|(rate, plain)| rate / plain).collect())
    };
    println!(
        "chain of four nodes with a number, epochs a second (median of {} rounds)",
        options.rounds
    );
    for (way, rates_of_way) in [
        "without a record",
        "all signals recorded",
        "last signal recorded",
    ]
    .into_iter()
    .zip(&rates)
    {
        let ratio = ratios(rates_of_way, &rates[0]);
        println!(
            "  {way:22} {:>9.0}  {ratio:.3}",
            median(rates_of_way.clone())
        );
    }
    Ok(())
}

/// Returns the epochs a second of the chain.
fn rate(way: Way, file: &Path, seconds: f64) -> Result<f64, Failed> {
    let mut runner = ZmqRunner::new(tube(CHAIN)?);
    match way {
        Way::Plain => {}
        Way::Recorded => runner.record(Recording::new(file))?,
        Way::Last => runner.record(Recording::new(file).signals(["d.*"]))?,
    }
    runner.init()?;
    runner.run(2000)?;
    let start = Instant::now();
    let mut epochs = 0_u64;
    runner.run_each_all(&mut |_| {
        epochs += 1;
        match start.elapsed().as_secs_f64() < seconds {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    let rate = epochs as f64 / start.elapsed().as_secs_f64();
    runner.deinit()?;
    Ok(rate)
}

fn cameras(options: &Options) -> Result<(), Failed> {
    let dir = tempfile::TempDir::with_prefix_in("nzb", &options.dir)?;
    let file = dir.path().join("cameras.mcap");
    let mut runner = ZmqRunner::new(tube(CAMERAS)?);
    runner.record(Recording::new(&file).drop_epochs(true))?;
    runner.init()?;
    let epochs = (options.seconds * 5.0 * f64::from(RATE)) as u64;
    let start = Instant::now();
    let ran = runner.run_each(epochs, &mut |_| ControlFlow::Continue(()))?;
    let took = start.elapsed().as_secs_f64();
    runner.deinit()?;
    let whole = start.elapsed().as_secs_f64();
    let counts = runner.recorded().unwrap_or_default();
    let record = Record::open(&file)?;
    record.check()?;
    let bytes: u64 = record.signals().iter().map(|signal| signal.bytes).sum();
    println!(
        "four cameras of 1 MiB: {ran} epochs in {took:.2} s ({:.1} a second each), {} recorded, {} \
         left out, {:.0} MB/s; file complete after {whole:.2} s",
        ran as f64 / took,
        counts.epochs,
        counts.dropped,
        bytes as f64 / 1e6 / took,
    );
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
