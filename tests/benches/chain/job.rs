//! Jobs: the graph, the values and the number of them, the same for every system.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::frames;

/// Pause between two values of a latency measurement.
pub(crate) const PAUSE: Duration = Duration::from_millis(2);
/// Number of latencies at the start that do not count.
pub(crate) const WARM_UP: usize = 20;
/// Size of a large value in bytes.
pub(crate) const LARGE: usize = 1 << 20;
/// Number of different large values, which a source sends in turn.
pub(crate) const BLOBS: i64 = 16;

/// Graph between the source and the sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Graph {
    /// Nodes in a row.
    Chain(usize),
    /// Nodes that all receive the values of the source, and a sink that receives theirs.
    Fan(usize),
    /// Two nodes that receive the values of the source, one that joins theirs, and the sink.
    Diamond,
    /// A list that is split into so many items, a node for each item, and a list of the results.
    Map(usize),
}

/// Work of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Source,
    /// Multiplies a number by 1; of a large value, it checks the length and takes the number in
    /// the first 8 bytes.
    Pass,
    /// Takes a value from each input, and passes on one of them if they are the same.
    Join,
    /// Sends each number of a list.
    Split,
    /// Collects so many numbers into a list.
    Gather(usize),
    Sink,
}

/// Process of a graph.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) role: Role,
    /// Numbers of the parts that feed it.
    pub(crate) inputs: Vec<usize>,
}

impl Graph {
    /// Returns the parts: the source first, the sink last.
    pub(crate) fn parts(self) -> Vec<Part> {
        let part = |role, inputs: &[usize]| Part {
            role,
            inputs: inputs.to_vec(),
        };
        let mut parts = vec![part(Role::Source, &[])];
        match self {
            Self::Chain(length) => {
                parts.extend((0..length).map(|at| part(Role::Pass, &[at])));
                parts.push(part(Role::Sink, &[length]));
            }
            Self::Fan(width) => {
                parts.extend((0..width).map(|_| part(Role::Pass, &[0])));
                let all: Vec<usize> = (1..=width).collect();
                parts.push(part(Role::Sink, &all));
            }
            Self::Diamond => parts.extend([
                part(Role::Pass, &[0]),
                part(Role::Pass, &[0]),
                part(Role::Join, &[1, 2]),
                part(Role::Sink, &[3]),
            ]),
            Self::Map(items) => parts.extend([
                part(Role::Split, &[0]),
                part(Role::Pass, &[1]),
                part(Role::Gather(items), &[2]),
                part(Role::Sink, &[3]),
            ]),
        }
        parts
    }

    /// Number of edges, each of which an event passes once.
    pub(crate) fn hops(self) -> usize {
        self.parts().iter().map(|part| part.inputs.len()).sum()
    }

    /// Number of values that go through the graph for each value of the source.
    pub(crate) const fn items(self) -> usize {
        match self {
            Self::Map(items) => items,
            _ => 1,
        }
    }
}

/// Values that the source sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Values {
    /// Numbers of 8 bytes or, in a [`Graph::Map`], lists of them.
    Small,
    /// Byte strings of 1 MiB.
    Large,
    /// Frames of 640×480 bytes, which only this project has.
    Frames(Frame),
}

/// Type of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Frame {
    Bytes,
    Vector,
    Array,
}

/// Pace of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pace {
    /// A value each [`PAUSE`]: the time at which the source sends it.
    Paused,
    /// As fast as the graph takes the values, which count from 0.
    Free,
    /// A value for each call of `process`, which only this project and noob have.
    Process,
}

/// Measurement of one system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) graph: Graph,
    pub(crate) values: Values,
    pub(crate) pace: Pace,
    pub(crate) count: i64,
    /// Whether this project may share memory between its processes.
    pub(crate) shared_memory: bool,
    /// Directory of the sockets and the results; its path is short enough for unix sockets.
    pub(crate) directory: PathBuf,
}

impl Job {
    /// Returns the value that follows the value of this number, from 0, at the sink.
    pub(crate) const fn expected(&self, number: i64) -> i64 {
        match self.values {
            Values::Small => number,
            Values::Large | Values::Frames(_) => number % BLOBS,
        }
    }

    /// Number of bytes of a value of the source.
    pub(crate) const fn size(&self) -> usize {
        match (self.values, self.graph) {
            (Values::Large, _) => LARGE,
            (Values::Frames(_), _) => frames::SIZE,
            (Values::Small, Graph::Map(items)) => 8 * items,
            (Values::Small, _) => 8,
        }
    }
}
