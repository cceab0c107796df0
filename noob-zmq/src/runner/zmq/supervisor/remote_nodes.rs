//! Nodes on other hosts, as the supervisor takes care of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::child::{Child, ExitReason};
use super::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{Actor, Handle, Wraps};
use crate::graph::Name;
use crate::node::Registry;
use crate::runner::RunError;
use crate::runner::admission::ForeignNodes;
use crate::runner::report::RejectedCounts;
use crate::runner::zmq::command::CommandNode;
use crate::runner::zmq::launcher::AgentHosts;
use crate::runner::zmq::remote::RemoteConfig;
use crate::runner::zmq::remote::{
    JoinAborted, JoinRequest, NodeAssignment, NodeFingerprint, read_join_request,
};
use crate::sync::lock;
use crate::transport::TransportError;
use crate::transport::tcp::{JoinTarget, TcpAddress};

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Listens for other hosts, if the runner has remote nodes.
    pub(super) async fn listen(&mut self) -> Result<(), TransportError> {
        let Some(remote) = &self.config.remote else {
            return Ok(());
        };
        self.agents = AgentHosts::new(remote.hosts());
        let mut listener = remote.open(&self.dir).await?;
        if let Some(mut pending) = listener.pending_joins.take() {
            let (messages, printer) = (self.messages.clone(), self.line_printer());
            // A task for each connection: one that sends nothing must not hold up the others.
            tokio::spawn(async move {
                while let Some(join) = pending.recv().await {
                    let (messages, printer) = (messages.clone(), printer.clone());
                    tokio::spawn(async move {
                        match join.target.clone() {
                            JoinTarget::Node(node) => {
                                if let Some(request) = read_join_request(node, join).await {
                                    let _ = messages.send(SupervisorMsg::JoinRequest(request));
                                }
                            }
                            JoinTarget::Agent(host) => {
                                Self::accept_agent(&messages, printer, &host, join)
                            }
                        }
                    });
                }
            });
        }
        self.listener = Some(listener);
        Ok(())
    }

    pub(super) const fn has_remote_nodes(&self) -> bool {
        self.listener.is_some()
    }

    /// Whether a node is left to other hosts.
    pub(super) fn is_remote(&self, node: &Name) -> bool {
        self.listener
            .as_ref()
            .is_some_and(|listener| listener.remote_nodes.contains(node))
    }

    /// Assigns a node to a host that asks for it, or rejects the host.
    pub(super) fn on_join_request(&mut self, request: JoinRequest) {
        let (peer, key) = (request.join.peer, request.join.key);
        let node = Name::from(request.node.as_str());
        let rejected = self.reason_to_reject(&node, &request);
        let address = TcpAddress::new(key, request.hello.hosts.clone(), "nodes/outbox");
        let (listener, address) = match (&self.listener, rejected, address) {
            (Some(listener), None, Ok(address)) => (listener, address),
            (_, Some(why), _) => return request.reject(why),
            (_, _, Err(error)) => return request.reject(error.to_string()),
            (None, ..) => return,
        };
        // Before the host is told: its first message must find its key and address.
        listener.identities.grant(&node, key);
        lock(&listener.joined).insert(node.clone(), address);
        let type_name = self
            .tube
            .nodes
            .get(&node)
            .map(|node| node.type_name.clone())
            .unwrap_or_default();
        let fingerprint = Registry::of_tube(&self.tube)
            .map(|registry| NodeFingerprint::of(registry, &type_name))
            .unwrap_or_default();
        let assignment = NodeAssignment {
            launch: self.launch(std::slice::from_ref(&node)),
            fingerprint,
            listener: listener.address.to_string(),
        };
        let (messages, joined) = (self.messages.clone(), Arc::clone(&listener.joined));
        let identities = listener.identities.clone();
        let own = node.clone();
        let on_end = move |ended| {
            identities.revoke(&own);
            lock(&joined).remove(&own);
            let node = own;
            let _ = messages.send(match ended {
                Ok(exit) => SupervisorMsg::Exited {
                    node,
                    exit,
                    stderr: Vec::new(),
                },
                Err(JoinAborted::Unfit(why)) => SupervisorMsg::Unfit {
                    node,
                    why: format!("its host ({peer}) says that {why}"),
                },
                Err(JoinAborted::Gone) => SupervisorMsg::JoinAborted { node, peer },
            });
        };
        let hosting = |cut| request.host_node(assignment, cut);
        let child = Child::remote(peer, hosting, on_end);
        self.agents.set_joined(&node, true);
        self.state.node_table().on_join(&node, peer);
        // A host that has joined gets the full time to report.
        self.liveness.extend_wait(&node, Instant::now());
        self.children.insert(node, child);
    }

    /// Frees the node of a host that was assigned it and is gone before it has joined.
    pub(super) fn on_join_aborted(&mut self, handle: &Handle<A>, node: &Name, peer: SocketAddr) {
        tracing::warn!(%peer, %node, "a host is gone before it has joined; another may");
        self.children.remove(node);
        let how = ExitReason::Lost(peer).to_string();
        self.state.node_table().on_exit(node, &how);
        if let Some(how) = self.agents.set_joined(node, false) {
            self.on_remote_end(handle, node, how);
        }
    }

    /// Returns why a host may not host a node; `None` if it may.
    fn reason_to_reject(&self, node: &Name, request: &JoinRequest) -> Option<String> {
        let remote = &self.listener.as_ref()?.remote_nodes;
        if !remote.contains(node) {
            let awaited: Vec<&str> = remote.iter().map(|name| &**name).collect();
            return Some(format!(
                "the run leaves no node `{node}` to other hosts; it leaves `{}`",
                awaited.join("`, `")
            ));
        }
        if self.children.contains_key(node) {
            return Some(format!("the node `{node}` has joined already"));
        }
        if self.tube.nodes.get(node).is_some_and(|node| !node.enabled) {
            return Some(format!(
                "the node `{node}` is disabled in this run; join for it when it is enabled, \
                    which waits for that"
            ));
        }
        if let Some(why) = self.agents.reason_to_reject(node, request.join.key) {
            return Some(why);
        }
        // The rules of the run were fixed when it was started, and keys may be added later.
        let exchanges_objects = self.config.foreign == ForeignNodes::default();
        let may_send = |remote: &RemoteConfig| remote.may_send_objects(request.join.key);
        if exchanges_objects && !self.config.remote.as_ref().is_some_and(may_send) {
            return Some(
                "the hosts of the run exchange objects of other languages, and the key of this \
                 host has not the role `objects`"
                    .to_owned(),
            );
        }
        request.mismatch()
    }

    /// Copies the counters of the listener into the node table.
    pub(super) fn record_listener_counts(&self) {
        if let Some(listener) = &self.listener {
            let stats = listener.listener.stats();
            self.state
                .node_table()
                .set_listener_counts(stats.rejected, stats.cut);
        }
    }

    /// Logs, at the end, how many connections and messages were rejected.
    pub(super) fn log_rejected(&self) {
        if self.listener.is_none() {
            return;
        }
        self.record_listener_counts();
        let rejected = self.state.node_table().rejected();
        if rejected != RejectedCounts::default() {
            tracing::warn!(
                refused = rejected.connections,
                cut = rejected.links,
                dropped = rejected.messages,
                "connections from other hosts that were refused, links that were cut, and \
                    messages that were dropped"
            );
        }
    }

    /// Adds to the error, for each remote node that never joined, how a host joins for it.
    pub(super) fn explain_missing(&self, error: RunError) -> RunError {
        let RunError::NotReady { after, mut waiting } = error else {
            return error;
        };
        for waiting in &mut waiting {
            if self.is_remote(&waiting.node) && !self.children.contains_key(&waiting.node) {
                waiting.what = self
                    .agents
                    .explain_missing(&waiting.node)
                    .unwrap_or_else(|| {
                        format!(
                            "no other host has joined for it: run `noob-zmq node --join ADDR \
                         --server-key KEY --id {}` there",
                            waiting.node
                        )
                    });
            }
        }
        RunError::NotReady { after, waiting }
    }
}
