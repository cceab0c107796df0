//! Listening side of a link that ends at a publisher of this process.

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt;

use super::stream::{Stream, read_behind};
use super::tunnel_copy::{DRAIN, TunnelError};
use super::zmtp::{self, FrameInspector, ZmtpDecoder, ZmtpEncoder};
use crate::transport::socket::publisher_links::{LinkEnd, QueuedMessage};

/// Size from which queued messages are written; smaller ones are collected while more are queued.
const BATCH: usize = 64 << 10;

/// Serves a link until one side is closed; messages of the peer have at most `limit` bytes.
pub(super) async fn serve(
    mut stream: Stream,
    mut link: LinkEnd,
    limit: u64,
    inspector: FrameInspector,
) -> Result<(), TunnelError> {
    stream.write_all(&zmtp::hello("XPUB")).await?;
    stream.flush().await?;
    let mut decoder = ZmtpDecoder::new(&["SUB", "XSUB"], limit, inspector);
    let mut encoder = ZmtpEncoder::default();
    let mut batch = Vec::new();
    // A subscription that states a name which is not known to be the peer's own.
    let mut held: Option<Vec<Bytes>> = None;
    let mut revoked = Box::pin(decoder.inspector.revoked());
    loop {
        let is_authorized = decoder.inspector.is_authorized();
        tokio::select! {
            // Subscriptions before messages: there may be no end of messages to write.
            biased;
            authorized = decoder.inspector.authorize(), if !is_authorized => {
                authorized?;
                revoked.set(decoder.inspector.revoked());
            }
            // Safe to cancel: bytes are in the buffer as soon as they are read.
            read = read_behind(&mut stream, &mut decoder.buffer), if is_authorized => {
                if read? == 0 {
                    return Ok(());
                }
            }
            () = &mut revoked => return Ok(()),
            message = link.next() => {
                let Some(message) = message else { break };
                collect(message, &mut link, &mut encoder, &mut batch);
                // A write must not be cancelled half way by anything but the end of the link.
                tokio::select! {
                    written = write(&mut stream, &mut encoder) => written?,
                    () = &mut revoked => return Ok(()),
                }
                // Frees the link's share of the queue only now: the publisher waits for a peer
                // that does not read.
                batch.clear();
                continue;
            }
        }
        while decoder.inspector.is_authorized() {
            held.take()
                .into_iter()
                .flatten()
                .for_each(|frame| link.subscribe(frame));
            held = decoder.next()?;
            if held.is_none() {
                break;
            }
        }
    }
    drain(stream).await
}

/// Collects the messages that are queued.
fn collect(
    first: QueuedMessage,
    link: &mut LinkEnd,
    encoder: &mut ZmtpEncoder,
    batch: &mut Vec<QueuedMessage>,
) {
    let mut next = Some(first);
    while let Some(queued) = next {
        encoder.add(&queued.message);
        batch.push(queued);
        next = (encoder.len() < BATCH).then(|| link.try_next()).flatten();
    }
}

async fn write(stream: &mut Stream, encoder: &mut ZmtpEncoder) -> std::io::Result<()> {
    for piece in encoder.take() {
        stream.write_all(&piece).await?;
    }
    stream.flush().await
}

/// Closes this side and reads on until the other side is done.
///
/// A connection that is closed with bytes unread is reset, and the last sent bytes are lost.
async fn drain(mut stream: Stream) -> Result<(), TunnelError> {
    let _ = stream.shutdown().await;
    let mut rest = BytesMut::new();
    let _ = tokio::time::timeout(DRAIN, async {
        while let Ok(1..) = read_behind(&mut stream, &mut rest).await {
            rest.clear();
        }
    })
    .await;
    Ok(())
}
