//! A method takes a message, and its attribute is forgotten.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

fn main() {}
