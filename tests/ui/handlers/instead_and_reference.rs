//! `instead` contradicts a reference, and needs a delegate.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status, instead)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

struct Watch {
    inner: CommandNode,
}

#[handlers(CommandSockets, delegate = inner)]
impl Watch {
    #[on_inbox(MessageType::Events, instead)]
    fn on_events(&mut self, events: &Events) {}
}

fn main() {}
