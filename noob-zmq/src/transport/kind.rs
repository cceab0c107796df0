//! The kinds of socket, and which of them may be linked.

use std::fmt;

/// The kinds of socket (RFC 28 to 30 of ZeroMQ, rfc.zeromq.org).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketKind {
    /// Asks, and waits for the answer.
    Req,
    /// Answers each question.
    Rep,
    /// Asks and answers without waiting; spreads what it sends over its peers.
    Dealer,
    /// Knows its peers by identity, and sends to the one it names.
    Router,
    /// Sends to whoever subscribed.
    Pub,
    /// Hears what it subscribed to.
    Sub,
    /// Sends to whoever subscribed, and hears of the subscriptions.
    XPub,
    /// Hears what it subscribed to; subscriptions are messages.
    XSub,
    /// Spreads what it sends over its peers.
    Push,
    /// Receives from many peers in turn.
    Pull,
}

impl SocketKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Req,
        Self::Rep,
        Self::Dealer,
        Self::Router,
        Self::Pub,
        Self::Sub,
        Self::XPub,
        Self::XSub,
        Self::Push,
        Self::Pull,
    ];

    /// Its name in ZMTP: `XPUB`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Req => "REQ",
            Self::Rep => "REP",
            Self::Dealer => "DEALER",
            Self::Router => "ROUTER",
            Self::Pub => "PUB",
            Self::Sub => "SUB",
            Self::XPub => "XPUB",
            Self::XSub => "XSUB",
            Self::Push => "PUSH",
            Self::Pull => "PULL",
        }
    }

    /// Whether messages can arrive on it.
    #[must_use]
    pub const fn receives(self) -> bool {
        !matches!(self, Self::Pub | Self::Push)
    }

    /// Whether messages can be sent on it.
    #[must_use]
    pub const fn sends(self) -> bool {
        !matches!(self, Self::Sub | Self::XSub | Self::Pull)
    }

    /// The kinds that it may be linked to, as RFC 28 (request-reply), 29 (publish-subscribe) and 30 (pipeline) list them.
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

    /// Whether ZMTP lets it be linked to `peer`.
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
}

impl SocketKind {
    /// Whether a socket of this kind hears many peers, each over a connection of its own that fails and is made again alone.
    pub(crate) const fn one_socket_a_peer(self) -> bool {
        matches!(self, Self::Sub | Self::XSub)
    }

    /// Whether what is sent waits until somebody is there to get it.
    pub(crate) const fn waits_for_peers(self) -> bool {
        matches!(self, Self::Req | Self::Dealer | Self::Push)
    }

    /// Whether the crate keeps its peers in a table that a thread may have to wait for.
    pub(crate) const fn shares_peers(self) -> bool {
        matches!(self, Self::Router | Self::Dealer | Self::Push | Self::Pull)
    }

    /// Whether the crate hands what is sent to a task of its own, so that what is queued there is lost when the socket is dropped at once.
    pub(crate) const fn queues_inside(self) -> bool {
        matches!(
            self,
            Self::Dealer | Self::Router | Self::Push | Self::Pub | Self::Req | Self::Rep
        )
    }
}

impl fmt::Display for SocketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_legal_from_both_ends() {
        for a in SocketKind::ALL {
            for b in SocketKind::ALL {
                assert_eq!(a.links_to(b), b.links_to(a), "{a} and {b}");
            }
        }
        assert!(SocketKind::Router.links_to(SocketKind::Router));
        assert!(SocketKind::Dealer.links_to(SocketKind::Dealer));
        assert!(!SocketKind::Req.links_to(SocketKind::Dealer));
    }
}
