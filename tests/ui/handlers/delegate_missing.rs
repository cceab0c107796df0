//! A contained spec whose messages go nowhere.
#![allow(unused)]
include!("parts/spec.rs");
include!("parts/watched.rs");

struct Watch {
    inner: CommandNode,
}

#[handlers(WatchSockets)]
impl Watch {
    #[on_inbox(MessageType::Events)]
    fn on_event(&mut self, events: Events) {}

    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_progress(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {}
}

fn main() {}
