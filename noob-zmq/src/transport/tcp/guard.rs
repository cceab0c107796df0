//! Watches the frames of ZMTP (RFC 23 of ZeroMQ, section "Framing") that come from another host: a length that is not kept ends the process
//! of whoever believes it, so none is passed on that is larger than anything that is said in earnest.

/// What ZMTP begins with: signature, version, mechanism.
const GREETING: u64 = 64;
/// How many frames one message may have.
const MAX_FRAMES: u32 = 1 << 16;

/// What may come from one side of a connection.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    state: State,
    /// Whether frames are looked at, at all.
    frames_come: bool,
    /// The largest message, all its frames together, in bytes.
    limit: u64,
    /// Bytes of the message that goes on.
    message: u64,
    frames: u32,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// So many bytes are passed on unread.
    Body(u64),
    /// A frame begins.
    Flags,
    /// Bytes of a length are still to come.
    Length { left: u8, value: u64, more: bool },
}

/// What was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum GuardError {
    #[error("it announced a message of {0} bytes, and {1} are the most")]
    TooLarge(u64, u64),
    #[error("it sent a message of more than {MAX_FRAMES} frames")]
    TooMany,
    #[error("it sent something else than frames")]
    NoFrame,
}

impl Guard {
    pub(super) const fn new(limit: u64) -> Self {
        Self {
            state: State::Body(GREETING),
            frames_come: true,
            limit,
            message: 0,
            frames: 0,
        }
    }

    /// For what is no ZMTP: lets everything pass.
    pub(super) const fn off() -> Self {
        Self {
            frames_come: false,
            ..Self::new(0)
        }
    }

    /// Looks at what came next.
    pub(super) fn look(&mut self, mut bytes: &[u8]) -> Result<(), GuardError> {
        if !self.frames_come {
            return Ok(());
        }
        while !bytes.is_empty() {
            match self.state {
                State::Body(left) => {
                    let taken =
                        usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    bytes = &bytes[taken..];
                    let left = left - taken as u64;
                    self.state = if left == 0 {
                        State::Flags
                    } else {
                        State::Body(left)
                    };
                }
                State::Flags => {
                    let flags = bytes[0];
                    bytes = &bytes[1..];
                    let (more, long, command) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
                    if flags > 7 || (command && more) {
                        return Err(GuardError::NoFrame);
                    }
                    let left = if long { 8 } else { 1 };
                    self.state = State::Length {
                        left,
                        value: 0,
                        more,
                    };
                }
                State::Length { left, value, more } => {
                    let value = value << 8 | u64::from(bytes[0]);
                    bytes = &bytes[1..];
                    self.state = match left {
                        1 => self.frame(value, more)?,
                        left => State::Length {
                            left: left - 1,
                            value,
                            more,
                        },
                    };
                }
            }
        }
        Ok(())
    }

    fn frame(&mut self, length: u64, more: bool) -> Result<State, GuardError> {
        self.message = self.message.saturating_add(length);
        self.frames += 1;
        if self.message > self.limit {
            return Err(GuardError::TooLarge(self.message, self.limit));
        }
        if self.frames > MAX_FRAMES {
            return Err(GuardError::TooMany);
        }
        if !more {
            (self.message, self.frames) = (0, 0);
        }
        Ok(if length == 0 {
            State::Flags
        } else {
            State::Body(length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A greeting, then these bytes, given whole and byte by byte.
    fn look(bytes: &[u8]) -> Result<(), GuardError> {
        let mut said = vec![0xff; 64];
        said.extend(bytes);
        let mut guard = Guard::new(1000);
        let whole = guard.clone().look(&said);
        let pieces = said.chunks(1).try_for_each(|byte| guard.look(byte));
        assert_eq!(whole, pieces);
        whole
    }

    fn long(flags: u8, length: u64) -> Vec<u8> {
        [&[flags][..], &length.to_be_bytes()].concat()
    }

    #[test]
    fn frames_are_passed_on() {
        let mut said = vec![4, 5, 5, b'R', b'E', b'A', b'D'];
        said.extend([1, 2, b'a', b'b', 0, 0]);
        said.extend(long(2, 300));
        said.extend([7; 300]);
        said.extend([0, 1, 9]);
        assert_eq!(look(&said), Ok(()));
    }

    #[test]
    fn a_length_that_nobody_means_is_not_passed_on() {
        assert_eq!(
            look(&long(2, 1 << 40)),
            Err(GuardError::TooLarge(1 << 40, 1000))
        );
        assert!(look(&long(2, u64::MAX)).is_err());
        // The command of a handshake too.
        assert!(look(&long(6, 1 << 33)).is_err());
        // In frames that are small each.
        let frame = [&[1, 250][..], &[0; 250]].concat();
        assert_eq!(look(&frame.repeat(4)), Ok(()));
        assert_eq!(
            look(&frame.repeat(5)),
            Err(GuardError::TooLarge(1250, 1000))
        );
        assert_eq!(look(&[1, 0].repeat(70_000)), Err(GuardError::TooMany));
    }

    #[test]
    fn what_is_no_frame_is_not_passed_on() {
        assert_eq!(look(b"GET / HTTP/1.1"), Err(GuardError::NoFrame));
        assert_eq!(look(&[5, 1, 1]), Err(GuardError::NoFrame));
    }
}
