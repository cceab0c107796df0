//! An actor has one block with handlers.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn again(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn once_more(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    fn and_again(&mut self, events: Events) {}
}

fn main() {}
