//! A message is handled on a socket where it does not arrive.
#![allow(unused)]
include!("parts/spec.rs");

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_router(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

fn main() {}
