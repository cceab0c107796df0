//! Socket types of the `zeromq` crate behind one enum, for the crate noob-zmq.
//!
//! The enum adds no behaviour; its callers work around the defects of the crate. It is a crate of
//! its own because `zeromq` compiles the accept loop and the handshake again for each kind of
//! socket where that kind is bound: here this is done while the compiler reads noob-zmq.

use std::pin::Pin;
use std::time::Duration;

use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, RouterSocket, Socket,
    SocketEvent, SocketOptions, SocketRecv, SocketSend, SocketType, SubSocket, XPubSocket,
    XSubSocket, ZmqError, ZmqMessage, ZmqResult,
};

/// Future that is compiled in this crate: one without a box is compiled where it is awaited.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Declares [`BackendSocket`] with the methods that are the same for every kind of socket.
macro_rules! sockets {
    ($($kind:ident($socket:ident) = $type:ident)+) => {
        /// Socket of the `zeromq` crate.
        pub enum BackendSocket {
            $(
                #[doc = concat!("A socket of type ", stringify!($type), ".")]
                $kind($socket),
            )+
        }

        impl BackendSocket {
            /// Creates a socket with this identity, of the ten types that `zeromq` implements.
            ///
            /// `connect_timeout` bounds each attempt to connect.
            ///
            /// # Errors
            /// An identity that is none, and a type without an implementation.
            pub fn new(
                kind: SocketType,
                identity: &str,
                connect_timeout: Duration,
            ) -> ZmqResult<Self> {
                let mut options = SocketOptions::default();
                options.peer_identity(identity.parse::<PeerIdentity>()?);
                options.connect_timeout(connect_timeout);
                match kind {
                    $(SocketType::$type => Ok(Self::$kind($socket::with_options(options))),)+
                    _ => Err(ZmqError::Socket("there are no sockets of this type")),
                }
            }

            /// Listens at an endpoint, and accepts connections on the runtime of the caller.
            ///
            /// # Errors
            /// An endpoint that cannot be bound.
            pub fn bind<'a>(&'a mut self, endpoint: &'a str) -> Boxed<'a, ZmqResult<()>> {
                match self {
                    $(Self::$kind(socket) => {
                        Box::pin(async move { socket.bind(endpoint).await.map(drop) })
                    })+
                }
            }

            /// Stops listening, and waits until the file of the socket is removed.
            ///
            /// A drop does not wait: the crate warns if the directory is removed meanwhile.
            pub fn unbind(&mut self) -> Boxed<'_, ()> {
                match self {
                    // No error is left: the socket listens where `bind` has succeeded.
                    $(Self::$kind(socket) => {
                        Box::pin(async move { drop(socket.unbind_all().await) })
                    })+
                }
            }

            /// Connects to an endpoint, and repeats the attempt until the timeout.
            ///
            /// # Errors
            /// A peer that is not there in time, or refuses the handshake.
            pub fn connect<'a>(&'a mut self, endpoint: &'a str) -> Boxed<'a, ZmqResult<()>> {
                match self {
                    $(Self::$kind(socket) => socket.connect(endpoint),)+
                }
            }

            /// Resolves when a connected peer has left, which [`recv`](Self::recv) detects (SUB
            /// and XSUB).
            pub fn disconnected(&mut self) -> impl Future<Output = ()> + Send + use<> {
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
    Req(ReqSocket) = REQ
    Rep(RepSocket) = REP
    Dealer(DealerSocket) = DEALER
    Router(RouterSocket) = ROUTER
    Pub(PubSocket) = PUB
    Sub(SubSocket) = SUB
    XPub(XPubSocket) = XPUB
    XSub(XSubSocket) = XSUB
    Push(PushSocket) = PUSH
    Pull(PullSocket) = PULL
}

impl BackendSocket {
    /// Subscribes to a topic at every connected peer.
    ///
    /// Topics that were subscribed to before a peer connects are sent to that peer in any order,
    /// and an error of that is not reported. Does nothing for other kinds than SUB and XSUB.
    ///
    /// # Errors
    /// A peer to which the subscription cannot be sent.
    pub async fn subscribe(&mut self, topic: &str) -> ZmqResult<()> {
        match self {
            Self::Sub(socket) => socket.subscribe(topic).await,
            Self::XSub(socket) => socket.subscribe(topic).await,
            _ => Ok(()),
        }
    }

    /// Returns the next message; never resolves on a socket that does not receive.
    ///
    /// Cancel safe: a partly received message stays in the socket.
    ///
    /// # Errors
    /// A peer that has left, or whose message cannot be read.
    pub async fn recv(&mut self) -> ZmqResult<ZmqMessage> {
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
    ///
    /// # Errors
    /// A socket without peers, or of a kind that does not send, and a peer that has left.
    pub async fn send(&mut self, message: ZmqMessage) -> ZmqResult<()> {
        match self {
            Self::Req(socket) => socket.send(message).await,
            Self::Rep(socket) => socket.send(message).await,
            Self::Dealer(socket) => socket.send(message).await,
            Self::Router(socket) => socket.send(message).await,
            Self::Pub(socket) => socket.send(message).await,
            Self::XPub(socket) => socket.send(message).await,
            Self::XSub(socket) => socket.send(message).await,
            Self::Push(socket) => socket.send(message).await,
            Self::Sub(_) | Self::Pull(_) => {
                Err(ZmqError::Socket("this kind of socket does not send"))
            }
        }
    }
}
