//! The other side of a join: asks a runner for a node, and is that node until the run is over.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, ReadHalf};

use super::client::ReceivedOffer;
use super::handshake::{self, JoinReply, JoinResult};
use crate::actor::{Actor, Handle};
use crate::node::NodeError;
use crate::runner::zmq::command::readiness::COMMAND;
use crate::runner::zmq::node::config::StandaloneNode;
use crate::runner::zmq::node::main::{ORPHANED, Place, serve};
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::remote::peers::{AllowedPeers, PeerDirectory};
use crate::transport::keys::{AllowList, AllowedKeys, KeyPair, KeyRole, PublicKey};
use crate::transport::tcp::{AccessControl, AddressResolver, IdentityAcl, Stream, TcpAddress};
use crate::transport::{Endpoint, TransportError, runtime_root};

/// How long the runner may take to close the connection, after it was told that the node has ended.
const PARTING: Duration = Duration::from_secs(1);

/// Why a node could not be hosted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Nobody was there.
    #[error("no runner could be joined within {after:?}: {why}")]
    Nobody {
        /// How long was tried.
        after: Duration,
        /// What was wrong at last.
        why: String,
    },
    /// The other side said no, or was somebody else.
    #[error("the runner cannot be joined: {0}")]
    Refused(String),
    /// The node cannot be hosted by this program.
    #[error("this program cannot host the node `{node}`: {why}")]
    Unfit {
        /// The node.
        node: String,
        /// In what it differs, or what is wrong with the tube here.
        why: String,
    },
    /// A socket, a directory or a key.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The node ran, and ended by a fault.
    #[error("{0}")]
    Node(NodeError),
}

/// Hosts one node of a run whose runner is elsewhere.
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
    at: Vec<String>,
    pub(crate) node: String,
    pub(crate) keys: Option<(KeyPair, PublicKey)>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) wait: Duration,
    pub(crate) runtime_dir: PathBuf,
}

impl RemoteNode {
    /// Hosts the node `node` of the runner at one of `at` (`HOST:PORT`), which must have the key `runner`.
    pub fn new(
        at: impl IntoIterator<Item = impl Into<String>>,
        node: &str,
        own: KeyPair,
        runner: PublicKey,
    ) -> Self {
        Self {
            at: at.into_iter().map(Into::into).collect(),
            node: node.to_owned(),
            keys: Some((own, runner)),
            listen: None,
            wait: Duration::from_secs(30),
            runtime_dir: runtime_root(),
        }
    }

    /// The same without keys, for a runner that listens on loopback without them.
    pub fn plain(at: impl IntoIterator<Item = impl Into<String>>, node: &str) -> Self {
        Self {
            at: at.into_iter().map(Into::into).collect(),
            node: node.to_owned(),
            keys: None,
            listen: None,
            wait: Duration::from_secs(30),
            runtime_dir: runtime_root(),
        }
    }

    /// Has other hosts reach the node here; at a free port of the address by which the runner is reached if nothing is said.
    #[must_use]
    pub const fn listen(mut self, at: SocketAddr) -> Self {
        self.listen = Some(at);
        self
    }

    /// How long the runner is waited for; 30 s if nothing is said.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Has sockets put below another directory than [`runtime_root`]; it must be private, or not there yet.
    #[must_use]
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.runtime_dir = directory.into();
        self
    }

    /// Is the node until the run is over, the runner is gone, or somebody ends this process; gives whether it could be shut down.
    ///
    /// # Errors
    /// No runner, one that says no, one whose node this program cannot host, and whatever keeps the node from running.
    pub fn host(self) -> Result<bool, JoinError> {
        self.host_with(StandaloneNode::attach)
    }

    /// The same with a node runner of one's own; see [`node_process_with`](crate::node_process_with).
    ///
    /// # Errors
    /// As [`host`](Self::host).
    pub fn host_with<A>(
        self,
        make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    ) -> Result<bool, JoinError>
    where
        A: Actor + AsMut<NodeRunner> + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| JoinError::Node(error.into()))?;
        let outcome = runtime.block_on(self.join(make));
        runtime.shutdown_timeout(Duration::from_millis(100));
        outcome
    }

    async fn join<A>(
        self,
        make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    ) -> Result<bool, JoinError>
    where
        A: Actor + AsMut<NodeRunner> + 'static,
    {
        let own = self.keys.as_ref().map(|(own, _)| own.clone());
        let runner = self.keys.as_ref().map(|(_, runner)| *runner);
        let reached = TcpAddress::new(runner, self.at.clone(), &format!("join/{}", self.node))?;
        let allow = AllowList::new(match runner {
            Some(runner) => {
                AllowedKeys::default().with(runner, "runner", &[KeyRole::Command, KeyRole::Node])
            }
            None => AllowedKeys::default(),
        });
        let voices = runner.map(|runner| {
            let voices = IdentityAcl::default();
            voices.replace([(COMMAND.into(), Some(runner))]);
            voices
        });
        let door = match &own {
            Some(own) => AccessControl::Keys {
                own: own.clone(),
                allow: allow.clone(),
            },
            None => AccessControl::Plain,
        };
        let offered = self.approach(&reached, &door, voices.as_ref()).await?;
        let ReceivedOffer {
            mut stream,
            directory,
            gate,
            hosts,
            terms,
        } = offered;

        let published = Endpoint::parse(&terms.gate)?;
        let key = own.as_ref().map(KeyPair::public);
        let mut network = AddressResolver::new(directory.path(), own)
            .with_listener(TcpAddress::new(key, hosts, "nodes/outbox")?);
        if let Some(published) = published.remote() {
            network = network.with_alias(published.clone(), reached.clone());
        }
        for socket in ["command/outbox", "command/inbox"] {
            network.to_local(&Endpoint::tcp(reached.with_socket(socket)?))?;
        }
        let mut launch = terms.launch;
        launch.runtime_dir = directory.root().to_owned();
        launch.runner_id = directory.runner_id().to_owned();
        let place = Place {
            neighbours: PeerDirectory::of_host(
                network,
                runner.zip(voices).map(|(runner, voices)| AllowedPeers {
                    allow,
                    voices,
                    runner,
                }),
            ),
            directory: directory.path().to_owned(),
            foreground: true,
        };
        handshake::write(&mut stream, &JoinReply::Joins)
            .await
            .map_err(|error| JoinError::Refused(error.to_string()))?;
        let (from, mut to) = tokio::io::split(stream);
        let path = directory.path().to_owned();
        let watch = |handle| when_alone(from, handle, path);
        let outcome = serve(launch, place, make, watch).await;

        let last = JoinResult {
            why: outcome.as_ref().err().map(ToString::to_string),
            well: *outcome.as_ref().unwrap_or(&false),
        };
        let _ = tokio::time::timeout(PARTING, async {
            handshake::write(&mut to, &last).await?;
            to.shutdown().await
        })
        .await;
        let counts = gate.stats();
        if counts.rejected + counts.cut > 0 {
            tracing::warn!(
                refused = counts.rejected,
                cut = counts.cut,
                "connections from other hosts that were refused, and links that were cut"
            );
        }
        drop(gate);
        drop(directory);
        outcome.map_err(JoinError::Node)
    }
}

/// Has the node shut down when the connection to the runner ends, and what it has left removed, in the order of things or by force. Gives
/// whether that has happened.
fn when_alone<A>(
    mut from: ReadHalf<Stream>,
    handle: Handle<A>,
    directory: PathBuf,
) -> Arc<AtomicBool>
where
    A: AsMut<NodeRunner> + 'static,
{
    let alone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&alone);
    tokio::spawn(async move {
        let mut rest = [0; 64];
        while let Ok(1..) = tokio::io::AsyncReadExt::read(&mut from, &mut rest).await {}
        told.store(true, Ordering::Release);
        let _ = handle.tell(|actor| actor.as_mut().deinit());
        // In the ordinary course the process is gone before this is over.
        tokio::time::sleep(ORPHANED).await;
        tracing::error!("the runner is gone; this node ends");
        crate::transport::remove(&directory);
        std::process::exit(1);
    });
    alone
}
