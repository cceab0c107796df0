//! Tasks of SUB and XSUB sockets: one task and one connection per peer.
//!
//! A peer that is slow to connect then delays no other peer, and a broken connection is replaced
//! alone. A peer of this host is read through a socket of the crate; the link to a peer of another
//! host ends in this task, which reads ZMTP from the connection without a unix socket between.

use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "remote")]
use std::time::Instant;

use bytes::Bytes;
use noob_zmq_sockets::BackendSocket;
use tokio::sync::mpsc;
use zeromq::ZmqError;

use super::batch;
use super::config::{
    CONNECT_TIMEOUT, Inbound, MAX_RETRY_PAUSE, MIN_RETRY_PAUSE, PeerInfo, PeerSocket, SocketConfig,
};
use crate::transport::Endpoint;
use crate::transport::shared_memory::{HandleResolver, MEMORY, Unresolved};

/// Reason why the connection to a peer ended.
enum SubscriberExit {
    /// The actor loop of this side has ended.
    Closed,
    /// There was no connection, or it broke; the next attempt follows after a pause of at most
    /// this length.
    Broken(Duration),
}

/// Task that receives from one peer.
pub(super) struct SubscriberTask {
    pub(super) config: SocketConfig,
    pub(super) from: Option<Arc<PeerInfo>>,
    pub(super) arrivals: mpsc::Sender<Inbound>,
    /// Whether the peer may send handles of values in its memory.
    pub(super) shares_memory: bool,
}

impl SubscriberTask {
    /// Receives from a peer, over new connections where one breaks, until the actor loop ends.
    pub(super) async fn run(mut self, peer: PeerSocket) {
        let mut pause = MIN_RETRY_PAUSE;
        loop {
            let exit = match &peer {
                PeerSocket::Local(endpoint) => {
                    let received = self.receive_local(endpoint, &mut pause).await;
                    received.unwrap_or_else(|error| {
                        tracing::debug!(
                            socket = %self.config.name, %endpoint, %error,
                            "the connection broke; making it anew"
                        );
                        SubscriberExit::Broken(MAX_RETRY_PAUSE)
                    })
                }
                #[cfg(feature = "remote")]
                PeerSocket::Remote(remote) => self.receive_remote(remote, &mut pause).await,
            };
            match exit {
                SubscriberExit::Closed => return,
                SubscriberExit::Broken(longest) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    async fn receive_local(
        &mut self,
        endpoint: &Endpoint,
        pause: &mut Duration,
    ) -> Result<SubscriberExit, ZmqError> {
        let mut socket =
            BackendSocket::new(self.config.kind.as_str().parse()?, "", CONNECT_TIMEOUT)?;
        let disconnected = socket.disconnected();
        tokio::pin!(disconnected);
        socket.connect(&endpoint.to_string()).await?;
        // Subscribed after the connection, one topic after the other, so that a connection that
        // breaks meanwhile is an error here. The crate does not report a failure to send earlier
        // subscriptions, and then receives nothing for ever. The last topic names the subscriber,
        // and the publisher sends once it knows the name: the other topics must be there by then.
        for topic in self.topics() {
            socket.subscribe(topic).await?;
        }
        let mut memory = HandleResolver::default();
        // The peer was there: if it leaves, its replacement is expected soon.
        *pause = MIN_RETRY_PAUSE;
        loop {
            let received = tokio::select! {
                // Received messages first: those that arrived before the disconnect still count.
                biased;
                // Safe to cancel: a partly received message stays in the socket.
                received = socket.recv() => received?,
                // Without this branch the crate would connect again by itself, and subscribe in
                // any order.
                () = &mut disconnected => return Err(ZmqError::Socket("the peer has gone")),
            };
            let mut frames = received.into_vec();
            match memory.resolve(&mut frames) {
                Ok(()) => {}
                Err(Unresolved::Gone) => {
                    tracing::debug!(
                        socket = %self.config.name, %endpoint,
                        "a message of closed epochs is dropped: its values are gone"
                    );
                    continue;
                }
                Err(Unresolved::Unattached(error)) => {
                    tracing::debug!(
                        socket = %self.config.name, %endpoint, %error,
                        "the peer is to send large values as bytes from now on"
                    );
                    // The peer sends the messages of open epochs again to the new connection.
                    self.shares_memory = false;
                    return Ok(SubscriberExit::Broken(MAX_RETRY_PAUSE));
                }
            }
            if self.deliver(frames).await.is_err() {
                return Ok(SubscriberExit::Closed);
            }
        }
    }

    fn topics(&self) -> impl Iterator<Item = &String> {
        let topics = self.config.topics.iter();
        topics.filter(|topic| self.shares_memory || !topic.starts_with(MEMORY))
    }

    #[cfg(feature = "remote")]
    async fn receive_remote(
        &self,
        remote: &crate::transport::tcp::RemoteEndpoint,
        pause: &mut Duration,
    ) -> SubscriberExit {
        let topics: Vec<String> = self.topics().cloned().collect();
        let Some(mut link) = remote.connect(self.config.kind, &topics).await else {
            // The key of this host may be on its way to the other side, which takes a moment.
            return SubscriberExit::Broken(Duration::from_secs(1));
        };
        let connected_at = Instant::now();
        while let Some(frames) = link.next().await {
            if self.deliver(frames).await.is_err() {
                return SubscriberExit::Closed;
            }
        }
        // The peer was there: if it leaves, its replacement is expected soon. A peer that is cut
        // off each time as soon as it is connected still waits, so that the log is not flooded.
        if connected_at.elapsed() > MAX_RETRY_PAUSE {
            *pause = MIN_RETRY_PAUSE;
        }
        SubscriberExit::Broken(MAX_RETRY_PAUSE)
    }

    /// Passes received frames to the actor loop; fails if that loop has ended.
    async fn deliver(&self, frames: Vec<Bytes>) -> Result<(), ()> {
        for frames in batch::unpack(frames) {
            let inbound = Inbound {
                from: self.from.clone(),
                socket: self.config.socket,
                frames,
                handled: None,
            };
            // Bounded: an actor loop that is behind stops this task from reading its peer, whose
            // publisher waits in turn.
            self.arrivals.send(inbound).await.map_err(drop)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use noob_zmq_frames::Pool;

    use super::*;
    use crate::transport::socket::SocketHandle;
    use crate::transport::{SUBSCRIBER, SocketKind};

    fn config(kind: SocketKind, topics: &[&str]) -> SocketConfig {
        SocketConfig {
            kind,
            socket: 0,
            name: "test".into(),
            identity: "".into(),
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            delimits: false,
            packs: false,
            #[cfg(feature = "remote")]
            network: None,
        }
    }

    async fn next(arrivals: &mut mpsc::Receiver<Inbound>) -> Vec<Bytes> {
        let received = tokio::time::timeout(Duration::from_secs(10), arrivals.recv()).await;
        received.expect("a message arrives").unwrap().frames
    }

    #[tokio::test]
    async fn memory_that_cannot_be_opened_is_not_asked_for_again() {
        let directory = tempfile::tempdir().unwrap();
        let endpoint = Endpoint::ipc(directory.path().join("outbox")).unwrap();
        let (arrivals, mut subscriptions) = mpsc::channel(64);
        let xpub = config(SocketKind::XPub, &[]);
        let (publisher, _task) = SocketHandle::bind(xpub, &endpoint, arrivals).await.unwrap();
        let (arrivals, mut messages) = mpsc::channel(64);
        let memory = format!("{MEMORY}key:b");
        let name = format!("{SUBSCRIBER}b");
        let sub = config(SocketKind::Sub, &["", &memory, &name]);
        let (subscriber, _) = SocketHandle::connecting(sub, arrivals);
        subscriber.connect(&endpoint, None, None);
        for topic in ["", &memory, &name] {
            assert_eq!(next(&mut subscriptions).await, [format!("\x01{topic}")]);
        }
        let pool = Pool::new(1 << 20).unwrap();
        let block = pool.copy(&[7; 100]).unwrap();
        let handle = block.handle().to_bytes();
        let mut forged = handle;
        forged[20] ^= 1;
        let send = |handle: &[u8]| {
            let frames = [b"event", handle, b"body"].map(Bytes::copy_from_slice);
            publisher.send(frames.to_vec()).unwrap();
        };
        send(&handle);
        assert_eq!(next(&mut messages).await[1], vec![7; 100]);
        send(&forged);
        for topic in ["", &name] {
            assert_eq!(next(&mut subscriptions).await, [format!("\x01{topic}")]);
        }
        // The message itself is dropped: its publisher sends it again.
        send(b"bytes");
        assert_eq!(next(&mut messages).await[1], &b"bytes"[..]);
    }
}
