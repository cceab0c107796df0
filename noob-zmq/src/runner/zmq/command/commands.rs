//! Messages that a command node sends to the nodes.
//!
//! None of these methods blocks: a message is queued for the task that owns the socket.

use super::command_node::CommandNode;
use crate::actor::ActorError;
use crate::graph::{Epoch, Map};
use crate::wire::message::{Deinit, EpochsEnded, Lend, Ping, Process, Resume, Start, Stop};

impl CommandNode {
    /// Requests `n` more epochs, after those that were requested already; with `None`, all until
    /// [`stop`](Self::stop).
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn start(&self, n: Option<u32>) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Start {
            count: n.map(i64::from),
        })
    }

    /// Ends a free run; epochs that were requested are completed.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn stop(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Stop)
    }

    /// Announces the known nodes and their addresses to every node.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn announce(&self) -> Result<(), ActorError> {
        let router = self.router_address()?.to_string();
        self.sockets()?
            .outbox
            .send(&self.readiness.announce(router))
    }

    /// Requests every node to identify itself again.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn ping(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Ping)
    }

    /// Requests one epoch, with these process-scoped inputs.
    ///
    /// # Errors
    /// No sockets, or closed ones; inputs that cannot be encoded.
    pub fn process(&self, epoch: Epoch, input: Map) -> Result<(), ActorError> {
        let input = (!input.is_empty()).then(|| input.into());
        self.sockets()?.outbox.send(&Process {
            epoch: Some(epoch),
            input,
        })
    }

    /// Closes root epochs at the nodes; `failed` are those of them that have failed or were
    /// skipped.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn epochs_ended(&self, epochs: Vec<u32>, failed: Vec<u32>) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&EpochsEnded { epochs, failed })
    }

    /// Sends the inputs of a call to a node, where nodes share objects; see [`Lend`].
    ///
    /// # Errors
    /// No sockets, or closed ones; values that cannot be encoded.
    pub fn lend(&self, lend: &Lend) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(lend)
    }

    /// Sends the state of the run to the nodes; see [`Resume`].
    ///
    /// # Errors
    /// No sockets, or closed ones; inputs that cannot be encoded.
    pub fn resume(&self, resume: &Resume) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(resume)
    }

    /// Shuts the nodes down.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn deinit(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Deinit)
    }
}
