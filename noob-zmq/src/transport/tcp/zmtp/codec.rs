//! ZMTP 3.0 (RFC 23 of ZeroMQ) with mechanism NULL, as far as a SUB and an XPUB need it who speak to another host without a unix socket between.
//! What comes was looked at by the guard before it gets here: lengths are bounded, and commands have the form that they must have.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use zeromq::ZmqMessage;

/// What both sides begin with: signature, version 3.0, mechanism, no server.
const GREETING: [u8; 64] = {
    let mut greeting = [0; 64];
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
/// Flags of a frame.
const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;
/// A frame as long as this is sent from where it lies; shorter ones are put together.
const LARGE: usize = 16 << 10;
/// As much room as this is made at once for a frame that was announced; more only as it comes.
const ROOM: usize = 4 << 20;
/// How many bytes are kept in blocks that were used for large frames.
const KEPT: usize = 8 << 20;

/// What is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZmtpError {
    #[error("it does not speak ZMTP 3")]
    Version,
    #[error("it asks for the mechanism `{0}`, and inside of a link there is none")]
    Mechanism(String),
    #[error("it is a `{0}`, and a `{1}` is expected")]
    Kind(String, &'static str),
    #[error("it did not say what kind of socket it is")]
    Unready,
}

/// What a socket of this kind (`SUB`, `XPUB`) says first.
pub(crate) fn hello(kind: &str) -> BytesMut {
    const PROPERTY: &[u8] = b"\x05READY\x0bSocket-Type";
    let mut hello = BytesMut::from(&GREETING[..]);
    hello.put_slice(&[COMMAND, (PROPERTY.len() + 4 + kind.len()) as u8]);
    hello.put_slice(PROPERTY);
    hello.put_u32(kind.len() as u32);
    hello.put_slice(kind.as_bytes());
    hello
}

/// A frame that subscribes to a topic.
pub(crate) fn subscription(topic: &str) -> BytesMut {
    let mut frame = BytesMut::new();
    head(&mut frame, topic.len() + 1, false);
    frame.put_u8(1);
    frame.put_slice(topic.as_bytes());
    frame
}

fn head(into: &mut BytesMut, length: usize, more: bool) {
    let more = if more { MORE } else { 0 };
    match u8::try_from(length) {
        Ok(length) => into.put_slice(&[more, length]),
        Err(_) => {
            into.put_u8(more | LONG);
            into.put_u64(length as u64);
        }
    }
}

/// What is to be written: short frames together, and long ones from where they lie.
#[derive(Debug, Default)]
pub(crate) struct ZmtpEncoder {
    /// In this order.
    pieces: Vec<Bytes>,
    open: BytesMut,
    length: usize,
}

impl ZmtpEncoder {
    /// Adds a message.
    pub(crate) fn add(&mut self, message: &ZmqMessage) {
        let last = message.len().saturating_sub(1);
        for (i, frame) in message.iter().enumerate() {
            head(&mut self.open, frame.len(), i < last);
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

    /// The bytes of the frames that were added since the last [`take`](Self::take).
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// What was added, to be written in this order.
    pub(crate) fn take(&mut self) -> std::vec::Drain<'_, Bytes> {
        self.close();
        self.length = 0;
        self.pieces.drain(..)
    }
}

/// Reads what a peer says.
#[derive(Debug)]
pub(crate) struct ZmtpDecoder {
    /// What has come and was not read.
    pub(crate) buffer: BytesMut,
    /// What the peer must be, once it was heard: then nothing.
    expected: Option<&'static [&'static str]>,
    greeted: bool,
    /// The frames of a message that goes on.
    frames: Vec<Bytes>,
    /// The size of the block that it is the end of, if that was made for a large frame.
    size: usize,
    /// Blocks that large frames were given out of, each with its size, and its end: it is used again once its frames are dropped.
    blocks: VecDeque<(usize, BytesMut)>,
}

impl ZmtpDecoder {
    /// From a peer that must be of one of these kinds.
    pub(crate) fn from(kinds: &'static [&'static str]) -> Self {
        Self {
            buffer: BytesMut::new(),
            expected: Some(kinds),
            greeted: false,
            frames: Vec::new(),
            size: 0,
            blocks: VecDeque::new(),
        }
    }

    /// Whether the peer has said what it is.
    pub(crate) const fn is_ready(&self) -> bool {
        self.expected.is_none()
    }

    /// The next message that is there as a whole.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Bytes>>, ZmtpError> {
        loop {
            if !self.greeted {
                if self.buffer.len() < GREETING.len() {
                    return Ok(None);
                }
                greeted(&self.buffer.split_to(GREETING.len()))?;
                self.greeted = true;
            }
            let Some((flags, frame)) = self.frame() else {
                return Ok(None);
            };
            if let Some(expected) = self.expected.take() {
                ready(flags, &frame, expected)?;
            } else if flags & COMMAND == 0 {
                self.frames.push(frame);
                if flags & MORE == 0 {
                    // The next one has as many, most likely.
                    let room = Vec::with_capacity(self.frames.len());
                    return Ok(Some(std::mem::replace(&mut self.frames, room)));
                }
            }
        }
    }

    fn frame(&mut self) -> Option<(u8, Bytes)> {
        let mut rest = &self.buffer[..];
        let flags = rest.try_get_u8().ok()?;
        let length = if flags & LONG == 0 {
            u64::from(rest.try_get_u8().ok()?)
        } else {
            rest.try_get_u64().ok()?
        };
        let head = self.buffer.len() - rest.len();
        let length = usize::try_from(length).ok()?;
        if rest.len() < length {
            let missing = (length - rest.len()).min(ROOM.max(rest.len()));
            self.make_room(missing);
            return None;
        }
        self.buffer.advance(head);
        Some((flags, self.buffer.split_to(length).freeze()))
    }

    /// Makes room for so many bytes behind what is there, for a frame that is large in a block that was used before: memory that is given
    /// back and asked for anew each time costs more than what is read into it.
    fn make_room(&mut self, missing: usize) {
        let free = self.buffer.capacity() - self.buffer.len();
        // There is room for what comes next, at least.
        if free >= missing.min(LARGE) {
            return;
        }
        if missing < LARGE {
            return self.buffer.reserve(missing);
        }
        // And for the beginning of what follows it in the same record.
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
        while kept > KEPT
            && let Some((size, _)) = self.blocks.pop_front()
        {
            kept -= size;
        }
    }
}

/// Whether somebody who begins like this can be spoken to.
fn greeted(greeting: &[u8]) -> Result<(), ZmtpError> {
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

/// Whether the first frame says that the peer is a socket of the kind that it must be.
fn ready(flags: u8, command: &[u8], expected: &'static [&'static str]) -> Result<(), ZmtpError> {
    let kind = property(command, b"Socket-Type").ok_or(ZmtpError::Unready)?;
    match kind {
        _ if flags & COMMAND == 0 => Err(ZmtpError::Unready),
        Some(kind) if expected.iter().any(|name| name.as_bytes() == kind) => Ok(()),
        Some(kind) => {
            let kind = kind.get(..20).unwrap_or(kind);
            let kind = kind.escape_ascii().to_string();
            Err(ZmtpError::Kind(
                kind,
                expected.first().copied().unwrap_or_default(),
            ))
        }
        None => Err(ZmtpError::Unready),
    }
}

/// The value of a property in a command of a handshake, if it is there: a command is a name, and properties with their values. `None` if the bytes
/// are no such command.
pub(crate) fn property<'a>(command: &'a [u8], name: &[u8]) -> Option<Option<&'a [u8]>> {
    let (length, rest) = command.split_first()?;
    let mut rest = rest.get(usize::from(*length)..)?;
    let mut found = None;
    while let Some((length, after)) = rest.split_first() {
        let (property, after) = after.split_at_checked(usize::from(*length))?;
        let (length, after) = after.split_at_checked(4)?;
        let length = u32::from_be_bytes(length.try_into().ok()?);
        let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        if property == name {
            found = Some(value);
        }
        rest = after;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], step: usize) -> Result<Vec<Vec<Bytes>>, ZmtpError> {
        let mut reading = ZmtpDecoder::from(&["XPUB"]);
        let mut messages = Vec::new();
        for piece in bytes.chunks(step) {
            reading.buffer.extend_from_slice(piece);
            while let Some(message) = reading.next()? {
                messages.push(message);
            }
        }
        assert!(reading.buffer.is_empty());
        Ok(messages)
    }

    /// By the text of RFC 23, not by what is written here.
    fn greeting() -> Vec<u8> {
        let mut greeting = b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL".to_vec();
        greeting.resize(64, 0);
        greeting
    }

    const READY: &[u8] = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04XPUB";

    #[test]
    fn what_is_said_first_is_as_the_specification_has_it() {
        assert_eq!(hello("XPUB"), [&greeting()[..], READY].concat());
        assert_eq!(&subscription("ab")[..], b"\0\x03\x01ab");
        let long = "t".repeat(300);
        assert_eq!(subscription(&long)[..9], [2, 0, 0, 0, 0, 0, 0, 1, 45]);
    }

    #[test]
    fn messages_are_read_however_they_are_cut() {
        let large = vec![7; 70_000];
        let mut said = [&greeting()[..], READY].concat();
        said.extend(b"\x01\x01a\0\x02bc\0\0");
        said.extend(b"\x04\x05\x04PING");
        said.extend(b"\x01\x01d\x02\0\0\0\0\0\x01\x11\x70");
        said.extend(&large);
        let expected: Vec<Vec<Bytes>> = vec![
            vec!["a".into(), "bc".into()],
            vec![Bytes::new()],
            vec!["d".into(), large.into()],
        ];
        for step in [1, 7, 64, 100, 30_000, 100_000] {
            assert_eq!(read(&said, step).unwrap(), expected, "{step}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let messages: Vec<Vec<Bytes>> = [10, 300, 16 << 10, 20, 100_000, 0]
            .map(|size| vec!["topic".into(), vec![1; size].into()])
            .into();
        let mut writing = ZmtpEncoder::default();
        for message in &messages {
            writing.add(&message.clone().try_into().unwrap());
        }
        assert_eq!(writing.len(), 5 * 6 + 10 + 300 + (16 << 10) + 20 + 100_000);
        let mut said = hello("XPUB").to_vec();
        writing.take().for_each(|piece| said.extend(piece));
        assert_eq!(writing.len(), 0);
        assert_eq!(read(&said, 1000).unwrap(), messages);
    }

    #[test]
    fn somebody_else_is_told_apart() {
        let fails = |at: usize, byte: u8| {
            let mut said = [&greeting()[..], READY].concat();
            said[at] = byte;
            read(&said, 100).unwrap_err()
        };
        assert_eq!(fails(0, b'G'), ZmtpError::Version);
        assert_eq!(fails(10, 1), ZmtpError::Version);
        assert_eq!(fails(12, b'D'), ZmtpError::Mechanism("DULL".into()));
        assert_eq!(fails(90, b'Y'), ZmtpError::Kind("XPYB".into(), "XPUB"));
        assert_eq!(fails(64, 0), ZmtpError::Unready);
        assert_eq!(fails(66, 200), ZmtpError::Unready);
        assert_eq!(fails(75, b'X'), ZmtpError::Unready);
    }

    #[test]
    fn the_room_for_large_frames_is_used_again_and_not_without_end() {
        let mut reading = ZmtpDecoder::from(&["XPUB"]);
        reading.buffer.extend(hello("XPUB"));
        let mut told = [2, 0, 0, 0, 0, 0, 0, 0, 0];
        for size in [1 << 20, 1 << 20, 1 << 20, 32 << 20, 1 << 20, 100 << 10] {
            told[1..].copy_from_slice(&u64::to_be_bytes(size));
            reading.buffer.put_slice(&told);
            for _ in 0..size >> 10 {
                assert_eq!(reading.next(), Ok(None));
                reading.buffer.put_slice(&[7; 1 << 10]);
            }
            let message = reading.next().unwrap().unwrap();
            assert_eq!(message[0].len() as u64, size);
            let kept: usize = reading.blocks.iter().map(|(size, _)| size).sum();
            assert!(kept <= KEPT, "{kept}");
        }
        assert!(reading.blocks.len() <= 3, "{}", reading.blocks.len());
    }

    #[test]
    fn no_room_is_made_for_what_is_only_announced() {
        let mut reading = ZmtpDecoder::from(&["XPUB"]);
        reading.buffer.extend(hello("XPUB"));
        reading.buffer.put_slice(&[2, 0, 0, 0, 0, 0x40, 0, 0, 0, 1]);
        assert_eq!(reading.next(), Ok(None));
        assert!(reading.buffer.capacity() < 2 * ROOM);
    }
}
