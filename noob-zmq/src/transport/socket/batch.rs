//! Several queued messages of one topic as one: the crate makes a system call a message and subscriber, and this makes it one for all that
//! lies there. Nothing is ever waited for.
//!
//! A pack is `[topic, MARK, body, body, ..]`; the topic stands first, so that subscribers choose as ever.

use std::collections::VecDeque;

use bytes::Bytes;
use zeromq::ZmqMessage;

/// The second frame of a pack. No body begins like this: JSON begins with `{`, msgpack with an array.
const MARK: &[u8] = b"\0pack";
/// How many messages, and how many bytes, one pack has at most (a single message may be larger).
const LIMIT: (usize, usize) = (64, 64 << 10);

/// The next message to send: the first of the queue or, where `packs` says so, all that follow it and have its topic.
pub(super) fn next(queue: &mut VecDeque<ZmqMessage>, packs: bool) -> Option<ZmqMessage> {
    let first = queue.pop_front()?;
    if !packs || !queue.front().is_some_and(|next| alike(&first, next)) {
        return Some(first);
    }
    let mut size = first.iter().map(Bytes::len).sum::<usize>();
    let mut pack: VecDeque<Bytes> = first.into_vecdeque();
    pack.insert(1, Bytes::from_static(MARK));
    while pack.len() < LIMIT.0 + 2
        && let Some(next) = queue.front()
        && next.get(0) == pack.front()
        && next.len() == 2
    {
        let body = next.get(1).cloned().unwrap_or_default();
        size += body.len();
        if size > LIMIT.1 {
            break;
        }
        pack.push_back(body);
        queue.pop_front();
    }
    ZmqMessage::try_from(pack).ok()
}

fn alike(one: &ZmqMessage, other: &ZmqMessage) -> bool {
    one.len() == 2 && other.len() == 2 && one.get(0) == other.get(0)
}

/// The messages of what arrived: one, or those of a pack.
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

    fn there_and_back(messages: &[(&'static str, &str)]) -> (usize, Vec<(String, String)>) {
        let mut queue: VecDeque<_> = messages
            .iter()
            .map(|&(topic, body)| message(topic, body))
            .collect();
        let (mut sent, mut heard) = (0, Vec::new());
        while let Some(message) = next(&mut queue, true) {
            sent += 1;
            for frames in unpack(message.into_vec()) {
                let text = |at: usize| String::from_utf8(frames[at].to_vec()).unwrap();
                assert_eq!(frames.len(), 2);
                heard.push((text(0), text(1)));
            }
        }
        (sent, heard)
    }

    #[test]
    fn what_is_packed_is_heard_in_its_order() {
        let messages = [
            ("a", "1"),
            ("a", "2"),
            ("a", "3"),
            ("b", "4"),
            ("a", "5"),
            ("a", "6"),
        ];
        let (sent, heard) = there_and_back(&messages);
        assert_eq!(sent, 3);
        assert_eq!(
            heard,
            messages.map(|(topic, body)| (topic.to_owned(), body.to_owned()))
        );
    }

    #[test]
    fn a_pack_has_its_limits() {
        let many = vec![("a", "x"); 200];
        let (sent, heard) = there_and_back(&many);
        assert_eq!((sent, heard.len()), (4, 200));
        let large = "y".repeat(40 << 10);
        let (sent, heard) = there_and_back(&[("a", &large), ("a", &large), ("a", "z")]);
        assert_eq!((sent, heard.len()), (2, 3));
    }

    #[test]
    fn other_messages_stay_as_they_are() {
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
