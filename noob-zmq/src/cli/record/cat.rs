//! `noob-zmq record cat`: prints the events of a record as lines of JSON.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::cli::Failure;
use crate::cli::output::written;
use crate::graph::{Emit, Value};
use crate::record::{Record, RecordedEvent, select};

/// Print the events of the whole epochs of a record, each as a line of JSON, in the order of the
/// file.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The record.
    file: PathBuf,
    /// Signals to print: patterns such as `camera.*,!camera.raw` [default: all].
    #[arg(long, value_name = "PATTERNS")]
    signals: Vec<String>,
    /// Print the events of this epoch alone.
    #[arg(long, value_name = "NUMBER")]
    epoch: Option<u32>,
}

pub(super) fn cat(arguments: &Arguments) -> Result<(), Failure> {
    let record = Record::open(&arguments.file)?;
    let selects = select(&record, &arguments.signals)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut outcome = Ok(());
    record.each_event(|event| {
        let wanted = arguments
            .epoch
            .is_none_or(|epoch| event.epoch.number() == epoch);
        if wanted && selects(&event) {
            outcome = print_event(&mut out, &event);
        }
        outcome.is_ok()
    })?;
    written(outcome.and_then(|()| out.flush()))?;
    Ok(record.check()?)
}

fn print_event(out: &mut impl Write, event: &RecordedEvent) -> std::io::Result<()> {
    let mut line = json!({
        "epoch": event.epoch,
        "signal": format!("{}.{}", event.node, event.signal),
        "time": event.time,
    });
    let (key, value) = match &event.emit {
        Some(Emit::Value(value)) => ("value", to_json(value)?),
        Some(Emit::Nothing) => ("emit", "nothing".into()),
        Some(Emit::Exhausted) => ("emit", "exhausted".into()),
        None => ("partial", true.into()),
    };
    line[key] = value;
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

fn to_json(value: &Value) -> std::io::Result<Json> {
    Ok(serde_json::to_value(value)?)
}
