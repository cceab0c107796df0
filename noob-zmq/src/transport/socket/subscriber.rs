//! Kinds with a socket a peer (SUB, XSUB): a task hears each, so that a peer that is slow to answer keeps no other waiting.
//!
//! A peer of this host is heard by a socket of the crate. To one of another host the link ends here, and there is no unix socket between: its
//! connection is read by what speaks ZMTP in `tcp`.

use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "remote")]
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;
use zeromq::ZmqError;

use super::backend::BackendSocket;
use super::batch;
use super::handle::{CONNECT_TIMEOUT, Inbound, PeerInfo, RETRY, SocketConfig};
use crate::transport::Endpoint;

/// Whom to hear.
pub(super) enum PeerSocket {
    /// A socket of this host.
    Local(Endpoint),
    /// A socket of another host.
    #[cfg(feature = "remote")]
    Remote(crate::transport::tcp::RemoteEndpoint),
}

/// Why nothing is heard of a peer any more.
enum SubscriberExit {
    /// Nobody listens here.
    Closed,
    /// The connection broke, or there was none: to be made anew after a pause, of this length at most.
    Broken(Duration),
}

/// What hears one peer.
pub(super) struct SubscriberTask {
    pub(super) options: SocketConfig,
    pub(super) origin: Option<Arc<PeerInfo>>,
    pub(super) arrivals: mpsc::Sender<Inbound>,
}

impl SubscriberTask {
    /// Hears a peer for as long as somebody here listens.
    pub(super) async fn hear(self, peer: PeerSocket) {
        let mut pause = RETRY.0;
        loop {
            let ended = match &peer {
                PeerSocket::Local(endpoint) => self.here(endpoint, &mut pause).await,
                #[cfg(feature = "remote")]
                PeerSocket::Remote(aim) => self.there(aim, &mut pause).await,
            };
            match ended {
                SubscriberExit::Closed => return,
                SubscriberExit::Broken(longest) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    async fn here(&self, endpoint: &Endpoint, pause: &mut Duration) -> SubscriberExit {
        match self.socket(endpoint, pause).await {
            Ok(()) => SubscriberExit::Closed,
            Err(error) => {
                tracing::debug!(socket = %self.options.name, %endpoint, %error, "the connection broke; making it anew");
                SubscriberExit::Broken(RETRY.1)
            }
        }
    }

    async fn socket(&self, endpoint: &Endpoint, pause: &mut Duration) -> Result<(), ZmqError> {
        let mut socket = BackendSocket::new(self.options.kind, "", CONNECT_TIMEOUT)?;
        let gone = socket.gone();
        tokio::pin!(gone);
        socket.connect(&endpoint.to_string()).await?;
        // Only now, and one after the other: should the connection break meanwhile, that is an error here. The crate does not tell of it when it
        // sends what was subscribed to before, and then hears nobody for ever. The last topic says who subscribes, and whoever learns that goes
        // on to publish: what is to be heard must have arrived before.
        for topic in &self.options.topics {
            socket.subscribe(topic).await?;
        }
        // It was there: should it go, whoever takes its place is there soon.
        *pause = RETRY.0;
        loop {
            let received = tokio::select! {
                biased;
                received = socket.recv() => received?,
                // The crate would connect anew by itself, and subscribe in any order.
                () = &mut gone => return Err(ZmqError::Socket("the peer has gone")),
            };
            if self.deliver(received.into_vec()).await.is_err() {
                return Ok(());
            }
        }
    }

    #[cfg(feature = "remote")]
    async fn there(
        &self,
        aim: &crate::transport::tcp::RemoteEndpoint,
        pause: &mut Duration,
    ) -> SubscriberExit {
        let Some(mut hearing) = aim.reach(self.options.kind, &self.options.topics).await else {
            // A key may be on its way to the other side, and then a moment is enough.
            return SubscriberExit::Broken(Duration::from_secs(1));
        };
        let begun = Instant::now();
        while let Some(frames) = hearing.next().await {
            if self.deliver(frames).await.is_err() {
                return SubscriberExit::Closed;
            }
        }
        // It was there: should it go, whoever takes its place is there soon. But one that is cut off each time, as soon as it is there, is not
        // asked, and told of, without a pause.
        if begun.elapsed() > RETRY.1 {
            *pause = RETRY.0;
        }
        SubscriberExit::Broken(RETRY.1)
    }

    /// Passes on what arrived; an error if nobody listens any more.
    async fn deliver(&self, frames: Vec<Bytes>) -> Result<(), ()> {
        for frames in batch::unpack(frames) {
            let delivery = Inbound {
                from: self.origin.clone(),
                socket: self.options.socket,
                frames,
                handled: None,
            };
            self.arrivals.send(delivery).await.map_err(drop)?;
        }
        Ok(())
    }
}
