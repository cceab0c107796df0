//! Session of an agent: one connection to a runner, from the hello to the end of the connection.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::messages::{
    AgentHello, MAX_BLOCK, Order, Refusal, Report, Welcome, read_first_line, write_first_line,
};
use super::processes::{NodeProcesses, ProcessEvent};
use crate::clock::timeout_while_running;
use crate::runner::zmq::remote::{read_block, write_block};
use crate::transport::keys::KeyPair;

/// Longest time in which a runner takes a report, or answers the hello.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);
/// Silence of the runner after which a connection without nodes is given up: the runner is heard
/// from every second, and nodes notice by themselves that their runner is gone.
const MAX_SILENCE: Duration = Duration::from_secs(10);

/// Way in which a session has ended.
pub(super) enum SessionEnd {
    /// The run is over, and so are the processes.
    RunOver,
    /// The runner does not want this agent.
    Refused(Refusal),
    /// The connection broke.
    Broken(String),
}

/// The agent's side of its connections, which outlives them.
pub(super) struct AgentState {
    pub(super) labels: Vec<String>,
    pub(super) own: Option<KeyPair>,
    pub(super) processes: NodeProcesses,
}

impl AgentState {
    /// Serves a connection until it ends; `fixed` has the address and the key of the runner, where
    /// the agent knows them by itself.
    pub(super) async fn serve<R, W>(
        &mut self,
        (from, mut to): (R, W),
        fixed: Option<(&[String], Option<String>)>,
    ) -> SessionEnd
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin,
    {
        let mut from = BufReader::new(from);
        let begun = tokio::time::timeout(REPLY_TIMEOUT, async {
            write_first_line(&mut to).await?;
            if let Some(theirs) = read_first_line(&mut from).await? {
                return Ok(Err(theirs));
            }
            write_block(&mut to, &self.hello()).await?;
            loop {
                match read_block::<Order>(&mut from, MAX_BLOCK).await? {
                    // The runner is there, and busy with the end of its run.
                    Order::Ping => {}
                    order => return Ok(Ok(order)),
                }
            }
        });
        let mut welcome = match begun.await {
            Err(_) => return SessionEnd::Broken("the runner does not answer".to_owned()),
            Ok(Err(error)) => return broken(&error),
            Ok(Ok(Err(theirs))) => {
                let ours = env!("CARGO_PKG_VERSION");
                return SessionEnd::Refused(Refusal {
                    why: format!(
                        "the runner is of version {theirs}, and this program of version {ours}: \
                         use the same on both"
                    ),
                    for_this_run: false,
                });
            }
            Ok(Ok(Ok(Order::Welcome(welcome)))) => welcome,
            Ok(Ok(Ok(Order::Refused(refusal)))) => return SessionEnd::Refused(refusal),
            Ok(Ok(Ok(Order::End))) => return SessionEnd::Broken("the run is over".to_owned()),
            Ok(Ok(Ok(_))) => {
                return SessionEnd::Broken("the runner begins with something else".to_owned());
            }
        };
        if let Some((runner, key)) = fixed {
            welcome.runner = runner.to_vec();
            welcome.runner_key = key;
        }
        // The run before may have ended while the connection was broken.
        self.processes.set_run(Some(&welcome.run)).await;
        tracing::info!(run = %welcome.run, "serves a run");
        let (sender, orders) = mpsc::unbounded_channel();
        // A task of its own, since a read of a block must not be cancelled; it ends with the
        // connection, or when nobody takes its orders.
        let reader = tokio::spawn(async move {
            while let Ok(order) = read_block::<Order>(&mut from, MAX_BLOCK).await
                && sender.send(order).is_ok()
            {}
        });
        let end = self.follow_orders(orders, &mut to, &welcome).await;
        reader.abort();
        if matches!(end, SessionEnd::RunOver) {
            self.processes.set_run(None).await;
        }
        let _ = tokio::time::timeout(REPLY_TIMEOUT, to.shutdown()).await;
        end
    }

    fn hello(&self) -> AgentHello {
        AgentHello {
            key: self.own.as_ref().map(|own| own.public().to_string()),
            labels: self.labels.clone(),
            run: self.processes.run().cloned(),
            hosted: self.processes.hosted(),
        }
    }

    async fn follow_orders(
        &mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        to: &mut (impl AsyncWrite + Unpin),
        welcome: &Welcome,
    ) -> SessionEnd {
        let mut ending: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
        loop {
            // Every branch is cancel-safe.
            tokio::select! {
                biased;
                order = timeout_while_running(MAX_SILENCE, orders.recv()), if ending.is_none() => {
                    match order {
                        None if !self.processes.is_empty() => {}
                        None => {
                            let why = format!("the runner was silent for {MAX_SILENCE:?}");
                            return SessionEnd::Broken(why);
                        }
                        Some(None) => {
                            return SessionEnd::Broken("the runner is gone".to_owned());
                        }
                        Some(Some(Order::Start(node))) => {
                            self.processes.start(*node, welcome, self.own.as_ref()).await;
                        }
                        Some(Some(Order::End)) => {
                            ending = Some(Box::pin(self.processes.end_all(true)));
                        }
                        Some(Some(Order::Refused(refusal))) => return SessionEnd::Refused(refusal),
                        Some(Some(Order::Welcome(_) | Order::Ping)) => {}
                    }
                }
                event = self.processes.next_event() => {
                    let report = match event {
                        ProcessEvent::Line(line) => Report::Line(line),
                        ProcessEvent::Ended(ended) => Report::Ended(ended),
                    };
                    // The end of the nodes does not wait for a runner that takes no reports.
                    let sent = tokio::time::timeout(REPLY_TIMEOUT, write_block(to, &report)).await;
                    match sent {
                        _ if ending.is_some() => {}
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return broken(&error),
                        Err(_) => {
                            return SessionEnd::Broken("the runner takes no reports".to_owned());
                        }
                    }
                }
                () = async { if let Some(ending) = &mut ending { ending.await } },
                    if ending.is_some() => return SessionEnd::RunOver,
            }
        }
    }
}

fn broken(error: &io::Error) -> SessionEnd {
    SessionEnd::Broken(format!("the connection to the runner broke: {error}"))
}
