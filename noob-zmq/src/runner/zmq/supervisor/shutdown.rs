//! End of a run: shuts the nodes down, and collects the errors with which they end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::child::ShutdownOutcome;
use super::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{Actor, Handle, Wraps};
use crate::graph::Name;
use crate::runner::zmq::command::CommandNode;
use crate::runner::{NodeDeath, RunError};
use crate::wire::Deinit;

/// Longest wait for the last messages and lines of a node whose process has ended.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_millis(500);

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Shuts every node down: by message, then by SIGTERM, then by SIGKILL.
    ///
    /// Takes as long as `quit_timeout`, and a little more for processes that had to be killed.
    pub(super) async fn end(&mut self, handle: &Handle<A>) {
        self.state.coordinator().close();
        let _ = handle.tell(|actor| {
            let _ = actor.as_mut().send(&Deinit);
        });
        // SIGTERM comes after half as much again, which makes the whole of the timeout.
        let patience = self.config.quit_timeout * 2 / 3;
        let mut ending = tokio::task::JoinSet::new();
        for (node, mut child) in self.children.drain() {
            ending.spawn(async move { (node, child.end(patience).await) });
        }
        let mut failed = Vec::new();
        while let Some(Ok((node, outcome))) = ending.join_next().await {
            let (how, reported) = match outcome {
                ShutdownOutcome::Exited(exit) if !exit.is_failure() => continue,
                ShutdownOutcome::Exited(exit) => (exit.to_string(), exit.is_reported()),
                ShutdownOutcome::Killed => {
                    let patience = self.config.quit_timeout;
                    let how = format!(
                        "did not end within {patience:?} after it was told to, and was killed"
                    );
                    (how, false)
                }
            };
            failed.push((node, how, reported));
        }
        #[cfg(feature = "remote")]
        self.end_agents().await;
        let mut stderr = HashMap::new();
        for (node, how, reported) in failed {
            self.record_failed_shutdown(node, how, reported, &mut stderr)
                .await;
        }
    }

    /// Records how a process has ended that did not end as it should.
    ///
    /// `reported`: whether its node has sent the reason to the command node before.
    async fn record_failed_shutdown(
        &mut self,
        node: Name,
        how: String,
        reported: bool,
        stderr: &mut HashMap<Name, Vec<String>>,
    ) {
        while !stderr.contains_key(&node) {
            // The watcher of the process sends its last lines when the pipe is read to its end.
            match tokio::time::timeout(LAST_WORDS_TIMEOUT, self.received.recv()).await {
                Ok(Some(SupervisorMsg::Exited {
                    node,
                    stderr: lines,
                    ..
                })) => {
                    stderr.insert(node, lines);
                }
                Ok(Some(_)) => {}
                _ => break,
            }
        }
        // The error comes by a socket, and may be behind the end of the process; the event loop
        // still runs and records it.
        let since = Instant::now();
        while reported && !self.has_shutdown_error(&node) && since.elapsed() < LAST_WORDS_TIMEOUT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if self.has_shutdown_error(&node) {
            return;
        }
        let mut coordinator = self.state.coordinator();
        let death = NodeDeath {
            place: coordinator.place(&node),
            stderr: stderr.remove(&node).unwrap_or_default(),
            node,
            how,
            epoch: None,
            open: (0, 0),
            ready: coordinator.is_ready(),
            not_restarted: None,
        };
        coordinator.record_shutdown_error(RunError::Died(Box::new(death)));
    }

    /// Whether a node of this process has reported an error of its shutdown.
    fn has_shutdown_error(&self, process: &Name) -> bool {
        let nodes = self.groups.members_of(process);
        let coordinator = self.state.coordinator();
        nodes
            .iter()
            .any(|node| coordinator.has_shutdown_error(node))
    }
}
