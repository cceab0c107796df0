//! `noob-zmq run`: runs a tube and prints the values that it returns.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use super::display::Display;
use super::inputs::{self, Given, Lines};
use super::output::print_error;
use super::printer::{Format, Printer};
use super::progress::When;
use super::{Failure, RunnerKind, placement};
use crate::graph::{Map, Tube, TubeNode, TubeNodeKind};
use crate::node::{NodeKind, Registry};
use crate::runner::{
    ClosedReason, RunError, RunReport, Runner, RunnerExt, StopSignals, SyncRunner, TaskRunner,
    ZmqRunner,
};
use crate::standard_streams::{take_standard_input, take_standard_output};

/// Run a tube, and print each value that it returns.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// Number of epochs to run [default: until the sources or `--inputs` end; one epoch if the tube
    /// has only inputs].
    #[arg(short)]
    n: Option<u64>,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// `zmq`: a process for every node; `sync`: one call after the other in this process; `task`:
    /// nodes concurrently in this process.
    #[arg(long, value_enum, default_value = "zmq")]
    runner: RunnerKind,
    /// Process-scoped inputs from this file, or from standard input (`-`): an epoch for each line,
    /// which is a JSON mapping of names to values.
    ///
    /// A line may be a value alone where the tube has a single process-scoped input.
    #[arg(long, value_name = "FILE")]
    inputs: Option<PathBuf>,
    /// Form of the values on standard output.
    #[arg(long, value_enum, default_value = "table")]
    output: Format,
    /// The same as `--output jsonl`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// JSON that every program reads: integers of any size as digits, bytes as hexadecimal text,
    /// and `null` for NaN and infinities, which otherwise are mappings such as `{"$float":"NaN"}`.
    #[arg(long)]
    plain_json: bool,
    /// Number of epochs that may be open at once (`zmq` and `task`) [default: 64].
    #[arg(long, value_name = "EPOCHS")]
    window: Option<u32>,
    /// Bytes that the events of these epochs may take up, about (`zmq` and `task`) [default: 64
    /// MiB].
    #[arg(long, value_name = "BYTES")]
    window_bytes: Option<u64>,
    /// Bytes of shared memory that the nodes may use for values from 64 KiB up, 0 for none (`zmq`)
    /// [default: 1 GiB].
    #[arg(long, value_name = "BYTES")]
    shared_memory: Option<u64>,
    /// Nodes that share one process, separated by commas; may be given several times (`zmq`).
    #[arg(long, value_name = "NODES")]
    group: Vec<String>,
    /// Run nodes on the hosts and in the processes of this file (`zmq`).
    #[arg(long, value_name = "FILE")]
    placement: Option<PathBuf>,
    /// Seconds in which epochs that have begun may finish after Ctrl-C or SIGTERM.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    grace: u32,
    /// Write the report of the run to this file, as JSON (`zmq`).
    ///
    /// A report with failures is printed in any case.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Show the progress on standard error [default: on a terminal only].
    ///
    /// A line at the end has the number of epochs, time, rate, failures and drops.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        hide_default_value = true
    )]
    progress: When,
    /// Show neither progress nor an account of the run; errors and warnings are printed.
    #[arg(short, long)]
    quiet: bool,
    /// Serve a page of the run for a browser, and print its address on standard error [default of
    /// ADDR: a free port of this machine alone].
    #[cfg(feature = "view")]
    #[arg(
        long,
        value_name = "ADDR",
        num_args = 0..=1,
        default_missing_value = "",
        hide_default_value = true
    )]
    view: Option<super::view::Address>,
    /// Seconds to wait until all nodes are ready, those on other hosts too (`zmq`) [default: 30,
    /// and one more for every ten nodes].
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u32>,
    #[command(flatten)]
    record: super::record::Options,
    #[cfg(feature = "remote")]
    #[command(flatten)]
    hosts: super::hosts::OtherHosts,
    #[cfg(not(feature = "remote"))]
    #[command(flatten)]
    pub(super) hosts: super::without_remote::OtherHosts,
}

impl Arguments {
    fn format(&self) -> Format {
        if self.json {
            Format::Jsonl
        } else {
            self.output
        }
    }

    /// Returns the epochs to run, with the inputs of each.
    fn epochs(
        &self,
        tube: &Tube,
        process: Map,
        recorded: Option<Vec<Map>>,
    ) -> Result<Epochs, Failure> {
        let stdin = take_standard_input()?;
        let inputs = match &self.inputs {
            None if let Some(recorded) = recorded => {
                return Ok(Epochs {
                    n: self.n,
                    inputs: EpochInputs::Recorded(recorded.into_iter(), process),
                });
            }
            Some(path) => EpochInputs::Lines(Lines::open(path, stdin, tube, process)?),
            None => {
                inputs::refuse_missing(tube, &process)?;
                match process.is_empty() {
                    true => EpochInputs::Defaults,
                    false => EpochInputs::Same(process),
                }
            }
        };
        let one = self.n.is_none() && self.inputs.is_none() && has_only_inputs(tube)?;
        let n = if one { Some(1) } else { self.n };
        Ok(Epochs { n, inputs })
    }

    /// Returns an error for options that exclude each other.
    fn refuse_options_that_contradict(&self) -> Result<(), Failure> {
        if self.plain_json && self.format() == Format::Table {
            return Err(Failure::Usage(
                "`--plain-json` is about JSON; add `--output jsonl` or `--output json`".into(),
            ));
        }
        let is_standard_input =
            |path: &Path| path == Path::new("-") || path == Path::new("/dev/stdin");
        if self.inputs.as_deref().is_some_and(is_standard_input) && is_standard_input(&self.tube) {
            return Err(Failure::Usage(
                "standard input is either the tube or `--inputs`; put one of them into a file"
                    .into(),
            ));
        }
        Ok(())
    }

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
                "--shared-memory",
                self.shared_memory.is_some() && !zmq,
                "`zmq`",
            ),
            ("--wait", self.wait.is_some() && !zmq, "`zmq`"),
            ("--group", !self.group.is_empty() && !zmq, "`zmq`"),
            ("--placement", self.placement.is_some() && !zmq, "`zmq`"),
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

pub(super) fn run(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    arguments.refuse_options_that_contradict()?;
    arguments.refuse_options_of_other_runners()?;
    let replayed = arguments.record.replay()?;
    let others = replayed.tube_inputs();
    let (mut tube, process) =
        inputs::load_with(&arguments.tube, &arguments.input, &others, registry)?;
    // The load has shown them, and the runner would log them.
    tube.warnings.clear();
    let recorded = replayed.inputs(&tube)?;
    let tube = replayed.tube(tube)?;
    let placement = arguments.placement.as_deref();
    let placement = placement
        .map(|path| placement::load(path, &tube))
        .transpose()?;
    inputs::refuse_return_that_never_runs(&tube)?;
    if tube.return_node().is_none() {
        print_error(format_args!(
            "note: the tube `{}` has no node of `type: return`, so that its run prints nothing",
            tube.id
        ));
    }
    let mut printer = Printer::new(
        take_standard_output()?,
        arguments.format(),
        arguments.plain_json,
    );
    let mut epochs = arguments.epochs(&tube, process, recorded)?;
    let display = Display {
        progress: !arguments.quiet && arguments.progress.holds(),
        #[cfg(feature = "view")]
        page: arguments.view.map(|at| at.with(&tube, registry)),
    };
    // Opened before the run, so that a wrong path does not cost its report.
    let report = arguments.report.as_deref().map(ReportFile::create);
    let mut report = report.transpose()?;
    let signals = StopSignals::listen(Duration::from_secs(arguments.grace.into()))?;
    let outcome = match arguments.runner {
        RunnerKind::Zmq => {
            let mut builder = ZmqRunner::builder(tube);
            if let Some(window) = arguments.window {
                builder = builder.window(window);
            }
            if let Some(bytes) = arguments.window_bytes {
                builder = builder.window_bytes(bytes);
            }
            if let Some(bytes) = arguments.shared_memory {
                builder = builder.shared_memory(bytes);
            }
            if let Some(seconds) = arguments.wait {
                builder = builder.ready_timeout(Duration::from_secs(seconds.into()));
            }
            for group in &arguments.group {
                builder = builder.group(group.split(','));
            }
            if let Some((placement, _)) = &placement {
                builder = builder.placement(placement);
            }
            #[cfg(feature = "remote")]
            if let Some(hosts) = arguments.hosts.hosts(placement.as_ref())? {
                builder = builder.remote(hosts);
            }
            let mut runner = builder.build();
            let outcome = drive(
                arguments,
                &mut runner,
                &mut epochs,
                &mut printer,
                &signals,
                &display,
            );
            let shown = !arguments.quiet;
            let written = account(&runner.report(), report.as_mut(), shown);
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
        RunnerKind::Sync => drive(
            arguments,
            &mut SyncRunner::new(tube)?,
            &mut epochs,
            &mut printer,
            &signals,
            &display,
        ),
        RunnerKind::Task => {
            let mut runner = TaskRunner::new(tube)?;
            if let Some(window) = arguments.window {
                runner = runner.window(window);
            }
            if let Some(bytes) = arguments.window_bytes {
                runner = runner.window_bytes(bytes);
            }
            drive(
                arguments,
                &mut runner,
                &mut epochs,
                &mut printer,
                &signals,
                &display,
            )
        }
    };
    let printed = printer.end();
    outcome.and(printed)?;
    signals
        .exit_code()
        .map_or(Ok(()), |code| Err(Failure::Stopped(code)))
}

/// Epochs of a run.
struct Epochs {
    /// Limit of their number.
    n: Option<u64>,
    inputs: EpochInputs,
}

/// Process-scoped inputs of the epochs.
enum EpochInputs {
    /// None is given.
    Defaults,
    /// The same for all epochs.
    Same(Map),
    /// A line for each epoch.
    Lines(Lines),
    /// Those of a record, with these in place of some of them.
    Recorded(std::vec::IntoIter<Map>, Map),
}

impl Epochs {
    /// Returns the inputs of the next epoch; `None` at the end, or once `stopped` is true.
    fn next(&mut self, stopped: impl Fn() -> bool) -> Result<Option<Map>, Failure> {
        if self.n == Some(0) || stopped() {
            return Ok(None);
        }
        self.n = self.n.map(|n| n - 1);
        match &mut self.inputs {
            EpochInputs::Defaults => Ok(Some(Map::new())),
            EpochInputs::Same(inputs) => Ok(Some(inputs.clone())),
            EpochInputs::Lines(lines) => lines.next(stopped),
            EpochInputs::Recorded(epochs, given) => Ok(epochs.next().map(|mut inputs| {
                inputs.extend(given.clone());
                inputs
            })),
        }
    }
}

/// Returns whether nothing but inputs feeds the nodes, so that no source ends a run.
fn has_only_inputs(tube: &Tube) -> Result<bool, Failure> {
    let registry = Registry::of_tube(tube)?;
    let may_end = |node: &TubeNode| match node.kind {
        TubeNodeKind::Return => false,
        _ if node.replay.is_some() => true,
        TubeNodeKind::Typed => registry
            .lookup(&node.type_name)
            .is_ok_and(|found| found.kind != NodeKind::Function),
        _ => true,
    };
    let mut enabled = tube.nodes.values().filter(|node| node.enabled);
    let source = |node: &TubeNode| tube.upstream(&node.id).next().is_none() && may_end(node);
    let fed = tube.edges.iter().any(|edge| &*edge.source_node == "input");
    Ok(fed && !enabled.any(source))
}

/// Runs to the end, or until a signal stops the run.
fn drive(
    arguments: &Arguments,
    runner: &mut impl Runner,
    epochs: &mut Epochs,
    printer: &mut Printer,
    signals: &StopSignals,
    display: &Display,
) -> Result<(), Failure> {
    arguments.record.start(runner)?;
    // Dropped last: its readers are told how the run has ended.
    #[cfg(feature = "view")]
    let _page = display.page(runner.watcher())?;
    let progress = display.progress(runner.watcher(), epochs.n);
    runner.init()?;
    let begun = Instant::now();
    signals.set_runner(runner.stopper());
    let outcome = if matches!(epochs.inputs, EpochInputs::Defaults) {
        let run = runner.run_each_up_to(epochs.n.into(), &mut |value| printer.print(&value));
        run.map(drop).map_err(|error| failure(error, signals))
    } else {
        run_with_inputs(runner, epochs, printer, signals)
    };
    let took = begun.elapsed();
    let ended = runner.deinit();
    if let Some(progress) = progress {
        progress.end(took);
    }
    arguments.record.report(runner);
    outcome.and(ended.map_err(Failure::from))
}

/// Runs an epoch for the inputs of each, until they, the sources or the reader of the output end.
fn run_with_inputs(
    runner: &mut impl Runner,
    epochs: &mut Epochs,
    printer: &mut Printer,
    signals: &StopSignals,
) -> Result<(), Failure> {
    while let Some(inputs) = epochs.next(|| signals.is_received())? {
        match runner.process(inputs) {
            Ok(None) => {}
            Ok(Some(value)) if printer.print(&value).is_break() => break,
            Ok(Some(_)) => {}
            Err(RunError::Exhausted) => break,
            Err(error) => return Err(failure(error, signals)),
        }
    }
    Ok(())
}

/// Returns the failure for the error of a run; one that a signal has ended was reported already.
fn failure(error: RunError, signals: &StopSignals) -> Failure {
    let stopped = matches!(
        error,
        RunError::Closed {
            reason: ClosedReason::GivenUp(_) | ClosedReason::Stopped,
        }
    );
    match signals.exit_code().filter(|_| stopped) {
        Some(code) => Failure::Stopped(code),
        None => error.into(),
    }
}

/// Writes the report to the file, and prints it if anything happened beside the values.
fn account(
    report: &RunReport,
    file: Option<&mut ReportFile<'_>>,
    shown: bool,
) -> Result<(), Failure> {
    // A failure alone is printed by the error message already.
    let eventful = report.restarted > 0 || report.epochs.skipped > 0 || !report.dropped.is_empty();
    if shown && eventful {
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
