//! The command node: tells the nodes what to do, and hears what they say.

use std::fmt;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::actor::{ActorError, Handle, Scope};
use crate::graph::{Epoch, Map, Name};
use crate::handlers;
use crate::runner::zmq::command::readiness::{COMMAND, ReadinessTable};
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::CommandSockets;
use crate::runner::{ClosedReason, RunError, UnreadyNode};
use crate::transport::{Endpoint, Protocol, TransportError};
use crate::wire::MessageType;
use crate::wire::message::{
    Deinit, EpochsEnded, Events, Failure, Health, Identify, Lend, Ping, Process, Resume, Start,
    Status, Stop, Subscription,
};

/// How often nodes are asked to identify themselves again while they are waited for.
const PING: Duration = Duration::from_secs(1);

/// Controls the nodes of a run: announces who is there, says what to process, and hears events, reports and errors.
///
/// It knows nothing of the graph; the [`ZmqRunner`](super::ZmqRunner) drives it through its methods and callbacks. Make a command node of
/// your own by wrapping one: see `examples/custom_runner.rs`.
pub struct CommandNode {
    scope: Scope,
    /// Where its gate listens on loopback, until it is given a network.
    #[cfg(feature = "remote")]
    port: Option<u16>,
    neighbours: PeerDirectory,
    sockets: Option<CommandSockets>,
    roster: ReadinessTable,
    waiters: Vec<Waiter>,
    on_inbox: Vec<InboxCallback>,
    on_router: Vec<RouterCallback>,
    on_joined: Vec<JoinedCallback>,
}

type InboxCallback = Box<dyn FnMut(&CommandNode, &Events) + Send>;
type RouterCallback = Box<dyn FnMut(&CommandNode, &RouterMessage) + Send>;
type JoinedCallback = Box<dyn FnMut(&CommandNode) + Send>;

/// What a node reports on the router.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RouterMessage {
    /// Who it is, and whom it knows.
    Identify(Identify),
    /// In which state it is.
    Status(Status),
    /// That it lives, and what it has done.
    Health(Health),
    /// What went wrong.
    Error(Failure),
}

/// A function that is called for what arrives; see [`CommandNode::add_callback`].
#[non_exhaustive]
pub enum Callback {
    /// Called for the events of every node.
    Inbox(InboxCallback),
    /// Called for the reports of every node.
    Router(RouterCallback),
    /// Called when somebody has subscribed to the commands, for the first time or again: they may have missed some.
    JoinedPeers(JoinedCallback),
}

impl Callback {
    /// For the events of every node.
    pub fn inbox(callback: impl FnMut(&CommandNode, &Events) + Send + 'static) -> Self {
        Self::Inbox(Box::new(callback))
    }

    /// For the reports of every node.
    pub fn router(callback: impl FnMut(&CommandNode, &RouterMessage) + Send + 'static) -> Self {
        Self::Router(Box::new(callback))
    }

    /// For those who have subscribed to the commands, for the first time or again.
    pub fn joined(callback: impl FnMut(&CommandNode) + Send + 'static) -> Self {
        Self::JoinedPeers(Box::new(callback))
    }
}

struct Waiter {
    nodes: Vec<Name>,
    /// These are to be closed instead.
    closed: Vec<Name>,
    done: oneshot::Sender<()>,
}

impl CommandNode {
    /// A command node without sockets yet; [`attach`](Self::attach) gives them.
    ///
    /// By [`Protocol::Tcp`] its addresses are those of plain tcp at `port` of this machine, until it is given a network by `through`; a gate
    /// (`transport::tcp::Listener`) there must lead to its directory.
    ///
    /// # Errors
    /// [`Protocol::Ipc`] with a port, and [`Protocol::Tcp`] without one or without the feature `remote`.
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
            neighbours: PeerDirectory::default(),
            sockets: None,
            roster: ReadinessTable::default(),
            waiters: Vec::new(),
            on_inbox: Vec::new(),
            on_router: Vec::new(),
            on_joined: Vec::new(),
        })
    }

    /// The same below another directory than [`runtime_root`](crate::transport::runtime_root).
    #[must_use]
    pub fn in_directory(mut self, runtime_dir: impl Into<std::path::PathBuf>) -> Self {
        self.scope.runtime_dir = runtime_dir.into();
        self
    }

    /// Reaches other hosts through this network, and is reached by its gate.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn through(mut self, network: crate::transport::tcp::AddressResolver) -> Self {
        self.neighbours = PeerDirectory::through(network);
        self.port = None;
        self
    }

    /// In a run of several hosts.
    #[must_use]
    pub(crate) fn beside(mut self, neighbours: PeerDirectory) -> Self {
        self.neighbours = neighbours;
        self
    }

    /// With these sockets.
    #[must_use]
    pub fn attach(mut self, sockets: CommandSockets) -> Self {
        self.sockets = Some(sockets);
        self
    }

    /// What fills the templates of its spec.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Where commands are published.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn pub_address(&self) -> Result<Endpoint, TransportError> {
        self.address(CommandSockets::OUTBOX.path(&self.scope))
    }

    /// Where nodes report.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn router_address(&self) -> Result<Endpoint, TransportError> {
        self.address(CommandSockets::ROUTER.path(&self.scope))
    }

    /// Where others reach one of its sockets.
    fn address(&self, path: std::path::PathBuf) -> Result<Endpoint, TransportError> {
        let own = Endpoint::ipc(path)?;
        #[cfg(feature = "remote")]
        if let Some(port) = self.port {
            use crate::transport::tcp::{AddressResolver, TcpAddress};
            let gate = TcpAddress::new(None, [format!("127.0.0.1:{port}")], "command/inbox")?;
            let directory = self.scope.runtime_dir.join(&self.scope.runner_id);
            return AddressResolver::new(directory, None)
                .with_listener(gate)
                .to_public(&own);
        }
        self.neighbours.published(own)
    }

    /// Its open sockets, to send messages of one's own.
    ///
    /// # Errors
    /// [`ActorError::Stopped`] if it was given none.
    pub fn sockets(&self) -> Result<&CommandSockets, ActorError> {
        self.sockets.as_ref().ok_or(ActorError::Stopped)
    }

    /// Has the nodes run `n` more epochs, after those they were asked for already; `None`: one after the other until [`stop`](Self::stop).
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn start(&self, n: Option<u32>) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Start {
            count: n.map(i64::from),
        })
    }

    /// Has the nodes stop running by themselves; epochs that were asked for are finished.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn stop(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Stop)
    }

    /// Tells every node who is there.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn announce(&self) -> Result<(), ActorError> {
        let router = self.router_address()?.to_string();
        self.sockets()?.outbox.send(&self.roster.announce(router))
    }

    /// Has every node identify itself again.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn ping(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Ping)
    }

    /// Has the nodes run one epoch, with these process-scoped inputs.
    ///
    /// # Errors
    /// No sockets, or closed ones; inputs that cannot be written.
    pub fn process(&self, epoch: Epoch, input: Map) -> Result<(), ActorError> {
        let input = (!input.is_empty()).then(|| input.into());
        self.sockets()?.outbox.send(&Process {
            epoch: Some(epoch),
            input,
        })
    }

    /// Tells the nodes that several root epochs are over, and which of them have failed or were left out.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn epochs_ended(&self, epochs: Vec<u32>, failed: Vec<u32>) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&EpochsEnded { epochs, failed })
    }

    /// Brings a node what it is called with, where nodes share objects; see [`Lend`].
    ///
    /// # Errors
    /// No sockets, or closed ones; values that cannot be written.
    pub fn lend(&self, lend: &Lend) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(lend)
    }

    /// Tells the nodes where the run stands; see [`Resume`].
    ///
    /// # Errors
    /// No sockets, or closed ones; inputs that cannot be written.
    pub fn resume(&self, resume: &Resume) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(resume)
    }

    /// Forgets what a node has told of itself: its process has ended. What is started in its place will tell anew.
    pub fn forget(&mut self, node_id: &str) {
        // Another host may take its place.
        #[cfg(feature = "remote")]
        if let (Some(known), Some(sockets)) = (self.roster.node(node_id), &self.sockets)
            && let Ok(outbox) = Endpoint::parse(&known.outbox)
            && outbox.remote().is_some()
        {
            sockets.inbox.disconnect(&outbox);
        }
        self.roster.forget(node_id);
    }

    /// Something has changed of which the nodes were told: each has yet to say that it is ready.
    pub(crate) fn ask_anew(&mut self) {
        self.roster.ask_anew();
        if let Err(error) = self.announce() {
            tracing::error!(%error, "the nodes cannot be told who is there");
        }
    }

    /// Has the nodes shut down.
    ///
    /// # Errors
    /// No sockets, or closed ones.
    pub fn deinit(&self) -> Result<(), ActorError> {
        self.sockets()?.outbox.send(&Deinit)
    }

    /// Has a function called for each message that arrives on the inbox or the router, after the command node has taken note of it.
    pub fn add_callback(&mut self, callback: Callback) {
        match callback {
            Callback::Inbox(callback) => self.on_inbox.push(callback),
            Callback::Router(callback) => self.on_router.push(callback),
            Callback::JoinedPeers(callback) => self.on_joined.push(callback),
        }
    }

    /// What a node has told of itself.
    #[must_use]
    pub fn node(&self, node_id: &str) -> Option<&Identify> {
        self.roster.node(node_id)
    }

    /// Which of these nodes are not ready, and for what each is waited.
    #[must_use]
    pub fn not_ready(&self, node_ids: &[Name]) -> Vec<UnreadyNode> {
        node_ids
            .iter()
            .filter_map(|node| self.roster.waits(node))
            .collect()
    }

    /// Waits until these nodes are ready, seen from both ends, and asks them to report every second until they are.
    ///
    /// An associated function, because the command node has to go on running while this waits.
    ///
    /// # Errors
    /// [`RunError::NotReady`] with each node that is not, and for what it waits.
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

    /// Waits until these nodes are ready, and those are closed.
    ///
    /// # Errors
    /// As [`await_ready`](Self::await_ready).
    pub(crate) async fn await_states<A>(
        handle: &Handle<A>,
        node_ids: Vec<Name>,
        closed: Vec<Name>,
        timeout: Duration,
    ) -> Result<(), RunError>
    where
        A: AsMut<Self> + 'static,
    {
        let stopped = |_| RunError::closed(ClosedReason::ActorStopped(None));
        let (done, ready) = oneshot::channel();
        let waiter = Waiter {
            nodes: node_ids.clone(),
            closed: closed.clone(),
            done,
        };
        handle
            .tell(|command| {
                let command = command.as_mut();
                command.waiters.push(waiter);
                command.look_for_ready();
            })
            .map_err(stopped)?;
        let pings = async {
            loop {
                tokio::time::sleep(PING).await;
                let _ = handle.tell(|command| {
                    let _ = command.as_mut().ping();
                });
            }
        };
        tokio::select! {
            known = ready => return known.map_err(|_| RunError::closed(ClosedReason::ActorStopped(None))),
            () = tokio::time::sleep(timeout) => {}
            () = pings => {}
        }
        let waiting = handle
            .ask(move |command| {
                let command = command.as_mut();
                let mut waiting = command.not_ready(&node_ids);
                let roster = &command.roster;
                let open = closed.into_iter().filter(|node| !roster.is_closed(node));
                waiting.extend(open.map(|node| UnreadyNode {
                    node,
                    what: "it is disabled, and has not shut down".into(),
                }));
                waiting
            })
            .await
            .map_err(stopped)?;
        // The last of them may have become ready at this very moment.
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(RunError::NotReady {
                after: timeout,
                waiting,
            })
        }
    }

    fn look_for_ready(&mut self) {
        let roster = &self.roster;
        for waiter in self.waiters.extract_if(.., |waiter| {
            waiter.nodes.iter().all(|node| roster.waits(node).is_none())
                && waiter.closed.iter().all(|node| roster.is_closed(node))
        }) {
            let _ = waiter.done.send(());
        }
    }

    fn report(&mut self, report: &RouterMessage) {
        let mut callbacks = std::mem::take(&mut self.on_router);
        for callback in &mut callbacks {
            callback(self, report);
        }
        callbacks.append(&mut self.on_router);
        self.on_router = callbacks;
    }
}

#[handlers(CommandSockets, addons)]
impl CommandNode {
    /// A node subscribed to the outbox, or its connection went: who is new must be told who is there.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        if self
            .roster
            .subscription(&subscription.topic, subscription.subscribed)
        {
            self.announce()?;
        }
        if subscription.subscribed && subscription.topic.is_empty() {
            let mut callbacks = std::mem::take(&mut self.on_joined);
            for callback in &mut callbacks {
                callback(self);
            }
            callbacks.append(&mut self.on_joined);
            self.on_joined = callbacks;
        }
        self.look_for_ready();
        Ok(())
    }

    /// A node says who it is: hear it from now on, and tell everybody.
    #[on_router(MessageType::Identify)]
    pub fn on_identify(&mut self, mut identify: Identify) -> Result<(), ActorError> {
        let outbox = match self.neighbours.vouch(&identify) {
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
        self.roster
            .identified(identify.node_id.clone(), identify.clone());
        self.sockets()?.inbox.connect(&outbox);
        self.announce()?;
        self.look_for_ready();
        self.report(&RouterMessage::Identify(identify));
        Ok(())
    }

    /// A node says in which state it is.
    #[on_router(MessageType::Status)]
    pub fn on_status(&mut self, status: Status) {
        if !self.roster.status(&status.node_id, status.status) {
            tracing::warn!(node = %status.node_id, "a status of a node that has not identified itself is ignored");
            return;
        }
        self.look_for_ready();
        self.report(&RouterMessage::Status(status));
    }

    /// A node says that it lives.
    #[on_router(Health)]
    pub fn on_health(&mut self, health: Health) {
        self.report(&RouterMessage::Health(health));
    }

    /// A node says what went wrong.
    #[on_router(MessageType::Error)]
    pub fn on_error(&mut self, failure: Failure) {
        self.report(&RouterMessage::Error(failure));
    }

    /// Nodes say what happened.
    #[on_inbox(MessageType::Event)]
    pub fn on_event(&mut self, events: Events) {
        let mut callbacks = std::mem::take(&mut self.on_inbox);
        for callback in &mut callbacks {
            callback(self, &events);
        }
        callbacks.append(&mut self.on_inbox);
        self.on_inbox = callbacks;
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
            .field("roster", &self.roster)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_that_cannot_be_used_says_what_to_do() {
        let ipc = CommandNode::new("r", Protocol::Ipc, None).unwrap();
        let address = ipc.in_directory("/run/x").pub_address().unwrap();
        assert_eq!(address.to_string(), "ipc:///run/x/r/command/outbox");
        let error = |protocol, port| {
            let made = CommandNode::new("r", protocol, port);
            made.map(drop).unwrap_err().to_string()
        };
        let said = error(Protocol::Ipc, Some(1));
        assert!(
            said.contains("`ipc with port 1`") && said.contains("no ports"),
            "{said}"
        );
        let said = error(Protocol::Tcp, None);
        if cfg!(feature = "remote") {
            assert!(said.contains("at which port"), "{said}");
        } else {
            assert!(said.contains("needs the feature `remote`"), "{said}");
        }
    }

    #[cfg(feature = "remote")]
    #[test]
    fn by_tcp_its_addresses_are_those_of_its_gate() {
        use crate::transport::keys::KeyPair;
        use crate::transport::tcp::{AddressResolver, TcpAddress};

        let tcp = CommandNode::new("r", Protocol::Tcp, Some(5600)).unwrap();
        let tcp = tcp.in_directory("/run/x");
        let address = tcp.router_address().unwrap().to_string();
        assert_eq!(address, "tcp://127.0.0.1:5600/command/inbox");
        let key = KeyPair::generate().unwrap();
        let public = key.public();
        let gate = TcpAddress::new(Some(public), ["10.0.0.1:5600"], "command/inbox").unwrap();
        let tcp = tcp.through(AddressResolver::new("/run/x/r", Some(key)).with_listener(gate));
        let address = tcp.pub_address().unwrap().to_string();
        assert_eq!(
            address,
            format!("tcp://{public}@10.0.0.1:5600/command/outbox")
        );
    }
}
