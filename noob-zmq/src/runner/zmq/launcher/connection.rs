//! Connection to the agent of a host: passes on its reports, and the orders for it.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::graph::Name;
use crate::runner::watch::logs::NodeLogs;
use crate::runner::zmq::agent::messages::{
    AgentHello, MAX_BLOCK, NodeEnded, NodeLine, Order, Report, read_first_line, write_first_line,
};
use crate::runner::zmq::remote::{read_block, write_block};
use crate::standard_streams::status_line;

/// Interval at which an agent hears that the runner is there.
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// Longest time in which an agent takes the reason why it is refused.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Number of connections to agents so far, in this process.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// Returns a number for a connection to an agent.
pub(crate) fn next_connection() -> u64 {
    CONNECTIONS.fetch_add(1, Ordering::Relaxed)
}

/// Message about the agent of a host to the supervisor.
pub(crate) enum AgentMsg {
    /// An agent has said hello.
    Joined(AgentJoined),
    /// The process of a node has ended.
    NodeEnded {
        host: Name,
        connection: u64,
        ended: NodeEnded,
    },
    /// A connection has ended.
    Ended {
        host: Name,
        connection: u64,
        /// The reason, as the rest of a sentence about the agent.
        why: String,
    },
}

/// Agent that has said hello, and waits to be told whether it belongs to the run.
pub(crate) struct AgentJoined {
    pub(crate) host: Name,
    /// Number of the connection.
    pub(crate) connection: u64,
    pub(crate) hello: AgentHello,
    /// Orders to the agent; the connection is closed when it is dropped.
    pub(crate) orders: UnboundedSender<Order>,
    /// Takes the nodes of the host where the agent belongs to the run; the connection is closed
    /// when it is dropped.
    pub(crate) admitted: oneshot::Sender<HashSet<Name>>,
    /// Fails when the connection has ended.
    pub(crate) ended: oneshot::Receiver<()>,
}

/// Printer of the output of nodes on other hosts, which does not wait for the supervisor.
#[derive(Clone)]
pub(crate) struct LinePrinter {
    pub(crate) logs: NodeLogs,
}

impl LinePrinter {
    /// Prints a line of a node that is one of `nodes`, those of the host.
    fn print(&self, host: &Name, nodes: &HashSet<Name>, NodeLine { node, text }: &NodeLine) {
        let Some(node) = nodes.get(&**node) else {
            return tracing::debug!(%host, ?node, "a line of a node of another host is left out");
        };
        let _ = status_line::write_above(format!("[{host}/{node}] {text}\n").as_bytes());
        self.logs.push(node, text);
    }
}

/// Serves the connection to an agent until it ends; the agent must say hello within the time.
///
/// # Errors
/// The reason why it has ended, as the rest of a sentence about the agent.
pub(crate) async fn serve_agent(
    (from, mut to): (
        impl AsyncRead + Unpin + Send,
        impl AsyncWrite + Unpin + Send + 'static,
    ),
    (host, connection, within): (&Name, u64, Duration),
    printer: &LinePrinter,
    messages: impl Fn(AgentMsg),
) -> Result<(), AgentEnd> {
    let mut from = BufReader::new(from);
    let begun = async {
        write_first_line(&mut to).await?;
        match read_first_line(&mut from).await? {
            Some(theirs) => Ok(Err(theirs)),
            None => read_block::<AgentHello>(&mut from, MAX_BLOCK).await.map(Ok),
        }
    };
    let silent = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
    let begun = tokio::time::timeout(within, begun).await;
    let hello = match begun.unwrap_or_else(silent) {
        Ok(Ok(hello)) => hello,
        Ok(Err(theirs)) => return Err(AgentEnd::OtherVersion(theirs)),
        Err(error) => return Err(AgentEnd::Silent(error)),
    };
    let (orders, queue) = unbounded_channel();
    let (_alive, ended) = oneshot::channel();
    let (admitted, admission) = oneshot::channel();
    messages(AgentMsg::Joined(AgentJoined {
        host: host.clone(),
        connection,
        hello,
        orders,
        admitted,
        ended,
    }));
    let mut writing = tokio::spawn(write_orders(to, queue));
    // Nothing is taken from an agent that does not belong to the run.
    let Ok(nodes) = admission.await else {
        let _ = tokio::time::timeout(REFUSAL_TIMEOUT, &mut writing).await;
        writing.abort();
        return Err(AgentEnd::Refused);
    };
    let outcome = loop {
        match read_block::<Report>(&mut from, MAX_BLOCK).await {
            Ok(Report::Line(line)) => printer.print(host, &nodes, &line),
            Ok(Report::Ended(ended)) => messages(AgentMsg::NodeEnded {
                host: host.clone(),
                connection,
                ended,
            }),
            Err(error) => break Err(AgentEnd::Broken(error)),
        }
    };
    writing.abort();
    outcome
}

/// Reason why the connection to an agent has ended.
pub(crate) enum AgentEnd {
    /// The agent has never said hello.
    Silent(io::Error),
    /// The agent is of this version.
    OtherVersion(String),
    /// The agent does not belong to the run.
    Refused,
    /// The connection broke, or was closed by the agent.
    Broken(io::Error),
}

impl std::fmt::Display for AgentEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Silent(error) => write!(f, "has not said hello ({error})"),
            Self::OtherVersion(theirs) => write!(
                f,
                "is of version {theirs}, and the runner of version {}: use the same on both",
                env!("CARGO_PKG_VERSION")
            ),
            Self::Refused => f.write_str("does not belong to the run"),
            Self::Broken(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                f.write_str("is gone")
            }
            Self::Broken(error) => write!(f, "is lost: {error}"),
        }
    }
}

/// Writes orders, and a sign of life each second, until the last sender of orders is dropped.
async fn write_orders(mut to: impl AsyncWrite + Unpin, mut queue: UnboundedReceiver<Order>) {
    let mut ping = tokio::time::interval(PING_INTERVAL);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once, and an agent begins with another order.
    ping.tick().await;
    loop {
        let order = tokio::select! {
            biased;
            order = queue.recv() => order,
            _ = ping.tick() => Some(Order::Ping),
        };
        let Some(order) = order else { break };
        if write_block(&mut to, &order).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::runner::zmq::agent::messages::Refusal;

    const SOON: Duration = Duration::from_secs(20);

    /// Says hello as an agent, and reports a line of each of these nodes.
    async fn say(stream: &mut tokio::io::DuplexStream, nodes: &[&str]) {
        write_first_line(stream).await.unwrap();
        let hello = AgentHello {
            key: None,
            labels: Vec::new(),
            run: None,
            hosted: Vec::new(),
        };
        write_block(stream, &hello).await.unwrap();
        for node in nodes {
            let (node, text) = ((*node).to_owned(), "a line".to_owned());
            let line = Report::Line(NodeLine { node, text });
            write_block(stream, &line).await.unwrap();
        }
    }

    async fn serve(
        stream: tokio::io::DuplexStream,
        logs: NodeLogs,
        joined: Sender<AgentJoined>,
    ) -> Result<(), AgentEnd> {
        let host = Name::from("lab");
        let of = (&host, next_connection(), SOON);
        let printer = LinePrinter { logs };
        let stream = tokio::io::split(stream);
        serve_agent(stream, of, &printer, move |message| {
            if let AgentMsg::Joined(agent) = message {
                joined.send(agent).unwrap();
            }
        })
        .await
    }

    async fn joined(agents: std::sync::mpsc::Receiver<AgentJoined>) -> AgentJoined {
        let next = tokio::task::spawn_blocking(move || agents.recv_timeout(SOON));
        next.await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn lines_of_a_refused_agent_are_not_taken_and_its_connection_is_closed() {
        let (mut agent, runner) = tokio::io::duplex(1 << 16);
        let (sender, agents) = channel();
        let logs = NodeLogs::default();
        let serving = tokio::spawn(serve(runner, logs.clone(), sender));
        say(&mut agent, &["a"]).await;
        let refused = joined(agents).await;
        let (why, for_this_run) = ("it is another".to_owned(), true);
        let refusal = Order::Refused(Refusal { why, for_this_run });
        refused.orders.send(refusal).unwrap();
        drop(refused);
        // The agent does not close its end.
        let ended = tokio::time::timeout(SOON, serving).await.unwrap().unwrap();
        assert!(matches!(ended, Err(AgentEnd::Refused)));
        assert_eq!(logs.of("a"), Vec::<String>::new());
        let mut agent = BufReader::new(agent);
        assert_eq!(read_first_line(&mut agent).await.unwrap(), None);
        let order: Order = read_block(&mut agent, MAX_BLOCK).await.unwrap();
        assert!(matches!(order, Order::Refused(refusal) if refusal.why == "it is another"));
    }

    #[tokio::test]
    async fn agent_has_lines_of_the_nodes_of_its_host_alone() {
        let (mut agent, runner) = tokio::io::duplex(1 << 16);
        let (sender, agents) = channel();
        let logs = NodeLogs::default();
        let serving = tokio::spawn(serve(runner, logs.clone(), sender));
        say(&mut agent, &["a", "b", "a"]).await;
        let own = joined(agents).await;
        own.admitted.send(HashSet::from(["a".into()])).unwrap();
        drop(agent);
        let ended = tokio::time::timeout(SOON, serving).await.unwrap().unwrap();
        assert!(matches!(ended, Err(AgentEnd::Broken(_))));
        assert_eq!(logs.of("a"), ["a line", "a line"]);
        assert_eq!(logs.of("b"), Vec::<String>::new());
    }
}
