//! The command line: `noob-zmq`, and any other program that calls [`main`].
//!
//! Exit codes: 0 for success, 1 for a failure of the tube, 2 for wrong usage, 130 for a run that
//! Ctrl-C has ended, 143 for one that SIGTERM has ended.

#[cfg(feature = "remote")]
mod agent;
mod bench;
mod describe;
mod display;
#[cfg(feature = "remote")]
mod hosts;
mod inputs;
#[cfg(feature = "remote")]
mod keygen;
mod new;
#[cfg(feature = "remote")]
mod node;
mod output;
mod placement;
mod printer;
mod progress;
#[cfg(feature = "record")]
mod record;
#[cfg(not(feature = "record"))]
#[path = "record/without_feature.rs"]
mod record;
mod run;
#[cfg(feature = "top")]
mod top;
#[cfg(feature = "view")]
mod view;
mod watch;
#[cfg(not(feature = "remote"))]
mod without_remote;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use miette::{GraphicalReportHandler, GraphicalTheme};
use tracing_subscriber::EnvFilter;

use self::output::print_error;
use crate::graph::spec::{Diagnostic, TubeErrors};
use crate::node::Registry;
use crate::runner::zmq::linked;
use crate::standard_streams::status_line;
use crate::tube::LoadError;

/// Processing graphs with every node in its own process, over ZeroMQ.
#[derive(Debug, Parser)]
#[command(name = "noob-zmq", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Arguments),
    Run(Box<run::Arguments>),
    Bench(bench::Arguments),
    Check(describe::check::Arguments),
    Graph(describe::graph::Arguments),
    Nodes(describe::nodes::Arguments),
    Plan(describe::plan::Arguments),
    Handlers(describe::handlers::Arguments),
    Protocol(describe::protocol::Arguments),
    Schema(describe::schema::Arguments),
    Ps(watch::PsArguments),
    Tap(watch::TapArguments),
    #[cfg(feature = "top")]
    Top(top::Arguments),
    #[cfg(feature = "view")]
    View(view::Arguments),
    #[cfg(feature = "record")]
    Record(record::Arguments),
    #[cfg(feature = "remote")]
    Keygen(keygen::Arguments),
    #[cfg(feature = "remote")]
    Node(node::Arguments),
    #[cfg(feature = "remote")]
    Agent(agent::Arguments),
    #[cfg(not(feature = "remote"))]
    Agent(without_remote::Arguments),
    #[cfg(not(feature = "remote"))]
    Keygen(without_remote::Arguments),
    #[cfg(not(feature = "remote"))]
    Node(without_remote::Arguments),
}

/// Runner that the commands `run` and `bench` use.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RunnerKind {
    Zmq,
    Sync,
    Task,
}

/// Runs the `noob-zmq` command with the node types of the calling program, and returns the exit
/// code.
///
/// Reads the arguments of the process, and prints. Blocks until the command has ended.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// #[noob_zmq::main]
/// fn main() -> ExitCode {
///     noob_zmq::cli::main()
/// }
/// ```
#[must_use = "exit with this code"]
pub fn main() -> ExitCode {
    if let Some(code) = crate::node_process() {
        return code;
    }
    run_command(std::env::args_os(), None)
}

/// Runs the `noob-zmq` command with these arguments and the types of this registry, and returns the
/// exit code.
///
/// The first argument is the name of the program. In all else, the function works as [`main`]: a
/// process that a runner has started as a node becomes one.
///
/// ```no_run
/// use noob_zmq::node::Registry;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::get()?.clone(); // .with_source(..)
/// let code = noob_zmq::cli::main_from(["tool", "check", "tube.yaml"], registry);
/// # let _ = code;
/// # Ok(())
/// # }
/// ```
#[must_use = "exit with this code"]
pub fn main_from<T: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = T>,
    registry: Registry,
) -> ExitCode {
    if let Some(code) = crate::node_process_in(registry.clone()) {
        return code;
    }
    run_command(arguments, Some(registry))
}

fn run_command<T: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = T>,
    registry: Option<Registry>,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let printed = error.print();
            if error.use_stderr() {
                return ExitCode::from(2);
            }
            return match output::written(printed) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => failure.report(),
            };
        }
    };
    log();
    let registry = match registry.map_or_else(linked, Ok) {
        Ok(registry) => registry,
        Err(error) => return Failure::from(error).report(),
    };
    let registry = &registry;
    let done = match arguments.command {
        Command::New(arguments) => new::new(&arguments),
        Command::Run(arguments) => run::run(&arguments, registry),
        Command::Bench(arguments) => bench::bench(&arguments, registry),
        Command::Check(arguments) => describe::check::check(&arguments, registry),
        Command::Graph(arguments) => describe::graph::graph(&arguments, registry),
        Command::Nodes(arguments) => describe::nodes::nodes(&arguments, registry),
        Command::Plan(arguments) => describe::plan::plan(&arguments, registry),
        Command::Handlers(arguments) => describe::handlers::handlers(&arguments),
        Command::Protocol(arguments) => describe::protocol::protocol(&arguments),
        Command::Schema(arguments) => describe::schema::schema(&arguments, registry),
        Command::Ps(arguments) => watch::ps(&arguments),
        Command::Tap(arguments) => watch::tap(&arguments),
        #[cfg(feature = "top")]
        Command::Top(arguments) => top::top(&arguments),
        #[cfg(feature = "view")]
        Command::View(arguments) => view::view(&arguments, registry),
        #[cfg(feature = "record")]
        Command::Record(arguments) => record::record(&arguments),
        #[cfg(feature = "remote")]
        Command::Keygen(arguments) => keygen::keygen(&arguments),
        #[cfg(feature = "remote")]
        Command::Node(arguments) => match node::node(&arguments, registry) {
            // The runner was told the reason, and prints it.
            Ok(false) => return ExitCode::FAILURE,
            hosted => hosted.map(drop),
        },
        #[cfg(feature = "remote")]
        Command::Agent(arguments) => match agent::agent(&arguments) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
        #[cfg(not(feature = "remote"))]
        Command::Agent(_) => Err(without_remote::missing("agent")),
        #[cfg(not(feature = "remote"))]
        Command::Keygen(_) => Err(without_remote::missing("keygen")),
        #[cfg(not(feature = "remote"))]
        Command::Node(_) => Err(without_remote::missing("node")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Sends the log to standard error; `RUST_LOG` filters it, and node processes inherit the variable.
///
/// Modules are shown only where `RUST_LOG` is set, so that a user can filter by them. They may
/// change with any version of this library.
fn log() {
    let chosen = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let modules = chosen.is_some();
    let (filter, mistake) = match EnvFilter::try_new(chosen.as_deref().unwrap_or("warn")) {
        Ok(filter) => (filter, None),
        Err(mistake) => (EnvFilter::new("warn"), Some(mistake)),
    };
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| status_line::StandardError)
        .with_target(modules)
        // The subscriber reports a failed write by a panic: on a full disk, a line of the log is
        // lost and nothing else.
        .log_internal_errors(false)
        .without_time()
        .with_ansi(false)
        .try_init();
    if let Some(mistake) = mistake {
        tracing::warn!(
            "`RUST_LOG` cannot be read ({mistake}), and warnings are logged as if it were not set; \
             write levels (`info`), or modules with them (`noob_zmq=debug,warn`)"
        );
    }
}

/// Failure of a command.
enum Failure {
    /// Mistakes in the tube, shown with snippets: exit code 1.
    Tube(TubeErrors),
    /// Mistakes in the placement, shown with snippets: exit code 1.
    Placement(TubeErrors),
    /// A failure of the run: exit code 1.
    Run(String),
    /// Wrong usage: exit code 2.
    Usage(String),
    /// A run that a signal has ended, which was reported already.
    Stopped(ExitCode),
}

impl Failure {
    /// Returns the failure of a tube that could not be loaded, with a snippet for each mistake.
    fn loading(error: LoadError) -> Self {
        match error {
            LoadError::Mistakes(mistakes) => Self::Tube(mistakes),
            error => error.into(),
        }
    }

    fn report(self) -> ExitCode {
        match self {
            Self::Stopped(code) => code,
            Self::Tube(mistakes) => show_all(&mistakes, "tube"),
            Self::Placement(mistakes) => show_all(&mistakes, "placement"),
            Self::Run(text) => {
                print_error(format_args!("error: {text}"));
                ExitCode::from(1)
            }
            Self::Usage(text) => {
                print_error(format_args!(
                    "error: {text}\n\nFor more information, try '--help'."
                ));
                ExitCode::from(2)
            }
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Run(crate::actor::DisplayChain(&error).to_string())
    }
}

/// Prints all mistakes of a file, and returns the exit code.
fn show_all(mistakes: &TubeErrors, what: &str) -> ExitCode {
    mistakes.diagnostics().iter().for_each(show);
    mistakes.warnings().iter().for_each(show);
    let (n, s) = match mistakes.diagnostics().len() {
        1 => (1, ""),
        n => (n, "s"),
    };
    print_error(format_args!(
        "error: {n} mistake{s} in the {what}; nothing was started"
    ));
    ExitCode::from(1)
}

/// Prints a mistake or a warning with the text that it is about.
fn show(diagnostic: &Diagnostic) {
    let mut text = String::new();
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .unwrap_or(120);
    let theme = if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width);
    match handler.render_report(&mut text, diagnostic) {
        Ok(()) => print_error(text),
        Err(_) => print_error(diagnostic.render()),
    }
}
