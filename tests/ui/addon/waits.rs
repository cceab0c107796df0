//! An add-on handler that would hold up its actor.
use noob_zmq::addon;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::RawMessage;

#[addon(CommandNode, on_router = "heartbeat")]
async fn on_heartbeat(_command: &mut CommandNode, _message: RawMessage) {}

fn main() {}
