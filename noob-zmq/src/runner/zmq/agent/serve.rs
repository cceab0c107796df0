//! [`Agent`]: serves runs until it is told to end, over tcp or over its standard streams.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::processes::NodeProcesses;
use super::session::{AgentState, SessionEnd};
use crate::standard_streams::{take_standard_input, take_standard_output};
use crate::transport::TransportError;
use crate::transport::keys::{KeyError, KeyPair, PublicKey};
use crate::transport::tcp::{self, ConnectError, TcpAddress};

/// Pauses between attempts to connect: the first, and the longest, up to which they are doubled.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Signals that end an agent, with the exit code of each.
const STOPS: [(SignalKind, u8); 3] = [
    (SignalKind::terminate(), 143),
    (SignalKind::interrupt(), 130),
    (SignalKind::hangup(), 129),
];

/// Reason why an agent has ended without being told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    /// The runner does not want this agent, or is somebody else.
    #[error("the runner refuses this agent: {0}")]
    Refused(String),
    /// The connection to the runner broke.
    #[error("{0}")]
    Lost(String),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runner of an agent.
pub(crate) enum AgentRunner {
    /// At one of these addresses, with this key; none for plain tcp.
    Tcp {
        addresses: Vec<String>,
        keys: Option<(KeyPair, PublicKey)>,
    },
    /// At the other end of standard input and output.
    StandardStreams,
}

/// Agent of a host.
pub(crate) struct Agent {
    /// Name of the host in placements.
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
    /// Time after which nodes are ended whose run is not reached any more.
    pub(crate) patience: Duration,
    /// Whether the agent ends with the first run.
    pub(crate) once: bool,
}

impl Agent {
    /// Serves runs until one is over (`once`, and over standard streams), or a signal ends the
    /// agent; nothing that it has started is left then.
    ///
    /// Blocks, and returns the exit code.
    ///
    /// # Errors
    /// A runner that refuses this agent, and a lost connection where the agent does not connect
    /// again.
    pub(crate) fn run(self, runner: AgentRunner) -> Result<ExitCode, AgentError> {
        // One thread: the kernel tells a process that its parent has ended when the thread that
        // has started it ends.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let ended = runtime.block_on(self.serve(runner));
        // A read of standard input blocks a thread, and is not waited for.
        runtime.shutdown_background();
        ended
    }

    async fn serve(self, runner: AgentRunner) -> Result<ExitCode, AgentError> {
        let (stop_sender, mut stopped) = tokio::sync::mpsc::unbounded_channel();
        for (kind, code) in STOPS {
            let (mut stream, sender) = (signal(kind)?, stop_sender.clone());
            tokio::spawn(async move {
                while stream.recv().await.is_some() {
                    let _ = sender.send(code);
                }
            });
        }
        let own = match &runner {
            AgentRunner::Tcp { keys, .. } => keys.as_ref().map(|(own, _)| own.clone()),
            AgentRunner::StandardStreams => Some(KeyPair::generate()?),
        };
        let mut state = AgentState {
            labels: self.labels.clone(),
            own,
            processes: NodeProcesses::new(matches!(runner, AgentRunner::Tcp { .. })),
        };
        let ended = tokio::select! {
            ended = self.serve_runs(&mut state, runner) => ended.map(|()| ExitCode::SUCCESS),
            Some(code) = stopped.recv() => Ok(ExitCode::from(code)),
        };
        let ending = state.processes.end_all(false);
        tokio::select! {
            () = ending => {}
            // A second signal: the processes see the end of their standard input.
            Some(_) = stopped.recv() => {}
        }
        ended
    }

    async fn serve_runs(
        &self,
        state: &mut AgentState,
        runner: AgentRunner,
    ) -> Result<(), AgentError> {
        match runner {
            AgentRunner::StandardStreams => {
                let from = tokio::fs::File::from_std(take_standard_input()?);
                let to = tokio::fs::File::from_std(take_standard_output()?);
                match state.serve((from, to), None).await {
                    SessionEnd::RunOver => Ok(()),
                    SessionEnd::Refused(refusal) => Err(AgentError::Refused(refusal.why)),
                    SessionEnd::Broken(why) => Err(AgentError::Lost(why)),
                }
            }
            AgentRunner::Tcp { addresses, keys } => {
                take_standard_input()?;
                self.join_runs(state, &addresses, keys).await
            }
        }
    }

    /// Connects to the runner again and again, and serves each run.
    async fn join_runs(
        &self,
        state: &mut AgentState,
        addresses: &[String],
        keys: Option<(KeyPair, PublicKey)>,
    ) -> Result<(), AgentError> {
        let (own, key) = keys.unzip();
        let address = TcpAddress::new(key, addresses, &format!("agent/{}", self.name))?;
        let mut pause = RETRY.0;
        // Time since which a run is not reached whose nodes are hosted here.
        let mut lost: Option<Instant> = None;
        loop {
            let why = match tcp::connect(&address, own.as_ref()).await {
                Ok((stream, peer)) => {
                    tracing::info!(%peer, "connected");
                    pause = RETRY.0;
                    let fixed = (addresses, key.map(|key| key.to_string()));
                    let end = state.serve(tokio::io::split(stream), Some(fixed)).await;
                    match end {
                        SessionEnd::RunOver if self.once => return Ok(()),
                        SessionEnd::RunOver => {
                            lost = None;
                            continue;
                        }
                        SessionEnd::Refused(refusal) if refusal.for_this_run && !self.once => {
                            // The same runner is still there for a while.
                            pause = RETRY.1;
                            refusal.why
                        }
                        SessionEnd::Refused(refusal) => {
                            return Err(AgentError::Refused(refusal.why));
                        }
                        SessionEnd::Broken(why) => {
                            // Without a run, the runner was there and has not answered any more.
                            if state.processes.run().is_some() {
                                lost = Some(Instant::now());
                                tracing::warn!("{why}; this agent connects again");
                            }
                            why
                        }
                    }
                }
                Err(ConnectError::Refused(why)) => return Err(AgentError::Refused(why)),
                Err(ConnectError::Unreachable(why)) => why,
            };
            tracing::debug!("no run yet: {why}");
            if lost.is_some_and(|since| since.elapsed() > self.patience) {
                lost = None;
                if !state.processes.is_empty() {
                    tracing::error!("the runner is gone; its nodes end");
                }
                state.processes.set_run(None).await;
                if self.once {
                    return Err(AgentError::Lost(why));
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY.1);
        }
    }
}
