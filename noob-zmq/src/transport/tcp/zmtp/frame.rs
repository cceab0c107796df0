//! Decoder of ZMTP frame headers (RFC 23 of ZeroMQ, section "Framing") with limits.
//!
//! The `zeromq` crate allocates what a header announces, so that a single false length ends the
//! process that believes it (`docs/upstream.md`). Every header of another host goes through
//! [`FrameDecoder`], whether the frame ends in this process or is passed on to a unix socket.

use bytes::Buf;

use super::ZmtpError;

/// Length of the greeting: signature, version, mechanism.
pub(super) const GREETING_LEN: usize = 64;
/// Largest number of frames in a message.
pub(super) const MAX_FRAMES: u32 = 1 << 16;
/// Largest number of subscriptions and unsubscriptions of one connection.
pub(super) const MAX_SUBSCRIPTIONS: u32 = 4096;

/// Flag of a frame that is followed by another frame of the same message.
pub(super) const MORE: u8 = 1;
/// Flag of a frame whose length has eight bytes, and not one.
pub(super) const LONG: u8 = 2;
/// Flag of a frame that is a command, and not a part of a message.
pub(super) const COMMAND: u8 = 4;

/// Header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// Whether the frame is a command.
    pub(super) is_command: bool,
    /// Whether another frame of the same message follows.
    pub(super) has_more: bool,
    /// Length of the body in bytes.
    pub(super) length: u64,
}

/// Decoder of the headers in a sequence of frames.
#[derive(Debug, Clone)]
pub(super) struct FrameDecoder {
    /// Largest message, all its frames together, in bytes.
    limit: u64,
    /// Start of a header that is not complete yet.
    partial: [u8; 9],
    filled: usize,
    /// Bytes announced so far for the current message.
    message: u64,
    /// Frames announced so far for the current message.
    frames: u32,
}

impl FrameDecoder {
    /// Returns a decoder that rejects messages of more than `limit` bytes.
    pub(super) const fn new(limit: u64) -> Self {
        Self {
            limit,
            partial: [0; 9],
            filled: 0,
            message: 0,
            frames: 0,
        }
    }

    /// Takes the next header from `input`; `None` if `input` ends before the header does.
    ///
    /// # Errors
    /// Bytes that are no header, and a header by which the message exceeds a limit.
    pub(super) fn next_header(
        &mut self,
        input: &mut impl Buf,
    ) -> Result<Option<FrameHeader>, ZmtpError> {
        while let Some(first) = input.chunk().first() {
            let flags = if self.filled == 0 {
                *first
            } else {
                self.partial[0]
            };
            if flags > (MORE | LONG | COMMAND) || flags & COMMAND != 0 && flags & MORE != 0 {
                return Err(ZmtpError::NotAFrame);
            }
            let size = if flags & LONG == 0 { 2 } else { 9 };
            let chunk = input.chunk();
            let taken = chunk.len().min(size - self.filled);
            self.partial[self.filled..self.filled + taken].copy_from_slice(&chunk[..taken]);
            self.filled += taken;
            input.advance(taken);
            if self.filled == size {
                self.filled = 0;
                let [_, short, ..] = self.partial;
                let [_, long @ ..] = self.partial;
                return self.check(FrameHeader {
                    is_command: flags & COMMAND != 0,
                    has_more: flags & MORE != 0,
                    length: if size == 2 {
                        short.into()
                    } else {
                        u64::from_be_bytes(long)
                    },
                });
            }
        }
        Ok(None)
    }

    fn check(&mut self, header: FrameHeader) -> Result<Option<FrameHeader>, ZmtpError> {
        self.message = self.message.saturating_add(header.length);
        self.frames += 1;
        if self.message > self.limit {
            return Err(ZmtpError::TooLarge(self.message, self.limit));
        }
        if self.frames > MAX_FRAMES {
            return Err(ZmtpError::TooManyFrames);
        }
        if !header.has_more {
            (self.message, self.frames) = (0, 0);
        }
        Ok(Some(header))
    }
}

/// Returns the value of a property in a handshake command, `Some(None)` if the command has no such
/// property, and `None` if the bytes are no such command.
///
/// A command is a name, followed by properties with their values.
pub(super) fn property<'a>(command: &'a [u8], name: &[u8]) -> Option<Option<&'a [u8]>> {
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
