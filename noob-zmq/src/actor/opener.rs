//! Opens the sockets of a spec.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::socket::Opened;
use super::{ActorError, ActorSpec, Role, Scope};
use crate::transport::{Delivery, Endpoint, Link, LinkOptions, SocketKind};
use crate::wire::Codec;

/// How many messages may have arrived and not been taken up before peers are made to wait.
const ARRIVALS: usize = 4096;
/// What a SUB hears: everything, and (for the publisher to know who listens) a topic that bears its name, as noob does it.
pub(crate) const SUBSCRIBER: &str = "__subscriber__:";

/// Opens the sockets of a spec, for the loop that runs its actor.
#[derive(Debug)]
pub struct Opener {
    spec: &'static ActorSpec,
    scope: Scope,
    arriving: mpsc::Sender<Delivery>,
    arrivals: mpsc::Receiver<Delivery>,
    owners: Vec<JoinHandle<()>>,
    #[cfg(feature = "tls")]
    network: Option<crate::transport::tcp::Network>,
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
            owners: Vec::new(),
            #[cfg(feature = "tls")]
            network: None,
        }
    }

    /// With a way to sockets of other hosts.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn through(mut self, network: crate::transport::tcp::Network) -> Self {
        self.network = Some(network);
        self
    }

    /// Opens socket number `index`; [`Socket::from_opened`](super::Socket::from_opened) gives it its type.
    ///
    /// # Errors
    /// A number that the spec does not have; an address that cannot be bound.
    pub async fn open(&mut self, index: usize) -> Result<Opened, ActorError> {
        let Some(spec) = self.spec.sockets.get(index) else {
            return Err(ActorError::NoSocket {
                actor: self.spec.name,
                index,
                known: self.spec.sockets.len(),
            });
        };
        let subscribes = matches!(spec.kind, SocketKind::Sub | SocketKind::XSub);
        let name = &self.scope.id;
        let options = LinkOptions {
            kind: spec.kind,
            socket: index,
            name: format!("{}.{}", self.spec.name, spec.name).into(),
            identity: self.scope.identity(spec.identity).into(),
            packs: spec.kind == SocketKind::XPub && Codec::default() == Codec::MsgPack,
            delimits: spec.kind == SocketKind::Dealer
                && spec.peers.iter().any(|peer| peer.kind == SocketKind::Rep),
            topics: if subscribes {
                vec![String::new(), format!("{SUBSCRIBER}{name}")]
            } else {
                Vec::new()
            },
            #[cfg(feature = "tls")]
            network: self.network.clone(),
        };
        let endpoint = || Endpoint::ipc(self.scope.path(spec.path));
        let (link, bound) = match spec.role {
            Role::Bind => {
                let endpoint = endpoint()?;
                let (link, owner) = Link::bind(options, &endpoint, self.arriving.clone()).await?;
                self.owners.push(owner);
                (link, Some(endpoint))
            }
            Role::Connect | Role::ConnectLater => {
                let (link, owner) = Link::connecting(options, self.arriving.clone());
                self.owners.extend(owner);
                if spec.role == Role::Connect {
                    link.connect(&endpoint()?);
                }
                (link, None)
            }
        };
        Ok(Opened {
            link,
            sender: self.scope.id.as_str().into(),
            codec: Codec::default(),
            endpoint: bound,
        })
    }

    pub(super) fn into_parts(self) -> (mpsc::Receiver<Delivery>, Vec<JoinHandle<()>>) {
        (self.arrivals, self.owners)
    }
}
