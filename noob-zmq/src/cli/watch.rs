//! `noob-zmq ps` and `noob-zmq tap`: runs of this user, and the values of a signal of one.

use clap::Args;
use unicode_width::UnicodeWidthStr;

use super::Failure;
#[cfg(feature = "remote")]
use super::hosts::RunElsewhere;
use super::output::{print, print_error};
use super::progress::{short, time};
#[cfg(not(feature = "remote"))]
use super::without_remote::RunElsewhere;
use crate::runner::RunStatus;
use crate::runner::watch::client::{FoundRun, find};
use crate::runner::watch::protocol::{Reply, Request};
use crate::transport::runtime_root;

/// List the runs of this user, with a process for each node: tube, process, epochs, and rate.
///
/// Runs of the runners `sync` and `task` are in no list.
#[derive(Debug, Args)]
pub(super) struct PsArguments {
    /// Print a JSON list of the status of each run.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    elsewhere: RunElsewhere,
}

/// Print the values of a signal as they pass: a line of JSON for each sample.
///
/// All values of a slow signal are printed, and about a hundred in a second of a fast one, or 4 MiB
/// of large ones; `skipped` counts those between. The run is not slowed.
#[derive(Debug, Args)]
pub(super) struct TapArguments {
    /// The run: its name in `noob-zmq ps`, or the first letters, or its tube; left out with
    /// `--join`.
    #[arg(value_name = "RUN")]
    first: String,
    /// The signal: `node.signal`.
    #[arg(value_name = "SIGNAL", required_unless_present = "join")]
    second: Option<String>,
    /// Number of samples to print [default: until the run ends].
    #[arg(short)]
    n: Option<u64>,
    #[command(flatten)]
    elsewhere: RunElsewhere,
}

pub(super) fn ps(arguments: &PsArguments) -> Result<(), Failure> {
    let mut runs: Vec<RunStatus> = Vec::new();
    if let Some(run) = arguments.elsewhere.run()? {
        runs.push(run.status().map_err(|error| failure(&run, &error))?);
        return show(&runs, arguments.json);
    }
    for run in find(&runtime_root()) {
        match run.status() {
            Ok(status) => runs.push(status),
            // It has ended meanwhile.
            Err(error) if is_gone(&error) => {}
            Err(error) => print_error(format_args!("run `{}`: {error}", run.name)),
        }
    }
    show(&runs, arguments.json)
}

/// Prints the status of each run.
fn show(runs: &[RunStatus], json: bool) -> Result<(), Failure> {
    if json {
        return print(&(serde_json::to_string_pretty(&runs)? + "\n"));
    }
    let mut rows = vec![
        [
            "RUN", "TUBE", "STATE", "PID", "TIME", "EPOCHS", "RATE", "NODES", "SLOWEST",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    rows.extend(runs.iter().map(row));
    print(&table(&rows))
}

/// Returns whether the error says that the run has ended.
fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof};
    [ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof].contains(&error.kind())
}

fn row(status: &RunStatus) -> Vec<String> {
    let state = serde_json::to_value(status.state).unwrap_or_default();
    let slowest = status.slowest();
    vec![
        status.run.clone().unwrap_or_default(),
        status.tube.clone(),
        state.as_str().unwrap_or_default().to_owned(),
        status.pid.to_string(),
        time(status.uptime),
        status.epochs.done.to_string(),
        format!("{}/s", short(status.epochs_per_second)),
        status.nodes.len().to_string(),
        slowest.map_or_else(String::new, |node| {
            format!("{} {:.0} %", node.node, 100.0 * node.load)
        }),
    ]
}

/// Returns rows with columns below each other.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width - cell.width() + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

pub(super) fn tap(arguments: &TapArguments) -> Result<(), Failure> {
    let (run, signal) = match (arguments.elsewhere.run()?, &arguments.second) {
        (Some(run), None) => (run, arguments.first.clone()),
        (None, Some(signal)) => (choose(&arguments.first)?, signal.clone()),
        _ => {
            return Err(Failure::Usage(
                "`--join` stands in the place of the run: give the signal alone".into(),
            ));
        }
    };
    let replies = run.ask(&Request::Signal { signal });
    let mut replies = replies.map_err(|error| failure(&run, &error))?;
    let mut left = arguments.n.unwrap_or(u64::MAX);
    while left > 0 {
        let reply = replies.next().map_err(|error| failure(&run, &error))?;
        match reply {
            Some(Reply::Sample(sample)) => {
                let line = serde_json::to_string(&sample)? + "\n";
                if !printed(&line)? {
                    break;
                }
                left -= 1;
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// Returns the failure of a conversation with a run.
pub(super) fn failure(run: &FoundRun, error: &std::io::Error) -> Failure {
    Failure::Run(format!("run `{}`: {error}", run.name))
}

/// Prints a line; returns whether somebody still reads.
fn printed(line: &str) -> Result<bool, Failure> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::Run(format!("standard output: {error}"))),
    }
}

/// Returns the run of this user, if there is one alone.
#[cfg(feature = "top")]
pub(super) fn only() -> Result<FoundRun, Failure> {
    let runs = find(&runtime_root());
    match runs.as_slice() {
        [run] => Ok(run.clone()),
        [] => Err(no_run()),
        several => Err(Failure::Usage(format!(
            "there are several runs; name one of {}",
            names(several.iter())
        ))),
    }
}

/// Returns the names of runs for an error.
fn names<'r>(runs: impl Iterator<Item = &'r FoundRun>) -> String {
    let names: Vec<String> = runs.map(|run| format!("`{}`", run.name)).collect();
    names.join(", ")
}

fn no_run() -> Failure {
    Failure::Run(format!(
        "no run of this user goes on below `{}`; start one by `noob-zmq run TUBE`",
        runtime_root().display()
    ))
}

/// Returns the run that is meant: by its name, the first letters of it, or its tube.
pub(super) fn choose(wanted: &str) -> Result<FoundRun, Failure> {
    let runs = find(&runtime_root());
    let tube_of = |run: &FoundRun| run.status().ok().map(|status| status.tube);
    let mut found: Vec<&FoundRun> = runs.iter().filter(|run| run.name == wanted).collect();
    if found.is_empty() {
        let is_meant = |run: &&FoundRun| {
            run.name.starts_with(wanted) || tube_of(run).as_deref() == Some(wanted)
        };
        found = runs.iter().filter(is_meant).collect();
    }
    match found.as_slice() {
        [run] => Ok(FoundRun::clone(run)),
        [] if runs.is_empty() => Err(no_run()),
        [] => Err(Failure::Usage(format!(
            "no run is called `{wanted}`, and none that answers runs a tube of that name; the runs \
             are {}",
            names(runs.iter())
        ))),
        several => Err(Failure::Usage(format!(
            "`{wanted}` may be any of the runs {}; give more letters of its name",
            names(several.iter().copied())
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_table_stand_below_each_other() {
        let rows = [["RUN", "TUBE"], ["0123abcd", "日本"], ["1", "x"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&rows),
            "RUN       TUBE\n0123abcd  日本\n1         x\n"
        );
    }
}
