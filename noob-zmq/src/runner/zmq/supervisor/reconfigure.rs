//! How the runner's thread enables and disables nodes: between two epochs, while the processes live on.

use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use crate::actor::{Actor, Handle};
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::RunError;
use crate::runner::zmq::command::command_node::CommandNode;
use crate::runner::zmq::supervisor::task::{SupervisorMsg, SupervisorTask};

/// A node is to be enabled or disabled; no epoch is open, nor will one be until the answer is there.
pub(crate) struct Reconfigure {
    /// The tube as it will be.
    pub(crate) tube: Arc<Tube>,
    pub(crate) node: Name,
    pub(crate) enabled: bool,
    /// The next epoch.
    pub(crate) first: u32,
    /// Told what became of it.
    pub(crate) answer: mpsc::Sender<Result<(), RunError>>,
}

/// A node could not be enabled: all is to be as it was before.
pub(crate) struct Rollback {
    /// What was tried, with the tube as it was before.
    switch: Reconfigure,
    /// Whether there was no process for the node.
    started: bool,
    why: RunError,
}

/// The nodes of a tube that are hosted somewhere.
pub(crate) fn hosted(tube: &Tube) -> Vec<Name> {
    let nodes = tube.nodes.values();
    let hosted = nodes.filter(|node| node.enabled && node.kind != TubeNodeKind::Return);
    hosted.map(|node| node.id.clone()).collect()
}

impl<A> SupervisorTask<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// Enables or disables a node: tells all of them, starts a process if there is none, and has it answered when they have taken it up.
    ///
    /// A node that is disabled is shut down; its process lives on.
    pub(crate) async fn switch(&mut self, handle: &Handle<A>, switch: Reconfigure) {
        let before = Arc::clone(&self.tube);
        let node = switch.node.clone();
        let started = !self.children.contains_key(&node);
        if started && !switch.enabled {
            // Another host was to join for it.
            self.awaited.remove(&node);
        }
        let failing = self.tell_switch(handle, &switch);
        if switch.enabled && started && !self.is_elsewhere(&node) {
            self.clear_away(&node);
            if let Err(error) = self.spawn(&node).await {
                let _ = self.shared.coordinator().fail_enable(&node, error);
            }
        }
        let closed = (!switch.enabled && !started).then(|| node.clone());
        let ready = self.await_switch(handle, closed);
        let (shared, report) = (Arc::clone(&self.shared), self.report.clone());
        tokio::spawn(async move {
            let why = tokio::select! {
                biased;
                Ok(error) = failing => error,
                ready = ready => match ready {
                    Ok(()) => {
                        let said = shared.coordinator().finish_reconfigure();
                        let _ = switch.answer.send(said);
                        return;
                    }
                    Err(error) => {
                        if !switch.enabled {
                            shared.coordinator().fail_run(error.clone());
                        }
                        error
                    }
                },
            };
            if switch.enabled && shared.coordinator().run_failure().is_none() {
                let switch = Reconfigure {
                    tube: before,
                    ..switch
                };
                let undo = Rollback {
                    switch,
                    started,
                    why,
                };
                let _ = report.send(SupervisorMsg::Rollback(undo));
            } else {
                let _ = switch.answer.send(Err(why));
            }
        });
    }

    /// Undoes it. A process that was started for it is ended first.
    pub(crate) fn undo(&mut self, handle: &Handle<A>, mut undo: Rollback) {
        undo.why = self.missing(undo.why);
        self.tube = Arc::clone(&undo.switch.tube);
        match self.children.get(&undo.switch.node) {
            Some(child) if undo.started => {
                child.kill();
                self.undoing = Some(undo);
            }
            _ => self.undone(handle, undo),
        }
    }

    /// What was started is gone: tells all nodes that nothing has changed, and then whoever had asked why that is so.
    pub(crate) fn undone(&mut self, handle: &Handle<A>, undo: Rollback) {
        let failing = self.tell_switch(handle, &undo.switch);
        let ready = self.await_switch(handle, None);
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            tokio::select! {
                biased;
                Ok(_) = failing => {}
                ready = ready => match ready {
                    Ok(()) => drop(shared.coordinator().finish_reconfigure()),
                    Err(error) => shared.coordinator().fail_run(error),
                },
            }
            let _ = undo.switch.answer.send(Err(undo.why));
        });
    }

    /// The process of a node that is disabled has ended: if the node is enabled, another takes its place.
    pub(crate) fn ended_at_rest(&mut self, handle: &Handle<A>, node: Name, how: &str) {
        self.shared.coordinator().on_node_replaced(&node);
        let gone = node.clone();
        let _ = handle.tell(move |actor| actor.as_mut().forget(&gone));
        match self.undoing.take_if(|undo| undo.switch.node == node) {
            Some(undo) => self.undone(handle, undo),
            None => {
                tracing::warn!(%node, %how, "the process of a disabled node has ended; if it is enabled, it begins anew");
            }
        }
    }

    /// From now on the tube is this one: tells the engine, the nodes, and whoever is started later. Gives what hears that the node cannot be
    /// enabled, or that the run has broken down.
    fn tell_switch(
        &mut self,
        handle: &Handle<A>,
        switch: &Reconfigure,
    ) -> oneshot::Receiver<RunError> {
        self.tube = Arc::clone(&switch.tube);
        self.first_epoch = switch.first;
        self.shared.node_table().host(&switch.tube);
        let (failed, failing) = oneshot::channel();
        let (shared, tube) = (Arc::clone(&self.shared), Arc::clone(&switch.tube));
        let (node, first) = (switch.node.clone(), switch.first);
        let _ = handle.tell(move |actor| {
            let command = actor.as_mut();
            shared.drive(command, |coordinator| {
                coordinator.reconfigure(tube, first, node, failed);
            });
            command.ask_anew();
        });
        failing
    }

    fn await_switch(
        &self,
        handle: &Handle<A>,
        closed: Option<Name>,
    ) -> impl Future<Output = Result<(), RunError>> + Send + 'static {
        let (handle, ready) = (handle.clone(), hosted(&self.tube));
        let timeout = self.settings.ready_timeout;
        async move {
            let closed = closed.into_iter().collect();
            CommandNode::await_states(&handle, ready, closed, timeout).await
        }
    }
}
