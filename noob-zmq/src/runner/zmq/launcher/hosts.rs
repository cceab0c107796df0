//! Table of the hosts of a run that have an agent: which nodes are to run there, and what is
//! known of their processes.

use std::collections::HashMap;

use indexmap::IndexMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::graph::Name;
use crate::runner::zmq::agent::messages::{Order, ProcessEnd, StartNode};
use crate::runner::zmq::placement::PlacedHost;
use crate::transport::keys::PublicKey;

/// Hosts of a run that have an agent.
#[derive(Default)]
pub(crate) struct AgentHosts {
    pub(crate) hosts: IndexMap<Name, AgentHost>,
}

/// Host with an agent.
pub(crate) struct AgentHost {
    pub(crate) placed: PlacedHost,
    pub(crate) connection: Option<Connection>,
    /// Starts of nodes that are wanted, by node.
    pub(crate) starts: HashMap<Name, NodeStart>,
    /// Number of starts of all nodes.
    pub(crate) started: u32,
}

/// Connection to an agent, or an agent that is being started.
pub(crate) struct Connection {
    pub(crate) number: u64,
    /// Key of the agent and its nodes.
    pub(crate) key: Option<PublicKey>,
    /// Orders to the agent, once it has said hello.
    pub(crate) orders: Option<UnboundedSender<Order>>,
    /// Fails when the connection has ended.
    pub(crate) ended: Option<oneshot::Receiver<()>>,
    /// Task of the ssh that has started the agent.
    pub(crate) task: Option<JoinHandle<()>>,
}

/// Start of a node that is wanted.
pub(crate) struct NodeStart {
    pub(crate) number: u32,
    /// Whether a process has joined for the node since.
    pub(crate) joined: bool,
    /// Way in which the process has ended.
    pub(crate) ended: Option<ProcessEnd>,
}

impl AgentHosts {
    pub(crate) fn new(placed: &IndexMap<Name, PlacedHost>) -> Self {
        let host = |placed: &PlacedHost| AgentHost {
            placed: placed.clone(),
            connection: None,
            starts: HashMap::new(),
            started: 0,
        };
        let hosts = placed.iter();
        Self {
            hosts: hosts
                .map(|(name, placed)| (name.clone(), host(placed)))
                .collect(),
        }
    }

    /// Returns the host of a node.
    pub(crate) fn of_node(&self, node: &Name) -> Option<(&Name, &AgentHost)> {
        let mut hosts = self.hosts.iter();
        hosts.find(|(_, host)| host.placed.nodes.contains_key(node))
    }

    pub(crate) fn of_node_mut(&mut self, node: &Name) -> Option<(Name, &mut AgentHost)> {
        let mut hosts = self.hosts.iter_mut();
        let found = hosts.find(|(_, host)| host.placed.nodes.contains_key(node));
        found.map(|(name, host)| (name.clone(), host))
    }

    /// Returns why the owner of a key may not host a node; `None` if it may.
    pub(crate) fn reason_to_reject(&self, node: &Name, key: Option<PublicKey>) -> Option<String> {
        let (name, host) = self.of_node(node)?;
        let expected = host.expected_key()?;
        (expected != key).then(|| {
            format!("the node `{node}` is placed on the host `{name}`, whose key is another")
        })
    }

    /// Records whether a process has joined for a node; returns how the process has ended that an
    /// agent has started, if it has not joined and will not.
    pub(crate) fn set_joined(&mut self, node: &Name, joined: bool) -> Option<ProcessEnd> {
        let (_, host) = self.of_node_mut(node)?;
        let start = host.starts.get_mut(node)?;
        start.joined = joined;
        start.ended.take().filter(|_| !joined)
    }

    /// Records that a node is not to be started any more.
    pub(crate) fn forget(&mut self, node: &Name) {
        if let Some((_, host)) = self.of_node_mut(node) {
            host.starts.remove(node);
        }
    }

    /// Returns what a node waits for that has not joined, if its host has an agent.
    pub(crate) fn explain_missing(&self, node: &Name) -> Option<String> {
        let (name, host) = self.of_node(node)?;
        let is_connected = host
            .connection
            .as_ref()
            .is_some_and(|own| own.orders.is_some());
        Some(match &host.placed.ssh {
            _ if is_connected => format!(
                "the agent of host `{name}` has started it, and it has not joined: can the host \
                 reach the addresses of the runner?"
            ),
            Some(target) => {
                format!("`ssh {target}`, by which host `{name}` is reached, has not answered")
            }
            None => format!(
                "no agent of host `{name}` has joined: run `noob-zmq agent --join ADDR \
                 --server-key KEY --name {name}` there"
            ),
        })
    }
}

impl AgentHost {
    /// Returns the key that the nodes of the host must have, if there is one.
    pub(crate) fn expected_key(&self) -> Option<Option<PublicKey>> {
        if self.placed.ssh.is_some() {
            return Some(self.connection.as_ref().and_then(|own| own.key));
        }
        // A key of another form was a mistake of the placement.
        let pinned = self.placed.key.as_ref()?;
        Some(pinned.parse().ok())
    }

    /// Has the agent start a node, if it is there.
    pub(crate) fn send_start(&self, node: &Name) {
        let orders = self.connection.as_ref().and_then(|own| own.orders.as_ref());
        if let (Some(orders), Some(start)) = (orders, self.starts.get(node)) {
            let settings = self.placed.nodes.get(node).cloned().unwrap_or_default();
            let _ = orders.send(Order::Start(Box::new(StartNode {
                node: node.to_string(),
                number: start.number,
                settings,
            })));
        }
    }
}
