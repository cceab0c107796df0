//! No actor is taken.
use noob_zmq::addon;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::RawMessage;

#[addon(CommandNode, on_router = "heartbeat")]
fn on_heartbeat(_message: RawMessage) {}

fn main() {}
