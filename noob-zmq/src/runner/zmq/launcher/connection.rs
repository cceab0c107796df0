//! Connection to the agent of a host: passes on its reports, and the orders for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::graph::{Name, Tube};
use crate::runner::watch::logs::NodeLogs;
use crate::runner::zmq::agent::messages::{
    AgentHello, MAX_BLOCK, NodeEnded, NodeLine, Order, Report, read_first_line, write_first_line,
};
use crate::runner::zmq::remote::{read_block, write_block};
use crate::standard_streams::status_line;

/// Interval at which an agent hears that the runner is there.
const PING_INTERVAL: Duration = Duration::from_secs(1);

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
    /// Fails when the connection has ended.
    pub(crate) ended: oneshot::Receiver<()>,
}

/// Printer of the output of nodes on other hosts, which does not wait for the supervisor.
#[derive(Clone)]
pub(crate) struct LinePrinter {
    pub(crate) logs: NodeLogs,
    pub(crate) tube: Arc<Tube>,
}

impl LinePrinter {
    fn print(&self, host: &Name, NodeLine { node, text }: &NodeLine) {
        let _ = status_line::write_above(format!("[{host}/{node}] {text}\n").as_bytes());
        if let Some((node, _)) = self.tube.nodes.get_key_value(&**node) {
            self.logs.push(node, text);
        }
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
    messages(AgentMsg::Joined(AgentJoined {
        host: host.clone(),
        connection,
        hello,
        orders,
        ended,
    }));
    let writing = tokio::spawn(write_orders(to, queue));
    let outcome = loop {
        match read_block::<Report>(&mut from, MAX_BLOCK).await {
            Ok(Report::Line(line)) => printer.print(host, &line),
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
