//! `noob-zmq record`: describes, repairs, prints and compares records; and the options of
//! `noob-zmq run` that record and replay.

mod cat;
mod diff;
mod info;
mod options;
mod repair;

use clap::{Args, Subcommand};

pub(super) use self::options::Options;
use super::Failure;

/// Describe, repair, print and compare records of runs.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Info(info::Arguments),
    Repair(repair::Arguments),
    Cat(cat::Arguments),
    Diff(diff::Arguments),
}

pub(super) fn record(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Info(arguments) => info::info(arguments),
        Command::Repair(arguments) => repair::repair(arguments),
        Command::Cat(arguments) => cat::cat(arguments),
        Command::Diff(arguments) => diff::diff(arguments),
    }
}
