//! A delegate that handles another spec.
#![allow(unused)]
include!("parts/spec.rs");
include!("parts/watched.rs");

struct Watch {
    inner: CommandNode,
}

#[handlers(WatchSockets, delegate = inner)]
impl Watch {
    #[on_progress(Subscription)]
    fn on_subscription(&mut self, subscription: &Subscription) {}
}

fn main() {}
