//! Waits until nodes are ready, or closed.

use std::time::Duration;

use tokio::sync::oneshot;

use super::command_node::CommandNode;
use crate::actor::Handle;
use crate::clock::sleep_while_running;
use crate::graph::Name;
use crate::runner::{ClosedReason, RunError, UnreadyNode};
use crate::wire::Ping;

/// Interval at which nodes are asked to identify themselves again while something waits for them.
const PING_INTERVAL: Duration = Duration::from_secs(1);

/// Request to be told when nodes are ready.
pub(super) struct Waiter {
    /// Nodes that are to be ready.
    ready: Vec<Name>,
    /// Nodes that are to be closed.
    closed: Vec<Name>,
    done: oneshot::Sender<()>,
}

impl CommandNode {
    /// Returns the nodes of these that are not ready, each with the reason.
    #[must_use]
    pub fn not_ready(&self, node_ids: &[Name]) -> Vec<UnreadyNode> {
        node_ids
            .iter()
            .filter_map(|node| self.readiness.waiting(node))
            .collect()
    }

    /// Waits until these nodes are ready, seen from both ends; asks them to report every second.
    ///
    /// An associated function, because the command node goes on running while this waits. Cancel
    /// safe: dropping the future only ends the wait.
    ///
    /// # Errors
    /// [`RunError::NotReady`] with each node that is not ready after `timeout`, and the reason.
    pub async fn await_ready<A>(
        handle: &Handle<A>,
        node_ids: Vec<Name>,
        timeout: Duration,
    ) -> Result<(), RunError>
    where
        A: AsMut<Self> + 'static,
    {
        Self::await_states(handle, node_ids, Vec::new(), timeout).await
    }

    /// Waits until the nodes of `ready` are ready, and those of `closed` are closed.
    ///
    /// # Errors
    /// As [`await_ready`](Self::await_ready).
    pub(crate) async fn await_states<A>(
        handle: &Handle<A>,
        ready: Vec<Name>,
        closed: Vec<Name>,
        timeout: Duration,
    ) -> Result<(), RunError>
    where
        A: AsMut<Self> + 'static,
    {
        let stopped = || RunError::closed(ClosedReason::ActorStopped(None));
        let (done, completed) = oneshot::channel();
        let waiter = Waiter {
            ready: ready.clone(),
            closed: closed.clone(),
            done,
        };
        handle
            .tell(|command| {
                let command = command.as_mut();
                command.readiness.expect(&waiter.ready);
                command.waiters.push(waiter);
                command.notify_waiters();
            })
            .map_err(|_| stopped())?;
        let pings = async {
            loop {
                tokio::time::sleep(PING_INTERVAL).await;
                let _ = handle.tell(|command| {
                    let _ = command.as_mut().send(&Ping);
                });
            }
        };
        // The sender of `completed` is dropped unused only with the command node itself.
        tokio::select! {
            completed = completed => return completed.map_err(|_| stopped()),
            () = sleep_while_running(timeout) => {}
            () = pings => {}
        }
        let waiting = handle
            .ask(move |command| {
                let command = command.as_mut();
                let mut waiting = command.not_ready(&ready);
                let readiness = &command.readiness;
                let open = closed.into_iter().filter(|node| !readiness.is_closed(node));
                waiting.extend(open.map(|node| UnreadyNode {
                    node,
                    what: "it is disabled, and has not shut down".into(),
                }));
                waiting
            })
            .await
            .map_err(|_| stopped())?;
        // The last node may have become ready between the timeout and the question.
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(RunError::NotReady {
                after: timeout,
                waiting,
            })
        }
    }

    /// Notifies each waiter whose nodes are all in the states that it waits for.
    pub(super) fn notify_waiters(&mut self) {
        let readiness = &self.readiness;
        for waiter in self.waiters.extract_if(.., |waiter| {
            let mut ready = waiter.ready.iter();
            let mut closed = waiter.closed.iter();
            ready.all(|node| readiness.waiting(node).is_none())
                && closed.all(|node| readiness.is_closed(node))
        }) {
            let _ = waiter.done.send(());
        }
    }
}
