//! Messages between the agent of a host and a runner: both sides send a line with their version,
//! then blocks as in the join handshake.
//!
//! The agent sends [`AgentHello`] and then [`Report`]s, the runner [`Order`]s. Whatever the shell
//! of the other host prints before the line of the agent is passed over.

use std::io;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::runner::zmq::placement::ProcessSettings;

/// Beginning of the first line of either side; the version of this crate follows.
const FIRST_LINE: &str = "noob-zmq agent protocol of version ";
/// Number of bytes that are passed over in front of that line.
const MAX_NOISE: u64 = 64 << 10;
/// Size of the largest block of either side, in bytes.
pub(crate) const MAX_BLOCK: u32 = 1 << 20;

/// First block of an agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AgentHello {
    /// Public key that the agent and its nodes prove; none for plain tcp.
    pub(crate) key: Option<String>,
    /// Labels of the host, if the agent was given any.
    pub(crate) labels: Vec<String>,
    /// Run whose nodes the agent hosts already, since only the connection broke.
    pub(crate) run: Option<String>,
    /// These nodes, and the number of the start of each.
    pub(crate) hosted: Vec<(String, u32)>,
}

/// Block of a runner.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// The agent belongs to the run.
    Welcome(Welcome),
    /// The agent does not belong to the run, with the reason.
    Refused(Refusal),
    /// The process of a node is to be started, in place of an earlier one.
    Start(Box<StartNode>),
    /// The runner is there.
    Ping,
    /// The run is over.
    End,
}

/// Description of the run that an agent belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Welcome {
    /// Name of the run.
    pub(crate) run: String,
    /// Addresses (`HOST:PORT`) at which the runner may be reached.
    pub(crate) runner: Vec<String>,
    /// Public key of the runner; none for plain tcp.
    pub(crate) runner_key: Option<String>,
    /// Filter of the logs of the nodes, if the runner has one.
    pub(crate) log: Option<String>,
}

/// Reason why an agent does not belong to a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) why: String,
    /// Whether the agent may belong to a later run.
    pub(crate) for_this_run: bool,
}

/// Process of a node that is to be started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StartNode {
    pub(crate) node: String,
    /// Number of this start among those of the node in the run.
    pub(crate) number: u32,
    pub(crate) settings: ProcessSettings,
}

/// Block of an agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Line of output of a node.
    Line(NodeLine),
    /// End of the process of a node.
    Ended(NodeEnded),
}

/// Line of output of a node.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodeLine {
    pub(crate) node: String,
    pub(crate) text: String,
}

/// End of the process of a node.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodeEnded {
    pub(crate) node: String,
    /// Number of the start of the process.
    pub(crate) number: u32,
    pub(crate) how: ProcessEnd,
}

/// Way in which the process of a node has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum ProcessEnd {
    /// Status of the process, as the system has it.
    Status(i32),
    /// The process could not be started, with the reason.
    NotStarted(String),
}

/// Writes the first line of a side, and flushes.
pub(crate) async fn write_first_line(to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    let line = format!("{FIRST_LINE}{}\n", env!("CARGO_PKG_VERSION"));
    to.write_all(line.as_bytes()).await?;
    to.flush().await
}

/// Reads the first line of the other side; returns its version if it differs from that of this
/// side.
///
/// # Errors
/// The end of the stream, or too much in front of the line.
pub(crate) async fn read_first_line(
    from: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<String>> {
    let mut from = from.take(MAX_NOISE);
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line);
        if let Some((_, version)) = text.split_once(FIRST_LINE) {
            let version = version.trim_end();
            return Ok((version != env!("CARGO_PKG_VERSION")).then(|| version.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::zmq::remote::{read_block, write_block};

    #[tokio::test]
    async fn first_line_is_found_behind_the_output_of_a_shell() {
        let mut bytes = b"Welcome to lab!\n\nhello".to_vec();
        write_first_line(&mut bytes).await.unwrap();
        let hello = AgentHello {
            key: Some("k".into()),
            labels: vec!["gpu".into()],
            run: None,
            hosted: vec![("a".into(), 2)],
        };
        write_block(&mut bytes, &hello).await.unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(read_first_line(&mut from).await.unwrap(), None);
        let back: AgentHello = read_block(&mut from, MAX_BLOCK).await.unwrap();
        assert_eq!((back.key, back.hosted), (hello.key, hello.hosted));
    }

    #[tokio::test]
    async fn other_version_is_returned_and_silence_is_an_error() {
        let mut other = format!("{FIRST_LINE}0.0.1\n").into_bytes();
        other.extend([0xff; 10]);
        let version = read_first_line(&mut other.as_slice()).await.unwrap();
        assert_eq!(version.as_deref(), Some("0.0.1"));
        for wrong in [
            Vec::new(),
            b"bash: no such program\n".to_vec(),
            vec![b'a'; 1 << 17],
        ] {
            assert!(read_first_line(&mut wrong.as_slice()).await.is_err());
        }
    }

    #[tokio::test]
    async fn orders_are_read_as_written() {
        let start = StartNode {
            node: "a".into(),
            number: 3,
            settings: ProcessSettings {
                program: Some(("/bin/x".into(), vec!["-m".into()])),
                ..ProcessSettings::default()
            },
        };
        let mut bytes = Vec::new();
        for order in [
            Order::Ping,
            Order::Start(Box::new(start.clone())),
            Order::End,
        ] {
            write_block(&mut bytes, &order).await.unwrap();
        }
        let mut from = bytes.as_slice();
        let mut next = async || read_block::<Order>(&mut from, MAX_BLOCK).await.unwrap();
        assert!(matches!(next().await, Order::Ping));
        let Order::Start(read) = next().await else {
            panic!("no start");
        };
        assert_eq!((read.number, read.settings), (start.number, start.settings));
        assert!(matches!(next().await, Order::End));
    }
}
