//! Runner's half of the join handshake, and the supervision of a host that has joined.
//!
//! The connection stays open while the host has the node: its end is the end of the node.

use std::time::Duration;

use tokio::sync::oneshot;

use super::handshake::{
    self, JoinHello, JoinOffer, JoinReply, JoinResult, MAX_FROM_HOST, NodeAssignment,
};
use crate::runner::zmq::supervisor::child::ExitReason;
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
///
/// The connection stays open while the host has the node.
pub(crate) struct JoinRequest {
    /// Node that the host asks for.
    pub(crate) node: String,
    pub(crate) join: PendingJoin,
    pub(crate) hello: JoinHello,
}

/// Reads the hello of a host; returns `None`, and logs why, if there is no valid one.
pub(crate) async fn read_join_request(node: String, mut join: PendingJoin) -> Option<JoinRequest> {
    let hello = handshake::read::<JoinHello>(&mut join.stream, MAX_FROM_HOST);
    let hello = tokio::time::timeout(HELLO_TIMEOUT, hello).await;
    let (peer, name) = (join.peer, &join.name);
    match hello {
        Ok(Ok(hello)) => Some(JoinRequest { node, join, hello }),
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
        (self.hello.version != ours).then(|| {
            format!(
                "the program there is of version {}, and the runner of version {ours}: use the \
                    same on both",
                self.hello.version
            )
        })
    }

    /// Rejects the host, with the reason; does not wait until it was sent.
    pub(crate) fn reject(self, why: String) {
        let PendingJoin {
            peer,
            name,
            mut stream,
            ..
        } = self.join;
        tracing::warn!(%peer, %name, "a host may not join: {why}");
        tokio::spawn(async move {
            let sending = async {
                handshake::write(&mut stream, &JoinOffer::Refused(why)).await?;
                // The host closes first: data is lost if a connection is closed with unread data.
                handshake::read::<JoinResult>(&mut stream, MAX_FROM_HOST).await
            };
            let _ = tokio::time::timeout(HELLO_TIMEOUT, sending).await;
        });
    }

    /// Has the host run a node until the connection ends or `cut` completes.
    ///
    /// # Errors
    /// The host did not accept the node.
    pub(crate) async fn host_node(
        self,
        assignment: NodeAssignment,
        cut: oneshot::Receiver<()>,
    ) -> Result<ExitReason, JoinAborted> {
        let node = self.node;
        let PendingJoin {
            peer,
            name,
            mut stream,
            ..
        } = self.join;
        let agreeing = async {
            handshake::write(&mut stream, &JoinOffer::Node(Box::new(assignment))).await?;
            handshake::read::<JoinReply>(&mut stream, MAX_FROM_HOST).await
        };
        match tokio::time::timeout(REPLY_TIMEOUT, agreeing).await {
            Ok(Ok(JoinReply::Joins)) => {}
            Ok(Ok(JoinReply::Refuses(why))) => return Err(JoinAborted::Unfit(why)),
            Ok(Err(_)) | Err(_) => return Err(JoinAborted::Gone),
        }
        tracing::info!(%peer, %name, %node, "a host has joined");
        let (mut from, mut to) = stream.split();
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
                    Err(_) => return Ok(ExitReason::Lost(peer)),
                }
            }
        };
        Ok(match result {
            Ok(JoinResult { why: Some(why), .. }) => {
                tracing::error!(%peer, %node, "{why}");
                ExitReason::Failed(peer)
            }
            Ok(JoinResult {
                why: None,
                without_error,
            }) => ExitReason::Remote(peer, without_error),
            Err(_) => ExitReason::Lost(peer),
        })
    }
}
