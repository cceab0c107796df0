//! [`CommandNode`]: the actor that controls the nodes of a run.

use std::fmt;

use super::await_ready::Waiter;
use super::observers::{Observers, RouterMessage};
use super::readiness::ReadinessTable;
use crate::actor::{ActorError, Scope, Sends, XPub};
use crate::graph::Name;
use crate::handlers;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::{COMMAND, CommandSockets};
use crate::transport::{Endpoint, RuntimeDir, TransportError};
use crate::wire::message::{
    Events, Failure, Health, Identify, Observe, Ping, Progress, Receipt, Status, Subscription,
};
use crate::wire::{Message, MessageType};

/// Controls the nodes of a run: announces them to each other, sends commands, and receives events,
/// status messages and errors.
///
/// A command node knows nothing of the graph: the [`ZmqRunner`](super::super::ZmqRunner) drives it
/// by its methods and callbacks. Wrap one to make a command node of your own: see
/// `examples/custom_runner.rs`.
pub struct CommandNode {
    scope: Scope,
    peers: PeerDirectory,
    sockets: Option<CommandSockets>,
    pub(super) readiness: ReadinessTable,
    pub(super) waiters: Vec<Waiter>,
    /// Whether nodes send the values of all events, and not those alone that the run uses.
    observes: bool,
    /// Signals that somebody taps: node and signal.
    sampled: Vec<(Name, Name)>,
    /// Whether the inbox receives everything that nodes publish, for an actor of the caller.
    receives_all: bool,
    on_inbox: Observers<Events>,
    on_receipt: Observers<Receipt>,
    on_router: Observers<RouterMessage>,
    on_joined: Observers<()>,
}

impl CommandNode {
    /// Returns the command node of the run with this directory, without sockets;
    /// [`attach`](Self::attach) gives them.
    #[must_use]
    pub fn new(directory: &RuntimeDir) -> Self {
        Self {
            scope: Scope::of(directory, COMMAND),
            peers: PeerDirectory::default(),
            sockets: None,
            readiness: ReadinessTable::default(),
            waiters: Vec::new(),
            observes: false,
            sampled: Vec::new(),
            receives_all: true,
            on_inbox: Observers::default(),
            on_receipt: Observers::default(),
            on_router: Observers::default(),
            on_joined: Observers::default(),
        }
    }

    /// Sets the peers on other hosts.
    #[must_use]
    pub(crate) fn with_peers(mut self, peers: PeerDirectory) -> Self {
        self.peers = peers;
        self
    }

    /// Has the inbox receive of the nodes only what the run itself uses.
    #[must_use]
    pub(crate) const fn with_receipts(mut self) -> Self {
        self.receives_all = false;
        self
    }

    /// Sets the nodes of the run.
    ///
    /// A subscriber that is none of them is told of all nodes, again whenever one identifies
    /// itself, so that the nodes must be known before their processes start.
    #[must_use]
    pub(crate) fn with_nodes(mut self, nodes: &[Name]) -> Self {
        self.readiness.expect(nodes);
        self
    }

    /// Gives the command node its sockets.
    #[must_use]
    pub fn attach(mut self, sockets: CommandSockets) -> Self {
        self.sockets = Some(sockets);
        self
    }

    /// Returns the values for the templates of its socket spec.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns the address where nodes report.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn router_address(&self) -> Result<Endpoint, TransportError> {
        let own = Endpoint::ipc(CommandSockets::ROUTER.path(&self.scope))?;
        self.peers.to_public(own)
    }

    /// Sends a message to every node; it is queued for the task that owns the socket.
    ///
    /// # Errors
    /// No sockets, or closed ones; a message that cannot be encoded.
    pub fn send<M: Message>(&self, message: &M) -> Result<(), ActorError>
    where
        CommandSockets: Sends<M, XPub>,
    {
        self.sockets()?.outbox.send(message)
    }

    /// Announces all known nodes and their addresses to every subscriber.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn announce(&self) -> Result<(), ActorError> {
        let router = self.router_address()?.to_string();
        self.send(&self.readiness.announce(router))
    }

    /// Announces to a node the addresses of its neighbours.
    fn announce_to(&self, node: &Name) -> Result<(), ActorError> {
        let router = self.router_address()?.to_string();
        let announce = self.readiness.announce_to(node, router);
        self.sockets()?.router.send_to(node.as_bytes(), &announce)
    }

    /// Returns the open sockets, to send messages of the caller.
    ///
    /// # Errors
    /// [`ActorError::Stopped`] if it has no sockets.
    pub fn sockets(&self) -> Result<&CommandSockets, ActorError> {
        self.sockets.as_ref().ok_or(ActorError::Stopped)
    }

    /// Forgets the identification of a node: its process has ended, and the next one identifies
    /// itself.
    pub fn forget(&mut self, node_id: &str) {
        // Another host may take the place of one that has gone, at another address.
        #[cfg(feature = "remote")]
        if let (Some(known), Some(sockets)) = (self.readiness.node(node_id), &self.sockets)
            && let Ok(outbox) = Endpoint::parse(&known.outbox)
            && outbox.remote().is_some()
        {
            sockets.inbox.disconnect(&outbox);
        }
        self.readiness.remove(node_id);
    }

    /// Requires each node to confirm anew that it is ready: the tube was changed.
    pub(crate) fn reset_readiness(&mut self) {
        self.readiness.reset_status();
        // A ping comes behind the message by which the nodes learn of the change.
        if let Err(error) = self.send(&Ping) {
            tracing::error!(%error, "the nodes cannot be asked to confirm that they are ready");
        }
    }

    /// Adds a function that is called for the events of every node, from the next epoch on that is
    /// opened.
    ///
    /// The actor loop calls it: it must not block. It can send by the command node that it is
    /// given.
    pub fn observe_events(&mut self, function: impl FnMut(&Self, &Events) + Send + 'static) {
        self.on_inbox.add(Box::new(function));
        self.receive_all_values();
    }

    /// Adds the functions of the run, which are called for the events of every node, and for
    /// receipts where a node withholds values.
    pub(crate) fn observe_run(
        &mut self,
        on_events: impl FnMut(&Self, &Events) + Send + 'static,
        on_receipt: impl FnMut(&Self, &Receipt) + Send + 'static,
    ) {
        self.on_inbox.add(Box::new(on_events));
        self.on_receipt.add(Box::new(on_receipt));
    }

    /// Has the nodes send the values of all events; those that join later, too.
    pub(crate) fn receive_all_values(&mut self) {
        self.observes = true;
        if self.sockets.is_some()
            && let Err(error) = self.send_observe(true)
        {
            tracing::error!(%error, "the nodes cannot be asked for the values of all events");
        }
    }

    /// Has the nodes send samples of these signals, and of no others, with their health reports.
    pub(crate) fn sample(&mut self, signals: Vec<(Name, Name)>) {
        self.sampled = signals;
        if let Err(error) = self.send_observe(self.observes) {
            tracing::warn!(%error, "the nodes cannot be asked for samples of signals");
        }
    }

    /// Tells the nodes which values to send beside those of the run.
    pub(crate) fn send_observe(&self, all: bool) -> Result<(), ActorError> {
        let sampled = self.sampled.clone();
        self.send(&Observe { all, sampled })
    }

    /// Adds a function that is called for the messages of every node on the router, in the same
    /// way.
    pub fn observe_reports(
        &mut self,
        function: impl FnMut(&Self, &RouterMessage) + Send + 'static,
    ) {
        self.on_router.add(Box::new(function));
    }

    /// Adds a function that is called when a node has subscribed to the commands, for the first
    /// time or again: it may have missed some.
    pub fn observe_joins(&mut self, mut function: impl FnMut(&Self) + Send + 'static) {
        self.on_joined
            .add(Box::new(move |command, ()| function(command)));
    }

    /// Returns the identification of a node.
    #[must_use]
    pub fn node(&self, node_id: &str) -> Option<&Identify> {
        self.readiness.node(node_id)
    }
}

#[handlers(CommandSockets, addons)]
impl CommandNode {
    /// Announces all nodes to a new subscriber of the commands that is no part of the run.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        let Subscription {
            topic, subscribed, ..
        } = subscription;
        if subscribed && topic.is_empty() {
            if self.observes || !self.sampled.is_empty() {
                self.send_observe(self.observes)?;
            }
            self.on_joined.call(self, &());
        }
        if let Some(name) = self.readiness.on_subscription(&topic, subscribed) {
            if self.readiness.is_observer(&name) {
                self.announce()?;
            }
            self.notify_waiters();
        }
        Ok(())
    }

    /// Connects to the outbox of a node, and announces the node to those that it feeds.
    #[on_router(MessageType::Identify)]
    pub fn on_identify(&mut self, mut identify: Identify) -> Result<(), ActorError> {
        let outbox = match self.peers.check_address(&identify) {
            Ok(outbox) => outbox,
            Err(error) => {
                let router = &self.sockets()?.router;
                router
                    .reject_counters()
                    .count_invalid("router", &identify.node_id, &error);
                return Ok(());
            }
        };
        identify.outbox = outbox.to_string();
        let due = self.readiness.on_identify(identify.clone());
        let inbox = &self.sockets()?.inbox;
        if self.receives_all {
            inbox.connect(&outbox);
        } else {
            let topics = [Events::KIND, Receipt::KIND].map(str::to_owned);
            inbox.connect_to_topics(&outbox, topics.into());
        }
        for node in due {
            self.announce_to(&node)?;
        }
        if self.readiness.has_observers() {
            self.announce()?;
        }
        self.notify_waiters();
        self.on_router
            .call(self, &RouterMessage::Identify(identify));
        Ok(())
    }

    /// Records the status of a node.
    #[on_router(MessageType::Status)]
    pub fn on_status(&mut self, status: Status) {
        if !self.readiness.on_status(&status.node_id, status.status) {
            tracing::warn!(node = %status.node_id, "a status of a node that has not identified \
                itself is ignored");
            return;
        }
        self.notify_waiters();
        self.on_router.call(self, &RouterMessage::Status(status));
    }

    /// Passes the health report of a node on to the observers.
    #[on_router(Health)]
    pub fn on_health(&mut self, health: Health) {
        self.on_router.call(self, &RouterMessage::Health(health));
    }

    /// Passes the error of a node on to the observers.
    #[on_router(MessageType::Failure)]
    pub fn on_error(&mut self, failure: Failure) {
        self.on_router.call(self, &RouterMessage::Error(failure));
    }

    /// Ignores what nodes tell those that they feed: the coordinator knows all events.
    #[on_inbox(Progress)]
    pub fn on_progress(&mut self, _progress: Progress) {}

    /// Passes receipts of nodes on to the run.
    #[on_inbox(Receipt)]
    pub fn on_receipt(&mut self, receipt: Receipt) {
        self.on_receipt.call(self, &receipt);
    }

    /// Passes events of nodes on to the observers.
    #[on_inbox(MessageType::Events)]
    pub fn on_event(&mut self, events: Events) {
        self.on_inbox.call(self, &events);
    }
}

impl AsMut<Self> for CommandNode {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl fmt::Debug for CommandNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandNode")
            .field("scope", &self.scope)
            .field("readiness", &self.readiness)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_a_path_or_that_of_the_listener() {
        let root = tempfile::tempdir().unwrap();
        let directory = RuntimeDir::create(&root.path().join("runs")).unwrap();
        let path = directory.path().display().to_string();
        let command = CommandNode::new(&directory);
        let address = command.router_address().unwrap().to_string();
        assert_eq!(address, format!("ipc://{path}/command/inbox"));
        #[cfg(feature = "remote")]
        {
            use crate::transport::keys::KeyPair;
            use crate::transport::tcp::{AddressResolver, TcpAddress};

            let key = KeyPair::generate().unwrap();
            let public = key.public();
            let listener =
                TcpAddress::new(Some(public), ["10.0.0.1:5600"], "command/inbox").unwrap();
            let resolver = AddressResolver::new(path, Some(key)).with_listener(listener);
            let address = command
                .with_peers(PeerDirectory::through(resolver))
                .router_address()
                .unwrap();
            assert_eq!(
                address.to_string(),
                format!("tcp://{public}@10.0.0.1:5600/command/inbox")
            );
        }
    }
}
