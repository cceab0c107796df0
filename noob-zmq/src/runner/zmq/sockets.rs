//! Socket specs of the two actors of a run.
//!
//! Names, identities and addresses of sockets come from here and from nowhere else.

use std::path::Path;

use crate::Sockets;
use crate::actor::{Dealer, Router, Scope, SocketRole, Sockets as _, Sub, XPub, specs};
use crate::transport::file_name::MAX_FILE_NAME;
use crate::transport::{Endpoint, RUN_NAME, TransportError};
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
    pub outbox: XPub<Self>,
    /// Reports of every node, and the addresses of its neighbours for each node.
    ///
    /// Its file is called `inbox`, as in noob.
    #[bind("command/inbox")]
    #[recv(Identify, Status, Health, Failure)]
    #[send(Announce)]
    #[peer(NodeSockets::DEALER)]
    pub router: Router<Self>,
    /// Events of every node; connects to the outbox of each node that has identified itself.
    #[connect]
    #[recv(Events, Progress)]
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
    #[send(Events, Progress)]
    #[peer(CommandSockets::INBOX, NodeSockets::INBOX)]
    pub outbox: XPub<Self>,
    /// Reports to the command node, and the addresses of the node's neighbours.
    #[connect("command/inbox")]
    #[recv(Announce)]
    #[send(Identify, Status, Health, Failure)]
    #[peer(CommandSockets::ROUTER)]
    pub dealer: Dealer<Self>,
    /// Commands of the command node, events and progress of the nodes that feed this one.
    #[connect("command/outbox")]
    #[recv(
        Announce,
        Ping,
        Process,
        Start,
        Stop,
        Deinit,
        EpochsEnded,
        Resume,
        Lend,
        Events,
        Progress
    )]
    #[peer(CommandSockets::OUTBOX, NodeSockets::OUTBOX)]
    pub inbox: Sub,
}

/// Returns the path of a node's outbox below the directory of a run.
#[cfg(feature = "remote")]
pub(crate) fn outbox_of(node: &str) -> String {
    Scope::path_in_run(NodeSockets::OUTBOX.spec().path, node)
}

/// Checks that every socket of a run below `root` has a path that the kernel accepts, whatever the
/// names of its nodes are.
///
/// # Errors
/// [`TransportError::DirectoryTooLong`]; a directory that is not UTF-8.
pub(crate) fn check_directory(root: &Path) -> Result<(), TransportError> {
    let id = "n".repeat(MAX_FILE_NAME);
    // Actors of the caller, which stand for the command node or a node, have sockets more.
    let of_a_run = |spec: &str| spec == CommandSockets::SPEC.name || spec == NodeSockets::SPEC.name;
    let longest = specs()
        .into_iter()
        .map(|spec| spec.spec.sockets)
        .filter(|sockets| sockets.iter().any(|socket| of_a_run(socket.spec)))
        .flatten()
        .filter(|socket| socket.role == SocketRole::Bind)
        .map(|socket| Scope::path_in_run(socket.path, &id))
        .max_by_key(String::len)
        .unwrap_or_default();
    let path = root.join("r".repeat(RUN_NAME)).join(longest);
    Endpoint::ipc(&path).map(drop).map_err(|error| match error {
        TransportError::PathTooLong { len, max, .. } => {
            let directory = root.as_os_str().len();
            TransportError::DirectoryTooLong {
                path: root.to_owned(),
                len: directory,
                max: (max + directory).saturating_sub(len),
            }
        }
        error => error,
    })
}
