//! A link that ends at a publisher of this process: the side of it that listens.

use tokio::io::AsyncWriteExt;

use super::Stream;
use super::tunnel_copy::{DRAIN, TunnelError};
use super::zmtp::FrameInspector;
use super::zmtp::{self, ZmtpDecoder, ZmtpEncoder};
use crate::transport::socket::publisher_links::{LinkEnd, QueuedMessage};

/// What lies ready is written together, up to so many bytes.
const BATCH: usize = 64 << 10;

/// Serves a link until one side is closed.
pub(super) async fn serve(
    mut stream: Stream,
    mut line: LinkEnd,
    mut guard: FrameInspector,
) -> Result<(), TunnelError> {
    stream.write_all(&zmtp::hello("XPUB")).await?;
    stream.flush().await?;
    let mut reading = ZmtpDecoder::from(&["SUB", "XSUB"]);
    let mut writing = ZmtpEncoder::default();
    let mut batch = Vec::new();
    let mut silenced = Box::pin(guard.silenced());
    loop {
        let proves = !guard.is_proved();
        tokio::select! {
            biased;
            proved = guard.prove(), if proves => {
                proved?;
                silenced.set(guard.silenced());
            }
            read = stream.read_behind(&mut reading.buffer), if !proves => {
                let read = match read {
                    Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
                    read => read?,
                };
                if read == 0 {
                    return Ok(());
                }
                let buffer = &reading.buffer;
                guard.look(&buffer[buffer.len() - read..])?;
            }
            () = &mut silenced => return Ok(()),
            // Last: there may be no end to what is to be written.
            queued = line.next() => {
                let Some(queued) = queued else { break };
                gather(queued, &mut line, &mut writing, &mut batch);
                tokio::select! {
                    written = write(&mut stream, &mut writing) => written?,
                    () = &mut silenced => return Ok(()),
                }
                batch.clear();
                continue;
            }
        }
        // What was said under a name is heard once the name is known to be its own.
        if guard.is_proved() {
            while let Some(message) = reading.next()? {
                message.into_iter().for_each(|frame| line.subscribe(frame));
            }
        }
    }
    farewell(stream).await
}

/// Puts together what lies ready.
fn gather(
    first: QueuedMessage,
    line: &mut LinkEnd,
    writing: &mut ZmtpEncoder,
    batch: &mut Vec<QueuedMessage>,
) {
    let mut next = Some(first);
    while let Some(queued) = next {
        writing.add(&queued.message);
        batch.push(queued);
        next = (writing.len() < BATCH).then(|| line.try_next()).flatten();
    }
}

async fn write(stream: &mut Stream, writing: &mut ZmtpEncoder) -> std::io::Result<()> {
    for piece in writing.take() {
        stream.write_all(&piece).await?;
    }
    stream.flush().await
}

/// A connection that is closed with bytes unread is reset, and what was said last is lost: reads on until the other side is done.
async fn farewell(mut stream: Stream) -> Result<(), TunnelError> {
    let _ = stream.shutdown().await;
    let mut rest = bytes::BytesMut::new();
    let _ = tokio::time::timeout(DRAIN, async {
        while let Ok(1..) = stream.read_behind(&mut rest).await {
            rest.clear();
        }
    })
    .await;
    Ok(())
}
