//! Handlers in an impl of a trait.
#![allow(unused)]
include!("parts/spec.rs");

trait Listens {
    fn on_identify(&mut self, identify: Identify);
    fn on_status(&mut self, status: Status);
    async fn on_event(&mut self, events: Events);
}

#[handlers(CommandSockets)]
impl Listens for CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
