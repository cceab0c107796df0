//! The named type is no socket spec.
#![allow(unused)]
include!("parts/spec.rs");

struct Plain;

#[handlers(Plain)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
