//! How a host comes to a node: reaches the runner, listens itself, and hears what it is to host; anew as long as the network gives way.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use super::NodeFingerprint;
use super::handshake::{self, JoinHello, JoinOffer, JoinReply, LIMITS, NodeAssignment};
use super::join::{JoinError, RemoteNode};
use crate::node::Registry;
use crate::transport::tcp::{
    AccessControl, ConnectError, IdentityAcl, Listener, ListenerContext, Stream, TcpAddress,
    connect,
};
use crate::transport::{RuntimeDir, TransportError};

/// Pauses between attempts: the first, doubled up to the last.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long the runner may take to make its offer, once it was reached.
const PATIENCE: Duration = Duration::from_secs(10);

/// A runner has offered its node.
pub(crate) struct ReceivedOffer {
    /// The connection to the runner.
    pub(crate) stream: Stream,
    /// The directory of the node here.
    pub(crate) directory: RuntimeDir,
    /// What listens for others here.
    pub(crate) gate: Listener,
    /// Where that is reached.
    pub(crate) hosts: Vec<String>,
    pub(crate) terms: NodeAssignment,
}

/// Why a runner that was reached has offered nothing.
enum JoinFailure {
    /// The connection broke, or nothing came: try again.
    Broke(String),
    /// It said no.
    Refused(String),
    /// For another reason, and for good.
    Ended(JoinError),
}

impl RemoteNode {
    /// Asks the runner for the node until it has offered it, or said no, or the time is over.
    pub(crate) async fn approach(
        &self,
        runner: &TcpAddress,
        door: &AccessControl,
        voices: Option<&IdentityAcl>,
    ) -> Result<ReceivedOffer, JoinError> {
        let begun = Instant::now();
        let mut broken = false;
        loop {
            let mut stream = self.reach(runner, begun).await?;
            let directory = RuntimeDir::create(&self.runtime_dir)?;
            let local = stream
                .local_addr()
                .map_err(|error| TransportError::refused("look at", "the connection", error))?;
            let listen = self.listen.unwrap_or_else(|| (local.ip(), 0).into());
            let house = ListenerContext {
                joins: None,
                identities: voices.cloned(),
                only_socket: Some(format!("nodes/{}/outbox", self.node)),
            };
            let path = directory.path().to_owned();
            let gate = Listener::bind_with(&[listen], path, door.clone(), house).await?;
            let hosts: Vec<String> = gate
                .addresses()
                .iter()
                .map(|address| reachable(*address, local.ip()).to_string())
                .collect();
            let why = match self.agree(&mut stream, &hosts).await {
                Ok(terms) => {
                    return Ok(ReceivedOffer {
                        stream,
                        directory,
                        gate,
                        hosts,
                        terms,
                    });
                }
                Err(JoinFailure::Broke(why)) => why,
                // It may not have seen yet that the connection before this one broke.
                Err(JoinFailure::Refused(why)) if broken => why,
                Err(JoinFailure::Refused(why)) => return Err(JoinError::Refused(why)),
                Err(JoinFailure::Ended(error)) => return Err(error),
            };
            if begun.elapsed() + RETRY.1 > self.wait {
                return Err(self.nobody(why));
            }
            broken = true;
            tracing::warn!(node = %self.node, "joining begins anew: {why}");
            gate.close().await;
            tokio::time::sleep(RETRY.1).await;
        }
    }

    /// Tries until the runner is there.
    async fn reach(&self, runner: &TcpAddress, begun: Instant) -> Result<Stream, JoinError> {
        let own = self.keys.as_ref().map(|(own, _)| own);
        let mut pause = RETRY.0;
        loop {
            match connect(runner, own).await {
                Ok((stream, peer)) => {
                    tracing::info!(%peer, "connected");
                    return Ok(stream);
                }
                Err(ConnectError::Refused(why)) => return Err(JoinError::Refused(why)),
                Err(ConnectError::Unreachable(why)) if begun.elapsed() + pause > self.wait => {
                    return Err(self.nobody(why));
                }
                Err(ConnectError::Unreachable(why)) => tracing::debug!("no runner yet: {why}"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY.1);
        }
    }

    const fn nobody(&self, why: String) -> JoinError {
        JoinError::Nobody {
            after: self.wait,
            why,
        }
    }

    /// Says hello, and hears what is to be hosted; tells the runner if that cannot be done here.
    async fn agree(
        &self,
        stream: &mut Stream,
        hosts: &[String],
    ) -> Result<NodeAssignment, JoinFailure> {
        let hello = JoinHello {
            version: env!("CARGO_PKG_VERSION").into(),
            hosts: hosts.to_vec(),
        };
        let asking = async {
            handshake::write(stream, &hello).await?;
            handshake::read::<JoinOffer>(stream, LIMITS.1).await
        };
        let offer = tokio::time::timeout(PATIENCE, asking)
            .await
            .map_err(|_| JoinFailure::Broke(format!("there was no offer within {PATIENCE:?}")))?
            .map_err(|error| match error.kind() {
                // What came was no offer.
                io::ErrorKind::Other | io::ErrorKind::InvalidData => {
                    JoinFailure::Ended(JoinError::Refused(error.to_string()))
                }
                _ => JoinFailure::Broke(error.to_string()),
            })?;
        let terms = match offer {
            JoinOffer::Node(terms) => terms,
            JoinOffer::Refused(why) => return Err(JoinFailure::Refused(why)),
        };
        match self.unfit(&terms) {
            None => Ok(*terms),
            Some(why) => {
                let _ = handshake::write(stream, &JoinReply::Refuses(why.clone())).await;
                let _ = stream.shutdown().await;
                Err(JoinFailure::Ended(JoinError::Unfit {
                    node: self.node.clone(),
                    why,
                }))
            }
        }
    }

    /// Why this program cannot be the node, if so.
    fn unfit(&self, terms: &NodeAssignment) -> Option<String> {
        if terms.launch.node_id != self.node {
            return Some(format!(
                "the runner offers the node `{}`",
                terms.launch.node_id
            ));
        }
        let registry = match Registry::get() {
            Ok(registry) => registry,
            Err(error) => return Some(error.to_string()),
        };
        let tube = match terms.launch.recipe.make(registry) {
            Ok(tube) => tube,
            Err(errors) => return Some(errors.to_string()),
        };
        let type_name = tube
            .nodes
            .get(self.node.as_str())
            .map(|node| node.type_name.clone())
            .unwrap_or_default();
        NodeFingerprint::of(registry, &type_name).difference(&terms.signature)
    }
}

/// An address that others can use: that of the connection, where it listens at all of them.
fn reachable(listening: SocketAddr, own: IpAddr) -> SocketAddr {
    if listening.ip().is_unspecified() {
        (own, listening.port()).into()
    } else {
        listening
    }
}
