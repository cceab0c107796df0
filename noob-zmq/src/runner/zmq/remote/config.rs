//! Configuration of the remote nodes of a runner, and the listener made from it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use tokio::sync::mpsc;

use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::RunError;
use crate::runner::admission::ForeignNodes;
use crate::runner::watch::protocol::SOCKET;
use crate::runner::zmq::placement::PlacedHost;
use crate::runner::zmq::remote::peers::{JoinedPeers, PeerDirectory};
use crate::transport::interfaces::candidates;
use crate::transport::keys::{AllowList, AllowedKeys, KeyError, KeyPair, KeyRole, PublicKey};
use crate::transport::tcp::{
    AccessControl, AddressResolver, IdentityAcl, Listener, ListenerContext, PendingJoin, TcpAddress,
};
use crate::transport::{RuntimeDir, TransportError};

/// Number of connections that may wait at once for the runner to read their requests.
const MAX_PENDING_JOINS: usize = 64;

/// Addresses where a runner listens for other hosts, keys that it accepts, and nodes that it leaves
/// to other hosts.
///
/// ```no_run
/// # use std::path::Path;
/// use noob_zmq::runner::zmq::RemoteConfig;
/// use noob_zmq::transport::keys::KeyPair;
///
/// let key = KeyPair::load(Path::new("key"))?;
/// let listen = ["10.0.0.1:5600".parse()?];
/// let remote = RemoteConfig::new(listen, key, "allow").remote_nodes(["camera", "decode"]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RemoteConfig {
    listen: Vec<SocketAddr>,
    auth: AuthMode,
    remote_nodes: BTreeSet<Name>,
    /// Hosts of a placement, each with an agent.
    placed_hosts: IndexMap<Name, PlacedHost>,
    on_listening: Option<OnListening>,
}

type OnListening = Arc<dyn Fn(&[SocketAddr]) + Send + Sync>;

#[derive(Debug, Clone)]
enum AuthMode {
    /// Without a file, only keys of the run are allowed.
    Keys {
        own: KeyPair,
        allow: Option<PathBuf>,
    },
    Plain,
}

impl RemoteConfig {
    /// Listens at `listen` with this key, and accepts the nodes of the allow file, which is read
    /// again when it changes.
    pub fn new(
        listen: impl IntoIterator<Item = SocketAddr>,
        own: KeyPair,
        allow: impl Into<PathBuf>,
    ) -> Self {
        let allow = Some(allow.into());
        Self {
            auth: AuthMode::Keys { own, allow },
            ..Self::plain(listen)
        }
    }

    /// Listens at `listen` with a new key, and accepts the agents that the runner itself starts by
    /// ssh, and nobody else.
    ///
    /// A runner whose placement has no other hosts listens so by itself, at a free port.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn with_key_of_run(listen: impl IntoIterator<Item = SocketAddr>) -> Result<Self, KeyError> {
        let own = KeyPair::generate()?;
        Ok(Self {
            auth: AuthMode::Keys { own, allow: None },
            ..Self::plain(listen)
        })
    }

    /// Listens without keys: on loopback only, where every program of this machine can then join
    /// the run.
    pub fn plain(listen: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            listen: listen.into_iter().collect(),
            auth: AuthMode::Plain,
            remote_nodes: BTreeSet::new(),
            placed_hosts: IndexMap::new(),
            on_listening: None,
        }
    }

    /// Calls a function with the addresses once the runner listens, before any host has joined.
    #[must_use]
    pub fn on_listening(
        mut self,
        observer: impl Fn(&[SocketAddr]) + Send + Sync + 'static,
    ) -> Self {
        self.on_listening = Some(Arc::new(observer));
        self
    }

    /// Leaves these nodes to other hosts.
    #[must_use]
    pub fn remote_nodes(mut self, nodes: impl IntoIterator<Item = impl Into<Name>>) -> Self {
        self.remote_nodes.extend(nodes.into_iter().map(Into::into));
        self
    }

    /// Leaves the nodes of these hosts to their agents.
    pub(crate) fn placed_hosts(mut self, hosts: IndexMap<Name, PlacedHost>) -> Self {
        self.placed_hosts = hosts;
        self
    }

    /// Whether the runner listens without keys.
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.auth, AuthMode::Plain)
    }

    /// Returns the hosts that have an agent.
    pub(crate) const fn hosts(&self) -> &IndexMap<Name, PlacedHost> {
        &self.placed_hosts
    }

    /// Returns the names of the nodes that are left to other hosts.
    pub(crate) fn remote_node_names(&self) -> BTreeSet<Name> {
        self.remote_nodes.clone()
    }

    /// Returns the remote nodes, unless all keys that may host nodes may send objects of other
    /// languages.
    pub(crate) fn foreign_nodes(&self) -> ForeignNodes {
        if self.exchanges_objects() {
            return ForeignNodes::default();
        }
        ForeignNodes::of_runner(self.remote_nodes.clone())
    }

    /// Whether every key that may host nodes may send objects of other languages.
    fn exchanges_objects(&self) -> bool {
        let AuthMode::Keys {
            allow: Some(allow), ..
        } = &self.auth
        else {
            return false;
        };
        // The keys that agents get for a run have no further role.
        if self.placed_hosts.values().any(|host| host.ssh.is_some()) {
            return false;
        }
        // A file that cannot be read is an error of the start.
        AllowedKeys::load(allow).is_ok_and(|keys| {
            let mut hosts = keys
                .iter()
                .map(|(_, key)| key)
                .filter(|key| key.has_any_role(&[KeyRole::Node]))
                .peekable();
            hosts.peek().is_some() && hosts.all(|key| key.has_any_role(&[KeyRole::Objects]))
        })
    }

    /// Whether the owner of a key may send objects of other languages.
    pub(crate) fn may_send_objects(&self, key: Option<PublicKey>) -> bool {
        let (AuthMode::Keys { allow, .. }, Some(key)) = (&self.auth, key) else {
            return false;
        };
        let keys = allow
            .as_ref()
            .and_then(|allow| AllowedKeys::load(allow).ok());
        let known = keys.as_ref().and_then(|keys| keys.get(&key));
        known.is_some_and(|known| known.has_any_role(&[KeyRole::Objects]))
    }

    /// Checks that the tube has all remote nodes, and that other hosts could host them.
    pub(crate) fn check(&self, tube: &Tube) -> Result<(), RunError> {
        for node in &self.remote_nodes {
            let why = match tube.nodes.get(node) {
                None => {
                    let known: Vec<&str> = tube.nodes.keys().map(|name| &**name).collect();
                    format!("it has `{}`", known.join("`, `"))
                }
                Some(found) if found.kind == TubeNodeKind::Return => {
                    "it is what the runner itself returns".to_owned()
                }
                Some(_) if node.contains(['/', '\0']) => {
                    "its name has a `/`, and names of nodes elsewhere must not".to_owned()
                }
                Some(_) => continue,
            };
            return Err(RunError::NotHostable {
                tube: tube.id.clone(),
                node: node.clone(),
                reason: why,
            });
        }
        Ok(())
    }

    /// Listens for the sockets of the run in `directory`.
    pub(crate) async fn open(
        &self,
        directory: &RuntimeDir,
    ) -> Result<RunnerListener, TransportError> {
        let (access, own, allow) = match &self.auth {
            AuthMode::Plain => (AccessControl::Plain, None, None),
            AuthMode::Keys { own, allow } => {
                let allow = match allow {
                    Some(file) => AllowList::watch(file)?,
                    None => AllowList::new(AllowedKeys::default()),
                };
                let access = AccessControl::Keys {
                    own: own.clone(),
                    allow: allow.clone(),
                };
                (access, Some(own.clone()), Some(allow))
            }
        };
        let (joins, pending_joins) = mpsc::channel(MAX_PENDING_JOINS);
        let path = directory.path().to_owned();
        let identities = IdentityAcl::default();
        let context = ListenerContext {
            joins: Some(joins),
            identities: Some(identities.clone()),
            watch: Some(directory.path().join(SOCKET)),
            only_socket: None,
        };
        let listener = Listener::bind_with(&self.listen, path, access, context).await?;
        if let Some(observer) = &self.on_listening {
            observer(listener.addresses());
        }
        let candidates = candidates(listener.addresses(), None);
        let hosts = listener.addresses().iter().map(ToString::to_string);
        let key = own.as_ref().map(KeyPair::public);
        // Any socket will do: the addresses of all sockets of the run are made from this one.
        let address = TcpAddress::new(key, hosts, "command/inbox")?;
        let resolver = AddressResolver::new(directory.path(), own).with_listener(address.clone());
        let joined: JoinedPeers = Arc::new(Mutex::new(HashMap::new()));
        Ok(RunnerListener {
            listener,
            address,
            candidates,
            allow,
            peers: PeerDirectory::through(resolver).with_joined(Arc::clone(&joined)),
            remote_nodes: self.remote_nodes.clone(),
            joined,
            identities,
            pending_joins: Some(pending_joins),
        })
    }
}

impl fmt::Debug for RemoteConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteConfig")
            .field("listen", &self.listen)
            .field("auth", &self.auth)
            .field("remote", &self.remote_nodes)
            .finish_non_exhaustive()
    }
}

/// Listener of a runner for other hosts, and the hosts that have joined.
pub(crate) struct RunnerListener {
    pub(crate) listener: Listener,
    /// Public address of the listener.
    pub(crate) address: TcpAddress,
    /// Addresses (`HOST:PORT`) at which other hosts may reach the listener.
    pub(crate) candidates: Vec<String>,
    /// Keys that are accepted; none for plain tcp.
    pub(crate) allow: Option<AllowList>,
    pub(crate) peers: PeerDirectory,
    /// Nodes that are left to other hosts.
    pub(crate) remote_nodes: BTreeSet<Name>,
    /// Hosts that have joined, by node.
    pub(crate) joined: JoinedPeers,
    /// Keys that may send as each of the nodes.
    pub(crate) identities: IdentityAcl,
    /// Connections of hosts that ask for a node; taken by the task that reads their requests.
    pub(crate) pending_joins: Option<mpsc::Receiver<PendingJoin>>,
}
