//! A socket that the actor does not have.
use noob_zmq::addon;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::RawMessage;

#[addon(CommandNode, on_rooter = "heartbeat")]
fn on_heartbeat(_command: &mut CommandNode, _message: RawMessage) {}

fn main() {}
