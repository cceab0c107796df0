//! A delegate that is no field.
#![allow(unused)]
include!("parts/spec.rs");
include!("parts/watched.rs");

struct Watch {
    inner: CommandNode,
}

#[handlers(WatchSockets, delegate(command = iner))]
impl Watch {
    #[on_progress(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {}
}

fn main() {}
