//! Empty frames between the addresses and the body of requests and replies (RFC 28 of ZeroMQ).
//!
//! REQ and REP sockets of the crate add and remove these frames themselves; DEALER and ROUTER
//! sockets that talk to them need them here.

use std::collections::HashSet;

use bytes::Bytes;
use zeromq::ZmqMessage;

use super::config::SocketConfig;
use crate::transport::SocketKind;

/// Adds delimiters to sent messages where the receiver expects one.
#[derive(Debug)]
pub(super) struct Delimiters {
    /// Whether every message gets a delimiter (DEALER that talks to a REP).
    always: bool,
    is_router: bool,
    /// ROUTER: identities of peers whose last message had a delimiter, and who expect one in the
    /// reply.
    expecting: HashSet<Bytes>,
}

impl Delimiters {
    pub(super) fn new(config: &SocketConfig) -> Self {
        Self {
            always: config.delimits,
            is_router: config.kind == SocketKind::Router,
            expecting: HashSet::new(),
        }
    }

    /// Returns the message with the delimiter that its receiver expects.
    pub(super) fn add(&mut self, mut message: ZmqMessage) -> ZmqMessage {
        if self.always {
            message.push_front(Bytes::new());
        } else if self.is_router
            && let Some(peer) = message.get(0)
            && self.expecting.remove(peer)
        {
            let mut body = message.split_off(1);
            body.push_front(Bytes::new());
            body.prepend(&message);
            return body;
        }
        message
    }

    /// Returns a message of a DEALER, which was not sent, as it was before [`add`](Self::add).
    pub(super) fn remove(&self, mut message: ZmqMessage) -> ZmqMessage {
        if self.always {
            return message.split_off(1);
        }
        message
    }

    /// Records whether the sender of a received message expects a delimiter in the reply.
    pub(super) fn on_received(&mut self, frames: &[Bytes]) {
        if self.is_router
            && let [peer, delimiter, _, ..] = frames
            && delimiter.is_empty()
        {
            self.expecting.insert(peer.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiters(always: bool, is_router: bool) -> Delimiters {
        Delimiters {
            always,
            is_router,
            expecting: HashSet::new(),
        }
    }

    fn message(frames: &[&'static str]) -> ZmqMessage {
        let frames: Vec<Bytes> = frames.iter().map(|frame| Bytes::from(*frame)).collect();
        frames.try_into().unwrap()
    }

    #[test]
    fn dealer_delimiter_is_added_and_removed() {
        let mut delimiters = delimiters(true, false);
        let sent = delimiters.add(message(&["body"]));
        assert_eq!(sent.clone().into_vec(), ["", "body"]);
        assert_eq!(delimiters.remove(sent).into_vec(), ["body"]);
    }

    #[test]
    fn router_reply_has_a_delimiter_where_the_request_had_one() {
        let mut delimiters = delimiters(false, true);
        delimiters.on_received(&message(&["req", "", "body"]).into_vec());
        delimiters.on_received(&message(&["dealer", "body"]).into_vec());
        let reply = delimiters.add(message(&["req", "reply"]));
        assert_eq!(reply.into_vec(), ["req", "", "reply"]);
        let second = delimiters.add(message(&["req", "reply"]));
        assert_eq!(second.into_vec(), ["req", "reply"]);
        let other = delimiters.add(message(&["dealer", "reply"]));
        assert_eq!(other.into_vec(), ["dealer", "reply"]);
    }
}
