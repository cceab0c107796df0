//! The error of a handler must be one, and go to other threads.
#![allow(unused)]
include!("parts/spec.rs");

struct NotAnError;

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) -> Result<(), NotAnError> {
        Ok(())
    }

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}
