//! What `#[derive(Sockets)]` knows of an actor, as data: the one source of names, addresses, tables and pictures.

use crate::wire::Message;

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
        !matches!(self, Self::Sub | Self::Pull)
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

impl std::fmt::Display for SocketKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which end of a link a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It binds its path when it is opened: `#[bind]`.
    Bind,
    /// It connects to its path when it is opened: `#[connect("path")]`.
    Connect,
    /// It connects when it is told where: `#[connect]`.
    ConnectLater,
}

/// One message that a socket receives or sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageSpec {
    /// Its name in handlers: the last segment of its path, or the name after `as`.
    pub name: &'static str,
    /// Its kind on the wire.
    pub kind: &'static str,
}

impl MessageSpec {
    /// The message `M` under the name that handlers call it by.
    #[must_use]
    pub const fn of<M: Message>(name: &'static str) -> Self {
        Self {
            name,
            kind: M::KIND,
        }
    }
}

/// A socket at the other end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerSpec {
    /// The spec that it belongs to; none for a peer that is not ours.
    pub actor: Option<&'static str>,
    /// Its name there, or for a peer that is not ours its kind.
    pub socket: &'static str,
}

impl PeerSpec {
    /// The socket `socket` of the spec `actor`.
    #[must_use]
    pub const fn of(actor: &'static str, socket: &'static str) -> Self {
        Self {
            actor: Some(actor),
            socket,
        }
    }

    /// A socket of this kind that is not ours.
    #[must_use]
    pub const fn foreign(kind: &'static str) -> Self {
        Self {
            actor: None,
            socket: kind,
        }
    }
}

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketSpec {
    /// The name of the field.
    pub name: &'static str,
    /// Its kind.
    pub kind: SocketKind,
    /// Whether it binds or connects.
    pub role: Role,
    /// Its path below the directory of the runner; `{id}` stands for the id of the actor.
    ///
    /// With [`Role::ConnectLater`], the path that it would have if it were bound.
    pub path: &'static str,
    /// The identity that it tells its peers; `{id}` stands for the id of the actor.
    pub identity: &'static str,
    /// What arrives on it.
    pub receives: &'static [MessageSpec],
    /// What is sent on it.
    pub sends: &'static [MessageSpec],
    /// The sockets that it is linked to.
    pub peers: &'static [PeerSpec],
    /// The doc comment of the field.
    pub doc: &'static str,
}

/// All sockets of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorSpec {
    /// The name of the struct.
    pub name: &'static str,
    /// The sockets, in the order of the fields; those of a contained spec stand where its field stands.
    pub sockets: &'static [SocketSpec],
    /// The doc comment of the struct.
    pub doc: &'static str,
}

impl ActorSpec {
    /// The socket called `name`, with its index.
    #[must_use]
    pub fn socket(&self, name: &str) -> Option<(usize, &'static SocketSpec)> {
        self.sockets
            .iter()
            .enumerate()
            .find(|(_, socket)| socket.name == name)
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
