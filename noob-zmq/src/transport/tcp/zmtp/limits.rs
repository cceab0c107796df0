//! Watches the frames of ZMTP (RFC 23 of ZeroMQ, section "Framing") that come from another host: a length that is not kept ends the process
//! of whoever believes it, so none is passed on that is larger than anything that is said in earnest.

use std::time::Duration;

use super::codec as zmtp;
use crate::transport::tcp::IdentityAcl;

use crate::transport::keys::PublicKey;

/// What ZMTP begins with: signature, version, mechanism.
const GREETING: u64 = 64;
/// How many frames one message may have.
const MAX_FRAMES: u32 = 1 << 16;

/// How often one connection may subscribe to something or not any more.
const MAX_SUBSCRIPTIONS: u32 = 4096;
/// How much of a frame is read, at most.
const HEAD: usize = 1024;
/// What a topic begins with that says who subscribes.
const SUBSCRIBER: &[u8] = crate::transport::SUBSCRIBER.as_bytes();
/// How long it may take until whoever speaks in a name is known to have it: word of that comes another way.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long somebody who has lost a name may go on with what was said in it.
const GRACE: Duration = Duration::from_secs(1);

/// What is read of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InspectionLevel {
    /// Their lengths.
    Lengths,
    /// Of an XPUB: they subscribe, and nothing else.
    Subscriptions,
    /// Of a ROUTER: who the peer says that it is.
    Identity,
}

/// What may come from one side of a connection.
#[derive(Debug, Clone)]
pub(crate) struct FrameInspector {
    state: State,
    /// Whether frames are looked at, at all.
    frames_come: bool,
    reads: InspectionLevel,
    /// In whose name the other side may speak; whatever it likes, if nothing is said.
    voices: Option<(IdentityAcl, Option<PublicKey>)>,
    /// The beginning of the frame that goes on.
    head: Vec<u8>,
    /// Whether that frame is a command, and whether another follows it.
    frame: (bool, bool),
    subscriptions: u32,
    /// Names that it speaks in, and how many of them were found to be its own.
    names: Vec<String>,
    proved: usize,
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
pub(crate) enum FrameError {
    #[error("it announced a message of {0} bytes, and {1} are the most")]
    TooLarge(u64, u64),
    #[error("it sent a message of more than {MAX_FRAMES} frames")]
    TooMany,
    #[error("it sent something else than frames")]
    NoFrame,
    #[error("it said something, and may only subscribe")]
    Speaks,
    #[error("it subscribed more than {MAX_SUBSCRIPTIONS} times")]
    Subscribes,
    #[error("it did not say who it is")]
    Nobody,
    #[error("it speaks in the name of `{0}`, which its key does not host")]
    Pretends(String),
}

impl FrameInspector {
    pub(crate) const fn new(limit: u64) -> Self {
        Self {
            state: State::Body(GREETING),
            frames_come: true,
            reads: InspectionLevel::Lengths,
            voices: None,
            head: Vec::new(),
            frame: (true, false),
            subscriptions: 0,
            names: Vec::new(),
            proved: 0,
            limit,
            message: 0,
            frames: 0,
        }
    }

    /// For what comes to a socket of ours from somebody who may speak in these names.
    pub(crate) fn of(
        socket: &str,
        limit: u64,
        voices: Option<(IdentityAcl, Option<PublicKey>)>,
    ) -> Self {
        Self {
            reads: if socket.ends_with("/outbox") {
                InspectionLevel::Subscriptions
            } else if voices.is_some() {
                InspectionLevel::Identity
            } else {
                InspectionLevel::Lengths
            },
            voices,
            ..Self::new(limit)
        }
    }

    /// Waits until what was looked at is known to be said by those in whose name it is.
    pub(crate) async fn prove(&mut self) -> Result<(), FrameError> {
        if self.is_proved() {
            return Ok(());
        }
        if let Some((voices, key)) = &self.voices {
            let known = voices.wait_until(*key, &self.names, true);
            if tokio::time::timeout(PATIENCE, known).await.is_err() {
                let name = self.names.last().cloned().unwrap_or_default();
                return Err(FrameError::Pretends(name.escape_default().to_string()));
            }
        }
        self.proved = self.names.len();
        Ok(())
    }

    /// Whether all that was looked at is known to be said by those in whose name it is.
    pub(crate) const fn is_proved(&self) -> bool {
        self.proved == self.names.len()
    }

    /// Waits until the other side has lost a name that it speaks in by now, and a moment more.
    pub(crate) fn silenced(&self) -> impl Future<Output = ()> + Send + use<> {
        let (voices, names) = (self.voices.clone(), self.names.clone());
        async move {
            match voices {
                Some((voices, key)) if !names.is_empty() => loop {
                    voices.wait_until(key, &names, false).await;
                    tokio::time::sleep(GRACE).await;
                    let still = voices.wait_until(key, &names, false);
                    if tokio::time::timeout(Duration::ZERO, still).await.is_ok() {
                        return;
                    }
                },
                _ => std::future::pending().await,
            }
        }
    }

    /// For what is no ZMTP: lets everything pass.
    pub(crate) fn off() -> Self {
        Self {
            frames_come: false,
            ..Self::new(0)
        }
    }

    /// Looks at what came next.
    pub(crate) fn look(&mut self, mut bytes: &[u8]) -> Result<(), FrameError> {
        if !self.frames_come {
            return Ok(());
        }
        while !bytes.is_empty() {
            match self.state {
                State::Body(left) => {
                    let taken =
                        usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    if self.reads != InspectionLevel::Lengths && self.frames > 0 {
                        let room = HEAD.saturating_sub(self.head.len()).min(taken);
                        self.head.extend_from_slice(&bytes[..room]);
                    }
                    bytes = &bytes[taken..];
                    let left = left - taken as u64;
                    self.state = if left == 0 {
                        self.whole()?;
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
                        return Err(FrameError::NoFrame);
                    }
                    self.frame = (command, more);
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

    fn frame(&mut self, length: u64, more: bool) -> Result<State, FrameError> {
        self.message = self.message.saturating_add(length);
        self.frames += 1;
        if self.message > self.limit {
            return Err(FrameError::TooLarge(self.message, self.limit));
        }
        if self.frames > MAX_FRAMES {
            return Err(FrameError::TooMany);
        }
        if length == 0 {
            self.whole()?;
            return Ok(State::Flags);
        }
        debug_assert!(more == self.frame.1);
        Ok(State::Body(length))
    }

    /// A frame has come to its end, or the greeting.
    fn whole(&mut self) -> Result<(), FrameError> {
        if self.frames == 0 {
            return Ok(());
        }
        let (command, more) = self.frame;
        if !more {
            (self.message, self.frames) = (0, 0);
        }
        match self.reads {
            InspectionLevel::Subscriptions if !command => self.subscribes(more)?,
            InspectionLevel::Identity if command => self.identifies()?,
            InspectionLevel::Identity if self.names.is_empty() => return Err(FrameError::Nobody),
            _ => {}
        }
        self.head.clear();
        Ok(())
    }

    /// A subscription was read.
    fn subscribes(&mut self, more: bool) -> Result<(), FrameError> {
        let Some((0 | 1, topic)) = self.head.split_first() else {
            return Err(FrameError::Speaks);
        };
        self.subscriptions += 1;
        if more || self.subscriptions > MAX_SUBSCRIPTIONS {
            return Err(if more {
                FrameError::Speaks
            } else {
                FrameError::Subscribes
            });
        }
        if let Some(name) = topic.strip_prefix(SUBSCRIBER) {
            let name = String::from_utf8_lossy(name).into_owned();
            self.speaks_as(name);
        }
        Ok(())
    }

    /// The command of a handshake was read.
    fn identifies(&mut self) -> Result<(), FrameError> {
        match zmtp::property(&self.head, b"Identity") {
            Some(Some(identity)) if !identity.is_empty() => {
                let name = String::from_utf8_lossy(identity).into_owned();
                self.speaks_as(name);
                Ok(())
            }
            _ => Err(FrameError::Nobody),
        }
    }

    fn speaks_as(&mut self, name: String) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A greeting, then these bytes, given whole and byte by byte.
    fn look(bytes: &[u8]) -> Result<(), FrameError> {
        let mut said = vec![0xff; 64];
        said.extend(bytes);
        let mut guard = FrameInspector::new(1000);
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
            Err(FrameError::TooLarge(1 << 40, 1000))
        );
        assert!(look(&long(2, u64::MAX)).is_err());
        // The command of a handshake too.
        assert!(look(&long(6, 1 << 33)).is_err());
        // In frames that are small each.
        let frame = [&[1, 250][..], &[0; 250]].concat();
        assert_eq!(look(&frame.repeat(4)), Ok(()));
        assert_eq!(
            look(&frame.repeat(5)),
            Err(FrameError::TooLarge(1250, 1000))
        );
        assert_eq!(look(&[1, 0].repeat(70_000)), Err(FrameError::TooMany));
    }

    fn read(socket: &str, bytes: &[u8]) -> Result<Vec<String>, FrameError> {
        let mut said = vec![0xff; 64];
        said.extend(bytes);
        let mut guard = FrameInspector::of(socket, 1 << 20, Some((IdentityAcl::default(), None)));
        let mut whole = guard.clone();
        let looked = whole.look(&said).map(|()| whole.names);
        let pieces = said.chunks(1).try_for_each(|byte| guard.look(byte));
        assert_eq!(looked, pieces.map(|()| guard.names));
        looked
    }

    fn ready(properties: &[(&str, &str)]) -> Vec<u8> {
        let mut ready = b"\x05READY".to_vec();
        for (name, value) in properties {
            ready.push(u8::try_from(name.len()).unwrap());
            ready.extend(name.as_bytes());
            ready.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
            ready.extend(value.as_bytes());
        }
        [&[4, u8::try_from(ready.len()).unwrap()][..], &ready].concat()
    }

    #[test]
    fn whoever_subscribes_says_nothing_else() {
        let mut said = ready(&[("Socket-Type", "SUB"), ("Identity", "")]);
        said.extend([0, 1, 1]);
        said.extend([0, 17, 1]);
        said.extend(b"__subscriber__:b");
        assert_eq!(read("command/outbox", &said), Ok(vec!["b".to_owned()]));
        for wrong in [
            &[0, 2, 9, b'a'][..],
            &[1, 1, 1, 0, 1, b'a'],
            &[0, 0],
            &[1, 0, 0, 2, 1, b'a'],
        ] {
            let said = [&ready(&[]), wrong].concat();
            assert_eq!(
                read("nodes/a/outbox", &said),
                Err(FrameError::Speaks),
                "{wrong:?}"
            );
        }
        let often = [0, 1, 1].repeat(5000);
        assert_eq!(read("command/outbox", &often), Err(FrameError::Subscribes));
    }

    #[test]
    fn whoever_reports_says_who_it_is_first() {
        let named = ready(&[("Socket-Type", "DEALER"), ("Identity", "b")]);
        let report = [0, 2, b'{', b'}'];
        let said = [&named[..], &report].concat();
        assert_eq!(read("command/inbox", &said), Ok(vec!["b".to_owned()]));
        let nameless = ready(&[("Socket-Type", "DEALER")]);
        for said in [
            nameless.clone(),
            ready(&[("Identity", "")]),
            report.to_vec(),
            [4, 6, 5, b'R', b'E', b'A', b'D', b'Y'].to_vec(),
            [&named[..named.len() - 1], b"c", &nameless].concat(),
        ] {
            let read = read("command/inbox", &said);
            assert_eq!(read, Err(FrameError::Nobody), "{said:?}");
        }
    }

    #[tokio::test]
    async fn a_name_is_proved_by_the_key_that_hosts_it() {
        let key = Some(PublicKey::from_bytes([1; 32]));
        let voices = IdentityAcl::default();
        let mut guard = FrameInspector::of("command/inbox", 1000, Some((voices.clone(), key)));
        let said = [&[0xff; 64][..], &ready(&[("Identity", "b")])].concat();
        guard.look(&said).unwrap();
        voices.grant(&"b".into(), Some(PublicKey::from_bytes([2; 32])));
        let pretends = guard.clone().prove().await;
        assert_eq!(pretends, Err(FrameError::Pretends("b".into())));
        voices.grant(&"b".into(), key);
        assert_eq!(guard.prove().await, Ok(()));
        voices.revoke("b");
        guard.silenced().await;
    }

    #[test]
    fn what_is_no_frame_is_not_passed_on() {
        assert_eq!(look(b"GET / HTTP/1.1"), Err(FrameError::NoFrame));
        assert_eq!(look(&[5, 1, 1]), Err(FrameError::NoFrame));
    }
}
