//! A method for kinds of messages that the spec does not name, alone and before a delegate.
#![allow(dead_code)]
use std::pin::pin;
use std::task::{Poll, Waker};

use noob_zmq::actor::{Actor, Context, Sockets as _, Sub};
use noob_zmq::graph::Timestamp;
use noob_zmq::wire::{Codec, Envelope, MessageType, Ping, RawMessage, Stop};
use noob_zmq::{Sockets, handlers};

#[derive(Sockets)]
struct InnerSockets {
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
}

#[derive(Default)]
struct Inner {
    others: Vec<String>,
}

#[handlers(InnerSockets, other = on_other)]
impl Inner {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {}

    async fn on_other(&mut self, message: RawMessage, context: &Context) {
        std::future::ready(()).await;
        self.others
            .push(format!("{} on {}", message.kind(), context.socket.name));
    }
}

#[derive(Default)]
struct Outer {
    inner: Inner,
    others: usize,
}

#[handlers(InnerSockets, delegate = inner, other = on_other)]
impl Outer {
    fn on_other(&mut self, _message: RawMessage) -> Result<(), std::io::Error> {
        self.others += 1;
        Ok(())
    }
}

fn tell<A: Actor<Sockets = InnerSockets>>(actor: &mut A) {
    let envelope = Envelope {
        sender: "n",
        timestamp: Timestamp::from_micros(0),
    };
    let raw = RawMessage::from_body(envelope.encode(&Stop, Codec::Json).unwrap()).unwrap();
    let context = Context::of(&InnerSockets::SPEC.sockets[0], &raw);
    let incoming = InnerSockets::decode(0, raw).unwrap();
    let dispatched = pin!(actor.dispatch(incoming, &context));
    let mut task = std::task::Context::from_waker(Waker::noop());
    assert!(matches!(dispatched.poll(&mut task), Poll::Ready(Ok(()))));
}

#[test]
fn runs() {
    let mut inner = Inner::default();
    tell(&mut inner);
    assert_eq!(inner.others, ["stop on inbox"]);
    let mut outer = Outer::default();
    tell(&mut outer);
    assert_eq!((outer.others, outer.inner.others.len()), (1, 0));
}
