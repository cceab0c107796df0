//! The side that hears an XPUB of another host: the link ends in the process that hears.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;

use super::connect::reach;
use super::tunnel_copy::TunnelError;
use super::tunnel_proxy::LARGEST;
use super::zmtp::FrameInspector;
use super::zmtp::{self, ZmtpDecoder};
use super::{Stream, TcpAddress};
use crate::transport::SocketKind;
use crate::transport::keys::KeyPair;

/// How long the other side may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// A socket of another host, to be heard.
pub(crate) struct RemoteEndpoint {
    pub(super) address: TcpAddress,
    pub(super) own: Option<KeyPair>,
}

/// A link to it.
pub(crate) struct RemoteSubscriber {
    stream: Stream,
    guard: FrameInspector,
    reading: ZmtpDecoder,
    /// For the log.
    peer: String,
    socket: String,
}

impl RemoteEndpoint {
    /// Tries for a while until there is a link, and subscribes, in this order; if nothing comes of it, the log has why.
    pub(crate) async fn connect(
        &self,
        kind: SocketKind,
        topics: &[String],
    ) -> Option<RemoteSubscriber> {
        let socket = self.address.socket().to_owned();
        let (stream, peer) = match reach(&self.address, self.own.as_ref()).await {
            Ok(reached) => reached,
            Err(error) => {
                tracing::warn!(%socket, "no connection to {error}");
                return None;
            }
        };
        tracing::info!(%peer, %socket, "connected");
        let mut hearing = RemoteSubscriber {
            stream,
            guard: FrameInspector::new(LARGEST),
            reading: ZmtpDecoder::from(&["XPUB", "PUB"]),
            peer,
            socket,
        };
        let begun = tokio::time::timeout(PATIENCE, hearing.begin(kind, topics)).await;
        match begun
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
        {
            Ok(()) => Some(hearing),
            Err(error) => {
                hearing.end(&error);
                None
            }
        }
    }
}

impl RemoteSubscriber {
    async fn begin(&mut self, kind: SocketKind, topics: &[String]) -> Result<(), TunnelError> {
        self.stream.write_all(&zmtp::hello(kind.as_str())).await?;
        self.stream.flush().await?;
        while !self.reading.is_ready() {
            // There is no message yet: nothing was subscribed to.
            if !self.read().await? {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            self.reading.next()?;
        }
        let subscriptions: Vec<u8> = topics
            .iter()
            .flat_map(|topic| zmtp::subscription(topic))
            .collect();
        self.stream.write_all(&subscriptions).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// The next message; none when the link has ended. May be cancelled.
    pub(crate) async fn next(&mut self) -> Option<Vec<Bytes>> {
        match self.message().await {
            Ok(Some(message)) => return Some(message),
            Ok(None) => {
                tracing::debug!(peer = %self.peer, socket = %self.socket, "the link was closed")
            }
            Err(error) => self.end(&error),
        }
        None
    }

    async fn message(&mut self) -> Result<Option<Vec<Bytes>>, TunnelError> {
        loop {
            if let Some(message) = self.reading.next()? {
                return Ok(Some(message));
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    /// Whether more has come before the end.
    async fn read(&mut self) -> Result<bool, TunnelError> {
        let buffer = &mut self.reading.buffer;
        let read = match self.stream.read_behind(buffer).await {
            // A peer that ends without a word of farewell, as one that was killed does.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            read => read?,
        };
        self.guard.look(&buffer[buffer.len() - read..])?;
        Ok(read > 0)
    }

    fn end(&self, error: &TunnelError) {
        error.tell(&self.peer, &self.socket);
    }
}
