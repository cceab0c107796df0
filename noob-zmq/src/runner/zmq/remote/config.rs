//! What a runner is told of other hosts.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::RunError;
use crate::runner::zmq::remote::peers::{JoinedPeers, PeerDirectory};
use crate::transport::keys::{AllowList, KeyPair};
use crate::transport::tcp::{
    AccessControl, AddressResolver, IdentityAcl, Listener, ListenerContext, PendingJoin, TcpAddress,
};
use crate::transport::{RuntimeDir, TransportError};

/// How many may wait to be heard at once.
const WAITING: usize = 64;

/// Where a runner listens for other hosts, whom it lets in, and which nodes it leaves to them.
///
/// ```no_run
/// # use std::path::Path;
/// use noob_zmq::runner::zmq::RemoteConfig;
/// use noob_zmq::transport::keys::KeyPair;
///
/// let key = KeyPair::load(Path::new("key"))?;
/// let hosts = RemoteConfig::new(["10.0.0.1:5600".parse()?], key, "allow").remote_nodes(["camera", "decode"]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RemoteConfig {
    listen: Vec<SocketAddr>,
    door: AuthMode,
    remote_nodes: BTreeSet<Name>,
    listening: Option<OnListening>,
}

type OnListening = Arc<dyn Fn(&[SocketAddr]) + Send + Sync>;

#[derive(Debug, Clone)]
enum AuthMode {
    Keys { own: KeyPair, allow: PathBuf },
    Plain,
}

impl RemoteConfig {
    /// Listens at `listen` with this key, and lets in the nodes of the allow file, which is read again when it changes.
    pub fn new(
        listen: impl IntoIterator<Item = SocketAddr>,
        own: KeyPair,
        allow: impl Into<PathBuf>,
    ) -> Self {
        Self {
            listen: listen.into_iter().collect(),
            door: AuthMode::Keys {
                own,
                allow: allow.into(),
            },
            remote_nodes: BTreeSet::new(),
            listening: None,
        }
    }

    /// Listens without keys: on loopback only, where every program of this machine can then join the run.
    pub fn plain(listen: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            listen: listen.into_iter().collect(),
            door: AuthMode::Plain,
            remote_nodes: BTreeSet::new(),
            listening: None,
        }
    }

    /// Has a function called with the addresses when it listens, before anybody has joined.
    #[must_use]
    pub fn on_listening(mut self, tell: impl Fn(&[SocketAddr]) + Send + Sync + 'static) -> Self {
        self.listening = Some(Arc::new(tell));
        self
    }

    /// Leaves these nodes to other hosts.
    #[must_use]
    pub fn remote_nodes(mut self, nodes: impl IntoIterator<Item = impl Into<Name>>) -> Self {
        self.remote_nodes.extend(nodes.into_iter().map(Into::into));
        self
    }

    /// Whether all its nodes are in the tube, and could be elsewhere.
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
        let (door, own) = match &self.door {
            AuthMode::Plain => (AccessControl::Plain, None),
            AuthMode::Keys { own, allow } => {
                let allow = AllowList::watch(allow)?;
                let door = AccessControl::Keys {
                    own: own.clone(),
                    allow,
                };
                (door, Some(own.clone()))
            }
        };
        let (reception, visitors) = mpsc::channel(WAITING);
        let path = directory.path().to_owned();
        let voices = IdentityAcl::default();
        let house = ListenerContext {
            joins: Some(reception),
            identities: Some(voices.clone()),
            only_socket: None,
        };
        let gate = Listener::bind_with(&self.listen, path, door, house).await?;
        if let Some(tell) = &self.listening {
            tell(gate.addresses());
        }
        let hosts = gate.addresses().iter().map(ToString::to_string);
        let key = own.as_ref().map(KeyPair::public);
        // Any socket will do: all addresses of the run are made from this one.
        let address = TcpAddress::new(key, hosts, "command/inbox")?;
        let network = AddressResolver::new(directory.path(), own).with_listener(address.clone());
        let joined: JoinedPeers = Arc::new(Mutex::new(HashMap::new()));
        Ok(RunnerListener {
            gate,
            address,
            neighbours: PeerDirectory::of_command(network, Arc::clone(&joined)),
            remote_nodes: self.remote_nodes.clone(),
            joined,
            voices,
            visitors: Some(visitors),
        })
    }
}

impl fmt::Debug for RemoteConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteConfig")
            .field("listen", &self.listen)
            .field("door", &self.door)
            .field("remote", &self.remote_nodes)
            .finish_non_exhaustive()
    }
}

/// A runner that listens for other hosts.
pub(crate) struct RunnerListener {
    pub(crate) gate: Listener,
    /// How the gate is published.
    pub(crate) address: TcpAddress,
    pub(crate) neighbours: PeerDirectory,
    /// Nodes that are left to others.
    pub(crate) remote_nodes: BTreeSet<Name>,
    /// Who hosts which of them.
    pub(crate) joined: JoinedPeers,
    /// By whose key each of them is heard.
    pub(crate) voices: IdentityAcl,
    /// Those who ask to host one, until somebody hears them.
    pub(crate) visitors: Option<mpsc::Receiver<PendingJoin>>,
}
