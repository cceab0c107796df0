//! Two messages in one attribute.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify, MessageType::Status)]
    fn on_report(&mut self, report: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
