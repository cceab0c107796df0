//! Packs several queued messages of one topic into one message, and unpacks them.
//!
//! The crate makes one system call per message and subscriber; a pack makes it one for all queued
//! messages. Packing never waits for more messages. A pack is
//! `[topic, MARK, body, body, ..]`; its first frame is the topic, so that subscriptions match as
//! for single messages.

use std::collections::VecDeque;

use bytes::Bytes;
use zeromq::ZmqMessage;

/// Second frame of a pack.
///
/// No body begins with these bytes: JSON begins with `{`, msgpack with an array.
const MARK: &[u8] = b"\0pack";
/// Largest number of messages in a pack.
const MAX_MESSAGES: usize = 64;
/// Largest size of a pack in bytes; a single message may be larger.
const MAX_BYTES: usize = 64 << 10;

/// Takes the next message to send from the queue: the first one or, if `packs`, a pack of it and
/// of the messages that follow it and have its topic.
pub(super) fn next(queue: &mut VecDeque<ZmqMessage>, packs: bool) -> Option<ZmqMessage> {
    let first = queue.pop_front()?;
    let follows =
        |next: &ZmqMessage| first.len() == 2 && next.len() == 2 && next.get(0) == first.get(0);
    if !packs || !queue.front().is_some_and(follows) {
        return Some(first);
    }
    let mut size = first.iter().map(Bytes::len).sum::<usize>();
    let mut pack: VecDeque<Bytes> = first.into_vecdeque();
    pack.insert(1, Bytes::from_static(MARK));
    while pack.len() < MAX_MESSAGES + 2
        && let Some(next) = queue.front()
        && next.get(0) == pack.front()
        && next.len() == 2
    {
        let body = next.get(1).cloned().unwrap_or_default();
        size += body.len();
        if size > MAX_BYTES {
            break;
        }
        pack.push_back(body);
        queue.pop_front();
    }
    ZmqMessage::try_from(pack).ok()
}

/// Returns the messages of a received message: the message itself, or those of a pack.
pub(super) fn unpack(frames: Vec<Bytes>) -> impl Iterator<Item = Vec<Bytes>> {
    let packed = frames.len() > 2 && frames[1] == MARK;
    let (whole, pack) = if packed {
        (None, Some(frames))
    } else {
        (Some(frames), None)
    };
    let bodies = pack.into_iter().flat_map(|mut frames| {
        let topic = frames.remove(0);
        frames.remove(0);
        frames
            .into_iter()
            .map(move |body| vec![topic.clone(), body])
    });
    whole.into_iter().chain(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &'static str, body: &str) -> ZmqMessage {
        vec![
            Bytes::from_static(topic.as_bytes()),
            Bytes::copy_from_slice(body.as_bytes()),
        ]
        .try_into()
        .unwrap()
    }

    fn round_trip(messages: &[(&'static str, &str)]) -> (usize, Vec<(String, String)>) {
        let mut queue: VecDeque<_> = messages
            .iter()
            .map(|&(topic, body)| message(topic, body))
            .collect();
        let (mut sent, mut received) = (0, Vec::new());
        while let Some(message) = next(&mut queue, true) {
            sent += 1;
            for frames in unpack(message.into_vec()) {
                let text = |at: usize| String::from_utf8(frames[at].to_vec()).unwrap();
                assert_eq!(frames.len(), 2);
                received.push((text(0), text(1)));
            }
        }
        (sent, received)
    }

    #[test]
    fn packed_messages_keep_their_order() {
        let messages = [
            ("a", "1"),
            ("a", "2"),
            ("a", "3"),
            ("b", "4"),
            ("a", "5"),
            ("a", "6"),
        ];
        let (sent, received) = round_trip(&messages);
        assert_eq!(sent, 3);
        assert_eq!(
            received,
            messages.map(|(topic, body)| (topic.to_owned(), body.to_owned()))
        );
    }

    #[test]
    fn pack_is_limited_in_messages_and_bytes() {
        let many = vec![("a", "x"); 200];
        let (sent, received) = round_trip(&many);
        assert_eq!((sent, received.len()), (4, 200));
        let large = "y".repeat(40 << 10);
        let (sent, received) = round_trip(&[("a", &large), ("a", &large), ("a", "z")]);
        assert_eq!((sent, received.len()), (2, 3));
    }

    #[test]
    fn other_messages_are_not_packed() {
        let mut queue: VecDeque<_> = [message("a", "1"), message("a", "2")].into();
        assert_eq!(next(&mut queue, false).unwrap().len(), 2);
        let frames = vec![
            Bytes::from_static(b"event"),
            Bytes::from_static(b"extra"),
            Bytes::from_static(b"{}"),
        ];
        assert_eq!(unpack(frames.clone()).collect::<Vec<_>>(), [frames]);
    }
}
