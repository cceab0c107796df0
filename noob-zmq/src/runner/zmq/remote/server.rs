//! Runner's half of the join handshake, and the supervision of a host that has joined.
//!
//! The connection stays open while the host has the node: its end is the end of the node.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::NodeFingerprint;
use super::handshake::{
    self, JoinHello, JoinOffer, JoinReply, JoinResult, MAX_FROM_HOST, NodeAssignment,
};
use crate::runner::zmq::supervisor::child::ExitReason;
use crate::runner::zmq::supervisor::launch::Launch;
use crate::transport::keys::PublicKey;
use crate::transport::tcp::PendingJoin;

/// Longest time until a host has sent its hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time in which a host checks whether it can host the node.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time in which a host closes the connection at the end of the run.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Reason why a host that was offered a node never hosted it.
pub(crate) enum JoinAborted {
    /// The program of the host cannot host the node.
    Unfit(String),
    /// The connection broke before the host has answered.
    Gone,
}

/// Request of a host for a node.
pub(crate) struct JoinRequest {
    pub(crate) node: String,
    pub(crate) connection: JoinConnection,
    version: String,
    /// Addresses (`HOST:PORT`) where the sockets of the node can be reached.
    pub(crate) hosts: Vec<String>,
}

/// Connection to a host that asks for a node, or has it.
pub(crate) struct JoinConnection {
    pub(crate) peer: SocketAddr,
    pub(crate) key: Option<PublicKey>,
    name: String,
    stream: UnixStream,
}

/// Reads the hello of a host; returns `None`, and logs why, if there is no valid one.
pub(crate) async fn read_join_request(join: PendingJoin) -> Option<JoinRequest> {
    let PendingJoin {
        node,
        peer,
        key,
        name,
        mut stream,
    } = join;
    let hello = handshake::read::<JoinHello>(&mut stream, MAX_FROM_HOST);
    match tokio::time::timeout(HELLO_TIMEOUT, hello).await {
        Ok(Ok(hello)) => Some(JoinRequest {
            node,
            connection: JoinConnection {
                peer,
                key,
                name,
                stream,
            },
            version: hello.version,
            hosts: hello.hosts,
        }),
        Ok(Err(error)) => {
            tracing::warn!(%peer, %name, %error, "what asks to host a node does not say hello as \
                it should");
            None
        }
        Err(_) => {
            tracing::warn!(%peer, %name, "what asks to host a node does not say hello");
            None
        }
    }
}

impl JoinRequest {
    /// Returns why the program of the host does not fit this one; `None` if it does.
    pub(crate) fn mismatch(&self) -> Option<String> {
        let ours = env!("CARGO_PKG_VERSION");
        (self.version != ours).then(|| {
            format!(
                "the program there is of version {}, and the runner of version {ours}: use the \
                    same on both",
                self.version
            )
        })
    }
}

impl JoinConnection {
    /// Rejects the host, with the reason; does not wait until it was sent.
    pub(crate) fn reject(mut self, why: String) {
        tracing::warn!(peer = %self.peer, name = %self.name, "a host may not join: {why}");
        tokio::spawn(async move {
            let sending = async {
                handshake::write(&mut self.stream, &JoinOffer::Refused(why)).await?;
                // The host closes first: data is lost if a connection is closed with unread data.
                handshake::read::<JoinResult>(&mut self.stream, MAX_FROM_HOST).await
            };
            let _ = tokio::time::timeout(HELLO_TIMEOUT, sending).await;
        });
    }

    /// Has the host run a node until the connection ends or `cut` completes.
    ///
    /// # Errors
    /// The host did not accept the node.
    pub(crate) async fn host_node(
        mut self,
        launch: Launch,
        fingerprint: NodeFingerprint,
        listener: String,
        cut: oneshot::Receiver<()>,
    ) -> Result<ExitReason, JoinAborted> {
        let node = launch.node_id.clone();
        let assignment = NodeAssignment {
            launch,
            fingerprint,
            listener,
        };
        let agreeing = async {
            handshake::write(&mut self.stream, &JoinOffer::Node(Box::new(assignment))).await?;
            handshake::read::<JoinReply>(&mut self.stream, MAX_FROM_HOST).await
        };
        match tokio::time::timeout(REPLY_TIMEOUT, agreeing).await {
            Ok(Ok(JoinReply::Joins)) => {}
            Ok(Ok(JoinReply::Refuses(why))) => return Err(JoinAborted::Unfit(why)),
            Ok(Err(_)) | Err(_) => return Err(JoinAborted::Gone),
        }
        tracing::info!(peer = %self.peer, name = %self.name, %node, "a host has joined");
        let (mut from, mut to) = self.stream.split();
        let result = handshake::read::<JoinResult>(&mut from, MAX_FROM_HOST);
        tokio::pin!(result);
        // Either the host ends first, or the runner lets go of it.
        let result = tokio::select! {
            result = &mut result => result,
            _ = cut => {
                use tokio::io::AsyncWriteExt;
                // The host sees that its runner is gone, and sends its result.
                let _ = to.shutdown().await;
                match tokio::time::timeout(CLOSE_TIMEOUT, result).await {
                    Ok(result) => result,
                    Err(_) => return Ok(ExitReason::Lost(self.peer)),
                }
            }
        };
        Ok(match result {
            Ok(JoinResult { why: Some(why), .. }) => {
                tracing::error!(peer = %self.peer, %node, "{why}");
                ExitReason::Failed(self.peer)
            }
            Ok(JoinResult {
                why: None,
                without_error,
            }) => ExitReason::Remote(self.peer, without_error),
            Err(_) => ExitReason::Lost(self.peer),
        })
    }
}
