//! Opens the sockets of a spec.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::sender_check::{RejectCounters, SenderPolicy};
use super::socket::SocketInner;
use super::{ActorError, ActorSpec, Scope, SocketRole};
use crate::transport::{Endpoint, Inbound, SUBSCRIBER, SocketConfig, SocketHandle, SocketKind};
use crate::wire::Codec;

/// How many messages may have arrived and not been taken up before peers are made to wait.
const ARRIVALS: usize = 4096;

/// Opens the sockets of a spec, for the loop that runs its actor.
#[derive(Debug)]
pub struct Opener {
    spec: &'static ActorSpec,
    scope: Scope,
    arriving: mpsc::Sender<Inbound>,
    arrivals: mpsc::Receiver<Inbound>,
    socket_tasks: Vec<JoinHandle<()>>,
    reject_counters: RejectCounters,
    #[cfg(feature = "remote")]
    network: Option<crate::transport::tcp::AddressResolver>,
}

impl Opener {
    /// For the sockets of `spec`, with its templates filled from `scope`.
    #[must_use]
    pub fn new(spec: &'static ActorSpec, scope: Scope) -> Self {
        let (arriving, arrivals) = mpsc::channel(ARRIVALS);
        Self {
            spec,
            scope,
            arriving,
            arrivals,
            socket_tasks: Vec::new(),
            reject_counters: RejectCounters::default(),
            #[cfg(feature = "remote")]
            network: None,
        }
    }

    /// With a way to sockets of other hosts.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn with_resolver(mut self, network: crate::transport::tcp::AddressResolver) -> Self {
        self.network = Some(network);
        self
    }

    /// Opens socket number `index`; [`Socket::from_inner`](super::Socket::from_inner) gives it its type.
    ///
    /// # Errors
    /// A number that the spec does not have; an address that cannot be bound.
    pub async fn open(&mut self, index: usize) -> Result<SocketInner, ActorError> {
        let Some(spec) = self.spec.sockets.get(index) else {
            return Err(ActorError::NoSocket {
                actor: self.spec.name,
                index,
                known: self.spec.sockets.len(),
            });
        };
        let subscribes = matches!(spec.kind, SocketKind::Sub | SocketKind::XSub);
        let name = &self.scope.id;
        let options = SocketConfig {
            kind: spec.kind,
            socket: index,
            name: format!("{}.{}", self.spec.name, spec.name).into(),
            identity: self.scope.identity(spec.identity).into(),
            packs: spec.kind == SocketKind::XPub && Codec::default() == Codec::MsgPack,
            delimits: spec.kind == SocketKind::Dealer
                && spec.peers.iter().any(|peer| peer.kind == SocketKind::Rep),
            // Everything, and (for the publisher to know who listens) a topic that bears its name, as noob does it.
            topics: if subscribes {
                vec![String::new(), format!("{SUBSCRIBER}{name}")]
            } else {
                Vec::new()
            },
            #[cfg(feature = "remote")]
            network: self.network.clone(),
        };
        let peers = SenderPolicy::of(spec, &self.scope);
        let endpoint = || Endpoint::ipc(self.scope.path(spec.path));
        let (link, bound) = match spec.role {
            SocketRole::Bind => {
                let endpoint = endpoint()?;
                let (link, owner) =
                    SocketHandle::bind(options, &endpoint, self.arriving.clone()).await?;
                self.socket_tasks.push(owner);
                (link, Some(endpoint))
            }
            SocketRole::Connect | SocketRole::ConnectLater => {
                let (link, owner) = SocketHandle::connecting(options, self.arriving.clone());
                self.socket_tasks.extend(owner);
                if spec.role == SocketRole::Connect {
                    let endpoint = endpoint()?;
                    link.connect(&endpoint, peers.origin(&endpoint));
                }
                (link, None)
            }
        };
        Ok(SocketInner {
            link,
            peers,
            reject_counters: self.reject_counters.clone(),
            sender: self.scope.id.as_str().into(),
            codec: Codec::default(),
            endpoint: bound,
        })
    }

    pub(super) fn into_parts(self) -> OpenParts {
        let sockets = self.spec.sockets.iter();
        OpenParts {
            peers: sockets
                .map(|spec| SenderPolicy::of(spec, &self.scope))
                .collect(),
            arrivals: self.arrivals,
            socket_tasks: self.socket_tasks,
            reject_counters: self.reject_counters,
        }
    }
}

/// What the loop of an actor needs of what was opened.
pub(super) struct OpenParts {
    pub(super) arrivals: mpsc::Receiver<Inbound>,
    pub(super) socket_tasks: Vec<JoinHandle<()>>,
    /// The peers of each socket.
    pub(super) peers: Vec<SenderPolicy>,
    pub(super) reject_counters: RejectCounters,
}
