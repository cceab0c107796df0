//! Socket specs of the two actors of a run.
//!
//! Names, identities and addresses of sockets come from here and from nowhere else.

use std::path::Path;

use crate::Sockets;
use crate::actor::{Dealer, Router, Scope, SocketRole, Sockets as _, Sub, XPub, specs};
use crate::graph::{Tube, TubeNodeKind};
use crate::transport::{Endpoint, RUN_NAME, TransportError};
use crate::wire::message::{
    Announce, Deinit, EpochsEnded, Events, Failure, Health, Identify, Lend, Observe, Ping, Process,
    Progress, Receipt, Resume, Start, Status, Stop, Subscription,
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
        Observe,
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
    #[recv(Events, Receipt, Progress)]
    #[peer(NodeSockets::OUTBOX)]
    pub inbox: Sub,
}

/// Sockets of a node runner.
#[derive(Debug, Clone, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub struct NodeSockets {
    /// Events and progress of the node for the nodes that it feeds, and receipts for the command
    /// node.
    #[bind]
    #[recv(Subscription)]
    #[send(Events, Receipt, Progress)]
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
        Observe,
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

/// Checks that every socket of a run of `tube` below `root` has a path that the kernel accepts.
///
/// # Errors
/// As [`check_directory`].
pub(crate) fn check_directory_of_run(root: &Path, tube: &Tube) -> Result<(), TransportError> {
    // Disabled nodes may be enabled later.
    let nodes = tube.nodes.values();
    let nodes = nodes.filter(|node| node.kind != TubeNodeKind::Return);
    check_directory(root, nodes.map(|node| &*node.id))
}

/// Checks that the sockets of the command node and of `nodes` below `root` have paths that the
/// kernel accepts.
///
/// # Errors
/// [`TransportError::DirectoryTooLong`]; a directory that is not UTF-8.
pub(crate) fn check_directory<'n>(
    root: &Path,
    nodes: impl IntoIterator<Item = &'n str>,
) -> Result<(), TransportError> {
    // Actors of the caller, which stand for the command node or a node, have sockets more.
    let of_a_run = |spec: &str| spec == CommandSockets::SPEC.name || spec == NodeSockets::SPEC.name;
    let sockets: Vec<_> = specs()
        .into_iter()
        .map(|spec| spec.spec.sockets)
        .filter(|sockets| sockets.iter().any(|socket| of_a_run(socket.spec)))
        .flatten()
        .filter(|socket| socket.role == SocketRole::Bind)
        .collect();
    let longest = nodes
        .into_iter()
        // The sockets of the command node are there without nodes, too.
        .chain([""])
        .flat_map(|node| {
            sockets
                .iter()
                .map(move |socket| Scope::path_in_run(socket.path, node))
        })
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
