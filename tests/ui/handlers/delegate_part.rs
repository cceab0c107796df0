//! A contained spec that is not there.
#![allow(unused)]
include!("parts/spec.rs");
include!("parts/watched.rs");

struct Watch {
    inner: CommandNode,
}

#[handlers(WatchSockets, delegate(comand = inner))]
impl Watch {
    #[on_progress(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {}
}

fn main() {}
