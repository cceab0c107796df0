//! A handler takes a type that is no message.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: String) {}

    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

fn main() {}
