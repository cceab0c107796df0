//! Socket types of the `zeromq` crate behind one enum.
//!
//! The enum adds no behaviour; its callers work around the defects of the crate.

use std::time::Duration;

use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, RouterSocket, Socket,
    SocketEvent, SocketOptions, SocketRecv, SocketSend, SubSocket, XPubSocket, XSubSocket,
    ZmqMessage, ZmqResult,
};

use crate::transport::SocketKind;

/// Socket of the `zeromq` crate.
pub(super) enum BackendSocket {
    Req(ReqSocket),
    Rep(RepSocket),
    Dealer(DealerSocket),
    Router(RouterSocket),
    Pub(PubSocket),
    Sub(SubSocket),
    XPub(XPubSocket),
    XSub(XSubSocket),
    Push(PushSocket),
    Pull(PullSocket),
}

macro_rules! each {
    ($socket:expr, $bound:ident => $do:expr) => {
        match $socket {
            BackendSocket::Req($bound) => $do,
            BackendSocket::Rep($bound) => $do,
            BackendSocket::Dealer($bound) => $do,
            BackendSocket::Router($bound) => $do,
            BackendSocket::Pub($bound) => $do,
            BackendSocket::Sub($bound) => $do,
            BackendSocket::XPub($bound) => $do,
            BackendSocket::XSub($bound) => $do,
            BackendSocket::Push($bound) => $do,
            BackendSocket::Pull($bound) => $do,
        }
    };
}

impl BackendSocket {
    pub(super) fn new(
        kind: SocketKind,
        identity: &str,
        connect_timeout: Duration,
    ) -> ZmqResult<Self> {
        let mut options = SocketOptions::default();
        options.peer_identity(identity.parse::<PeerIdentity>()?);
        options.connect_timeout(connect_timeout);
        Ok(match kind {
            SocketKind::Req => Self::Req(ReqSocket::with_options(options)),
            SocketKind::Rep => Self::Rep(RepSocket::with_options(options)),
            SocketKind::Dealer => Self::Dealer(DealerSocket::with_options(options)),
            SocketKind::Router => Self::Router(RouterSocket::with_options(options)),
            SocketKind::Pub => Self::Pub(PubSocket::with_options(options)),
            SocketKind::Sub => Self::Sub(SubSocket::with_options(options)),
            SocketKind::XPub => Self::XPub(XPubSocket::with_options(options)),
            SocketKind::XSub => Self::XSub(XSubSocket::with_options(options)),
            SocketKind::Push => Self::Push(PushSocket::with_options(options)),
            SocketKind::Pull => Self::Pull(PullSocket::with_options(options)),
        })
    }

    pub(super) async fn bind(&mut self, endpoint: &str) -> ZmqResult<()> {
        each!(self, socket => socket.bind(endpoint).await.map(drop))
    }

    pub(super) async fn connect(&mut self, endpoint: &str) -> ZmqResult<()> {
        each!(self, socket => socket.connect(endpoint).await)
    }

    /// Resolves when a connected peer has left, which [`recv`](Self::recv) detects (SUB and XSUB).
    pub(super) fn disconnected(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let mut events = each!(self, socket => socket.monitor());
        async move {
            loop {
                match events.recv().await {
                    Ok(SocketEvent::Disconnected(_)) => return,
                    Ok(_) => {}
                    // The socket is being dropped, and its task with it.
                    Err(_) => std::future::pending().await,
                }
            }
        }
    }

    /// Subscribes to a topic at every connected peer.
    ///
    /// Topics that were subscribed to before a peer connects are sent to that peer in any order,
    /// and an error of that is not reported.
    pub(super) async fn subscribe(&mut self, topic: &str) -> ZmqResult<()> {
        match self {
            Self::Sub(socket) => socket.subscribe(topic).await,
            Self::XSub(socket) => socket.subscribe(topic).await,
            _ => Ok(()),
        }
    }

    /// Returns the next message; never resolves on a socket that does not receive.
    ///
    /// Cancel safe: a partly received message stays in the socket.
    pub(super) async fn recv(&mut self) -> ZmqResult<ZmqMessage> {
        match self {
            Self::Req(socket) => socket.recv().await,
            Self::Rep(socket) => socket.recv().await,
            Self::Dealer(socket) => socket.recv().await,
            Self::Router(socket) => socket.recv().await,
            Self::Sub(socket) => socket.recv().await,
            Self::XPub(socket) => socket.recv().await,
            Self::XSub(socket) => socket.recv().await,
            Self::Pull(socket) => socket.recv().await,
            Self::Pub(_) | Self::Push(_) => std::future::pending().await,
        }
    }

    /// Sends a message.
    ///
    /// Not cancel safe: some of the peers may have received the message, and the others would not.
    pub(super) async fn send(&mut self, message: ZmqMessage) -> ZmqResult<()> {
        match self {
            Self::Req(socket) => socket.send(message).await,
            Self::Rep(socket) => socket.send(message).await,
            Self::Dealer(socket) => socket.send(message).await,
            Self::Router(socket) => socket.send(message).await,
            Self::Pub(socket) => socket.send(message).await,
            Self::XPub(socket) => socket.send(message).await,
            Self::XSub(socket) => socket.send(message).await,
            Self::Push(socket) => socket.send(message).await,
            Self::Sub(_) | Self::Pull(_) => Err(zeromq::ZmqError::Socket(
                "this kind of socket does not send",
            )),
        }
    }
}
