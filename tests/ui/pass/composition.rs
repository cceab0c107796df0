//! A spec inside a spec inside a spec, and actors around actors.
#![allow(dead_code)]
use noob_zmq::actor::{Actor, Context, Pub, Pull, Router, Sockets as _, Sub};
use noob_zmq::wire::{Events, Identify, MessageType, Ping, Status, Stop};
use noob_zmq::{Sockets, handlers};

mod inner {
    use super::*;

    #[derive(Clone, Sockets)]
    pub struct CommandSockets {
        #[bind]
        #[recv(Identify, Status)]
        pub router: Router,
        #[connect]
        #[recv(Events)]
        pub inbox: Sub,
    }

    #[derive(Default)]
    pub struct CommandNode {
        pub seen: Vec<&'static str>,
    }

    #[handlers(CommandSockets)]
    impl CommandNode {
        #[on_router(MessageType::Identify)]
        fn identify(&mut self, _: Identify) {
            self.seen.push("identify");
        }

        #[on_router(MessageType::Status)]
        fn status(&mut self, _: Status) {
            self.seen.push("status");
        }

        #[on_inbox(MessageType::Events)]
        fn event(&mut self, _: Events) {
            self.seen.push("event");
        }
    }
}

/// Not in scope where the handlers are.
mod middle {
    #[derive(Clone, noob_zmq::Sockets)]
    pub struct WatchSockets {
        #[bind]
        #[send(noob_zmq::wire::Status)]
        pub progress: noob_zmq::actor::Pub<Self>,
        #[sockets]
        pub command: super::inner::CommandSockets,
        #[bind]
        #[recv(noob_zmq::wire::Ping)]
        pub pings: noob_zmq::actor::Pull,
    }
}

#[derive(Sockets)]
struct OuterSockets {
    #[sockets]
    watch: middle::WatchSockets,
    #[connect]
    #[recv(Stop)]
    stops: Pull,
    #[bind]
    #[send(Stop)]
    more: Pub<Self>,
}

/// Handles some, before or instead of the inner one.
#[derive(Default)]
struct Watch {
    inner: inner::CommandNode,
    seen: Vec<&'static str>,
}

#[handlers(middle::WatchSockets, delegate(command = inner))]
impl Watch {
    #[on_inbox(MessageType::Events, instead)]
    fn event(&mut self, _: Events) {
        self.seen.push("event");
    }

    #[on_router(MessageType::Status)]
    async fn status(&mut self, _: &Status, _context: &Context) {
        self.seen.push("status");
    }

    #[on_pings(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {
        self.seen.push("ping");
    }
}

/// Handles one that is two specs further in, and passes on the rest.
struct Outer {
    watch: Watch,
}

#[handlers(OuterSockets, delegate(watch = watch))]
impl Outer {
    #[noob_zmq::on(router, MessageType::Identify, instead)]
    fn identify(&mut self, _: Identify) {}

    #[on_stops(MessageType::Stop)]
    fn stop(&mut self, _: Stop) {}
}

/// Handles everything itself.
struct Alone;

#[handlers(OuterSockets)]
impl Alone {
    #[on_router(MessageType::Identify)]
    fn identify(&mut self, _: Identify) {}

    #[on_router(MessageType::Status)]
    fn status(&mut self, _: Status) {}

    #[on_inbox(MessageType::Events)]
    fn event(&mut self, _: Events) {}

    #[on_pings(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}

    #[on_stops(MessageType::Stop)]
    fn stop(&mut self, _: Stop) {}
}

/// Wraps an actor of the same spec.
struct Whole {
    inner: Outer,
}

#[handlers(OuterSockets, delegate = inner)]
impl Whole {
    #[on_inbox(MessageType::Events)]
    fn event(&mut self, _: &Events) {}
}

fn is_actor<A: Actor>(_: &A) {}

#[test]
fn runs() {
    let names: Vec<_> = OuterSockets::SPEC
        .sockets
        .iter()
        .map(|socket| socket.name)
        .collect();
    assert_eq!(
        names,
        ["progress", "router", "inbox", "pings", "stops", "more"]
    );
    assert_eq!(OuterSockets::STOPS.index(), 4);
    assert_eq!(middle::WatchSockets::PINGS.index(), 3);
    let watch = Watch::default();
    is_actor(&watch);
    is_actor(&Alone);
    is_actor(&Whole {
        inner: Outer { watch },
    });
}
