//! Comparison of `SyncRunner` with noob's `SynchronousRunner` and with a plain loop.
//!
//! All sides run the same tubes and functions, in one run:
//!
//! ```console
//! $ cargo bench -p noob-zmq-tests --bench peers
//! ```
//!
//! The program installs noob by pip into a virtual environment below the target folder, or uses the
//! Python of `NOOB_PYTHON`; without either, the column of noob is left out. `-- long` runs the long
//! part alone, `-- map` the tubes with `map` in their names. Figures of one run can be compared
//! with each other only.

mod cases;
mod nodes;
mod noob;

use std::time::Instant;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Runner, RunnerExt, SyncRunner};

use crate::cases::Case;
use crate::noob::Noob;

/// Number of alternating rounds of each side.
///
/// The fastest round counts, since other work of the machine can only add to it.
const ROUNDS: usize = 7;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let part = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    match part.as_deref() {
        Some("long") => long(),
        part => {
            compare(part.unwrap_or_default())?;
            if part.is_none() { long() } else { Ok(()) }
        }
    }
}

/// Prints the table of the cases whose names contain the text.
fn compare(part: &str) -> Result<(), Failed> {
    let mut noob = Noob::start()
        .inspect_err(|why| eprintln!("noob cannot be compared with: {why}"))
        .ok();
    println!(
        "| tube | calls of nodes | epochs/s | ns a node | noob: epochs/s | ns a node | times noob \
         (100 wanted) | plain loop: ns a node | more than that (400 allowed) |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for case in cases::all().iter().filter(|case| case.name.contains(part)) {
        row(case, noob.as_mut())?;
    }
    Ok(())
}

fn row(case: &Case, mut noob: Option<&mut Noob>) -> Result<(), Failed> {
    let mut runner = runner(&case.tube)?;
    let (mut ours, mut theirs, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    // A round takes about a tenth of a second here, and half a second for noob.
    let epochs = 250_000 / case.calls;
    let noob_epochs = (epochs / 50).max(2);
    for round in 0..=ROUNDS {
        let begin = Instant::now();
        let mut result = None;
        for _ in 0..epochs {
            result = runner.process(Map::new())?;
        }
        let our_time = begin.elapsed().as_secs_f64() / f64::from(epochs);
        let begin = Instant::now();
        for epoch in 0..i64::from(epochs) {
            (case.plain)(epoch);
        }
        let plain_time = begin.elapsed().as_secs_f64() / f64::from(epochs);
        let their_time = match noob.as_deref_mut() {
            Some(noob) => Some(noob.run(&case.tube, noob_epochs)?),
            None => None,
        };
        // The first round warms up, and shows that both return the same.
        if round == 0 {
            if let Some((_, theirs)) = their_time {
                agree(case, noob_epochs, &theirs)?;
            }
            if result.is_none() {
                return Err(format!("`{}` returned nothing", case.name).into());
            }
            continue;
        }
        ours.push(our_time);
        plain.push(plain_time);
        theirs.extend(their_time.map(|(seconds, _)| seconds / f64::from(noob_epochs)));
    }
    let calls = f64::from(case.calls);
    let nanos = |seconds: f64| seconds * 1e9 / calls;
    let (ours, plain) = (fastest(&ours), fastest(&plain));
    let (their_rate, their_nanos, times) = if theirs.is_empty() {
        ("-".to_owned(), "-".to_owned(), "-".to_owned())
    } else {
        let theirs = fastest(&theirs);
        (
            format!("{:.0}", 1.0 / theirs),
            format!("{:.0}", nanos(theirs)),
            format!("{:.0}", theirs / ours),
        )
    };
    println!(
        "| {} | {} | {:.0} | {:.0} | {their_rate} | {their_nanos} | {times} | {:.1} | {:.0} |",
        case.name,
        case.calls,
        1.0 / ours,
        nanos(ours),
        nanos(plain),
        nanos(ours - plain),
    );
    Ok(())
}

/// Returns whether the runner returns noob's value in the epoch of this number (from 1).
fn agree(case: &Case, epochs: u32, theirs: &serde_json::Value) -> Result<(), Failed> {
    let mut runner = runner(&case.tube)?;
    let mut result = None;
    for _ in 0..epochs {
        result = runner.process(Map::new())?;
    }
    let ours = serde_json::to_value(result.unwrap_or(Value::Null))?;
    if ours != *theirs {
        return Err(format!("`{}`: we return {ours}, noob {theirs}", case.name).into());
    }
    Ok(())
}

/// Runs a million epochs, and prints the rate and the memory at the start and at the end.
fn long() -> Result<(), Failed> {
    const EPOCHS: u32 = 1_000_000;
    const STEPS: u32 = 5;
    println!("\n| epochs so far | epochs/s since the last line | resident memory, KiB |");
    println!("|---|---|---|");
    let mut runner = runner(&cases::chain(3))?;
    for step in 1..=STEPS {
        let begin = Instant::now();
        for _ in 0..EPOCHS / STEPS {
            runner.process(Map::new())?;
        }
        let rate = f64::from(EPOCHS / STEPS) / begin.elapsed().as_secs_f64();
        println!("| {} | {rate:.0} | {} |", step * EPOCHS / STEPS, resident());
    }
    Ok(())
}

fn runner(tube: &str) -> Result<SyncRunner, Failed> {
    let mut runner = SyncRunner::new(noob_zmq::tube::from_text("bench", tube, ())?)?;
    runner.init()?;
    Ok(runner)
}

fn fastest(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Returns the resident memory in KiB, or `None` where the system does not report it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or("?");
    line.trim().trim_end_matches(" kB").to_owned()
}
