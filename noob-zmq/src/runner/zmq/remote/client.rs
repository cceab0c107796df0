//! Host's half of the join handshake: connects to the runner, listens for other hosts, and asks for
//! the node; begins anew as long as connections break.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use super::NodeFingerprint;
use super::handshake::{self, JoinHello, JoinOffer, JoinReply, MAX_FROM_RUNNER, NodeAssignment};
use super::join::{JoinError, RemoteNode};
use crate::graph::{TubeNode, TubeNodeKind};
use crate::node::Registry;
use crate::runner::zmq::sockets::{check_directory, check_directory_of_run, outbox_of};
use crate::transport::interfaces::candidates;
use crate::transport::tcp::{
    self, AccessControl, ConnectError, IdentityAcl, Listener, ListenerContext, Stream, TcpAddress,
};
use crate::transport::{RuntimeDir, TransportError};

/// Pauses between attempts: the first, and the longest, up to which they are doubled.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Longest time in which a runner that was reached makes its offer.
const OFFER_TIMEOUT: Duration = Duration::from_secs(10);

/// Offer of a runner, and what was opened here to accept it.
pub(crate) struct ReceivedOffer {
    /// Connection to the runner.
    pub(crate) stream: Stream,
    /// Directory of the node on this host.
    pub(crate) directory: RuntimeDir,
    /// Listener for other hosts.
    pub(crate) listener: Listener,
    /// Addresses of the listener.
    pub(crate) hosts: Vec<String>,
    pub(crate) assignment: NodeAssignment,
}

/// Reason why a runner that was reached has not offered the node.
enum JoinFailure {
    /// The connection broke, or nothing came: worth another attempt.
    Broken(String),
    /// The runner rejects this host.
    Rejected(String),
    /// Another attempt is useless.
    Fatal(JoinError),
}

impl RemoteNode {
    /// Asks the runner for the node until the runner has offered it or has rejected this host, or
    /// the time is over.
    pub(super) async fn request_node(
        &self,
        runner: &TcpAddress,
        access: &AccessControl,
        identities: Option<&IdentityAcl>,
    ) -> Result<ReceivedOffer, JoinError> {
        check_directory(&self.runtime_dir, [self.node.as_str()])?;
        let begun = Instant::now();
        let mut retried = false;
        loop {
            let mut stream = self.connect(runner, begun).await?;
            let directory = RuntimeDir::create(&self.runtime_dir)?;
            let local = tcp::local_addr(&stream)
                .map_err(|error| TransportError::refused("look at", "the connection", error))?;
            let listen = self.listen.unwrap_or_else(|| match local.ip() {
                ip if !self.everywhere => (ip, 0).into(),
                IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            });
            let context = ListenerContext {
                joins: None,
                identities: identities.cloned(),
                watch: None,
                only_socket: Some(outbox_of(&self.node)),
            };
            let path = directory.path().to_owned();
            let listener = Listener::bind_with(&[listen], path, access.clone(), context).await?;
            let hosts = candidates(listener.addresses(), Some(local.ip()));
            let why = match self.agree(&mut stream, &hosts).await {
                Ok(assignment) => {
                    return Ok(ReceivedOffer {
                        stream,
                        directory,
                        listener,
                        hosts,
                        assignment,
                    });
                }
                Err(JoinFailure::Broken(why)) => why,
                // The runner may not have seen yet that the connection before this one broke, and
                // still count the node as taken.
                Err(JoinFailure::Rejected(why)) if retried => why,
                Err(JoinFailure::Rejected(why)) => return Err(JoinError::Refused(why)),
                Err(JoinFailure::Fatal(error)) => return Err(error),
            };
            if begun.elapsed() + RETRY.1 > self.wait {
                return Err(self.nobody(why));
            }
            retried = true;
            tracing::warn!(node = %self.node, "joining begins anew: {why}");
            // Nothing is left of the failed attempt when the next begins.
            listener.close().await;
            tokio::time::sleep(RETRY.1).await;
        }
    }

    /// Connects to the runner, as soon as it is there.
    async fn connect(&self, runner: &TcpAddress, begun: Instant) -> Result<Stream, JoinError> {
        let own = self.keys.as_ref().map(|(own, _)| own);
        let mut pause = RETRY.0;
        loop {
            match tcp::connect(runner, own).await {
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

    /// Sends the hello and reads the offer; tells the runner if this program cannot host the node.
    async fn agree(
        &self,
        stream: &mut Stream,
        hosts: &[String],
    ) -> Result<NodeAssignment, JoinFailure> {
        let hello = JoinHello {
            version: env!("CARGO_PKG_VERSION").into(),
            hosts: hosts.to_vec(),
        };
        let exchange = async {
            handshake::write(stream, &hello).await?;
            handshake::read::<JoinOffer>(stream, MAX_FROM_RUNNER).await
        };
        let offer = tokio::time::timeout(OFFER_TIMEOUT, exchange)
            .await
            .map_err(|_| {
                JoinFailure::Broken(format!("there was no offer within {OFFER_TIMEOUT:?}"))
            })?
            .map_err(|error| match error.kind() {
                // These bytes are no offer: the other side is no runner, or of another version.
                io::ErrorKind::Other | io::ErrorKind::InvalidData => {
                    JoinFailure::Fatal(JoinError::Refused(error.to_string()))
                }
                _ => JoinFailure::Broken(error.to_string()),
            })?;
        let assignment = match offer {
            JoinOffer::Node(assignment) => assignment,
            JoinOffer::Refused(why) => return Err(JoinFailure::Rejected(why)),
        };
        match self.reason_unfit(&assignment) {
            None => Ok(*assignment),
            Some(why) => {
                let _ = handshake::write(stream, &JoinReply::Refuses(why.clone())).await;
                let _ = stream.shutdown().await;
                Err(JoinFailure::Fatal(JoinError::Unfit {
                    node: self.node.clone(),
                    why,
                }))
            }
        }
    }

    /// Returns why this program cannot host the node; `None` if it can.
    fn reason_unfit(&self, assignment: &NodeAssignment) -> Option<String> {
        if assignment.launch.node_id != self.node {
            return Some(format!(
                "the runner offers the node `{}`",
                assignment.launch.node_id
            ));
        }
        let registry = match self.registry() {
            Ok(registry) => registry,
            Err(error) => return Some(error.to_string()),
        };
        let tube = assignment.launch.tube.clone().into_tube();
        // The nodes that feed this one have sockets on this host too.
        if let Err(error) = check_directory_of_run(&self.runtime_dir, &tube) {
            return Some(error.to_string());
        }
        let Some(node) = tube.nodes.get(self.node.as_str()) else {
            return Some(format!("the tube has no node `{}`", self.node));
        };
        if let Some(why) = reason_not_made(&registry, node) {
            return Some(why);
        }
        NodeFingerprint::of(&registry, &node.type_name).difference(&assignment.fingerprint)
    }
}

/// Returns why this program has not the type of a node, or those of the nodes of the tube inside;
/// `None` if it has.
fn reason_not_made(registry: &Registry, node: &TubeNode) -> Option<String> {
    if node.kind == TubeNodeKind::Typed
        && let Err(error) = registry.lookup(&node.type_name)
    {
        return Some(error.to_string());
    }
    let inside = node.child.iter().flat_map(|child| child.nodes.values());
    inside
        .filter_map(|node| reason_not_made(registry, node))
        .next()
}
