//! Dispatch costs nothing but the handler: a million messages reach their handlers without one
//! allocation.

mod events;

use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use noob_zmq::actor::{Actor, Context, Router, Sockets, Sub};
use noob_zmq::wire::{
    Codec, Envelope, Events, Message, MessageType, Ping, RawMessage, Start, Stop,
};
use noob_zmq::{graph::Timestamp, handlers};

const MESSAGES: u64 = 1_000_000;

#[derive(noob_zmq::Sockets)]
struct InnerSockets {
    #[bind]
    #[recv(Start, Stop)]
    router: Router,
}

#[derive(noob_zmq::Sockets)]
struct OuterSockets {
    #[sockets]
    inner: InnerSockets,
    #[connect]
    #[recv(Ping, Events)]
    inbox: Sub,
}

#[derive(Debug, Default)]
struct Inner {
    stops: u64,
}

#[handlers(InnerSockets)]
impl Inner {
    #[on_router(MessageType::Start)]
    fn on_start(&mut self, _start: Start) {}

    #[on_router(MessageType::Stop)]
    async fn on_stop(&mut self, _stop: Stop) -> Result<(), std::io::Error> {
        std::future::ready(()).await;
        self.stops += 1;
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Outer {
    inner: Inner,
    pings: u64,
    seen: u64,
}

#[handlers(OuterSockets, delegate(inner = inner))]
impl Outer {
    #[on_inbox(MessageType::Ping)]
    async fn on_ping(&mut self, _ping: Ping, context: &Context) {
        std::future::ready(()).await;
        self.pings += u64::from(context.socket.name == "inbox");
    }

    #[on_inbox(MessageType::Events)]
    fn on_event(&mut self, _events: Events) {}

    #[on_router(MessageType::Stop)]
    fn on_stop(&mut self, _stop: &Stop) {
        self.seen += 1;
    }
}

/// Runs a future that is ready at once.
fn done<F: Future>(future: F) -> F::Output {
    let mut task = TaskContext::from_waker(Waker::noop());
    match pin!(future).poll(&mut task) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the handlers of this test do not wait"),
    }
}

fn raw<M: Message>(message: &M) -> RawMessage {
    let envelope = Envelope {
        sender: "n",
        timestamp: Timestamp::from_micros(0),
    };
    let body = envelope.encode(message, Codec::MsgPack);
    body.and_then(RawMessage::from_body)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn dispatch(actor: &mut Outer, socket: usize, raw: RawMessage) {
    let context = Context::of(&OuterSockets::SPEC.sockets[socket], &raw);
    let incoming = OuterSockets::decode(socket, raw).unwrap_or_else(|error| panic!("{error}"));
    done(actor.dispatch(incoming, &context)).unwrap_or_else(|error| panic!("{error}"));
}

/// Dispatches to a handler, and to a handler that reads a message before a delegate handles it;
/// decoding of these two bodies allocates nothing either.
#[test]
fn dispatch_of_a_million_messages_allocates_nothing() {
    let mut actor = Outer::default();
    let (ping, stop) = (raw(&Ping), raw(&Stop));
    let spent = allocation_counter::measure(|| {
        for _ in 0..MESSAGES / 2 {
            dispatch(&mut actor, 1, ping.clone());
            dispatch(&mut actor, 0, stop.clone());
        }
    });
    assert_eq!(
        (actor.pings, actor.seen, actor.inner.stops),
        (MESSAGES / 2, MESSAGES / 2, MESSAGES / 2)
    );
    assert_eq!(spent.count_total, 0);
}

/// Checks the counter: the same future in a box is one allocation a message.
#[test]
fn boxed_dispatch_is_counted() {
    let mut actor = Inner::default();
    let context = Context::of(&InnerSockets::SPEC.sockets[0], &raw(&Stop));
    let spent = allocation_counter::measure(|| {
        for _ in 0..100 {
            let future = Box::pin(actor.dispatch(InnerSocketsIncoming::RouterStop(Stop), &context));
            done(future).unwrap_or_else(|error| panic!("{error}"));
        }
    });
    assert_eq!(spent.count_total, 100);
}
