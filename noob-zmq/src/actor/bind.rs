//! Opens the sockets of a spec: binds and connects them, and wires them to the loop of their actor.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::actor_id::ActorId;
use super::sender_check::SenderPolicy;
use super::socket::SocketInner;
use super::{ActorError, ActorSpec, RejectCounters, Scope, SocketRole, SocketSpec};
use crate::transport::{
    Endpoint, Inbound, SUBSCRIBER, SocketConfig, SocketHandle, SocketKind, memory_topic,
};
use crate::wire::{Codec, Events, Message};

/// Number of messages that may have arrived unhandled before the sockets stop reading.
const INBOUND_CAPACITY: usize = 4096;

/// Opener of the sockets of a spec, for the loop that runs its actor.
///
/// [`ActorLoop::open`](super::ActorLoop::open) makes one; make your own for
/// [`ActorLoop::open_with`](super::ActorLoop::open_with) to reach sockets of other hosts.
#[derive(Debug)]
pub struct Opener {
    spec: &'static ActorSpec,
    scope: Scope,
    sender: mpsc::Sender<Inbound>,
    pub(super) inbound: mpsc::Receiver<Inbound>,
    pub(super) socket_tasks: Vec<JoinHandle<()>>,
    pub(super) reject_counters: RejectCounters,
    /// Sockets that receive, by number: the loop keeps them open, so that an actor that does not
    /// keep its sockets receives all the same.
    pub(super) receiving: BTreeMap<usize, SocketInner>,
    #[cfg(feature = "remote")]
    resolver: Option<crate::transport::tcp::AddressResolver>,
}

impl Opener {
    /// Creates an opener for the sockets of `spec`, whose templates `scope` fills.
    #[must_use]
    pub fn new(spec: &'static ActorSpec, scope: Scope) -> Self {
        // Bounded: a flood fills the buffers of the peers instead of the memory of this process.
        let (sender, inbound) = mpsc::channel(INBOUND_CAPACITY);
        Self {
            spec,
            scope,
            sender,
            inbound,
            socket_tasks: Vec::new(),
            reject_counters: RejectCounters::default(),
            receiving: BTreeMap::new(),
            #[cfg(feature = "remote")]
            resolver: None,
        }
    }

    /// Sets the resolver by which the sockets reach sockets of other hosts.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn with_resolver(mut self, resolver: crate::transport::tcp::AddressResolver) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Opens socket number `index`; [`Socket::from_inner`](super::Socket::from_inner) gives it its
    /// type.
    ///
    /// Must be called in a tokio runtime, which runs the task of the socket.
    ///
    /// # Errors
    /// Returns an error if the spec has no such socket, or if its address cannot be bound.
    pub async fn open(&mut self, index: usize) -> Result<SocketInner, ActorError> {
        let Some(spec) = self.spec.sockets.get(index) else {
            return Err(ActorError::NoSocket {
                actor: self.spec.name,
                index,
                known: self.spec.sockets.len(),
            });
        };
        let config = self.config(index, spec);
        let policy = SenderPolicy::new(spec, &self.scope);
        let endpoint = || Endpoint::ipc(self.scope.path(spec.path));
        let (handle, bound) = match spec.role {
            SocketRole::Bind => {
                let endpoint = endpoint()?;
                let (handle, task) =
                    SocketHandle::bind(config, &endpoint, self.sender.clone()).await?;
                self.socket_tasks.push(task);
                (handle, Some(endpoint))
            }
            SocketRole::Connect | SocketRole::ConnectLater => {
                let (handle, task) = SocketHandle::connecting(config, self.sender.clone());
                self.socket_tasks.extend(task);
                if spec.role == SocketRole::Connect {
                    let endpoint = endpoint()?;
                    handle.connect(&endpoint, policy.peer_at(&endpoint), None);
                }
                (handle, None)
            }
        };
        let socket = SocketInner {
            handle,
            policy,
            reject_counters: self.reject_counters.clone(),
            sender: self.scope.id.as_str().into(),
            codec: spec.codec,
            sends: spec.sends,
            endpoint: bound,
        };
        if spec.kind.receives() {
            self.receiving.insert(index, socket.clone());
        }
        Ok(socket)
    }

    fn config(&self, index: usize, spec: &SocketSpec) -> SocketConfig {
        let topics = if matches!(spec.kind, SocketKind::Sub | SocketKind::XSub) {
            // Everything, and topics by which the publisher learns who subscribes, and whether the
            // subscriber can read its memory.
            let takes_events = spec.receives.iter().any(|kind| kind.kind == Events::KIND);
            let shares = takes_events && spec.role != SocketRole::Bind;
            let memory = shares.then(|| memory_topic(&self.scope.id)).flatten();
            let name = format!("{SUBSCRIBER}{}", self.scope.id);
            [String::new()]
                .into_iter()
                .chain(memory)
                .chain([name])
                .collect()
        } else {
            Vec::new()
        };
        SocketConfig {
            kind: spec.kind,
            socket: index,
            name: format!("{}.{}", self.spec.name, spec.name).into(),
            identity: self.scope.identity(spec.identity).into(),
            packs: spec.kind == SocketKind::XPub && spec.codec == Codec::MsgPack,
            delimits: spec.kind == SocketKind::Dealer
                && spec.peers.iter().any(|peer| peer.kind == SocketKind::Rep),
            topics,
            #[cfg(feature = "remote")]
            network: self.resolver.clone(),
        }
    }

    /// Returns the policy of each socket, in the order of the spec.
    pub(super) fn policies(&self) -> Vec<SenderPolicy> {
        let sockets = self.spec.sockets.iter();
        sockets
            .map(|spec| SenderPolicy::new(spec, &self.scope))
            .collect()
    }

    /// Takes the id of the actor, which no other actor of the same spec may have while it runs.
    pub(super) fn claim_id(&self) -> Result<Option<ActorId>, ActorError> {
        ActorId::claim(&self.scope, self.spec.name)
    }
}
