//! [`CommandNode`]: the actor that controls the nodes of a run.

use std::fmt;

use super::await_ready::Waiter;
use super::observers::{Callback, Observers, RouterMessage};
use super::readiness::ReadinessTable;
use crate::actor::{ActorError, Scope};
use crate::handlers;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::{COMMAND, CommandSockets};
use crate::transport::{Endpoint, Protocol, TransportError};
use crate::wire::MessageType;
use crate::wire::message::{Events, Failure, Health, Identify, Status, Subscription};

/// Controls the nodes of a run: announces them to each other, sends commands, and receives events,
/// status messages and errors.
///
/// A command node knows nothing of the graph: the [`ZmqRunner`](super::super::ZmqRunner) drives it
/// by its methods and callbacks. Wrap one to make a command node of your own: see
/// `examples/custom_runner.rs`.
pub struct CommandNode {
    scope: Scope,
    /// Port of its listener on loopback, until it is given a resolver.
    #[cfg(feature = "remote")]
    port: Option<u16>,
    peers: PeerDirectory,
    sockets: Option<CommandSockets>,
    pub(super) readiness: ReadinessTable,
    pub(super) waiters: Vec<Waiter>,
    on_inbox: Observers<Events>,
    on_router: Observers<RouterMessage>,
    on_joined: Observers<()>,
}

impl CommandNode {
    /// Returns a command node without sockets; [`attach`](Self::attach) gives them.
    ///
    /// With [`Protocol::Tcp`], its addresses are those of plain tcp at `port` of this machine,
    /// until it is given a resolver by `through`; a listener there
    /// (`transport::tcp::Listener`) must lead to its directory.
    ///
    /// # Errors
    /// [`Protocol::Ipc`] with a port, and [`Protocol::Tcp`] without one or without the feature
    /// `remote`.
    pub fn new(
        runner_id: &str,
        protocol: Protocol,
        port: Option<u16>,
    ) -> Result<Self, TransportError> {
        let help = match (protocol, port) {
            (Protocol::Ipc, None) => None,
            (Protocol::Ipc, Some(_)) => Some("`ipc` has no ports; give none"),
            (Protocol::Tcp, _) if cfg!(not(feature = "remote")) => {
                Some("it needs the feature `remote` of noob-zmq")
            }
            (Protocol::Tcp, None) => Some("say at which port its gate listens"),
            (Protocol::Tcp, Some(_)) => None,
        };
        if let Some(help) = help {
            let protocol = match port {
                Some(port) => format!("{protocol} with port {port}"),
                None => protocol.to_string(),
            };
            return Err(TransportError::Protocol { protocol, help });
        }
        let scope = Scope {
            runtime_dir: crate::transport::runtime_root(),
            runner_id: runner_id.to_owned(),
            id: COMMAND.to_owned(),
        };
        Ok(Self {
            scope,
            #[cfg(feature = "remote")]
            port,
            peers: PeerDirectory::default(),
            sockets: None,
            readiness: ReadinessTable::default(),
            waiters: Vec::new(),
            on_inbox: Observers::default(),
            on_router: Observers::default(),
            on_joined: Observers::default(),
        })
    }

    /// Replaces the directory below which the run has its own;
    /// [`runtime_root`](crate::transport::runtime_root) by default.
    #[must_use]
    pub fn in_directory(mut self, runtime_dir: impl Into<std::path::PathBuf>) -> Self {
        self.scope.runtime_dir = runtime_dir.into();
        self
    }

    /// Reaches other hosts through this resolver, and is reached by its listener.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn through(mut self, resolver: crate::transport::tcp::AddressResolver) -> Self {
        self.peers = PeerDirectory::through(resolver);
        self.port = None;
        self
    }

    /// Sets the peers on other hosts.
    #[must_use]
    pub(crate) fn with_peers(mut self, peers: PeerDirectory) -> Self {
        self.peers = peers;
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

    /// Returns the address where commands are published.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn pub_address(&self) -> Result<Endpoint, TransportError> {
        self.address(CommandSockets::OUTBOX.path(&self.scope))
    }

    /// Returns the address where nodes report.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn router_address(&self) -> Result<Endpoint, TransportError> {
        self.address(CommandSockets::ROUTER.path(&self.scope))
    }

    /// Returns the address by which others reach the socket at `path`.
    fn address(&self, path: std::path::PathBuf) -> Result<Endpoint, TransportError> {
        let own = Endpoint::ipc(path)?;
        #[cfg(feature = "remote")]
        if let Some(port) = self.port {
            use crate::transport::tcp::{AddressResolver, TcpAddress};
            let listener = TcpAddress::new(None, [format!("127.0.0.1:{port}")], "command/inbox")?;
            let directory = self.scope.runtime_dir.join(&self.scope.runner_id);
            return AddressResolver::new(directory, None)
                .with_listener(listener)
                .to_public(&own);
        }
        self.peers.to_public(own)
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
        if let Err(error) = self.announce() {
            tracing::error!(%error, "the nodes cannot be announced to each other");
        }
    }

    /// Adds a function that is called for each message of its kind, after the command node has
    /// processed the message.
    ///
    /// The function is called on the event loop of the actor and must not block.
    pub fn add_callback(&mut self, callback: Callback) {
        match callback {
            Callback::Inbox(callback) => self.on_inbox.add(callback),
            Callback::Router(callback) => self.on_router.add(callback),
            Callback::Joined(callback) => self.on_joined.add(callback),
        }
    }

    /// Returns the identification of a node.
    #[must_use]
    pub fn node(&self, node_id: &str) -> Option<&Identify> {
        self.readiness.node(node_id)
    }
}

#[handlers(CommandSockets, addons)]
impl CommandNode {
    /// Announces the nodes to a new subscriber of the commands.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        if self
            .readiness
            .on_subscription(&subscription.topic, subscription.subscribed)
        {
            self.announce()?;
        }
        if subscription.subscribed && subscription.topic.is_empty() {
            self.on_joined.call(self, &());
        }
        self.notify_waiters();
        Ok(())
    }

    /// Connects to the outbox of a node, and announces the node to all.
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
        self.readiness
            .on_identify(identify.node_id.clone(), identify.clone());
        self.sockets()?.inbox.connect(&outbox);
        self.announce()?;
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
    #[on_router(MessageType::Error)]
    pub fn on_error(&mut self, failure: Failure) {
        self.on_router.call(self, &RouterMessage::Error(failure));
    }

    /// Passes events of nodes on to the observers.
    #[on_inbox(MessageType::Event)]
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
    fn unusable_protocol_is_an_error_that_helps() {
        let ipc = CommandNode::new("r", Protocol::Ipc, None).unwrap();
        let address = ipc.in_directory("/run/x").pub_address().unwrap();
        assert_eq!(address.to_string(), "ipc:///run/x/r/command/outbox");
        let error = |protocol, port| {
            let made = CommandNode::new("r", protocol, port);
            made.map(drop).unwrap_err().to_string()
        };
        let text = error(Protocol::Ipc, Some(1));
        assert!(
            text.contains("`ipc with port 1`") && text.contains("no ports"),
            "{text}"
        );
        let text = error(Protocol::Tcp, None);
        if cfg!(feature = "remote") {
            assert!(text.contains("at which port"), "{text}");
        } else {
            assert!(text.contains("needs the feature `remote`"), "{text}");
        }
    }

    #[cfg(feature = "remote")]
    #[test]
    fn tcp_addresses_are_those_of_the_listener() {
        use crate::transport::keys::KeyPair;
        use crate::transport::tcp::{AddressResolver, TcpAddress};

        let tcp = CommandNode::new("r", Protocol::Tcp, Some(5600)).unwrap();
        let tcp = tcp.in_directory("/run/x");
        let address = tcp.router_address().unwrap().to_string();
        assert_eq!(address, "tcp://127.0.0.1:5600/command/inbox");
        let key = KeyPair::generate().unwrap();
        let public = key.public();
        let listener = TcpAddress::new(Some(public), ["10.0.0.1:5600"], "command/inbox").unwrap();
        let tcp = tcp.through(AddressResolver::new("/run/x/r", Some(key)).with_listener(listener));
        let address = tcp.pub_address().unwrap().to_string();
        assert_eq!(
            address,
            format!("tcp://{public}@10.0.0.1:5600/command/outbox")
        );
    }
}
