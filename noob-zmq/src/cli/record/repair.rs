//! `noob-zmq record repair`: completes the record of a killed run.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::cli::output::print;
use crate::record;

/// Write the whole epochs of a record, with index and footer, into a new file.
///
/// The record of a killed run has neither; some readers refuse it. Epochs without an end marker are
/// cut.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The record.
    file: PathBuf,
    /// The new file; without it, the record is replaced.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn repair(arguments: &Arguments) -> Result<(), Failure> {
    let file = &arguments.file;
    let beside = file.with_extension("repaired.mcap");
    let target = arguments.output.as_ref().unwrap_or(&beside);
    let repaired = record::repair(file, target)?;
    if arguments.output.is_none() {
        std::fs::rename(target, file)?;
    }
    let cut = match repaired.cut {
        0 => String::new(),
        1 => ", 1 unfinished epoch cut".to_owned(),
        n => format!(", {n} unfinished epochs cut"),
    };
    let lost = match repaired.lost_bytes {
        0 => String::new(),
        n => format!(", {n} bytes at the end belong to no whole record"),
    };
    let target = arguments.output.as_ref().unwrap_or(file);
    print(&format!(
        "{}: {} epochs{cut}{lost}\n",
        target.display(),
        repaired.epochs
    ))
}
