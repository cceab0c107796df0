//! Kinds of socket, and the pairs that may be linked.

use crate::declare::words;

words! {
    /// Kind of socket (RFC 28 to 30 of ZeroMQ, rfc.zeromq.org).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum SocketKind {
        /// Sends a request, and waits for the reply.
        Req = "REQ",
        /// Replies to each request.
        Rep = "REP",
        /// Sends and receives without waiting; distributes messages over its peers.
        Dealer = "DEALER",
        /// Addresses its peers by identity.
        Router = "ROUTER",
        /// Sends to subscribers.
        Pub = "PUB",
        /// Receives the topics it subscribes to.
        Sub = "SUB",
        /// Sends to subscribers, and receives their subscriptions.
        XPub = "XPUB",
        /// Receives the topics it subscribes to; subscriptions are messages.
        XSub = "XSUB",
        /// Distributes messages over its peers.
        Push = "PUSH",
        /// Receives from its peers in turn.
        Pull = "PULL",
    }
}

impl SocketKind {
    /// Whether sockets of this kind receive messages.
    #[must_use]
    pub const fn receives(self) -> bool {
        !matches!(self, Self::Pub | Self::Push)
    }

    /// Whether sockets of this kind send messages.
    #[must_use]
    pub const fn sends(self) -> bool {
        !matches!(self, Self::Sub | Self::XSub | Self::Pull)
    }

    /// Returns the kinds that this kind may be linked to, as RFC 28 (request-reply), 29
    /// (publish-subscribe) and 30 (pipeline) list them.
    #[must_use]
    pub const fn peers(self) -> &'static [Self] {
        match self {
            Self::Req => &[Self::Rep, Self::Router],
            Self::Rep => &[Self::Req, Self::Dealer],
            Self::Dealer => &[Self::Rep, Self::Dealer, Self::Router],
            Self::Router => &[Self::Req, Self::Dealer, Self::Router],
            Self::Pub | Self::XPub => &[Self::Sub, Self::XSub],
            Self::Sub | Self::XSub => &[Self::Pub, Self::XPub],
            Self::Push => &[Self::Pull],
            Self::Pull => &[Self::Push],
        }
    }

    /// Whether ZMTP permits a link to `peer`.
    #[must_use]
    pub const fn links_to(self, peer: Self) -> bool {
        let peers = self.peers();
        let mut i = 0;
        while i < peers.len() {
            if peers[i] as u8 == peer as u8 {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether each peer of a socket of this kind has a connection of its own, which fails and is
    /// replaced alone.
    pub(crate) const fn has_socket_per_peer(self) -> bool {
        matches!(self, Self::Sub | Self::XSub)
    }

    /// Whether sent messages wait until a peer is connected.
    pub(crate) const fn waits_for_peers(self) -> bool {
        matches!(self, Self::Req | Self::Dealer | Self::Push)
    }

    /// Whether the crate keeps the peers in a table whose locks block threads.
    pub(crate) const fn shares_peers(self) -> bool {
        matches!(
            self,
            Self::Router | Self::Dealer | Self::Push | Self::Pull | Self::XPub | Self::Pub
        )
    }

    /// Whether the crate queues sent messages in a task of its own, which loses them when the
    /// socket is dropped at once.
    pub(crate) const fn queues_inside(self) -> bool {
        matches!(
            self,
            Self::Dealer | Self::Router | Self::Push | Self::Pub | Self::Req | Self::Rep
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_permitted_from_both_ends() {
        for &a in SocketKind::ALL {
            for &b in SocketKind::ALL {
                assert_eq!(a.links_to(b), b.links_to(a), "{a} and {b}");
            }
        }
        assert!(SocketKind::Router.links_to(SocketKind::Router));
        assert!(SocketKind::Dealer.links_to(SocketKind::Dealer));
        assert!(!SocketKind::Req.links_to(SocketKind::Dealer));
    }
}
