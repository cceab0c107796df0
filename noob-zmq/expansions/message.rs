use noob_zmq::Message;
use serde::{Deserialize, Serialize};

/// Progress of a run.
#[derive(Debug, Serialize, Deserialize, Message)]
#[message(kind = "reports.progress", version = 2)]
struct Progress {
    done: u64,
    of: Option<u64>,
}
