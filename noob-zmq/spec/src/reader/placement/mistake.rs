//! Mistakes of a placement file, with the text, the label and the help of each.

use crate::names::list;
use crate::reader::Name;

/// Mistake of a placement file.
///
/// - `owner` describes the part that is meant ("node `a`", "group `quick`").
/// - `near` is the existing name that was probably meant, and `known` are all that exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are explained once, for all kinds")]
pub enum PlacementMistake {
    /// A value of another kind than needed.
    #[error("{what} must be {expected}, not {found}")]
    WrongValue {
        what: String,
        expected: &'static str,
        found: String,
    },
    /// A host that is not declared.
    #[error("{owner} names the host `{host}`, which this file does not have")]
    UnknownHost {
        owner: String,
        host: Name,
        near: Option<Name>,
        known: Vec<Name>,
    },
    /// A label that no host has.
    #[error("{owner} is placed by the label `{label}`, which no host of this file has")]
    UnknownLabel {
        owner: String,
        label: Name,
        near: Option<Name>,
        known: Vec<Name>,
    },
    /// Two ways to choose the host.
    #[error("{owner} has both `host` and `label`")]
    HostAndLabel { owner: String },
    /// A node that the tube does not have.
    #[error("the tube `{tube}` has no node `{node}`")]
    UnknownNode {
        node: Name,
        tube: Name,
        near: Option<Name>,
        known: Vec<Name>,
    },
    /// A return node, which is part of the runner.
    #[error("node `{node}` is what the runner itself returns, and has no process")]
    ReturnNode { node: Name },
    /// A group without nodes.
    #[error("group `{group}` has no nodes")]
    EmptyGroup { group: Name },
    /// A node that is named twice.
    #[error("node `{node}` is in {}", in_groups(first, second))]
    NodeTwice {
        node: Name,
        first: Name,
        second: Name,
    },
    /// Settings of a node whose process is that of a group.
    #[error("node `{node}` is in group `{group}`, and has settings of its own")]
    MemberSettings { node: Name, group: Name },
    /// A group whose nodes are on several hosts.
    #[error("group `{group}` is on {group_host}, and its node `{node}` on {node_host}")]
    GroupOverHosts {
        group: Name,
        group_host: String,
        node: Name,
        node_host: String,
    },
    /// A group on a host that is not that of the runner.
    #[error("group `{group}` is on host `{host}`, where each node has a process of its own")]
    GroupElsewhere { group: Name, host: Name },
    /// A group that cannot be one process.
    #[error("the nodes of group `{group}` cannot share a process: {reason}")]
    CannotGroup { group: Name, reason: String },
    /// A setting of an agent on the host of the runner, which has none.
    #[error("`{key}` of host `{host}` has no effect: the runner itself runs there")]
    NoEffect { key: &'static str, host: Name },
    /// A key of a host whose agent gets one for each run.
    #[error("host `{host}` has both `ssh` and `key`")]
    KeyOfSsh { host: Name },
}

impl PlacementMistake {
    /// Returns the label under the place in the text.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::WrongValue { .. } => "this value",
            Self::UnknownHost { .. } => "no such host",
            Self::UnknownLabel { .. } => "no such label",
            Self::UnknownNode { .. } => "no such node",
            Self::HostAndLabel { .. } | Self::NodeTwice { .. } => "again here",
            Self::NoEffect { .. } => "not used",
            _ => "here",
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let named = |near: &Option<Name>, have: &str, known: &[Name], none: &str| match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => none.to_owned(),
            None => format!("{have} {}", list(known)),
        };
        Some(match self {
            Self::WrongValue { .. } | Self::CannotGroup { .. } => return None,
            Self::UnknownHost {
                near, known, host, ..
            } => named(
                near,
                "its hosts are",
                known,
                &format!("declare it: `hosts: {{{host}: }}`"),
            ),
            Self::UnknownLabel {
                near, known, label, ..
            } => named(
                near,
                "its labels are",
                known,
                &format!("give it to a host: `labels: [{label}]`"),
            ),
            Self::UnknownNode { near, known, .. } => {
                named(near, "it has", known, "the tube has no nodes")
            }
            Self::HostAndLabel { .. } => "keep one of them".to_owned(),
            Self::ReturnNode { .. } => "leave it out".to_owned(),
            Self::EmptyGroup { .. } => "name nodes that are connected, or remove it".to_owned(),
            Self::NodeTwice { .. } => "a node has one process: name it once".to_owned(),
            Self::MemberSettings { group, .. } => {
                format!("the nodes of a group share one process: move them to group `{group}`")
            }
            Self::GroupOverHosts { .. } => {
                "a group is one process: place all its nodes on one host, or take the node out of \
                 the group"
                    .to_owned()
            }
            Self::GroupElsewhere { .. } => {
                "place its nodes there one by one, below `nodes:`, or leave the group on the host \
                 of the runner"
                    .to_owned()
            }
            Self::NoEffect { .. } => {
                "remove it, or name another host as `runner` at the top".to_owned()
            }
            Self::KeyOfSsh { .. } => {
                "remove `key`: an agent that is started by ssh has a key of the run".to_owned()
            }
        })
    }
}

fn in_groups(first: &str, second: &str) -> String {
    if first == second {
        format!("group `{first}` twice")
    } else {
        format!("group `{first}` and in group `{second}`")
    }
}
