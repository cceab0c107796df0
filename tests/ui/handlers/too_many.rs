//! A handler that asks for more than there is.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status, context: &noob_zmq::actor::Context, more: u8) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
