use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::{Message, addon};
use serde::{Deserialize, Serialize};

/// A node is well.
#[derive(Debug, Serialize, Deserialize, Message)]
struct Heartbeat {
    beats: u64,
}

/// Says so.
#[addon(CommandNode, on_router(Heartbeat))]
fn on_heartbeat(_command: &mut CommandNode, heartbeat: Heartbeat) {
    println!("{} beats", heartbeat.beats);
}
