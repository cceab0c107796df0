//! Renderings of specs for people: a Markdown table of sockets, and a Mermaid diagram of the
//! message flow.

use std::fmt::Write as _;

use crate::wire::Codec;

use super::{ActorSpec, MessageSpec, PeerSpec, SocketRole, SocketSpec};

impl ActorSpec {
    /// Renders the sockets as a Markdown table.
    ///
    /// # Examples
    ///
    /// ```
    /// use noob_zmq::actor::{Push, Sockets as _};
    /// use noob_zmq::wire::Ping;
    ///
    /// #[derive(noob_zmq::Sockets)]
    /// struct ProbeSockets {
    ///     /// Pings, one a second.
    ///     #[bind]
    ///     #[send(Ping)]
    ///     #[peer(kind = Pull)]
    ///     outbox: Push<Self>,
    /// }
    ///
    /// assert_eq!(ProbeSockets::SPEC.table(), "\
    /// | socket | kind | end | arrives | is sent | peers | |
    /// |---|---|---|---|---|---|---|
    /// | `outbox` | PUSH | binds `probe/outbox` |  | `ping` | Pull | Pings, one a second. |
    /// ");
    /// ```
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| socket | kind | end | arrives | is sent | peers | |\n\
             |---|---|---|---|---|---|---|\n",
        );
        for socket in self.sockets {
            let end = match socket.role {
                SocketRole::Bind => format!("binds `{}`", socket.path),
                SocketRole::Connect => format!("connects to `{}`", socket.path),
                SocketRole::ConnectLater => "connects".to_owned(),
            };
            let peers: Vec<String> = socket.peers.iter().map(PeerSpec::to_string).collect();
            // Writing to a string never fails.
            let _ = writeln!(
                table,
                "| `{}` | {} | {end} | {} | {} | {} | {} |",
                socket.name,
                socket.kind,
                kinds(socket.receives),
                sent(socket),
                peers.join(", "),
                socket
                    .doc
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .replace('|', "\\|"),
            );
        }
        table
    }

    /// Renders actors and the message flow between their sockets as a
    /// [Mermaid](https://mermaid.js.org) flowchart.
    ///
    /// An arrow bears the kinds that one socket sends and the other receives. Peers that are not
    /// among `actors` stand outside.
    #[must_use]
    pub fn mermaid(actors: &[&Self]) -> String {
        let mut diagram = Diagram {
            actors,
            text: "flowchart LR\n".to_owned(),
            drawn: Vec::new(),
        };
        for actor in actors {
            diagram.actor(actor);
        }
        for actor in actors {
            for socket in actor.sockets {
                for peer in socket.peers {
                    diagram.link(actor, socket, peer);
                }
            }
        }
        diagram.text
    }
}

/// Lists the kinds that a socket sends, with the codec if it is not the default.
fn sent(socket: &SocketSpec) -> String {
    let kinds = kinds(socket.sends);
    if socket.codec == Codec::default() {
        return kinds;
    }
    format!("{kinds} in {}", socket.codec)
}

/// Lists the kinds of messages: `` `ping` `stop` ``.
fn kinds(messages: &[MessageSpec]) -> String {
    let kinds: Vec<String> = messages
        .iter()
        .map(|message| format!("`{}`", message.kind))
        .collect();
    kinds.join(" ")
}

impl std::fmt::Display for PeerSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.actor {
            Some(actor) => write!(f, "{actor}.{}", self.socket),
            None => f.write_str(self.socket),
        }
    }
}

/// Flowchart under construction.
struct Diagram<'a> {
    actors: &'a [&'a ActorSpec],
    text: String,
    /// Links in the text so far: a link may be declared from both ends.
    drawn: Vec<(String, String)>,
}

impl Diagram<'_> {
    fn actor(&mut self, actor: &ActorSpec) {
        self.line(1, format_args!("subgraph {}", actor.name));
        for socket in actor.sockets {
            let (open, close) = match socket.role {
                SocketRole::Bind => ("[", "]"),
                SocketRole::Connect | SocketRole::ConnectLater => ("([", "])"),
            };
            self.line(
                2,
                format_args!(
                    "{}_{}{open}\"{}<br/>{}\"{close}",
                    actor.name, socket.name, socket.name, socket.kind
                ),
            );
        }
        self.line(1, format_args!("end"));
    }

    fn link(&mut self, actor: &ActorSpec, socket: &SocketSpec, peer: &PeerSpec) {
        // The spec that declares the peer may be contained in an actor of this diagram.
        let known = self.actors.iter().find_map(|actor| {
            let mut sockets = actor.sockets.iter();
            let found = |socket: &&SocketSpec| {
                Some(socket.spec) == peer.actor && socket.name == peer.socket
            };
            sockets.find(found).map(|socket| (actor.name, socket))
        });
        let owner = known.map_or(peer.actor, |(name, _)| Some(name));
        let own = format!("{}_{}", actor.name, socket.name);
        let other = format!("{}_{}", owner.unwrap_or("foreign"), peer.socket);
        let pair = if own < other {
            (own.clone(), other.clone())
        } else {
            (other.clone(), own.clone())
        };
        if self.drawn.contains(&pair) {
            return;
        }
        self.drawn.push(pair);
        let (there, back) = match known {
            Some((_, known)) => (
                flow(socket.sends, known.receives),
                flow(known.sends, socket.receives),
            ),
            None => {
                self.line(1, format_args!("{other}{{{{\"{peer}\"}}}}"));
                (names(socket.sends), names(socket.receives))
            }
        };
        if there.is_empty() && back.is_empty() {
            self.line(1, format_args!("{own} -.- {other}"));
        }
        if !there.is_empty() {
            self.line(1, format_args!("{own} -- \"{there}\" --> {other}"));
        }
        if !back.is_empty() {
            self.line(1, format_args!("{other} -- \"{back}\" --> {own}"));
        }
    }

    fn line(&mut self, depth: usize, text: std::fmt::Arguments<'_>) {
        // Writing to a string never fails.
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = 4 * depth);
    }
}

/// Lists the kinds that one side sends and the other receives.
fn flow(sends: &[MessageSpec], receives: &[MessageSpec]) -> String {
    let received = |message: &&MessageSpec| receives.iter().any(|other| other.kind == message.kind);
    names(sends.iter().filter(received))
}

/// Lists the kinds of messages, separated by commas.
fn names<'a>(messages: impl IntoIterator<Item = &'a MessageSpec>) -> String {
    let kinds: Vec<&str> = messages.into_iter().map(|message| message.kind).collect();
    kinds.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::actor::{ActorSpec, Dealer, Router, Sockets as _, Sub, XPub};
    use crate::wire::{Announce, Identify, Subscription};

    /// Asks.
    #[derive(crate::Sockets)]
    struct FrontSockets {
        /// News | for all.
        #[bind]
        #[recv(Subscription)]
        #[send(Announce)]
        #[peer(BackSockets::NEWS, kind = XSub)]
        outbox: XPub<Self>,
        /// Reports.
        #[bind("front/reports")]
        #[recv(Identify)]
        #[peer(BackSockets::DEALER)]
        router: Router,
    }

    #[derive(crate::Sockets)]
    #[sockets(path = "back/{id}", identity = "{id}")]
    struct BackSockets {
        #[connect]
        #[recv(Announce)]
        #[peer(FrontSockets::OUTBOX)]
        news: Sub,
        #[connect("front/reports")]
        #[send(Identify)]
        #[peer(FrontSockets::ROUTER)]
        dealer: Dealer<Self>,
    }

    #[test]
    fn table_has_a_row_for_each_socket() {
        assert_eq!(
            FrontSockets::SPEC.table(),
            "| socket | kind | end | arrives | is sent | peers | |\n\
             |---|---|---|---|---|---|---|\n\
             | `outbox` | XPUB | binds `front/outbox` | `subscription` | `announce` \
             | BackSockets.news, XSub | News \\| for all. |\n\
             | `router` | ROUTER | binds `front/reports` | `identify` |  \
             | BackSockets.dealer | Reports. |\n"
        );
    }

    /// Another front, with a socket more.
    #[derive(crate::Sockets)]
    struct WideSockets {
        #[sockets]
        front: FrontSockets,
        #[bind]
        #[send(Announce)]
        more: XPub<Self>,
    }

    #[test]
    fn link_to_a_contained_spec_ends_at_its_container() {
        let diagram = ActorSpec::mermaid(&[WideSockets::SPEC, BackSockets::SPEC]);
        assert!(
            diagram.contains("WideSockets_outbox -- \"announce\" --> BackSockets_news\n"),
            "{diagram}"
        );
        assert!(
            diagram.contains("BackSockets_dealer -- \"identify\" --> WideSockets_router\n"),
            "{diagram}"
        );
        assert!(!diagram.contains("FrontSockets"), "{diagram}");
    }

    #[test]
    fn diagram_draws_each_link_once() {
        assert_eq!(
            ActorSpec::mermaid(&[FrontSockets::SPEC, BackSockets::SPEC]),
            "flowchart LR
    subgraph FrontSockets
        FrontSockets_outbox[\"outbox<br/>XPUB\"]
        FrontSockets_router[\"router<br/>ROUTER\"]
    end
    subgraph BackSockets
        BackSockets_news([\"news<br/>SUB\"])
        BackSockets_dealer([\"dealer<br/>DEALER\"])
    end
    FrontSockets_outbox -- \"announce\" --> BackSockets_news
    foreign_XSub{{\"XSub\"}}
    FrontSockets_outbox -- \"announce\" --> foreign_XSub
    foreign_XSub -- \"subscription\" --> FrontSockets_outbox
    BackSockets_dealer -- \"identify\" --> FrontSockets_router
"
        );
    }
}
