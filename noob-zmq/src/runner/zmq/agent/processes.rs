//! Processes of the nodes that an agent hosts.

use std::collections::HashMap;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::messages::{NodeEnded, NodeLine, ProcessEnd, StartNode, Welcome};
use crate::graph::Name;
use crate::runner::zmq::program::Program;
use crate::runner::zmq::remote::agent_child::JoinInstructions;
use crate::runner::zmq::supervisor::child::{Child, ExitReason, NewProcess};
use crate::runner::zmq::supervisor::launch::{LOG_ENV, encode_instructions};
use crate::standard_streams::status_line;
use crate::transport::keys::KeyPair;

/// Number of lines of output that wait for the connection to the runner.
const MAX_LINES: usize = 4096;
/// Time in which a process ends at the end of its run, before its standard input is closed.
const RUN_OVER: Duration = Duration::from_millis(500);
/// Time in which a process whose standard input is closed ends, before it is sent SIGTERM, and
/// SIGKILL after half as much again.
///
/// A process that has not joined yet leaves its directory when it is sent SIGTERM.
const PATIENCE: Duration = Duration::from_secs(2);

/// Processes of the nodes of a host.
///
/// Dropping it kills them.
pub(super) struct NodeProcesses {
    processes: HashMap<Name, NodeProcess>,
    lines: (mpsc::Sender<NodeLine>, mpsc::Receiver<NodeLine>),
    // Unbounded: one message for each start.
    ends: (
        mpsc::UnboundedSender<EndInRun>,
        mpsc::UnboundedReceiver<EndInRun>,
    ),
    /// Run of the processes.
    run: Option<String>,
    /// Whether lines are written to standard error too.
    prints: bool,
}

/// End of a process, with the name of its run.
type EndInRun = (String, NodeEnded);

struct NodeProcess {
    number: u32,
    child: Child,
}

/// Report about a process.
pub(super) enum ProcessEvent {
    Line(NodeLine),
    Ended(NodeEnded),
}

impl NodeProcesses {
    pub(super) fn new(prints: bool) -> Self {
        Self {
            processes: HashMap::new(),
            lines: mpsc::channel(MAX_LINES),
            ends: mpsc::unbounded_channel(),
            run: None,
            prints,
        }
    }

    /// Returns the run of the processes.
    pub(super) const fn run(&self) -> Option<&String> {
        self.run.as_ref()
    }

    /// Ends the processes of another run than this.
    pub(super) async fn set_run(&mut self, run: Option<&String>) {
        if self.run.as_ref() != run {
            self.end_all(false).await;
            self.discard_lines();
            self.run = run.cloned();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.processes.is_empty()
    }

    /// Returns the nodes with a process, and the number of the start of each.
    pub(super) fn hosted(&self) -> Vec<(String, u32)> {
        let hosted = self.processes.iter();
        hosted
            .map(|(node, process)| (node.to_string(), process.number))
            .collect()
    }

    /// Starts the process of a node, once an earlier one has ended.
    pub(super) async fn start(&mut self, order: StartNode, run: &Welcome, own: Option<&KeyPair>) {
        let node = Name::from(order.node.as_str());
        if let Some(earlier) = self.processes.remove(&node) {
            end(earlier.child).await;
        }
        let number = order.number;
        match self.spawn(order, run, own) {
            Ok(child) => {
                self.processes.insert(node, NodeProcess { number, child });
            }
            Err(why) => {
                let ended = NodeEnded {
                    node: node.to_string(),
                    number,
                    how: ProcessEnd::NotStarted(why),
                };
                let _ = self.ends.0.send((run.run.clone(), ended));
            }
        }
    }

    fn spawn(
        &self,
        order: StartNode,
        run: &Welcome,
        own: Option<&KeyPair>,
    ) -> Result<Child, String> {
        let instructions = JoinInstructions {
            version: env!("CARGO_PKG_VERSION").into(),
            node: order.node.clone(),
            runner: run.runner.clone(),
            keys: own.map(KeyPair::to_secret).zip(run.runner_key.clone()),
            limits: order.settings.limits.clone(),
        };
        let instructions = encode_instructions(&instructions).map_err(|error| error.to_string())?;
        let mut environment = IndexMap::new();
        if let Some(log) = &run.log {
            environment.insert(LOG_ENV.into(), log.as_str().into());
        }
        environment.extend(order.settings.environment.clone());
        let program = Program::placed(&order.settings).or_else(Program::of_this_process);
        let (lines, prints) = (self.lines.0.clone(), self.prints);
        let (ends, node, number) = (self.ends.0.clone(), order.node, order.number);
        let (title, run_name) = (node.clone(), run.run.clone());
        let mut left_out = 0;
        Child::spawn(NewProcess {
            nodes: vec![node.as_str().into()],
            arg0: format!("noob-zmq: node {node}, run {}", run.run),
            program: program.as_ref(),
            environment: &environment,
            instructions,
            joins: true,
            on_line: Box::new(move |line| {
                if prints {
                    let _ = status_line::write_above(format!("[{title}] {line}\n").as_bytes());
                }
                let send = |text: String| {
                    let node = title.clone();
                    lines.try_send(NodeLine { node, text }).is_ok()
                };
                // A runner that does not read must not hold up a node.
                if left_out > 0 && send(format!("({left_out} lines are left out here)")) {
                    left_out = 0;
                }
                if left_out > 0 || !send(line.to_owned()) {
                    left_out += 1;
                }
            }),
            on_exit: Box::new(move |exit, _| {
                let status = match exit {
                    ExitReason::Process(status) => {
                        std::os::unix::process::ExitStatusExt::into_raw(status)
                    }
                    _ => 0,
                };
                let how = ProcessEnd::Status(status);
                let _ = ends.send((run_name, NodeEnded { node, number, how }));
            }),
        })
    }

    /// Returns the next report of the run; lines come before the end of their process.
    ///
    /// Cancel-safe.
    pub(super) async fn next_event(&mut self) -> ProcessEvent {
        loop {
            tokio::select! {
                biased;
                // The senders live as long as `self`.
                Some(line) = self.lines.1.recv() => return ProcessEvent::Line(line),
                Some((run, ended)) = self.ends.1.recv() => {
                    // The end of a process of an earlier run may be told late.
                    if self.run.as_ref() != Some(&run) {
                        continue;
                    }
                    let node = Name::from(ended.node.as_str());
                    let own = self.processes.get(&node);
                    if own.is_some_and(|own| own.number == ended.number) {
                        self.processes.remove(&node);
                    }
                    return ProcessEvent::Ended(ended);
                }
            }
        }
    }

    /// Forgets the lines that wait for a runner.
    fn discard_lines(&mut self) {
        while self.lines.1.try_recv().is_ok() {}
    }

    /// Returns a future that completes when all processes have ended; they are given a moment to do
    /// so by themselves if `in_order` is true.
    ///
    /// The processes are killed if it is dropped before.
    pub(super) fn end_all(&mut self, in_order: bool) -> impl Future<Output = ()> + Send + use<> {
        let mut ending = JoinSet::new();
        for (_, NodeProcess { mut child, .. }) in self.processes.drain() {
            ending.spawn(async move {
                if in_order && child.exited_within(RUN_OVER).await.is_some() {
                    return;
                }
                end(child).await;
            });
        }
        async move { while ending.join_next().await.is_some() {} }
    }
}

/// Ends a process: its standard input is closed, and it is sent signals if that does not help.
async fn end(mut child: Child) {
    child.release();
    let _ = child.end(PATIENCE).await;
}
