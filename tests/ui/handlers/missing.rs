//! A message that nobody handles.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
