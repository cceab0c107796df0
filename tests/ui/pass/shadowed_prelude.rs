//! Generated code names everything in full, so that nothing of the user's can take its place.
#![allow(dead_code, non_camel_case_types)]

struct Result;
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Send;
struct Sockets;
struct Actor;
struct Incoming;
struct Context;
struct Message;
struct RawMessage;
struct Box;
trait Future {}
mod core {}
mod std {}
mod wire {}
mod actor {}
macro_rules! match_nothing {
    () => {};
}
match_nothing!();

#[derive(::noob_zmq::Sockets)]
struct MySockets {
    #[bind]
    #[recv(::noob_zmq::wire::Identify, ::noob_zmq::wire::Status)]
    #[send(::noob_zmq::wire::Ping)]
    #[peer(PeerSockets::DEALER)]
    router: ::noob_zmq::actor::Router<Self>,
}

#[derive(::noob_zmq::Sockets)]
struct PeerSockets {
    #[connect]
    #[recv(::noob_zmq::wire::Ping)]
    #[send(::noob_zmq::wire::Identify, ::noob_zmq::wire::Status)]
    #[peer(MySockets::ROUTER)]
    dealer: ::noob_zmq::actor::Dealer<Self>,
}

struct Mine;

#[::noob_zmq::handlers(MySockets)]
impl Mine {
    #[on_router(::noob_zmq::wire::MessageType::Identify)]
    async fn identify(&mut self, message: ::noob_zmq::wire::Identify) {
        drop(message);
    }

    #[on_router(::noob_zmq::wire::MessageType::Status)]
    fn status(&mut self, incoming: ::noob_zmq::wire::Status, raw: &::noob_zmq::actor::Context) {
        drop(incoming);
        let _ = raw;
    }
}

#[test]
fn runs() {
    let _ = Mine;
}
