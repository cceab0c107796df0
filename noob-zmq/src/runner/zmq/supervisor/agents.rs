//! Agents of other hosts, as the supervisor takes care of them: which nodes they are to start, and
//! what they report.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::child::ExitReason;
use super::launch::LOG_ENV;
use super::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{Actor, Handle, Wraps};
use crate::graph::Name;
use crate::runner::RunError;
use crate::runner::zmq::agent::messages::{NodeEnded, Order, ProcessEnd, Refusal, Welcome};
use crate::runner::zmq::command::CommandNode;
use crate::runner::zmq::launcher::{
    AgentJoined, AgentMsg, Connection, LinePrinter, NodeStart, next_connection, run_by_ssh,
    serve_agent,
};
use crate::transport::keys::{KeyRole, PublicKey};
use crate::transport::tcp::PendingJoin;

/// Longest time until an agent that has connected has said hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Time in which an agent ends its nodes and itself at the end of a run.
const END_TIMEOUT: Duration = Duration::from_secs(4);
/// Number of lines of output that the error of a node has.
const TAIL_LINES: usize = 12;

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Has the agent of its host start a node, if the host has one; otherwise waits for a host that
    /// joins.
    pub(super) fn start_remote(&mut self, node: &Name) {
        let Some((name, host)) = self.agents.of_node_mut(node) else {
            return;
        };
        host.started += 1;
        let start = NodeStart {
            number: host.started,
            joined: false,
            ended: None,
        };
        host.starts.insert(node.clone(), start);
        match &host.connection {
            None => self.start_agent(&name),
            Some(_) => host.send_start(node),
        }
    }

    /// Records that the process of a node has ended.
    pub(super) fn forget_start(&mut self, node: &Name) {
        self.agents.forget(node);
    }

    /// Starts the agent of a host by ssh, if the placement has its target.
    fn start_agent(&mut self, name: &Name) {
        let number = next_connection();
        let printer = self.line_printer();
        let messages = self.messages.clone();
        let Some(host) = self.agents.hosts.get_mut(name) else {
            return;
        };
        let Some(target) = host.placed.ssh.clone() else {
            return;
        };
        let (host_name, agent) = (name.clone(), host.placed.agent.clone());
        let task = tokio::spawn(async move {
            let send = |message| {
                let _ = messages.send(SupervisorMsg::Agent(message));
            };
            let of = (&host_name, number);
            let ended = run_by_ssh(of, &target, &agent, &printer, send).await;
            send(AgentMsg::Ended {
                host: host_name,
                connection: number,
                why: ended.err().unwrap_or_else(|| "is gone".to_owned()),
            });
        });
        host.connection = Some(Connection {
            number,
            key: None,
            orders: None,
            ended: None,
            task: Some(task),
        });
    }

    /// Processes a message about an agent.
    pub(super) fn on_agent(&mut self, handle: &Handle<A>, message: AgentMsg) {
        match message {
            AgentMsg::Joined(joined) => self.on_agent_joined(joined),
            AgentMsg::NodeEnded {
                host,
                connection,
                ended,
            } => {
                let own = self.agents.hosts.get(&host);
                let own = own.and_then(|host| host.connection.as_ref());
                if own.is_some_and(|own| own.number == connection) {
                    self.on_node_ended(handle, &host, ended);
                }
            }
            AgentMsg::Ended {
                host,
                connection,
                why,
            } => self.on_agent_ended(&host, connection, why),
        }
    }

    fn on_agent_joined(&mut self, joined: AgentJoined) {
        let AgentJoined {
            host: name,
            connection,
            hello,
            orders,
            admitted,
            ended,
        } = joined;
        let refused = self.reason_to_refuse(&name, connection, hello.key.as_ref());
        let key = match refused {
            Ok(key) => key,
            Err(refusal) => {
                tracing::warn!(host = %name, "an agent is refused: {}", refusal.why);
                let _ = orders.send(Order::Refused(refusal));
                return;
            }
        };
        let run = self.dir.runner_id().to_owned();
        let Some(listener) = &self.listener else {
            return;
        };
        let Some(host) = self.agents.hosts.get_mut(&name) else {
            return;
        };
        if let Some(label) = host.placed.labels.iter().find(|label| {
            !hello.labels.is_empty() && !hello.labels.iter().any(|own| *own == ***label)
        }) {
            tracing::warn!(host = %name, "the placement gives the host the label `{label}`, and \
                its agent was started with others");
        }
        if let (Some(_), Some(allow), Some(key)) = (&host.placed.ssh, &listener.allow, key) {
            // Before the agent is told: its nodes join at once.
            allow.add_of_run(key, &name, &[KeyRole::Node]);
        }
        let _ = admitted.send(host.placed.nodes.keys().cloned().collect());
        let log = std::env::var(LOG_ENV).or_else(|_| std::env::var("RUST_LOG"));
        let _ = orders.send(Order::Welcome(Welcome {
            run: run.clone(),
            runner: listener.candidates.clone(),
            runner_key: listener.address.key().map(|key| key.to_string()),
            log: log.ok(),
        }));
        let task = host.connection.take().and_then(|own| own.task);
        host.connection = Some(Connection {
            number: connection,
            key,
            orders: Some(orders),
            ended: Some(ended),
            task,
        });
        tracing::info!(host = %name, "an agent has joined");
        let hosted = match hello.run {
            Some(of) if of == run => hello.hosted,
            _ => Vec::new(),
        };
        let tube = &self.tube;
        for (node, start) in &host.starts {
            let is_hosted = hosted.contains(&(node.to_string(), start.number));
            let is_enabled = tube.nodes.get(node).is_some_and(|node| node.enabled);
            if !start.joined && !is_hosted && is_enabled {
                host.send_start(node);
            }
        }
    }

    /// Returns the key of an agent, or why it does not belong to the run.
    fn reason_to_refuse(
        &self,
        name: &Name,
        connection: u64,
        key: Option<&String>,
    ) -> Result<Option<PublicKey>, Refusal> {
        let refused = |why: String, for_this_run: bool| Refusal { why, for_this_run };
        let key: Option<PublicKey> = key
            .map(|key| key.parse())
            .transpose()
            .map_err(|error: crate::transport::keys::KeyError| refused(error.to_string(), false))?;
        let Some(host) = self.agents.hosts.get(name) else {
            let known: Vec<&str> = self.agents.hosts.keys().map(|host| &**host).collect();
            let known = match &*known {
                [] => "it has none on other hosts".to_owned(),
                known => format!("it has some on `{}`", known.join("`, `")),
            };
            let why = format!("the run has no nodes on a host `{name}`; {known}");
            return Err(refused(why, true));
        };
        let own = host.connection.as_ref();
        if host.placed.ssh.is_some() {
            return match own.is_some_and(|own| own.number == connection) {
                true => Ok(key),
                false => {
                    let why =
                        format!("the runner starts the agent of host `{name}` itself, by ssh");
                    Err(refused(why, true))
                }
            };
        }
        if host.expected_key().is_some_and(|expected| expected != key) {
            let why = format!("the placement has another key for host `{name}`");
            return Err(refused(why, false));
        }
        // The runner may not have seen yet that the connection before this one broke.
        if own.is_some_and(|own| own.key != key) {
            let why = format!("host `{name}` has an agent with another key already");
            return Err(refused(why, true));
        }
        Ok(key)
    }

    fn on_node_ended(&mut self, handle: &Handle<A>, host: &Name, ended: NodeEnded) {
        let NodeEnded { node, number, how } = ended;
        let node = Name::from(node);
        let Some(own) = self.agents.hosts.get_mut(host) else {
            return;
        };
        let start = own.starts.get_mut(&node);
        let Some(start) = start.filter(|start| start.number == number) else {
            return;
        };
        if start.joined {
            // The end of the connection tells the end of the node; the host may also be gone
            // before it has joined.
            start.ended = Some(how);
        } else {
            self.on_remote_end(handle, &node, how);
        }
    }

    /// Records the end of a process that an agent has started, and that has not joined.
    pub(super) fn on_remote_end(&mut self, handle: &Handle<A>, node: &Name, how: ProcessEnd) {
        let Some((host, _)) = self.agents.of_node(node) else {
            return;
        };
        let host = host.clone();
        match how {
            ProcessEnd::NotStarted(why) => {
                let (node, why) = (node.clone(), format!("on host `{host}`, {why}"));
                self.state
                    .coordinator()
                    .fail_run(RunError::Start { node, why });
            }
            ProcessEnd::Status(status) => {
                let exit = ExitReason::Process(ExitStatus::from_raw(status));
                let mut lines = self.state.logs().of(node);
                let lines = lines.split_off(lines.len().saturating_sub(TAIL_LINES));
                let how = format!("{exit} on host `{host}`");
                self.killed.entry(node.clone()).or_insert(how);
                self.on_exit(handle, node.clone(), exit, lines);
            }
        }
    }

    fn on_agent_ended(&mut self, name: &Name, connection: u64, why: String) {
        let is_ready = self.state.coordinator().is_ready();
        let Some(host) = self.agents.hosts.get_mut(name) else {
            return;
        };
        let Some(ended) = host.connection.take_if(|own| own.number == connection) else {
            return tracing::debug!(host = %name, "an agent {why}");
        };
        if let (Some(_), Some(key), Some(listener)) = (&host.placed.ssh, ended.key, &self.listener)
            && let Some(allow) = &listener.allow
        {
            allow.remove_of_run(&key);
        }
        let waits = host.placed.ssh.is_some() && host.starts.values().any(|start| !start.joined);
        // An agent that has served the run is started again for a node that is; one that cannot be
        // started is an error.
        if waits && !(is_ready && ended.orders.is_some()) {
            let host = name.clone();
            self.state
                .coordinator()
                .fail_run(RunError::Host { host, why });
            return;
        }
        tracing::warn!(host = %name, "the agent of a host {why}");
        if waits {
            self.start_agent(name);
        }
    }

    /// Tells all agents that the run is over, and waits until they have ended their nodes.
    pub(super) async fn end_agents(&mut self) {
        let mut ending = tokio::task::JoinSet::new();
        for (_, host) in self.agents.hosts.drain(..) {
            let Some(connection) = host.connection else {
                continue;
            };
            let told = connection.orders.map(|orders| orders.send(Order::End));
            ending.spawn(async move {
                let wait = told.map_or(Duration::ZERO, |_| END_TIMEOUT);
                let (ended, mut task) = (connection.ended, connection.task);
                let has_ended = async {
                    // The last lines of its nodes are printed then.
                    if let Some(ended) = ended {
                        let _ = ended.await;
                    }
                    if let Some(task) = &mut task {
                        let _ = task.await;
                    }
                };
                let in_time = tokio::time::timeout(wait, has_ended).await;
                if let (Err(_), Some(task)) = (in_time, task) {
                    task.abort();
                    let _ = task.await;
                }
            });
        }
        while ending.join_next().await.is_some() {}
    }

    /// Returns the printer of the output of nodes on other hosts.
    pub(super) fn line_printer(&self) -> LinePrinter {
        LinePrinter {
            logs: self.state.logs().clone(),
        }
    }

    /// Serves an agent that has connected to the listener of the runner.
    pub(super) fn accept_agent(
        messages: &UnboundedSender<SupervisorMsg>,
        printer: LinePrinter,
        host: &str,
        join: PendingJoin,
    ) {
        let (messages, host) = (messages.clone(), Name::from(host));
        let connection = next_connection();
        tokio::spawn(async move {
            let send = |message| {
                let _ = messages.send(SupervisorMsg::Agent(message));
            };
            let key = join.key.map(|key| key.to_string());
            let stream = tokio::io::split(join.stream);
            let of = (&host, connection, HELLO_TIMEOUT);
            let ended = serve_agent(stream, of, &printer, |message| {
                send(match message {
                    // The key that was proved counts, and not the one that is told.
                    AgentMsg::Joined(mut joined) => {
                        joined.hello.key.clone_from(&key);
                        AgentMsg::Joined(joined)
                    }
                    other => other,
                });
            });
            let why = match ended.await {
                Ok(()) => "is gone".to_owned(),
                Err(end) => end.to_string(),
            };
            send(AgentMsg::Ended {
                host,
                connection,
                why,
            });
        });
    }
}
