//! Programs that node processes run.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::process::Command;

use super::placement::settings::ProcessSettings;
use crate::graph::{Name, TubeNode};
use crate::node::NodeEntry;
use crate::sync::lock;

/// A program that a runner starts as the process of a node, such as an interpreter of the language
/// of the node.
///
/// Without one, a node process runs the program of the runner again. The program must be of the
/// same version of this library and call [`node_process`](crate::node_process) or
/// [`node_process_in`](crate::node_process_in), which find the node in the environment variable
/// `NOOB_ZMQ_NODE` and its instructions on standard input. Supervision, restarts and the end of a
/// run are the same for all programs.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// use noob_zmq::runner::zmq::Program;
/// # fn example(tube: Tube) {
/// let python = Program::new("/opt/lab/bin/python3")
///     .args(["-m", "lab.nodes"])
///     .env("OMP_NUM_THREADS", "1")
///     .keep_arg0();
/// let runner = ZmqRunner::builder(tube)
///     .node_programs(move |node| node.type_name.starts_with("lab.").then(|| python.clone()))
///     .build();
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    keep_arg0: bool,
}

/// Program of the node processes of runners that have no program of their own.
static DEFAULT: Mutex<Option<Program>> = Mutex::new(None);

impl Program {
    /// Returns the program at this path; a name without a slash is looked up in `PATH`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            env: Vec::new(),
            keep_arg0: false,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable, beside those that the process inherits.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Keeps the path as the argument of number 0, which otherwise names the node and the run for
    /// `ps`; an interpreter finds its files by it.
    #[must_use]
    pub const fn keep_arg0(mut self) -> Self {
        self.keep_arg0 = true;
        self
    }

    /// Returns the program of a placement, which finds its files by its path, as the Python of a
    /// virtual environment does.
    pub(super) fn placed(settings: &ProcessSettings) -> Option<Self> {
        let (path, args) = settings.program.as_ref()?;
        let program = Self::new(path).args(args.iter().map(ToString::to_string));
        Some(program.keep_arg0())
    }

    /// Returns the program of the node processes of this process, if it is another than its own.
    #[cfg(all(feature = "cli", feature = "remote"))]
    pub(crate) fn of_this_process() -> Option<Self> {
        lock(&DEFAULT).clone()
    }

    /// Makes this the program of the node processes of all runners of this process that have none
    /// of their own, those of the command included.
    pub fn set_default(self) {
        *lock(&DEFAULT) = Some(self);
    }
}

/// Function that chooses the program of a node.
type Choose = dyn Fn(&TubeNode) -> Option<Program> + Send + Sync;

/// Programs of the nodes of a runner.
#[derive(Clone, Default)]
pub(crate) struct NodePrograms {
    pub(super) every: Option<Program>,
    pub(super) choose: Option<Arc<Choose>>,
    /// Settings of the processes that a placement has, by node.
    placed: Arc<HashMap<Name, ProcessSettings>>,
}

impl NodePrograms {
    /// Returns these programs with the settings of a placement, which come first.
    pub(super) fn placed(&self, placed: HashMap<Name, ProcessSettings>) -> Self {
        Self {
            placed: Arc::new(placed),
            ..self.clone()
        }
    }

    /// Returns the settings that a placement has for the process of a node.
    pub(super) fn settings(&self, node: &Name) -> ProcessSettings {
        self.placed.get(node).cloned().unwrap_or_default()
    }

    /// Returns the program of a node; `None` for the program of this process.
    pub(super) fn of(&self, node: &TubeNode) -> Option<Program> {
        let placed = self.placed.get(&node.id).and_then(Program::placed);
        let chosen = || self.choose.as_ref().and_then(|choose| choose(node));
        placed
            .or_else(chosen)
            .or_else(|| self.every.clone())
            .or_else(|| lock(&DEFAULT).clone())
    }
}

impl fmt::Debug for NodePrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodePrograms")
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

/// Command that starts a node process.
pub(super) struct NodeCommand {
    pub(super) command: Command,
    /// Name of the program, for errors.
    pub(super) name: String,
    /// Whether the output begins with that of a test harness.
    pub(super) is_test: bool,
}

/// Returns the command that runs a program, or this program again, whose process is called `arg0`.
///
/// # Errors
/// This program cannot be found.
pub(super) fn command(program: Option<&Program>, arg0: &str) -> Result<NodeCommand, String> {
    let Some(program) = program else {
        return this_program(arg0);
    };
    let mut command = Command::new(&program.path);
    command
        .args(&program.args)
        .envs(program.env.iter().map(|(name, value)| (name, value)));
    if !program.keep_arg0 {
        command.arg0(arg0);
    }
    Ok(NodeCommand {
        command,
        name: format!("the program `{}`", program.path.display()),
        is_test: false,
    })
}

/// Returns the command that runs this program again, with the arguments by which a test binary
/// becomes a node.
fn this_program(arg0: &str) -> Result<NodeCommand, String> {
    let own = std::path::Path::new("/proc/self/exe");
    // The link leads to the very file that runs now, even if another has replaced it.
    let path = if own.exists() {
        own.to_owned()
    } else {
        std::env::current_exe().map_err(|error| error.to_string())?
    };
    let mut command = Command::new(path);
    let arguments = NodeEntry::arguments();
    let is_test = arguments.is_some();
    command.arg0(arg0).args(arguments.into_iter().flatten());
    Ok(NodeCommand {
        command,
        name: "this program".to_owned(),
        is_test,
    })
}
