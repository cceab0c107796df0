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

/// Declares [`BackendSocket`] with the methods that are the same for every kind of socket.
macro_rules! sockets {
    ($($kind:ident($socket:ident))+) => {
        /// Socket of the `zeromq` crate.
        pub(super) enum BackendSocket {
            $($kind($socket),)+
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
                    $(SocketKind::$kind => Self::$kind($socket::with_options(options)),)+
                })
            }

            pub(super) async fn bind(&mut self, endpoint: &str) -> ZmqResult<()> {
                match self {
                    $(Self::$kind(socket) => socket.bind(endpoint).await.map(drop),)+
                }
            }

            /// Stops listening, and waits until the file of the socket is removed.
            ///
            /// A drop does not wait: the crate warns if the directory is removed meanwhile.
            pub(super) async fn unbind(&mut self) {
                // No error is left: the socket listens where `bind` has succeeded.
                let _ = match self {
                    $(Self::$kind(socket) => socket.unbind_all().await,)+
                };
            }

            pub(super) async fn connect(&mut self, endpoint: &str) -> ZmqResult<()> {
                match self {
                    $(Self::$kind(socket) => socket.connect(endpoint).await,)+
                }
            }

            /// Resolves when a connected peer has left, which [`recv`](Self::recv) detects (SUB
            /// and XSUB).
            pub(super) fn disconnected(&mut self) -> impl Future<Output = ()> + Send + use<> {
                let mut events = match self {
                    $(Self::$kind(socket) => socket.monitor(),)+
                };
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
        }
    };
}

sockets! {
    Req(ReqSocket)
    Rep(RepSocket)
    Dealer(DealerSocket)
    Router(RouterSocket)
    Pub(PubSocket)
    Sub(SubSocket)
    XPub(XPubSocket)
    XSub(XSubSocket)
    Push(PushSocket)
    Pull(PullSocket)
}

impl BackendSocket {
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
