//! Link to a publisher (XPUB) of another host that ends in the subscribing process.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;

use super::connect::connect_with_retry;
use super::stream::read_behind;
use super::tunnel_copy::TunnelError;
use super::zmtp::{self, FrameInspector, ZmtpDecoder};
use super::{MAX_INBOUND_MESSAGE, Stream, TcpAddress};
use crate::transport::SocketKind;
use crate::transport::keys::KeyPair;

/// Time limit of the ZMTP handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Publisher on another host.
pub(crate) struct RemoteEndpoint {
    pub(super) address: TcpAddress,
    pub(super) own: Option<KeyPair>,
}

/// Open link to a publisher on another host.
pub(crate) struct RemoteSubscriber {
    stream: Stream,
    decoder: ZmtpDecoder,
    /// Address of the peer, for the log.
    peer: String,
    socket: String,
}

impl RemoteEndpoint {
    /// Connects, repeating attempts for a while, and subscribes to `topics` in this order.
    ///
    /// Returns `None` after a failure, which is logged.
    pub(crate) async fn connect(
        &self,
        kind: SocketKind,
        topics: &[String],
    ) -> Option<RemoteSubscriber> {
        let socket = self.address.socket().to_owned();
        let (stream, peer) = match connect_with_retry(&self.address, self.own.as_ref()).await {
            Ok(connected) => connected,
            Err(error) => {
                tracing::warn!(%socket, "no connection to {error}");
                return None;
            }
        };
        tracing::info!(%peer, %socket, "connected");
        let inspector = FrameInspector::lengths_only();
        let mut link = RemoteSubscriber {
            stream,
            decoder: ZmtpDecoder::new(&["XPUB", "PUB"], MAX_INBOUND_MESSAGE, inspector),
            peer,
            socket,
        };
        let ready = tokio::time::timeout(HANDSHAKE_TIMEOUT, link.subscribe(kind, topics)).await;
        match ready.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())) {
            Ok(()) => Some(link),
            Err(error) => {
                error.log(&link.peer, &link.socket);
                None
            }
        }
    }
}

impl RemoteSubscriber {
    async fn subscribe(&mut self, kind: SocketKind, topics: &[String]) -> Result<(), TunnelError> {
        self.stream.write_all(&zmtp::hello(kind.as_str())).await?;
        self.stream.flush().await?;
        while !self.decoder.is_ready() {
            // There is no message yet, since there is no subscription.
            if read_behind(&mut self.stream, &mut self.decoder.buffer).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.decoder.next()?;
        }
        let subscriptions: Vec<u8> = topics
            .iter()
            .flat_map(|topic| zmtp::subscription(topic))
            .collect();
        self.stream.write_all(&subscriptions).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// Returns the next message; `None` when the link has ended, which is logged.
    ///
    /// Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Vec<Bytes>> {
        match self.try_next().await {
            Ok(Some(message)) => return Some(message),
            Ok(None) => {
                tracing::debug!(peer = %self.peer, socket = %self.socket, "the link was closed");
            }
            Err(error) => error.log(&self.peer, &self.socket),
        }
        None
    }

    async fn try_next(&mut self) -> Result<Option<Vec<Bytes>>, TunnelError> {
        loop {
            if let Some(message) = self.decoder.next()? {
                return Ok(Some(message));
            }
            if read_behind(&mut self.stream, &mut self.decoder.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}
