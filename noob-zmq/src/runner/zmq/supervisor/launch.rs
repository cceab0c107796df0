//! Instructions for a node process: one block on its standard input, which then stays open for as
//! long as the runner lives.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::graph::{Supervision, TubeImage};
use crate::runner::admission::ForeignNodes;
use crate::runner::tracer::Tracer;
use crate::runner::zmq::placement::limits::ProcessLimits;
use crate::wire::{decode_block, encode_block};

/// Environment variable that makes a process of this program a node.
pub(crate) const NODE_ENV: &str = "NOOB_ZMQ_NODE";
/// Environment variable that makes the process of a node join the run of another host.
pub(crate) const JOIN_ENV: &str = "NOOB_ZMQ_JOIN";
/// Environment variable with the log filter of node processes; `RUST_LOG` if it is not set, `warn`
/// if neither is.
pub(crate) const LOG_ENV: &str = "NOOB_ZMQ_LOG";
/// Line that a test binary writes to its standard output before it becomes a node: all before that
/// comes from the test harness.
pub(crate) const HARNESS_DONE: &str = "noob-zmq: the node begins here";
/// Size of the largest block that is read, in bytes; a tube is far below that.
const MAX_BYTES: u32 = 256 << 20;

/// Instructions for a node process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Launch {
    /// Version of this crate: both sides are one executable, unless it was replaced meanwhile.
    pub(crate) version: String,
    /// Name of the node in the tube.
    pub(crate) node_id: String,
    /// Name of the run.
    pub(crate) runner_id: String,
    /// Directory below which the run has its own.
    pub(crate) runtime_dir: PathBuf,
    /// Handling of failures where the tube has none.
    pub(crate) supervision: Supervision,
    /// The tube, as it is now.
    pub(crate) tube: TubeImage,
    /// First epoch of the run.
    pub(crate) first_epoch: u32,
    /// Whether some nodes of the run are on other hosts.
    pub(crate) hosts: bool,
    /// Number of this process among those of the node, from 0.
    pub(crate) incarnation: u32,
    /// Size of the shared memory for large values of the node; zero for none.
    pub(crate) shared_memory: u64,
    /// Nodes on other hosts, with which the node exchanges no objects of other languages.
    pub(crate) foreign: ForeignNodes,
    /// Whether the node sends the values of all its events to the command node.
    pub(crate) observed: bool,
    /// Whether the node reports its calls, since an earlier process of it emitted large values.
    pub(crate) reports: bool,
    /// Number from which the ids of the spans of the run are computed, if they are exported.
    #[serde(default)]
    pub(crate) trace_seed: Option<u64>,
    /// Further nodes of the process, if it hosts a group.
    #[serde(default)]
    pub(crate) others: Vec<GroupMember>,
    /// Limits that the process sets for itself, if the runner has started it.
    #[serde(default)]
    pub(crate) limits: ProcessLimits,
}

/// Settings of one node of a group, besides those that all have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GroupMember {
    pub(crate) node_id: String,
    pub(crate) incarnation: u32,
    pub(crate) reports: bool,
}

impl Launch {
    /// Returns the names of the nodes of the process, in the order of the tube.
    pub(crate) fn node_names(&self) -> Vec<String> {
        let others = self.others.iter().map(|other| other.node_id.clone());
        std::iter::once(self.node_id.clone())
            .chain(others)
            .collect()
    }

    /// Starts the exporter of the spans of the process.
    pub(crate) fn start_tracer(&self) -> Tracer {
        Tracer::of_node_process(self.tube.id(), &self.runner_id, self.trace_seed)
    }

    /// Returns the instructions of each node of the process.
    pub(crate) fn into_members(mut self) -> Vec<Self> {
        let others = std::mem::take(&mut self.others);
        let others: Vec<Self> = others
            .into_iter()
            .map(|other| Self {
                node_id: other.node_id,
                incarnation: other.incarnation,
                reports: other.reports,
                ..self.clone()
            })
            .collect();
        std::iter::once(self).chain(others).collect()
    }
}

/// Encodes instructions: length (4 bytes, little endian), then msgpack.
pub(crate) fn encode_instructions(instructions: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = encode_block(instructions).map_err(io::Error::other)?;
    let length = u32::try_from(body.len())
        .ok()
        .filter(|&length| length <= MAX_BYTES)
        .ok_or_else(|| io::Error::other("the tube is too large"))?;
    let mut bytes = Vec::with_capacity(body.len() + 4);
    bytes.write_all(&length.to_le_bytes())?;
    bytes.write_all(&body)?;
    Ok(bytes)
}

/// Reads instructions that [`encode_instructions`] has encoded; blocks until they are here.
pub(crate) fn read_instructions<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_BYTES {
        return Err(io::Error::other(format!(
            "a block of {length} bytes is announced, at most {MAX_BYTES} are read"
        )));
    }
    // Memory is taken for the bytes that come, and not for the length that was announced.
    let mut body = Vec::new();
    from.take(length.into()).read_to_end(&mut body)?;
    decode_block(body, "launch", "runner").map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Map, Opaque, Tube, TubeNode, Value};

    #[test]
    fn launch_is_decoded_as_encoded() {
        let params: Map = [
            ("gain".to_owned(), Value::Float(f64::INFINITY)),
            ("raw".to_owned(), Value::Bytes(vec![0, 255].into())),
            ("object".to_owned(), Opaque::new("pickle", vec![1]).into()),
            ("wide".to_owned(), Value::BigInt("1".repeat(30).into())),
        ]
        .into();
        let mut tube = Tube::default();
        for id in ["a", "b"] {
            let node = TubeNode {
                id: id.into(),
                type_name: "t.count".into(),
                params: params.clone(),
                signals: vec!["value".into()],
                ..TubeNode::default()
            };
            tube.nodes.insert(id.into(), node);
        }
        let launch = Launch {
            version: "1".into(),
            node_id: "a".into(),
            runner_id: "r".into(),
            runtime_dir: "/run/x".into(),
            supervision: Supervision::default(),
            tube: TubeImage::for_nodes(&tube, &["a".into()]),
            first_epoch: 7,
            hosts: false,
            incarnation: 0,
            shared_memory: 0,
            observed: false,
            reports: false,
            trace_seed: Some(u64::MAX),
            foreign: ForeignNodes::default(),
            others: vec![GroupMember {
                node_id: "b".into(),
                incarnation: 2,
                reports: true,
            }],
            limits: ProcessLimits {
                cpus: vec![0, 3],
                nice: Some(-2),
                memory: Some(1 << 40),
            },
        };
        let bytes = encode_instructions(&launch).unwrap();
        let read: Launch = read_instructions(&mut bytes.as_slice()).unwrap();
        assert_eq!(read.node_names(), ["a", "b"]);
        assert_eq!(read.limits, launch.limits);
        assert_eq!(read.trace_seed, launch.trace_seed);
        let members = read.clone().into_members();
        assert_eq!(members.len(), 2);
        assert_eq!((&*members[1].node_id, members[1].incarnation), ("b", 2));
        assert!(members[1].reports && members[1].others.is_empty());
        let read_tube = read.tube.into_tube();
        assert_eq!(read_tube.nodes["a"].params, params);
        assert_eq!(&*read_tube.nodes["a"].type_name, "t.count");
        assert_eq!(read_tube.nodes["b"].params, Map::new());
        assert_eq!(read_tube.nodes["b"].signals, tube.nodes["b"].signals);
        assert_eq!(
            (read.node_id, read.runtime_dir),
            (launch.node_id, launch.runtime_dir)
        );
    }

    #[test]
    fn false_length_is_an_error_without_allocation() {
        let read = |mut bytes: &[u8]| read_instructions::<Launch>(&mut bytes);
        let error = read(&[255, 255, 255, 255, 0]).unwrap_err();
        assert!(error.to_string().contains("at most"), "{error}");
        assert!(read(&[0, 255, 255, 0, 1]).is_err());
        assert!(read(&[]).is_err());
    }
}
