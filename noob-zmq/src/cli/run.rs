//! `noob-zmq run`: runs a tube and prints the values that it returns.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::inputs::{self, Given};
use super::output::written;
use super::{Failure, RunnerKind, stop};
use crate::graph::{Map, Value};
use crate::runner::{RunError, RunReport, Runner, RunnerExt, SyncRunner, TaskRunner, ZmqRunner};

/// Run a tube, and print each value that it returns.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// Number of epochs to run [default: until the sources end].
    #[arg(short)]
    n: Option<u64>,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// `zmq`: a process for every node; `sync`: one call after the other in this process; `task`:
    /// nodes concurrently in this process.
    #[arg(long, value_enum, default_value = "zmq")]
    runner: RunnerKind,
    /// Print one JSON value a line.
    #[arg(long)]
    json: bool,
    /// Number of epochs that may be open at once (`zmq` and `task`) [default: 64].
    #[arg(long, value_name = "EPOCHS")]
    window: Option<u32>,
    /// Bytes that the events of these epochs may take up, about (`zmq` and `task`) [default: 64
    /// MiB].
    #[arg(long, value_name = "BYTES")]
    window_bytes: Option<u64>,
    /// Write the report of the run to this file, as JSON (`zmq`).
    ///
    /// A report with failures is printed in any case.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[cfg(feature = "remote")]
    #[command(flatten)]
    hosts: super::hosts::OtherHosts,
    #[cfg(not(feature = "remote"))]
    #[command(flatten)]
    pub(super) hosts: super::without_remote::OtherHosts,
}

impl Arguments {
    /// Returns an error for an option that the chosen runner has not.
    fn refuse_options_of_other_runners(&self) -> Result<(), Failure> {
        let (zmq, sync) = (
            matches!(self.runner, RunnerKind::Zmq),
            matches!(self.runner, RunnerKind::Sync),
        );
        #[cfg_attr(
            not(feature = "remote"),
            expect(unused_mut, reason = "only options of `remote` are added")
        )]
        let mut refused = vec![
            ("--report", self.report.is_some() && !zmq, "`zmq`"),
            (
                "--window",
                self.window.is_some() && sync,
                "`zmq` and `task`",
            ),
            (
                "--window-bytes",
                self.window_bytes.is_some() && sync,
                "`zmq` and `task`",
            ),
        ];
        #[cfg(feature = "remote")]
        {
            refused.push(("--listen", self.hosts.listens() && !zmq, "`zmq`"));
            refused.push(("--wait", self.hosts.wait().is_some() && !zmq, "`zmq`"));
        }
        #[cfg(not(feature = "remote"))]
        self.hosts.refuse()?;
        match refused.into_iter().find(|(_, refused, _)| *refused) {
            None => Ok(()),
            Some((option, _, runners)) => Err(Failure::Usage(format!(
                "`{option}` is an option of the runner {runners}, and not of the one that \
                 `--runner` names; leave one of them out"
            ))),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (tube, process) = inputs::load(&arguments.tube, &arguments.input)?;
    let mut printer = Printer {
        out: BufWriter::new(std::io::stdout().lock()),
        json: arguments.json,
    };
    let n = arguments.n;
    arguments.refuse_options_of_other_runners()?;
    // Opened before the run, so that a wrong path does not cost its report.
    let report = arguments.report.as_deref().map(ReportFile::create);
    let mut report = report.transpose()?;
    let outcome = match arguments.runner {
        RunnerKind::Zmq => {
            let mut builder = ZmqRunner::builder(tube);
            if let Some(window) = arguments.window {
                builder = builder.window(window);
            }
            if let Some(bytes) = arguments.window_bytes {
                builder = builder.window_bytes(bytes);
            }
            #[cfg(feature = "remote")]
            {
                if let Some(hosts) = arguments.hosts.hosts()? {
                    builder = builder.remote(hosts);
                }
                if let Some(wait) = arguments.hosts.wait() {
                    builder = builder.ready_timeout(wait);
                }
            }
            let mut runner = builder.build();
            let outcome = drive(&mut runner, n, process, &mut printer);
            let written = account(&runner.report(), report.as_mut());
            match (outcome, written) {
                (Ok(()), Err(failure)) => return Err(failure),
                // The error of the run is the one that is reported last.
                (outcome, Err(failure)) => {
                    let _ = failure.report();
                    outcome
                }
                (outcome, Ok(())) => outcome,
            }
        }
        RunnerKind::Sync => drive(&mut SyncRunner::new(tube)?, n, process, &mut printer),
        RunnerKind::Task => {
            let mut runner = TaskRunner::new(tube)?;
            if let Some(window) = arguments.window {
                runner = runner.window(window);
            }
            if let Some(bytes) = arguments.window_bytes {
                runner = runner.window_bytes(bytes);
            }
            drive(&mut runner, n, process, &mut printer)
        }
    };
    match (outcome, printer.out.flush()) {
        (Err(error), _) => Err(error.into()),
        (Ok(()), flushed) => written(flushed),
    }
}

/// Runs to the end, or until a signal stops the run.
fn drive(
    runner: &mut impl Runner,
    n: Option<u64>,
    process: Map,
    printer: &mut Printer<'_>,
) -> Result<(), RunError> {
    let stop = stop::on_signal();
    runner.init()?;
    stop.set_runner(runner.stopper());
    let outcome = if process.is_empty() {
        runner
            .run_each_up_to(n.into(), &mut |value| printer.print(&value))
            .map(drop)
    } else {
        let mut printed = ControlFlow::Continue(());
        (0..n.unwrap_or(1)).try_for_each(|_| {
            if stop.asked() || printed.is_break() {
                return Ok(());
            }
            let value = runner.process(process.clone())?;
            printed = value.map_or(printed, |value| printer.print(&value));
            Ok(())
        })
    };
    let ended = runner.deinit();
    outcome.and(ended)
}

/// Writes the report to the file, and prints it if anything happened beside the values.
fn account(report: &RunReport, file: Option<&mut ReportFile<'_>>) -> Result<(), Failure> {
    // A failure alone is printed by the error message already.
    if report.restarted > 0 || report.epochs.skipped > 0 || !report.dropped.is_empty() {
        let _ = write!(std::io::stderr(), "{report}");
    }
    file.map_or(Ok(()), |file| file.write(report))
}

/// The file of `--report`, open for writing.
struct ReportFile<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> ReportFile<'a> {
    fn create(path: &'a Path) -> Result<Self, Failure> {
        match File::create(path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(Self::failure(path, &error)),
        }
    }

    fn write(&mut self, report: &RunReport) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(report)? + "\n";
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| Self::failure(self.path, &error))
    }

    fn failure(path: &Path, error: &std::io::Error) -> Failure {
        Failure::Run(format!(
            "the report cannot be written to `{}`: {error}",
            path.display()
        ))
    }
}

struct Printer<'a> {
    out: BufWriter<std::io::StdoutLock<'a>>,
    json: bool,
}

impl Printer<'_> {
    /// Prints a value; breaks when the reader of the output is gone.
    fn print(&mut self, value: &Value) -> ControlFlow<()> {
        let printed = if self.json {
            serde_json::to_writer(&mut self.out, value)
                .map_err(std::io::Error::from)
                .and_then(|()| self.out.write_all(b"\n"))
        } else {
            pretty(&mut self.out, value)
        };
        // Flushed at once: values are to be seen during the run.
        match printed.and_then(|()| self.out.flush()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// Prints a mapping of plain values as a table, everything else as it is.
fn pretty(out: &mut impl Write, value: &Value) -> std::io::Result<()> {
    let nested = |value: &Value| matches!(value, Value::List(_) | Value::Map(_));
    match value {
        Value::Map(map) if map.len() > 1 && !map.values().any(nested) => {
            let width = map.keys().map(|key| key.chars().count()).max().unwrap_or(0);
            map.iter()
                .try_for_each(|(key, value)| writeln!(out, "{key:width$}  {}", plain(value)))
        }
        _ => writeln!(out, "{}", plain(value)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        value => value.to_string(),
    }
}
