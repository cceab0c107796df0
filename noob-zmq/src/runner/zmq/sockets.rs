//! Socket specs of the two actors of a run.
//!
//! Names, identities and addresses of sockets come from here and from nowhere else.

use crate::Sockets;
use crate::actor::{Dealer, Router, Sub, XPub};
use crate::wire::message::{
    Announce, Deinit, EpochsEnded, Events, Failure, Health, Identify, Lend, Ping, Process,
    Progress, Resume, Start, Status, Stop, Subscription,
};

/// Name by which a command node subscribes.
pub(crate) const COMMAND: &str = "command";

/// Sockets of a command node.
#[derive(Debug, Clone, Sockets)]
#[sockets(path = "command")]
pub struct CommandSockets {
    /// Commands for every node.
    #[bind]
    #[recv(Subscription)]
    #[send(
        Announce,
        Ping,
        Process,
        Start,
        Stop,
        Deinit,
        EpochsEnded,
        Resume,
        Lend
    )]
    #[peer(NodeSockets::INBOX)]
    pub outbox: XPub,
    /// Reports of every node, and the addresses of its neighbours for each node.
    ///
    /// Its file is called `inbox`, as in noob.
    #[bind("command/inbox")]
    #[recv(Identify, Status, Health, Failure as Error)]
    #[send(Announce)]
    #[peer(NodeSockets::DEALER)]
    pub router: Router,
    /// Events of every node; connects to the outbox of each node that has identified itself.
    #[connect]
    #[recv(Events as Event, Progress)]
    #[peer(NodeSockets::OUTBOX)]
    pub inbox: Sub,
}

/// Sockets of a node runner.
#[derive(Debug, Clone, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub struct NodeSockets {
    /// Events and progress of the node, for the nodes that it feeds and for the command node.
    #[bind]
    #[recv(Subscription)]
    #[send(Events as Event, Progress)]
    #[peer(CommandSockets::INBOX, NodeSockets::INBOX)]
    pub outbox: XPub,
    /// Reports to the command node, and the addresses of the node's neighbours.
    #[connect("command/inbox")]
    #[recv(Announce)]
    #[send(Identify, Status, Health, Failure as Error)]
    #[peer(CommandSockets::ROUTER)]
    pub dealer: Dealer,
    /// Commands of the command node, events and progress of the nodes that feed this one.
    #[connect("command/outbox")]
    #[recv(
        Announce, Ping, Process, Start, Stop, Deinit, EpochsEnded, Resume, Lend,
        Events as Event, Progress
    )]
    #[peer(CommandSockets::OUTBOX, NodeSockets::OUTBOX)]
    pub inbox: Sub,
}
