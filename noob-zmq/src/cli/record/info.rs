//! `noob-zmq record info`: describes a record.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::Failure;
use crate::cli::output::print;
use crate::record::{EpochResult, Record};

/// Describe a record: the tube, the epochs, and the signals with their numbers of events.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The record.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn info(arguments: &Arguments) -> Result<(), Failure> {
    let record = Record::open(&arguments.file)?;
    let count = |result| {
        let epochs = record.epochs();
        epochs.filter(|marker| marker.result == result).count()
    };
    let counts = [
        ("done", count(EpochResult::Done)),
        ("failed", count(EpochResult::Failed)),
        ("skipped", count(EpochResult::Skipped)),
    ];
    let damage = record.check().err().map(|error| error.to_string());
    let signals = record.signals();
    let (first, last) = (
        record.epochs().next().map(|marker| marker.epoch),
        record.epochs().last().map(|marker| marker.epoch),
    );
    let files: Vec<String> = match record.tube_files() {
        Ok(files) => files.into_iter().map(|(name, _)| name).collect(),
        Err(_) => Vec::new(),
    };
    let seconds = record.duration() as f64 / 1e9;
    let metadata = |key: &str| record.metadata().get(key).map_or("", String::as_str);
    if arguments.json {
        let text = serde_json::to_string_pretty(&json!({
            "tube": metadata("tube"),
            "version": metadata("version"),
            "host": metadata("host"),
            "files": files,
            "inputs": record.tube_inputs(),
            "complete": record.is_complete(),
            "damage": damage,
            "epochs": counts.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            "first_epoch": first,
            "last_epoch": last,
            "seconds": seconds,
            "signals": signals,
        }))?;
        return print(&(text + "\n"));
    }
    let mut text = String::new();
    let state = match (&damage, record.is_complete()) {
        (Some(damage), _) => damage.as_str(),
        (None, true) => "complete",
        (None, false) => {
            "without its end, as a killed run leaves it; `noob-zmq record repair` completes it"
        }
    };
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let results = counts.iter().filter(|(_, count)| *count > 0);
    let results: Vec<String> = results
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let range = match (first, last) {
        (Some(first), Some(last)) => format!(" ({first} to {last}): {}", results.join(", ")),
        _ => String::new(),
    };
    // Writing to a text never fails.
    let _ = writeln!(text, "tube     {} ({})", metadata("tube"), files.join(", "));
    let _ = writeln!(
        text,
        "run      noob-zmq {}, host {}",
        metadata("version"),
        metadata("host")
    );
    let _ = writeln!(text, "state    {state}");
    let _ = writeln!(text, "epochs   {total}{range}");
    let _ = writeln!(text, "time     {seconds:.3} s");
    let width = signals
        .iter()
        .map(|signal| signal.name().len())
        .max()
        .unwrap_or(0);
    for signal in &signals {
        let _ = writeln!(
            text,
            "  {:width$}  {:>9} events  {:>13} bytes  {}{}",
            signal.name(),
            signal.events,
            signal.bytes,
            signal.type_name,
            if signal.partial {
                "  (objects: cannot be replayed)"
            } else {
                ""
            }
        );
    }
    print(&text)
}
