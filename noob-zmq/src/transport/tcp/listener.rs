//! Tcp listener for the sockets of one run; accepts clients whose key is authorized.
//!
//! The listener's task accepts connections and limits their number; each connection has a task of
//! its own (`connection`), which is aborted with the listener.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::{TcpListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::{AccessControl, IdentityAcl, connection, tls};
use crate::sync::lock;
use crate::transport::TransportError;
use crate::transport::keys::PublicKey;

/// Largest number of connections that have not completed their handshake.
const MAX_HANDSHAKING: usize = 256;
/// Largest number of those from one address.
const MAX_HANDSHAKING_PER_ADDRESS: usize = 64;
/// Pause after a failed accept: the system has no more descriptors, and gives none sooner.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Tcp listener for the sockets of one run, which are unix sockets in its directory.
///
/// Dropping the listener cuts all its links.
pub struct Listener {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    /// Tasks that accept; each owns the tasks of its connections.
    tasks: JoinSet<()>,
}

/// Counts of the connections of a listener.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerStats {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Connections that were rejected.
    pub rejected: u64,
    /// Links that were cut because their key was removed or they sent bytes that are rejected.
    pub cut: u64,
    /// Links that are open.
    pub open: u64,
}

/// Purpose of a client that asks for the runner itself, and not for a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JoinTarget {
    /// The client asks to host this node.
    Node(String),
    /// The client is the agent of this host.
    Agent(String),
}

impl JoinTarget {
    /// Returns the purpose that a request names; `None` for the path of a socket.
    pub(super) fn of(request: &str) -> Option<Self> {
        match request.split_once('/')? {
            ("join", node) => Some(Self::Node(node.to_owned())),
            ("agent", host) => Some(Self::Agent(host.to_owned())),
            _ => None,
        }
    }
}

/// Client that asks for the runner itself, with the connection to it.
#[derive(Debug)]
pub(crate) struct PendingJoin {
    pub(crate) target: JoinTarget,
    /// Address of the client.
    pub(crate) peer: SocketAddr,
    /// Key that the client has proved; `None` over plain tcp.
    pub(crate) key: Option<PublicKey>,
    /// Name of the client in the allow file.
    pub(crate) name: String,
    /// Connection to the client, which ends when its key is removed.
    pub(crate) stream: UnixStream,
}

/// Per-run settings of a listener, in addition to its access control.
#[derive(Default)]
pub(crate) struct ListenerContext {
    /// Queue for clients that ask for the runner itself.
    pub(crate) joins: Option<mpsc::Sender<PendingJoin>>,
    /// Names that each key may send under; without it names are not checked.
    pub(crate) identities: Option<IdentityAcl>,
    /// Unix socket of the run for watchers.
    pub(crate) watch: Option<PathBuf>,
    /// The only socket that clients may use; others in the directory lead to other hosts.
    pub(crate) only_socket: Option<String>,
}

/// State of a listener that its connections share.
pub(super) struct Shared {
    pub(super) directory: PathBuf,
    pub(super) context: ListenerContext,
    pub(super) access: AccessControl,
    pub(super) acceptor: Option<TlsAcceptor>,
    /// Sockets that clients were led to.
    ///
    /// Locked for one look-up or insertion, never across an await.
    known_sockets: Mutex<HashSet<String>>,
    /// Number of handshakes by address.
    ///
    /// Locked for one look-up or change, never across an await.
    handshaking: Mutex<HashMap<IpAddr, usize>>,
    /// Locked for one look-up or change, never across an await.
    stats: Mutex<ListenerStats>,
}

impl Listener {
    /// Listens at each of `addresses` (port 0: any free port) for the sockets below `directory`.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    /// An address that cannot be bound, or that other machines can reach and `access` has no keys.
    pub async fn bind(
        addresses: &[SocketAddr],
        directory: impl Into<PathBuf>,
        access: AccessControl,
    ) -> Result<Self, TransportError> {
        let context = ListenerContext::default();
        Self::bind_with(addresses, directory.into(), access, context).await
    }

    /// Listens as [`bind`](Self::bind) does, with the settings of a run.
    pub(crate) async fn bind_with(
        addresses: &[SocketAddr],
        directory: PathBuf,
        access: AccessControl,
        context: ListenerContext,
    ) -> Result<Self, TransportError> {
        let acceptor = match &access {
            AccessControl::Keys { own, allow } => {
                let config = tls::server_config(own, allow)
                    .map_err(|error| TransportError::refused("use the key for", "tls", error))?;
                Some(TlsAcceptor::from(Arc::new(config)))
            }
            AccessControl::Plain => None,
        };
        let mut listeners = Vec::new();
        for address in addresses {
            access.check_address(*address)?;
            let refused = |error| TransportError::refused("listen at", address, error);
            let listener = TcpListener::bind(address).await.map_err(refused)?;
            listeners.push((listener.local_addr().map_err(refused)?, listener));
        }
        let shared = Arc::new(Shared {
            directory,
            context,
            access,
            acceptor,
            known_sockets: Mutex::default(),
            handshaking: Mutex::default(),
            stats: Mutex::default(),
        });
        // Spawned only when every address is bound, so that a failure leaves nothing listening.
        let mut tasks = JoinSet::new();
        let mut bound = Vec::new();
        for (address, listener) in listeners {
            tracing::info!(%address, "listening");
            bound.push(address);
            tasks.spawn(accept(Arc::clone(&shared), listener, address));
        }
        Ok(Self {
            addresses: bound,
            shared,
            tasks,
        })
    }

    /// Returns the addresses that are bound.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Cuts all links, and returns when the addresses can be bound again.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn stats(&self) -> ListenerStats {
        *self.shared.stats()
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, at: SocketAddr) {
    // Owned by this task, so that aborting it aborts every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let client = Client { peer, at };
                    match HandshakingConn::start(&shared, peer.ip()) {
                        Some(handshaking) => {
                            let shared = Arc::clone(&shared);
                            connections
                                .spawn(connection::serve(shared, stream, client, handshaking));
                        }
                        None => shared.reject(client, "too many others have not said who they are"),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "nothing can be accepted at the moment");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            // Ended tasks are collected at once; their results would pile up in the set.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Client of a connection, and the address that the client has connected to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) peer: SocketAddr,
    pub(super) at: SocketAddr,
}

/// Place of a connection among those that have not completed their handshake.
pub(super) struct HandshakingConn {
    shared: Arc<Shared>,
    from: IpAddr,
}

impl HandshakingConn {
    /// Takes a place; `None` if all are taken, of this address or altogether.
    fn start(shared: &Arc<Shared>, from: IpAddr) -> Option<Self> {
        let mut handshaking = lock(&shared.handshaking);
        let all: usize = handshaking.values().sum();
        let same = handshaking.get(&from).copied().unwrap_or_default();
        if all >= MAX_HANDSHAKING || same >= MAX_HANDSHAKING_PER_ADDRESS {
            return None;
        }
        handshaking.insert(from, same + 1);
        Some(Self {
            shared: Arc::clone(shared),
            from,
        })
    }
}

impl Drop for HandshakingConn {
    fn drop(&mut self) {
        let mut handshaking = lock(&self.shared.handshaking);
        match handshaking.get_mut(&self.from) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(handshaking.remove(&self.from)),
        }
    }
}

impl Shared {
    /// Logs and counts a rejected connection.
    pub(super) fn reject(&self, Client { peer, at }: Client, why: impl fmt::Display) {
        // Counted after the line: a reader of the count finds the line in the log.
        tracing::warn!(%peer, %at, "refused: {why}");
        self.stats().rejected += 1;
    }

    pub(super) fn stats(&self) -> MutexGuard<'_, ListenerStats> {
        lock(&self.stats)
    }

    /// Records that a client was led to a socket.
    pub(super) fn add_socket(&self, socket: &str) {
        let mut known = lock(&self.known_sockets);
        if !known.contains(socket) {
            known.insert(socket.to_owned());
        }
    }

    /// Returns whether a client was led to the socket before.
    pub(super) fn is_known_socket(&self, socket: &str) -> bool {
        lock(&self.known_sockets).contains(socket)
    }

    /// Returns the name of the owner of `key` if the key may use `socket`, otherwise the reason
    /// why not.
    pub(super) fn authorize(&self, key: Option<PublicKey>, socket: &str) -> Result<String, String> {
        match &self.context.only_socket {
            Some(only) if only != socket => Err(format!("`{socket}` is for nobody")),
            _ => self.access.authorize(key, socket),
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("addresses", &self.addresses)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
