//! The runner's side of a join: who asks for which node, what they are told, and how they are watched from then on.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::Signature;
use super::handshake::{self, Answer, Hello, LIMITS, Last, Offer, Terms};
use crate::runner::zmq::supervisor::child::Exit;
use crate::runner::zmq::supervisor::launch::Launch;
use crate::transport::keys::PublicKey;
use crate::transport::tcp::PendingJoin;

/// How long a visitor may take to say hello, and to look whether it can host the node.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(30));
/// How long a host whose run is over may take to close the connection.
const PARTING: Duration = Duration::from_secs(1);

/// Why somebody who was offered a node never hosted it.
pub(crate) enum Declined {
    /// The program there cannot.
    Unfit(String),
    /// The connection broke before there was an answer.
    Gone,
}

/// Somebody asks to host a node.
pub(crate) struct Asks {
    pub(crate) node: String,
    pub(crate) seat: Seat,
    version: String,
    hosts: Vec<String>,
}

/// The way to somebody who asks to host a node, or does so.
pub(crate) struct Seat {
    pub(crate) peer: SocketAddr,
    pub(crate) key: Option<PublicKey>,
    name: String,
    stream: UnixStream,
}

/// Hears what a visitor asks for; `None` if they do not say so as they should.
pub(crate) async fn greet(visitor: PendingJoin) -> Option<Asks> {
    let PendingJoin {
        node,
        peer,
        key,
        name,
        mut stream,
    } = visitor;
    let hello = handshake::read::<Hello>(&mut stream, LIMITS.0);
    match tokio::time::timeout(PATIENCE.0, hello).await {
        Ok(Ok(hello)) => Some(Asks {
            node,
            seat: Seat {
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

impl Asks {
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

impl Seat {
    /// Says no, and why.
    pub(crate) fn refuse(mut self, why: String) {
        tracing::warn!(peer = %self.peer, name = %self.name, "a host may not join: {why}");
        tokio::spawn(async move {
            let said = async {
                handshake::write(&mut self.stream, &Offer::Refused(why)).await?;
                // So that it is not lost: the other side closes first.
                handshake::read::<Last>(&mut self.stream, LIMITS.0).await
            };
            let _ = tokio::time::timeout(PATIENCE.0, said).await;
        });
    }

    /// Has them host a node until the connection ends or `cut` is dropped; gives how that ended, or why it never began.
    pub(crate) async fn take(
        mut self,
        launch: Launch,
        signature: Signature,
        gate: String,
        cut: oneshot::Receiver<()>,
    ) -> Result<Exit, Declined> {
        let node = launch.node_id.clone();
        let terms = Terms {
            launch,
            signature,
            gate,
        };
        let agreeing = async {
            handshake::write(&mut self.stream, &Offer::Node(Box::new(terms))).await?;
            handshake::read::<Answer>(&mut self.stream, LIMITS.0).await
        };
        match tokio::time::timeout(PATIENCE.1, agreeing).await {
            Ok(Ok(Answer::Joins)) => {}
            Ok(Ok(Answer::Refuses(why))) => return Err(Declined::Unfit(why)),
            Ok(Err(_)) | Err(_) => return Err(Declined::Gone),
        }
        tracing::info!(peer = %self.peer, name = %self.name, %node, "a host has joined");
        let (mut from, mut to) = self.stream.split();
        let hear = handshake::read::<Last>(&mut from, LIMITS.0);
        tokio::pin!(hear);
        let last = tokio::select! {
            last = &mut hear => last,
            _ = cut => {
                use tokio::io::AsyncWriteExt;
                // It sees that its runner is gone.
                let _ = to.shutdown().await;
                match tokio::time::timeout(PARTING, hear).await {
                    Ok(last) => last,
                    Err(_) => return Ok(Exit::Lost(self.peer)),
                }
            }
        };
        Ok(match last {
            Ok(Last { why: Some(why), .. }) => {
                tracing::error!(peer = %self.peer, %node, "{why}");
                Exit::Failed(self.peer)
            }
            Ok(Last { why: None, well }) => Exit::Elsewhere(self.peer, well),
            Err(_) => Exit::Lost(self.peer),
        })
    }
}
