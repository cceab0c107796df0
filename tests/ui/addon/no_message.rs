//! Neither a message nor a kind.
use noob_zmq::addon;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::RawMessage;

#[addon(CommandNode, on_router)]
fn on_heartbeat(_command: &mut CommandNode, _message: RawMessage) {}

fn main() {}
