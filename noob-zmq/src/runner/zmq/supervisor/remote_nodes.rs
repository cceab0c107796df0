//! Nodes on other hosts, as the runner's thread takes care of them.

use std::net::SocketAddr;
use std::time::Instant;

use crate::actor::Actor;
use crate::graph::Name;
use crate::node::Registry;
use crate::runner::RunError;
use crate::runner::report::RejectedCounts;
use crate::runner::zmq::command::command_node::CommandNode;
use crate::runner::zmq::remote::{JoinAborted, JoinRequest, NodeFingerprint, greet};
use crate::runner::zmq::supervisor::child::{Child, ExitReason};
use crate::runner::zmq::supervisor::task::{SupervisorMsg, SupervisorTask};
use crate::sync::lock;
use crate::transport::TransportError;
use crate::transport::tcp::TcpAddress;

impl<A> SupervisorTask<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// Listens for other hosts, if the runner was told of some.
    pub(crate) async fn listen(&mut self) -> Result<(), TransportError> {
        let Some(hosts) = &self.settings.hosts else {
            return Ok(());
        };
        let mut opened = hosts.open(&self.dir).await?;
        if let Some(mut visitors) = opened.visitors.take() {
            let report = self.report.clone();
            tokio::spawn(async move {
                while let Some(visitor) = visitors.recv().await {
                    let report = report.clone();
                    tokio::spawn(async move {
                        if let Some(asks) = greet(visitor).await {
                            let _ = report.send(SupervisorMsg::Asked(asks));
                        }
                    });
                }
            });
        }
        self.opened = Some(opened);
        Ok(())
    }

    pub(crate) const fn has_hosts(&self) -> bool {
        self.opened.is_some()
    }

    pub(crate) fn is_elsewhere(&self, node: &Name) -> bool {
        self.opened
            .as_ref()
            .is_some_and(|opened| opened.remote_nodes.contains(node))
    }

    /// Somebody asks to host a node.
    pub(crate) fn asked(&mut self, asks: JoinRequest) {
        let node = Name::from(asks.node.as_str());
        let why = self.reason_against(&node, &asks);
        let gate = TcpAddress::new(asks.seat.key, asks.hosts().to_vec(), "nodes/outbox");
        let launch = self.launch(&node);
        let (opened, gate, launch) = match (&self.opened, why, gate, launch) {
            (Some(opened), None, Ok(gate), Ok(launch)) => (opened, gate, launch),
            (_, Some(why), _, _) => return asks.seat.refuse(why),
            (_, _, Err(error), _) => return asks.seat.refuse(error.to_string()),
            (_, _, _, Err(error)) => return asks.seat.refuse(error.to_string()),
            (None, ..) => return,
        };
        opened.voices.grant(&node, asks.seat.key);
        lock(&opened.joined).insert(node.clone(), gate);
        let type_name = self
            .tube
            .nodes
            .get(&node)
            .map(|node| node.type_name.clone())
            .unwrap_or_default();
        let signature = Registry::get()
            .map(|registry| NodeFingerprint::of(registry, &type_name))
            .unwrap_or_default();
        let address = opened.address.to_string();
        let peer = asks.seat.peer;
        let (report, joined) = (self.report.clone(), std::sync::Arc::clone(&opened.joined));
        let voices = opened.voices.clone();
        let own = node.clone();
        let ended = move |ended| {
            voices.revoke(&own);
            lock(&joined).remove(&own);
            let node = own;
            let _ = report.send(match ended {
                Ok(exit) => SupervisorMsg::Ended {
                    node,
                    exit,
                    stderr: Vec::new(),
                },
                Err(JoinAborted::Unfit(why)) => SupervisorMsg::Unfit {
                    node,
                    why: format!("its host ({peer}) says that {why}"),
                },
                Err(JoinAborted::Gone) => SupervisorMsg::Gone { node, peer },
            });
        };
        let hosting = |cut| asks.seat.take(launch, signature, address, cut);
        let child = Child::elsewhere(peer, hosting, ended);
        self.shared.node_table().joined(&node, peer);
        // Somebody is here: they have their own time to report.
        if let Some(since) = self.awaited.get_mut(&node) {
            *since = Instant::now();
        }
        self.children.insert(node, child);
    }

    /// Somebody was offered a node and is gone: as if they had never asked.
    pub(crate) fn gone(&mut self, node: &Name, peer: SocketAddr) {
        tracing::warn!(%peer, %node, "a host is gone before it has joined; another may");
        self.children.remove(node);
        self.shared
            .node_table()
            .ended(node, &ExitReason::Lost(peer).to_string());
    }

    /// Why somebody may not host a node; `None` if they may.
    fn reason_against(&self, node: &Name, asks: &JoinRequest) -> Option<String> {
        let remote = &self.opened.as_ref()?.remote_nodes;
        if !remote.contains(node) {
            let waited: Vec<&str> = remote.iter().map(|name| &**name).collect();
            return Some(format!(
                "the run leaves no node `{node}` to other hosts; it leaves `{}`",
                waited.join("`, `")
            ));
        }
        if self.children.contains_key(node) {
            return Some(format!("the node `{node}` has joined already"));
        }
        if self.tube.nodes.get(node).is_some_and(|node| !node.enabled) {
            return Some(format!(
                "the node `{node}` is disabled in this run; join for it when it is enabled, which waits for that"
            ));
        }
        asks.mismatch()
    }

    /// Takes note of those who were not let in, or were cut off.
    pub(crate) fn count_strangers(&self) {
        if let Some(opened) = &self.opened {
            let counts = opened.gate.stats();
            self.shared
                .node_table()
                .strangers(counts.rejected, counts.cut);
        }
    }

    /// Tells, at the end, of those who were not let in, or not believed.
    pub(crate) fn tell_refused(&self) {
        if self.opened.is_none() {
            return;
        }
        self.count_strangers();
        let refused = self.shared.node_table().refused();
        if refused != RejectedCounts::default() {
            tracing::warn!(
                refused = refused.connections,
                cut = refused.links,
                dropped = refused.messages,
                "connections from other hosts that were refused, links that were cut, and messages that were dropped"
            );
        }
    }

    /// Says of nodes that never joined that this is what is missing.
    pub(crate) fn missing(&self, error: RunError) -> RunError {
        let RunError::NotReady { after, mut waiting } = error else {
            return error;
        };
        for waiting in &mut waiting {
            if self.is_elsewhere(&waiting.node) && !self.children.contains_key(&waiting.node) {
                waiting.what = format!(
                    "no other host has joined for it: run `noob-zmq node --join ADDR --server-key KEY --id {}` there",
                    waiting.node
                );
            }
        }
        RunError::NotReady { after, waiting }
    }
}
