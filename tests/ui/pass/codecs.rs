//! The codec of a socket: JSON for peers in other languages, msgpack otherwise.
#![allow(dead_code)]
use noob_zmq::Sockets;
use noob_zmq::actor::{Push, Sockets as _, XPub};
use noob_zmq::wire::{Codec, Ping, Subscription};

#[derive(Sockets)]
struct StationSockets {
    #[bind]
    #[recv(Subscription)]
    #[send(Ping)]
    #[codec(json)]
    #[peer(kind = Sub)]
    progress: XPub<Self>,
    #[connect]
    #[send(Ping)]
    #[codec(msgpack)]
    out: Push<Self>,
    #[connect]
    #[send(Ping)]
    other: Push<Self>,
}

#[test]
fn runs() {
    let codecs = StationSockets::SPEC
        .sockets
        .iter()
        .map(|socket| socket.codec);
    assert_eq!(
        codecs.collect::<Vec<_>>(),
        [Codec::Json, Codec::MsgPack, Codec::MsgPack]
    );
}
