//! The runner's side of a join: who asks for which node, what they are told, and how they are watched from then on.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::NodeFingerprint;
use super::handshake::{self, JoinHello, JoinOffer, JoinReply, JoinResult, LIMITS, NodeAssignment};
use crate::runner::zmq::supervisor::child::ExitReason;
use crate::runner::zmq::supervisor::launch::Launch;
use crate::transport::keys::PublicKey;
use crate::transport::tcp::PendingJoin;

/// How long a visitor may take to say hello, and to look whether it can host the node.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(30));
/// How long a host whose run is over may take to close the connection.
const PARTING: Duration = Duration::from_secs(1);

/// Why somebody who was offered a node never hosted it.
pub(crate) enum JoinAborted {
    /// The program there cannot.
    Unfit(String),
    /// The connection broke before there was an answer.
    Gone,
}

/// Somebody asks to host a node.
pub(crate) struct JoinRequest {
    pub(crate) node: String,
    pub(crate) seat: JoinConnection,
    version: String,
    hosts: Vec<String>,
}

/// The way to somebody who asks to host a node, or does so.
pub(crate) struct JoinConnection {
    pub(crate) peer: SocketAddr,
    pub(crate) key: Option<PublicKey>,
    name: String,
    stream: UnixStream,
}

/// Hears what a visitor asks for; `None` if they do not say so as they should.
pub(crate) async fn greet(visitor: PendingJoin) -> Option<JoinRequest> {
    let PendingJoin {
        node,
        peer,
        key,
        name,
        mut stream,
    } = visitor;
    let hello = handshake::read::<JoinHello>(&mut stream, LIMITS.0);
    match tokio::time::timeout(PATIENCE.0, hello).await {
        Ok(Ok(hello)) => Some(JoinRequest {
            node,
            seat: JoinConnection {
                peer,
                key,
                name,
                stream,
            },
            version: hello.version,
            hosts: hello.hosts,
        }),
        Ok(Err(error)) => {
            tracing::warn!(%peer, %name, %error, "what asks to host a node does not say hello as it should");
            None
        }
        Err(_) => {
            tracing::warn!(%peer, %name, "what asks to host a node does not say hello");
            None
        }
    }
}

impl JoinRequest {
    /// Why this program cannot have them host anything; `None` if it can.
    pub(crate) fn mismatch(&self) -> Option<String> {
        let ours = env!("CARGO_PKG_VERSION");
        (self.version != ours).then(|| {
            format!(
                "the program there is of version {}, and the runner of version {ours}: use the same on both",
                self.version
            )
        })
    }

    /// Where the sockets of the node are to be reached.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }
}

impl JoinConnection {
    /// Says no, and why.
    pub(crate) fn refuse(mut self, why: String) {
        tracing::warn!(peer = %self.peer, name = %self.name, "a host may not join: {why}");
        tokio::spawn(async move {
            let said = async {
                handshake::write(&mut self.stream, &JoinOffer::Refused(why)).await?;
                // So that it is not lost: the other side closes first.
                handshake::read::<JoinResult>(&mut self.stream, LIMITS.0).await
            };
            let _ = tokio::time::timeout(PATIENCE.0, said).await;
        });
    }

    /// Has them host a node until the connection ends or `cut` is dropped; gives how that ended, or why it never began.
    pub(crate) async fn take(
        mut self,
        launch: Launch,
        signature: NodeFingerprint,
        gate: String,
        cut: oneshot::Receiver<()>,
    ) -> Result<ExitReason, JoinAborted> {
        let node = launch.node_id.clone();
        let terms = NodeAssignment {
            launch,
            signature,
            gate,
        };
        let agreeing = async {
            handshake::write(&mut self.stream, &JoinOffer::Node(Box::new(terms))).await?;
            handshake::read::<JoinReply>(&mut self.stream, LIMITS.0).await
        };
        match tokio::time::timeout(PATIENCE.1, agreeing).await {
            Ok(Ok(JoinReply::Joins)) => {}
            Ok(Ok(JoinReply::Refuses(why))) => return Err(JoinAborted::Unfit(why)),
            Ok(Err(_)) | Err(_) => return Err(JoinAborted::Gone),
        }
        tracing::info!(peer = %self.peer, name = %self.name, %node, "a host has joined");
        let (mut from, mut to) = self.stream.split();
        let hear = handshake::read::<JoinResult>(&mut from, LIMITS.0);
        tokio::pin!(hear);
        let last = tokio::select! {
            last = &mut hear => last,
            _ = cut => {
                use tokio::io::AsyncWriteExt;
                // It sees that its runner is gone.
                let _ = to.shutdown().await;
                match tokio::time::timeout(PARTING, hear).await {
                    Ok(last) => last,
                    Err(_) => return Ok(ExitReason::Lost(self.peer)),
                }
            }
        };
        Ok(match last {
            Ok(JoinResult { why: Some(why), .. }) => {
                tracing::error!(peer = %self.peer, %node, "{why}");
                ExitReason::Failed(self.peer)
            }
            Ok(JoinResult { why: None, well }) => ExitReason::Elsewhere(self.peer, well),
            Err(_) => ExitReason::Lost(self.peer),
        })
    }
}
