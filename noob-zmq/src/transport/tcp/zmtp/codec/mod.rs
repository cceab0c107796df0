//! ZMTP codec of links that end in this process: SUB and XPUB, with the mechanism NULL.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use zeromq::ZmqMessage;

use super::frame::{COMMAND, FrameDecoder, FrameHeader, GREETING_LEN, LONG, MORE, property};
use super::{FrameInspector, ZmtpError};

/// Greeting of both sides: signature, version 3.0, mechanism, no server.
const GREETING: [u8; GREETING_LEN] = {
    let mut greeting = [0; GREETING_LEN];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    greeting[10] = 3;
    let mechanism = *b"NULL";
    let mut i = 0;
    while i < mechanism.len() {
        greeting[12 + i] = mechanism[i];
        i += 1;
    }
    greeting
};
/// Length from which a frame is written from its own buffer; shorter frames are written together.
const LARGE: usize = 16 << 10;
/// Largest number of bytes that is allocated at once for an announced frame.
///
/// More is allocated as the bytes arrive, so that an announcement alone costs no memory.
const MAX_RESERVED: usize = 4 << 20;
/// Largest number of bytes in blocks that are kept for reuse.
const MAX_KEPT: usize = 8 << 20;

/// Returns the greeting and the READY command of a socket of this kind (`SUB`, `XPUB`).
pub(crate) fn hello(kind: &str) -> BytesMut {
    const PROPERTY: &[u8] = b"\x05READY\x0bSocket-Type";
    let mut hello = BytesMut::from(&GREETING[..]);
    hello.put_slice(&[COMMAND, (PROPERTY.len() + 4 + kind.len()) as u8]);
    hello.put_slice(PROPERTY);
    hello.put_u32(kind.len() as u32);
    hello.put_slice(kind.as_bytes());
    hello
}

/// Returns a frame that subscribes to a topic.
pub(crate) fn subscription(topic: &str) -> BytesMut {
    let mut frame = BytesMut::new();
    put_header(&mut frame, topic.len() + 1, false);
    frame.put_u8(1);
    frame.put_slice(topic.as_bytes());
    frame
}

fn put_header(into: &mut BytesMut, length: usize, has_more: bool) {
    let flags = if has_more { MORE } else { 0 };
    match u8::try_from(length) {
        Ok(length) => into.put_slice(&[flags, length]),
        Err(_) => {
            into.put_u8(flags | LONG);
            into.put_u64(length as u64);
        }
    }
}

/// Encoder of messages: short frames are put together, long ones are written without a copy.
#[derive(Debug, Default)]
pub(crate) struct ZmtpEncoder {
    /// Bytes to write, in this order.
    pieces: Vec<Bytes>,
    /// Short frames since the last of `pieces`.
    open: BytesMut,
    length: usize,
}

impl ZmtpEncoder {
    /// Adds a message.
    pub(crate) fn add(&mut self, message: &ZmqMessage) {
        let last = message.len().saturating_sub(1);
        for (i, frame) in message.iter().enumerate() {
            put_header(&mut self.open, frame.len(), i < last);
            if frame.len() < LARGE {
                self.open.extend_from_slice(frame);
            } else {
                self.close();
                self.pieces.push(frame.clone());
            }
            self.length += frame.len();
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.pieces.push(self.open.split().freeze());
        }
    }

    /// Returns the size of the frames added since the last [`take`](Self::take), without headers.
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// Takes the bytes to write, in this order.
    pub(crate) fn take(&mut self) -> std::vec::Drain<'_, Bytes> {
        self.close();
        self.length = 0;
        self.pieces.drain(..)
    }
}

/// Decoder of the messages of a peer.
#[derive(Debug)]
pub(crate) struct ZmtpDecoder {
    /// Bytes that have arrived and are not decoded.
    pub(crate) buffer: BytesMut,
    /// Inspector of every decoded frame.
    pub(crate) inspector: FrameInspector,
    decoder: FrameDecoder,
    /// Kinds of socket that the peer may be; `None` once its READY was accepted.
    expected: Option<&'static [&'static str]>,
    greeted: bool,
    /// Header of the frame whose body is not complete.
    header: Option<FrameHeader>,
    /// Frames of the message that goes on.
    frames: Vec<Bytes>,
    /// Size of the reused block that `buffer` is the end of; 0 if it is none.
    size: usize,
    /// Blocks that large frames were split from: the size of each, and its end.
    ///
    /// A block is reused once all its frames are dropped.
    blocks: VecDeque<(usize, BytesMut)>,
}

impl ZmtpDecoder {
    /// Returns a decoder for a peer that must be of one of `kinds`, and whose messages have at most
    /// `limit` bytes.
    pub(crate) fn new(
        kinds: &'static [&'static str],
        limit: u64,
        inspector: FrameInspector,
    ) -> Self {
        Self {
            buffer: BytesMut::new(),
            inspector,
            decoder: FrameDecoder::new(limit),
            expected: Some(kinds),
            greeted: false,
            header: None,
            frames: Vec::new(),
            size: 0,
            blocks: VecDeque::new(),
        }
    }

    /// Whether the peer has completed its handshake.
    pub(crate) const fn is_ready(&self) -> bool {
        self.expected.is_none()
    }

    /// Returns the next complete message.
    ///
    /// # Errors
    /// Bytes that are no ZMTP 3, exceed a limit, or are rejected by the inspector.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Bytes>>, ZmtpError> {
        loop {
            if !self.greeted {
                if self.buffer.len() < GREETING_LEN {
                    return Ok(None);
                }
                check_greeting(&self.buffer.split_to(GREETING_LEN))?;
                self.greeted = true;
            }
            let Some((header, frame)) = self.next_frame()? else {
                return Ok(None);
            };
            self.inspector.inspect(header, &frame)?;
            if let Some(expected) = self.expected.take() {
                check_ready(header, &frame, expected)?;
            } else if !header.is_command {
                self.frames.push(frame);
                if !header.has_more {
                    // The next message most likely has the same number of frames.
                    let next = Vec::with_capacity(self.frames.len());
                    return Ok(Some(std::mem::replace(&mut self.frames, next)));
                }
            }
        }
    }

    fn next_frame(&mut self) -> Result<Option<(FrameHeader, Bytes)>, ZmtpError> {
        if self.header.is_none() {
            self.header = self.decoder.next_header(&mut self.buffer)?;
        }
        let Some(header) = self.header else {
            return Ok(None);
        };
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        let arrived = self.buffer.len();
        if arrived < length {
            self.make_room((length - arrived).min(MAX_RESERVED.max(arrived)));
            return Ok(None);
        }
        self.header = None;
        Ok(Some((header, self.buffer.split_to(length).freeze())))
    }

    /// Makes room for `missing` bytes behind those that have arrived.
    ///
    /// Large frames get a block that was used before: memory that is returned and requested for
    /// each frame costs more than reading into it.
    fn make_room(&mut self, missing: usize) {
        let free = self.buffer.capacity() - self.buffer.len();
        // There is room for the next read, at least.
        if free >= missing.min(LARGE) {
            return;
        }
        if missing < LARGE {
            return self.buffer.reserve(missing);
        }
        // With room for the start of what follows the frame in the same TLS record.
        let needed = self.buffer.len() + missing + LARGE;
        let mut blocks = self.blocks.iter_mut();
        let free = blocks.position(|(_, block)| block.try_reclaim(needed));
        let (size, mut block) = free
            .and_then(|at| self.blocks.remove(at))
            .unwrap_or_else(|| (needed, BytesMut::with_capacity(needed)));
        block.extend_from_slice(&self.buffer);
        self.buffer.clear();
        let full = std::mem::replace(&mut self.buffer, block);
        self.blocks
            .push_back((std::mem::replace(&mut self.size, size), full));
        let mut kept: usize = self.blocks.iter().map(|(size, _)| size).sum();
        while kept > MAX_KEPT
            && let Some((size, _)) = self.blocks.pop_front()
        {
            kept -= size;
        }
    }
}

/// Checks that the peer speaks ZMTP 3 without a security mechanism.
fn check_greeting(greeting: &[u8]) -> Result<(), ZmtpError> {
    if greeting[0] != 0xff || greeting[9] & 1 == 0 || greeting[10] < 3 {
        return Err(ZmtpError::Version);
    }
    let (ours, theirs) = (&GREETING[12..32], &greeting[12..32]);
    if ours == theirs {
        return Ok(());
    }
    let name = theirs.split(|byte| *byte == 0).next().unwrap_or_default();
    Err(ZmtpError::Mechanism(name.escape_ascii().to_string()))
}

/// Checks that the first frame of the peer is the READY command of an expected kind of socket.
fn check_ready(
    header: FrameHeader,
    command: &[u8],
    expected: &'static [&'static str],
) -> Result<(), ZmtpError> {
    match property(command, b"Socket-Type") {
        Some(Some(kind)) if header.is_command => {
            if expected.iter().any(|name| name.as_bytes() == kind) {
                return Ok(());
            }
            let kind = kind.get(..20).unwrap_or(kind).escape_ascii().to_string();
            let expected = expected.first().copied().unwrap_or_default();
            Err(ZmtpError::SocketType(kind, expected))
        }
        _ => Err(ZmtpError::NoSocketType),
    }
}

#[cfg(test)]
mod tests;
