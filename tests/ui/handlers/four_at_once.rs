//! Four mistakes are four errors, and nothing else.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self) {}

    #[on_routr(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Evnt)]
    async fn on_event(&mut self, events: Events) {}

    #[on_outbox(MessageType::Announce)]
    fn on_announce(&mut self, announce: Announce) {}
}

fn main() {}
