//! [`RemoteNode`]: hosts a node of a run whose runner is on another host.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

use super::client::ReceivedOffer;
use super::handshake::{self, JoinReply, JoinResult};
use crate::actor::{Actor, Handle, Wraps};
use crate::declare::setters;
use crate::node::{NodeError, Registry, RegistryError};
use crate::runner::tracer::Tracer;
use crate::runner::zmq::node::group::serve::{Hosted, Place, end_group, open};
use crate::runner::zmq::node::main::ORPHAN_TIMEOUT;
use crate::runner::zmq::node::worker::crew::Crew;
use crate::runner::zmq::node::worker::loop_driver::LoopDriver;
use crate::runner::zmq::node::{NodeRunner, StandaloneNode, linked};
use crate::runner::zmq::remote::peers::{AllowedPeers, PeerDirectory};
use crate::runner::zmq::sockets::COMMAND;
use crate::transport::keys::{AllowList, AllowedKeys, KeyPair, KeyRole, PublicKey};
use crate::transport::tcp::{
    AccessControl, AddressResolver, IdentityAcl, Listener, Stream, TcpAddress,
};
use crate::transport::{Endpoint, RuntimeDir, TransportError, runtime_root};

/// Longest time in which the runner closes the connection after the node has ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Reason why a node could not be hosted.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No runner could be runner_address.
    #[error("no runner could be joined within {after:?}: {why}")]
    Nobody {
        /// Time for which it was tried.
        after: Duration,
        /// Error of the last attempt.
        why: String,
    },
    /// The runner rejected this host, or the other side was not the runner.
    #[error("the runner cannot be joined: {0}")]
    Refused(String),
    /// The node cannot be hosted by this program.
    #[error("this program cannot host the node `{node}`: {why}")]
    Unfit {
        /// The node.
        node: String,
        /// Difference of the node types, or the error in the tube.
        why: String,
    },
    /// A socket, a directory or a key could not be used.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The node ran, and failed.
    #[error("{0}")]
    Node(NodeError),
}

/// Kind of a [`JoinError`], for a program that decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JoinErrorKind {
    /// No runner was there in time; a later attempt may succeed.
    Unreachable,
    /// The runner rejected this host, or the program cannot host the node.
    Refused,
    /// The node itself failed.
    UserCode,
    /// A socket, a directory or a key could not be used.
    System,
}

impl JoinError {
    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> JoinErrorKind {
        match self {
            Self::Nobody { .. } => JoinErrorKind::Unreachable,
            Self::Refused(_) | Self::Unfit { .. } => JoinErrorKind::Refused,
            Self::Transport(_) => JoinErrorKind::System,
            Self::Node(_) => JoinErrorKind::UserCode,
        }
    }
}

/// Node of a run whose runner is on another host.
///
/// ```no_run
/// # use std::path::Path;
/// use noob_zmq::runner::zmq::RemoteNode;
/// use noob_zmq::transport::keys::KeyPair;
///
/// let key = KeyPair::load(Path::new("key"))?;
/// let server = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse()?;
/// RemoteNode::new(["10.0.0.1:5600"], "camera", key, server).host()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RemoteNode {
    runner_addresses: Vec<String>,
    pub(crate) node: String,
    pub(crate) keys: Option<(KeyPair, PublicKey)>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) wait: Duration,
    pub(crate) runtime_dir: PathBuf,
    registry: Option<Registry>,
    /// Whether the node listens at all addresses of this host, where none is given.
    pub(super) everywhere: bool,
    /// Process that has started this one and whose end is the end of the node, if there is one.
    pub(super) agent: Option<Pid>,
    /// Cancelled when that process is gone.
    pub(super) agent_gone: CancellationToken,
}

impl RemoteNode {
    /// Returns the node `node` of the runner at one of `at` (`HOST:PORT`), which must have the key
    /// `runner`.
    pub fn new(
        at: impl IntoIterator<Item = impl Into<String>>,
        node: &str,
        own: KeyPair,
        runner: PublicKey,
    ) -> Self {
        Self {
            keys: Some((own, runner)),
            ..Self::plain(at, node)
        }
    }

    /// Returns a node without keys, for a runner that listens on loopback without them.
    pub fn plain(at: impl IntoIterator<Item = impl Into<String>>, node: &str) -> Self {
        Self {
            runner_addresses: at.into_iter().map(Into::into).collect(),
            node: node.to_owned(),
            keys: None,
            listen: None,
            wait: Duration::from_secs(30),
            runtime_dir: runtime_root(),
            registry: None,
            everywhere: false,
            agent: None,
            agent_gone: CancellationToken::new(),
        }
    }

    setters! {
        /// Sets the address where other hosts reach the node; by default a free port of the
        /// address by which the runner is reached.
        listen(at: SocketAddr) => listen = Some(at);
        /// Sets how long to wait for the runner; 30 s by default.
        wait(wait: Duration) => wait = wait;
    }

    /// Sets the directory below which sockets are put; [`runtime_root`] by default.
    ///
    /// The directory must be private, or not exist yet.
    #[must_use]
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        self.runtime_dir = std::path::absolute(&directory).unwrap_or(directory);
        self
    }

    /// Hosts nodes of the types of this registry, in place of those that this program was linked
    /// with.
    ///
    /// The runner names the type of the node: a source of types that runs code to find a type runs
    /// it for every name that the runner gives.
    #[must_use]
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Returns the types that this host has.
    pub(super) fn registry(&self) -> Result<Registry, RegistryError> {
        self.registry.clone().map_or_else(linked, Ok)
    }

    /// Hosts the node until the run has ended, the runner is gone, or this process is told to end.
    ///
    /// Blocks, and returns whether the node was shut down without an error.
    ///
    /// # Errors
    /// No runner, one that rejects this host, one whose node this program cannot host, and errors
    /// of the node or its sockets.
    pub fn host(self) -> Result<bool, JoinError> {
        self.host_with(StandaloneNode::attach)
    }

    /// Hosts the node with a node runner of the caller; see
    /// [`node_process_with`](crate::node_process_with).
    ///
    /// # Errors
    /// As [`host`](Self::host).
    pub fn host_with<A>(
        self,
        make: impl Fn(StandaloneNode, A::Sockets) -> A,
    ) -> Result<bool, JoinError>
    where
        A: Actor + Wraps<NodeRunner> + 'static,
    {
        let driver = LoopDriver::new().map_err(|error| JoinError::Node(error.into()))?;
        let driver = Arc::new(driver);
        let agent_gone = self.agent_gone.clone();
        let joining = self.join(make, Arc::clone(&driver));
        let joined = driver.block_on(async {
            tokio::select! {
                joined = joining => joined,
                () = agent_gone.cancelled() => {
                    Err(JoinError::Refused("the agent of this host is gone".to_owned()))
                }
            }
        })?;
        let Joined {
            hosted,
            to,
            listener,
            directory,
            tracer,
        } = joined;
        let outcome = match hosted {
            Ok(hosted) => hosted.drive(&driver),
            Err(error) => Err(error),
        };
        // Without its agent, the node is lost to the run: nothing tells of an end in order.
        if !agent_gone.is_cancelled() {
            driver.block_on(report_end(&outcome, to, listener));
        }
        drop(directory);
        tracer.finish();
        LoopDriver::shut_down(driver);
        outcome.map_err(JoinError::Node)
    }

    async fn join<A>(
        self,
        make: impl Fn(StandaloneNode, A::Sockets) -> A,
        driver: Arc<LoopDriver>,
    ) -> Result<Joined<A>, JoinError>
    where
        A: Actor + Wraps<NodeRunner> + 'static,
    {
        let own = self.keys.as_ref().map(|(own, _)| own.clone());
        let runner = self.keys.as_ref().map(|(_, runner)| *runner);
        let runner_address = TcpAddress::new(
            runner,
            self.runner_addresses.clone(),
            &format!("join/{}", self.node),
        )?;
        let allow = AllowList::new(match runner {
            Some(runner) => {
                AllowedKeys::default().with(runner, "runner", &[KeyRole::Command, KeyRole::Node])
            }
            None => AllowedKeys::default(),
        });
        let identities = runner.map(|runner| {
            let identities = IdentityAcl::default();
            identities.replace([(COMMAND.into(), Some(runner))]);
            identities
        });
        let access = match &own {
            Some(own) => AccessControl::Keys {
                own: own.clone(),
                allow: allow.clone(),
            },
            None => AccessControl::Plain,
        };
        let offered = self
            .request_node(&runner_address, &access, identities.as_ref())
            .await?;
        let ReceivedOffer {
            mut stream,
            directory,
            listener,
            hosts,
            assignment,
        } = offered;

        let published = Endpoint::parse(&assignment.listener)?;
        let key = own.as_ref().map(KeyPair::public);
        let mut resolver = AddressResolver::new(directory.path(), own)
            .with_listener(TcpAddress::new(key, hosts, "nodes/outbox")?);
        if let Some(published) = published.remote() {
            resolver = resolver.with_alias(published.clone(), runner_address.clone());
        }
        for socket in ["command/outbox", "command/inbox"] {
            resolver.to_local(&Endpoint::tcp(runner_address.with_socket(socket)?))?;
        }
        let mut launch = assignment.launch;
        // Before the name of the run becomes that of a directory here.
        let tracer = launch.start_tracer();
        launch.runtime_dir = directory.root().to_owned();
        launch.runner_id = directory.runner_id().to_owned();
        let allowed_peers = runner
            .zip(identities)
            .map(|(runner, identities)| AllowedPeers {
                allow,
                identities,
                runner,
            });
        let place = Place {
            registry: self
                .registry()
                .map_err(|error| JoinError::Node(error.into()))?,
            peers: PeerDirectory::through(resolver).with_allowed_peers(allowed_peers),
            directory: directory.path().to_owned(),
            runner: None,
            crew: Crew::new(driver, 1, tracer.clone()),
            group: Arc::default(),
        };
        handshake::write(&mut stream, &JoinReply::Joins)
            .await
            .map_err(|error| JoinError::Refused(error.to_string()))?;
        let (from, to) = tokio::io::split(stream);
        let path = directory.path().to_owned();
        let agent = (self.agent, self.agent_gone);
        let watch = |handles| watch_connection(from, handles, path, agent);
        Ok(Joined {
            hosted: open(launch, place, make, watch).await,
            to,
            listener,
            directory,
            tracer,
        })
    }
}

/// Node that has joined a run, and its connection to the runner.
struct Joined<A> {
    hosted: Result<Hosted<A>, NodeError>,
    to: WriteHalf<Stream>,
    listener: Listener,
    directory: RuntimeDir,
    tracer: Tracer,
}

/// Tells the runner how the node has ended, and logs what the listener has rejected.
async fn report_end(
    outcome: &Result<bool, NodeError>,
    mut to: WriteHalf<Stream>,
    listener: Listener,
) {
    let result = JoinResult {
        why: outcome.as_ref().err().map(ToString::to_string),
        without_error: *outcome.as_ref().unwrap_or(&false),
    };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, async {
        handshake::write(&mut to, &result).await?;
        to.shutdown().await
    })
    .await;
    let stats = listener.stats();
    if stats.rejected + stats.cut > 0 {
        tracing::warn!(
            refused = stats.rejected,
            cut = stats.cut,
            "connections from other hosts that were refused, and links that were cut"
        );
    }
}

/// Spawns a task that waits for the end of the connection to the runner, or of the agent; the node
/// is shut down then, in order or by force, and its directory is removed.
///
/// Returns a flag that is set then.
fn watch_connection<A>(
    mut from: ReadHalf<Stream>,
    handles: Vec<Handle<A>>,
    directory: PathBuf,
    (agent, agent_gone): (Option<Pid>, CancellationToken),
) -> Arc<AtomicBool>
where
    A: Wraps<NodeRunner> + 'static,
{
    let orphaned = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&orphaned);
    tokio::spawn(async move {
        let mut rest = [0; 64];
        let connected = async {
            while let Ok(1..) = tokio::io::AsyncReadExt::read(&mut from, &mut rest).await {}
        };
        tokio::select! {
            () = connected => {}
            () = agent_gone.cancelled() => {}
        }
        // Set before the shutdown is requested, which ends with a look at the flag.
        flag.store(true, Ordering::Release);
        for handle in &handles {
            let _ = handle.tell(|actor| actor.as_mut().deinit());
        }
        // Usually the process has ended before this time is over.
        tokio::time::sleep(ORPHAN_TIMEOUT).await;
        tracing::error!("the runner is gone; this node ends");
        crate::transport::remove(&directory);
        if let Some(agent) = agent {
            end_group(agent);
        }
        std::process::exit(1);
    });
    orphaned
}

crate::error_report::debug_as_report!(JoinError);
