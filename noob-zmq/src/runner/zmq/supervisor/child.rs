//! Node processes: this executable run again, watched, heard, and ended.

use std::collections::VecDeque;
use std::fmt;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};
use tokio::sync::{oneshot, watch};

use crate::graph::Name;
use crate::node::NodeEntry;
use crate::runner::RunError;
use crate::runner::zmq::supervisor::launch::{HARNESS_DONE, Launch, NODE_ENV};
use crate::sync::lock;

/// How many lines of a node's standard error are kept for the report of its death.
const TAIL: usize = 12;
/// Longer lines are broken here.
const LINE: usize = 8 << 10;

/// How a node process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitReason {
    /// A process of this host.
    Process(ExitStatus),
    /// On another host, as it should; it told the command node if the node could not be shut down.
    #[cfg(feature = "remote")]
    Elsewhere(std::net::SocketAddr, bool),
    /// On another host, by a fault that it told of.
    #[cfg(feature = "remote")]
    Failed(std::net::SocketAddr),
    /// On another host, and nobody knows how: there is no connection any more.
    #[cfg(feature = "remote")]
    Lost(std::net::SocketAddr),
}

impl ExitReason {
    /// Whether it was killed, or exited with another code than 0.
    pub(crate) fn is_failure(self) -> bool {
        match self {
            Self::Process(status) => !status.success(),
            #[cfg(feature = "remote")]
            Self::Elsewhere(_, well) => !well,
            #[cfg(feature = "remote")]
            Self::Failed(_) | Self::Lost(_) => true,
        }
    }

    /// Whether it has told the command node why it ends like this.
    pub(crate) fn spoke(self) -> bool {
        match self {
            Self::Process(status) => status.code() == Some(1),
            #[cfg(feature = "remote")]
            Self::Elsewhere(_, well) => !well,
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
            Self::Elsewhere(peer, _) => return write!(f, "ended on its host ({peer})"),
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
                    6 => f.write_str(" (SIGABRT)"),
                    9 => f.write_str(" (SIGKILL)"),
                    11 => f.write_str(" (SIGSEGV)"),
                    15 => f.write_str(" (SIGTERM)"),
                    _ => Ok(()),
                }
            }
            (None, None) => f.write_str("ended"),
        }
    }
}

/// How a node process that was told to end did so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownOutcome {
    /// By itself.
    ExitReason(ExitReason),
    /// It had to be killed.
    Killed,
}

/// The last lines of a node's standard error.
type StderrTail = Arc<Mutex<VecDeque<String>>>;

/// A node process.
pub(crate) struct Child {
    pid: Option<Pid>,
    /// Keeps its standard input open, by which the node knows that we live.
    lifeline: Option<oneshot::Sender<()>>,
    exit: watch::Receiver<Option<ExitReason>>,
    /// Ends one on another host at once.
    #[cfg(feature = "remote")]
    elsewhere: Option<tokio::task::AbortHandle>,
}

impl Child {
    /// A node that is hosted elsewhere: `hosting` is given what tells that we let go of it, and ends when the host does. `exited` is called once,
    /// when that is so; not if this is dropped.
    #[cfg(feature = "remote")]
    pub(crate) fn elsewhere<F, E>(
        peer: std::net::SocketAddr,
        hosting: impl FnOnce(oneshot::Receiver<()>) -> F,
        exited: impl FnOnce(Result<ExitReason, E>) + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<ExitReason, E>> + Send + 'static,
        E: Send + 'static,
    {
        let (lifeline, cut) = oneshot::channel();
        let (told, exit) = watch::channel(None);
        let hosting = tokio::spawn(hosting(cut));
        let elsewhere = hosting.abort_handle();
        tokio::spawn(async move {
            let ended = hosting.await.unwrap_or(Ok(ExitReason::Lost(peer)));
            let _ = told.send(Some(
                *ended.as_ref().unwrap_or(&ExitReason::Elsewhere(peer, true)),
            ));
            exited(ended);
        });
        Self {
            pid: None,
            lifeline: Some(lifeline),
            exit,
            elsewhere: Some(elsewhere),
        }
    }

    /// Starts the process of a node. `exited` is called once, when it has ended, with its last lines.
    pub(crate) async fn start(
        launch: &Launch,
        type_name: &str,
        exited: impl FnOnce(ExitReason, Vec<String>) + Send + 'static,
    ) -> Result<Self, RunError> {
        let node: Name = launch.node_id.as_str().into();
        let failed = |why: String| RunError::Start {
            node: node.clone(),
            why,
        };
        let block = launch
            .to_bytes()
            .map_err(|error| failed(error.to_string()))?;
        let mut command = this_program().map_err(failed)?;
        command
            .arg0(format!(
                "noob-zmq: node {} ({type_name}), run {}",
                launch.node_id, launch.runner_id
            ))
            .env(NODE_ENV, &launch.node_id)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal is for the runner, which then ends its nodes in order.
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let tail: StderrTail = Arc::default();
        if let Some(stdout) = child.stdout.take() {
            let until = NodeEntry::arguments().map(|_| HARNESS_DONE);
            tokio::spawn(forward(stdout, node.clone(), until, None));
        }
        let heard = child.stderr.take().map(|stderr| {
            tokio::spawn(forward(stderr, node.clone(), None, Some(Arc::clone(&tail))))
        });
        let (lifeline, cut) = oneshot::channel();
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(instruct(stdin, block, node.clone(), cut));
        }
        let (told, exit) = watch::channel(None);
        let words = Arc::clone(&tail);
        tokio::spawn(async move {
            let Ok(status) = child.wait().await else {
                return;
            };
            // What it wrote last is in the pipe; a process that it left behind may keep the pipe open for ever.
            if let Some(heard) = heard {
                let _ = tokio::time::timeout(Duration::from_millis(200), heard).await;
            }
            let _ = told.send(Some(ExitReason::Process(status)));
            let words = lock(&words).iter().cloned().collect();
            exited(ExitReason::Process(status), words);
        });
        Ok(Self {
            pid,
            lifeline: Some(lifeline),
            exit,
            #[cfg(feature = "remote")]
            elsewhere: None,
        })
    }

    /// Its process id, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
            .filter(|_| self.exit.borrow().is_none())
            .map(|pid| pid.as_raw_nonzero().get().cast_unsigned())
    }

    /// Waits until it has ended by itself, then insists: closes its input and sends SIGTERM after `patience`, SIGKILL after half as much again.
    pub(crate) async fn end(&mut self, patience: Duration) -> ShutdownOutcome {
        if let Some(exit) = self.exited_within(patience).await {
            return ShutdownOutcome::ExitReason(exit);
        }
        drop(self.lifeline.take());
        self.signal(Signal::TERM);
        // A stopped process takes SIGTERM only when it goes on.
        self.signal(Signal::CONT);
        if let Some(exit) = self.exited_within(patience / 2).await {
            return ShutdownOutcome::ExitReason(exit);
        }
        self.kill();
        self.exited_within(Duration::from_secs(5)).await;
        ShutdownOutcome::Killed
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        #[cfg(feature = "remote")]
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.abort();
        }
        self.signal(Signal::KILL);
    }

    /// Whether it was stopped by a signal; false where the kernel does not tell.
    pub(crate) fn is_stopped(&self) -> bool {
        let Some(pid) = self.pid() else {
            return false;
        };
        // The state stands behind the name, which stands in parentheses and can hold any character.
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    fn signal(&self, signal: Signal) {
        if self.exit.borrow().is_none()
            && let Some(pid) = self.pid
        {
            let _ = kill_process(pid, signal);
        }
    }

    async fn exited_within(&mut self, time: Duration) -> Option<ExitReason> {
        let exited = tokio::time::timeout(time, self.exit.wait_for(Option::is_some)).await;
        exited.ok()?.ok().and_then(|exit| *exit)
    }
}

/// Writes the instructions of a node, and keeps its standard input open until `cut`. A program that does not read holds up nobody.
async fn instruct(
    mut stdin: ChildStdin,
    block: Vec<u8>,
    node: Name,
    mut cut: oneshot::Receiver<()>,
) {
    tokio::select! {
        _ = &mut cut => return,
        written = stdin.write_all(&block) => if let Err(error) = written {
            // A node that died at once cannot be written to; its exit says more than this error would.
            tracing::debug!(%node, %error, "the node does not read its instructions");
        },
    }
    let _ = cut.await;
}

/// This program, to be run again; with the arguments that lead a test binary to its nodes.
fn this_program() -> Result<Command, String> {
    let own = std::path::Path::new("/proc/self/exe");
    // The link leads to the very file that runs now, even if another was put into its place.
    let path = if own.exists() {
        own.to_owned()
    } else {
        std::env::current_exe().map_err(|error| error.to_string())?
    };
    let mut command = Command::new(path);
    if let Some(arguments) = NodeEntry::arguments() {
        command.args(arguments);
    }
    Ok(command)
}

/// Passes on what a node writes, line by line, with its name in front; what comes before the line `after` is left out.
async fn forward(
    mut from: impl AsyncRead + Unpin,
    node: Name,
    mut after: Option<&str>,
    tail: Option<StderrTail>,
) {
    let mut line = Vec::new();
    let mut block = vec![0; 4 << 10];
    loop {
        let read = from.read(&mut block).await.unwrap_or(0);
        for &byte in &block[..read] {
            if byte != b'\n' {
                line.push(byte);
            }
            if byte == b'\n' || line.len() >= LINE {
                say(&node, &mut line, &mut after, tail.as_ref());
            }
        }
        if read == 0 {
            if !line.is_empty() {
                say(&node, &mut line, &mut after, tail.as_ref());
            }
            return;
        }
    }
}

fn say(node: &str, line: &mut Vec<u8>, after: &mut Option<&str>, tail: Option<&StderrTail>) {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    line.clear();
    if let Some(begins) = *after {
        if text == begins {
            *after = None;
        }
        return;
    }
    // One write for a line, so that lines of different nodes do not mix. Nobody to read it is no reason to fail.
    let _ = std::io::stderr()
        .lock()
        .write_all(format!("[{node}] {text}\n").as_bytes());
    if let Some(tail) = tail {
        let mut tail = lock(tail);
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(text);
    }
}
