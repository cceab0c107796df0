//! Node processes: starts a program, forwards its output, waits for its end, and ends it.
//!
//! Each process has tasks of its own on the runtime of the runner: one writes its instructions,
//! one reads its output, one waits for its end. A node on another host is a [`Child`] without a
//! process.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{oneshot, watch};

use crate::clock::timeout_while_running;
use crate::graph::Name;
use crate::runner::RunError;
use crate::runner::watch::logs::NodeLogs;
use crate::runner::zmq::program::{self, NodeCommand, Program};
use crate::runner::zmq::supervisor::launch::{
    HARNESS_DONE, JOIN_ENV, Launch, NODE_ENV, encode_instructions,
};
use crate::standard_streams::status_line;
use crate::sync::lock;

/// Number of lines of output that are kept for the report of a death.
const TAIL_LINES: usize = 12;
/// Length at which longer lines are broken, in bytes.
const MAX_LINE: usize = 8 << 10;

/// Way in which a node process has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitReason {
    /// Exit status of a process of this host.
    Process(ExitStatus),
    /// Regular end on another host; false if the node reported that its shutdown failed.
    #[cfg(feature = "remote")]
    Remote(std::net::SocketAddr, bool),
    /// Error on another host, which its host has sent.
    #[cfg(feature = "remote")]
    Failed(std::net::SocketAddr),
    /// Broken connection to another host.
    #[cfg(feature = "remote")]
    Lost(std::net::SocketAddr),
}

impl ExitReason {
    /// Whether the process was killed, or exited with another code than 0.
    pub(crate) fn is_failure(self) -> bool {
        match self {
            Self::Process(status) => !status.success(),
            #[cfg(feature = "remote")]
            Self::Remote(_, without_error) => !without_error,
            #[cfg(feature = "remote")]
            Self::Failed(_) | Self::Lost(_) => true,
        }
    }

    /// Whether the process has sent the reason to the command node.
    pub(crate) fn is_reported(self) -> bool {
        match self {
            Self::Process(status) => status.code() == Some(1),
            #[cfg(feature = "remote")]
            Self::Remote(_, without_error) => !without_error,
            #[cfg(feature = "remote")]
            Self::Failed(_) | Self::Lost(_) => false,
        }
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self {
            Self::Process(status) => status,
            #[cfg(feature = "remote")]
            Self::Remote(peer, _) => return write!(f, "ended on its host ({peer})"),
            #[cfg(feature = "remote")]
            Self::Failed(peer) => return write!(f, "failed on its host ({peer})"),
            #[cfg(feature = "remote")]
            Self::Lost(peer) => {
                return write!(f, "is lost: the connection to its host ({peer}) broke");
            }
        };
        match (status.code(), status.signal()) {
            (Some(code), _) => write!(f, "exited with code {code}"),
            (None, Some(signal)) => {
                write!(f, "was killed by signal {signal}")?;
                match signal {
                    4 => f.write_str(" (SIGILL)"),
                    6 => f.write_str(" (SIGABRT)"),
                    8 => f.write_str(" (SIGFPE)"),
                    9 => f.write_str(" (SIGKILL)"),
                    11 => f.write_str(" (SIGSEGV)"),
                    13 => f.write_str(" (SIGPIPE)"),
                    14 => f.write_str(" (SIGALRM)"),
                    15 => f.write_str(" (SIGTERM)"),
                    _ => Ok(()),
                }
            }
            (None, None) => f.write_str("ended"),
        }
    }
}

/// Way in which a node process has obeyed the request to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownOutcome {
    /// The process ended by itself.
    Exited(ExitReason),
    /// The process had to be killed.
    Killed,
}

/// Last lines of the output of a node.
type OutputTail = Arc<Mutex<VecDeque<String>>>;

/// Process that is to be started, with the functions that get its output and its end.
pub(crate) struct NewProcess<'a> {
    pub(crate) nodes: Vec<Name>,
    /// Argument of number 0, which names the nodes for `ps`.
    pub(crate) arg0: String,
    pub(crate) program: Option<&'a Program>,
    pub(crate) environment: &'a IndexMap<Name, Name>,
    /// Instructions on its standard input.
    pub(crate) instructions: Vec<u8>,
    /// Whether the instructions are those of an agent.
    pub(crate) joins: bool,
    /// Called with each line of output.
    pub(crate) on_line: OnLine,
    /// Called once, when the process has ended, with its last lines of output.
    pub(crate) on_exit: Box<dyn FnOnce(ExitReason, Vec<String>) + Send>,
}

/// Handle of a node process, or of a node on another host.
///
/// Dropping it closes the standard input of the process, which ends the node; it does not wait.
pub(crate) struct Child {
    pid: Option<Pid>,
    /// Set once the process was waited for: its number may be that of another process then.
    reaped: Arc<AtomicBool>,
    /// Keeps the standard input of the process open until it is dropped: the node ends with it.
    lifeline: Option<oneshot::Sender<()>>,
    exit: watch::Receiver<Option<ExitReason>>,
    /// Closes the connection to another host at once.
    #[cfg(feature = "remote")]
    connection: Option<tokio::task::AbortHandle>,
}

impl Child {
    /// Returns the handle of a node on another host.
    ///
    /// `hosting` is given a receiver that completes when the runner lets go of the node, and ends
    /// when the host does. `exited` is called once, after that.
    #[cfg(feature = "remote")]
    pub(crate) fn remote<F, E>(
        peer: std::net::SocketAddr,
        hosting: impl FnOnce(oneshot::Receiver<()>) -> F,
        exited: impl FnOnce(Result<ExitReason, E>) + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<ExitReason, E>> + Send + 'static,
        E: Send + 'static,
    {
        let (lifeline, cut) = oneshot::channel();
        let (exit_sender, exit) = watch::channel(None);
        let hosting = tokio::spawn(hosting(cut));
        let connection = hosting.abort_handle();
        tokio::spawn(async move {
            let ended = hosting.await.unwrap_or(Ok(ExitReason::Lost(peer)));
            let _ = exit_sender.send(Some(
                *ended.as_ref().unwrap_or(&ExitReason::Remote(peer, true)),
            ));
            exited(ended);
        });
        Self {
            pid: None,
            reaped: Arc::default(),
            lifeline: Some(lifeline),
            exit,
            connection: Some(connection),
        }
    }

    /// Starts the process of a node, and prints its output with its name in front.
    ///
    /// `exited` is called once, when the process has ended, with its last lines of output.
    pub(crate) fn start(
        launch: &Launch,
        (type_name, program, environment): (&str, Option<&Program>, &IndexMap<Name, Name>),
        logs: NodeLogs,
        exited: impl FnOnce(ExitReason, Vec<String>) + Send + 'static,
    ) -> Result<Self, RunError> {
        let nodes: Vec<Name> = launch.node_names().into_iter().map(Into::into).collect();
        let node: Name = nodes.join("+").into();
        let failed = |why: String| RunError::Start {
            node: node.clone(),
            why,
        };
        let instructions = encode_instructions(launch);
        let (title, members) = (node.clone(), nodes.clone());
        let process = NewProcess {
            nodes,
            arg0: format!(
                "noob-zmq: node {node} ({type_name}), run {}",
                launch.runner_id
            ),
            program,
            environment,
            instructions: instructions.map_err(|error| failed(error.to_string()))?,
            joins: false,
            on_line: Box::new(move |line| {
                // One write for a line, so that lines of different nodes do not mix. An error is
                // ignored: a run does not fail because nobody reads its log.
                let _ = status_line::write_above(format!("[{title}] {line}\n").as_bytes());
                for node in &members {
                    logs.push(node, line);
                }
            }),
            on_exit: Box::new(exited),
        };
        Self::spawn(process).map_err(failed)
    }

    /// Starts a process.
    ///
    /// # Errors
    /// The reason why it cannot be started.
    pub(crate) fn spawn(process: NewProcess<'_>) -> Result<Self, String> {
        let node: Name = process.nodes.join("+").into();
        let NodeCommand {
            mut command,
            name,
            is_test,
        } = program::command(process.program, &process.arg0)?;
        // One pipe for both streams: each node costs the runner a descriptor less.
        let refused = |error: io::Error| error.to_string();
        let (output, writer) = io::pipe().map_err(refused)?;
        let second_writer = writer.try_clone().map_err(refused)?;
        let variables = process.environment.iter();
        match process.joins {
            true => command.env(JOIN_ENV, "1"),
            false => command.env_remove(JOIN_ENV),
        };
        command
            .envs(variables.map(|(name, value)| (&**name, &**value)))
            .env(NODE_ENV, &*node)
            .stdin(Stdio::piped())
            .stdout(writer)
            .stderr(second_writer)
            // The process and those that node code starts are a group, which ends as one. A
            // terminal sends Ctrl-C to its foreground group only: to the runner, which then ends
            // its nodes in order.
            .process_group(0)
            .kill_on_drop(true);
        let not_run = |error| format!("{name} cannot be run: {error}");
        let mut child = command.spawn().map_err(not_run)?;
        // The command holds the writers, and the reader waits for their end.
        drop(command);
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let tail: OutputTail = Arc::default();
        let output = ChildStdout::from_std(OwnedFd::from(output).into()).map_err(refused)?;
        let until = is_test.then_some(HARNESS_DONE);
        let forwarded = tokio::spawn(forward(output, until, (Arc::clone(&tail), process.on_line)));
        let (lifeline, cut) = oneshot::channel();
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(instruct(stdin, process.instructions, node, cut));
        }
        let (exit_sender, exit) = watch::channel(None);
        let lines = Arc::clone(&tail);
        let reaped = Arc::<AtomicBool>::default();
        let set_reaped = Arc::clone(&reaped);
        let exited = process.on_exit;
        tokio::spawn(async move {
            let Ok(status) = child.wait().await else {
                return;
            };
            set_reaped.store(true, Ordering::Release);
            // Processes that the node has left behind. The number of their group is not used
            // again while one of them lives.
            if let Some(group) = pid {
                let _ = kill_process_group(group, Signal::KILL);
            }
            // The last lines are still in the pipe. The wait is bounded: a process that has left
            // the group of the node may keep the pipe open for ever.
            let _ = tokio::time::timeout(Duration::from_millis(200), forwarded).await;
            let _ = exit_sender.send(Some(ExitReason::Process(status)));
            let lines = lock(&lines).iter().cloned().collect();
            exited(ExitReason::Process(status), lines);
        });
        Ok(Self {
            pid,
            reaped,
            lifeline: Some(lifeline),
            exit,
            #[cfg(feature = "remote")]
            connection: None,
        })
    }

    /// Returns the process id, while the process runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
            .filter(|_| !self.reaped.load(Ordering::Acquire))
            .map(|pid| pid.as_raw_nonzero().get().cast_unsigned())
    }

    /// Closes the standard input of the process, which ends the node.
    #[cfg(all(feature = "cli", feature = "remote"))]
    pub(crate) fn release(&mut self) {
        drop(self.lifeline.take());
    }

    /// Waits until the process has ended by itself; after `patience`, closes its input and sends
    /// SIGTERM, and after half as much again SIGKILL.
    pub(crate) async fn end(&mut self, patience: Duration) -> ShutdownOutcome {
        if let Some(exit) = self.exited_within(patience).await {
            return ShutdownOutcome::Exited(exit);
        }
        drop(self.lifeline.take());
        self.signal(Signal::TERM);
        // A stopped process receives SIGTERM only when it is continued.
        self.signal(Signal::CONT);
        if let Some(exit) = self.exited_within(patience / 2).await {
            return ShutdownOutcome::Exited(exit);
        }
        self.kill();
        self.exited_within(Duration::from_secs(5)).await;
        ShutdownOutcome::Killed
    }

    /// Ends the process, which reported a SIGTERM from outside, by a second one.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Kills the process at once.
    pub(crate) fn kill(&self) {
        #[cfg(feature = "remote")]
        if let Some(connection) = &self.connection {
            connection.abort();
        }
        self.signal(Signal::KILL);
    }

    /// Whether the process was stopped by a signal; false where there is no `/proc`.
    pub(crate) fn is_stopped(&self) -> bool {
        let Some(pid) = self.pid() else {
            return false;
        };
        // The state follows the name, which is in parentheses and can contain any character.
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// Sends a signal to the process and to those that node code has started.
    fn signal(&self, signal: Signal) {
        if !self.reaped.load(Ordering::Acquire)
            && let Some(group) = self.pid
        {
            let _ = kill_process_group(group, signal);
        }
    }

    /// Waits for this time until the process has ended by itself.
    pub(crate) async fn exited_within(&mut self, time: Duration) -> Option<ExitReason> {
        let exited = timeout_while_running(time, self.exit.wait_for(Option::is_some)).await;
        exited?.ok().and_then(|exit| *exit)
    }
}

/// Writes the instructions of a node, and keeps its standard input open until `cut` completes.
async fn instruct(
    mut stdin: ChildStdin,
    block: Vec<u8>,
    node: Name,
    mut cut: oneshot::Receiver<()>,
) {
    // A program that does not read its input must not hold up the end of the run.
    tokio::select! {
        _ = &mut cut => return,
        written = stdin.write_all(&block) => if let Err(error) = written {
            // A node that died at once cannot be written to; its exit explains more than this
            // error.
            tracing::debug!(%node, %error, "the node does not read its instructions");
        },
    }
    let _ = cut.await;
}

/// Function that gets each line of output.
type OnLine = Box<dyn FnMut(&str) + Send>;

/// Forwards the output of a process line by line; skips everything up to the line `after`.
async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut after: Option<&str>,
    mut to: (OutputTail, OnLine),
) {
    let mut line = Vec::new();
    let mut block = vec![0; 4 << 10];
    loop {
        let read = from.read(&mut block).await.unwrap_or(0);
        for &byte in &block[..read] {
            if byte != b'\n' {
                line.push(byte);
            }
            if byte == b'\n' || line.len() >= MAX_LINE {
                forward_line(&mut line, &mut after, &mut to);
            }
        }
        if read == 0 {
            if !line.is_empty() {
                forward_line(&mut line, &mut after, &mut to);
            }
            return;
        }
    }
}

fn forward_line(
    line: &mut Vec<u8>,
    after: &mut Option<&str>,
    (tail, on_line): &mut (OutputTail, OnLine),
) {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    line.clear();
    if let Some(marker) = *after {
        // The test harness writes the name of the test in front.
        if text.ends_with(marker) {
            *after = None;
        }
        return;
    }
    on_line(&text);
    let mut tail = lock(tail);
    if tail.len() == TAIL_LINES {
        tail.pop_front();
    }
    tail.push_back(text);
}
