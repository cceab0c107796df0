//! An add-on for a message that the actor handles itself.
use noob_zmq::addon;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::Status;

#[addon(CommandNode, on_router(Status))]
fn on_status(_command: &mut CommandNode, _status: Status) {}

fn main() {}
