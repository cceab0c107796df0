//! `noob-zmq record diff`: compares two records.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Failure;
use crate::cli::output::{print, print_error};
use crate::record::{Record, compare};

/// Compare two records, and name the first epoch and signal that differ.
///
/// The exit code is 1 if they differ. Signals that only one of the records has are not compared.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The first record.
    first: PathBuf,
    /// The second record.
    second: PathBuf,
}

pub(super) fn diff(arguments: &Arguments) -> Result<(), Failure> {
    let (first, second) = (
        Record::open(&arguments.first)?,
        Record::open(&arguments.second)?,
    );
    let comparison = compare(&first, &second)?;
    if !comparison.only_in_one.is_empty() {
        print_error(format_args!(
            "note: only one of the records has `{}`",
            comparison.only_in_one.join("`, `")
        ));
    }
    match comparison.difference {
        None => print(&format!("equal: {} epochs\n", comparison.equal_epochs)),
        Some(difference) => {
            print(&format!("{difference}\n"))?;
            Err(Failure::Stopped(ExitCode::FAILURE))
        }
    }
}
