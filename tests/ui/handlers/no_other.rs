//! The method for kinds that the spec does not name is not there.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets, other = on_other)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    async fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
