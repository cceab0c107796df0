//! Every kind of socket, each linked to a kind that ZeroMQ lets it be linked to.
#![allow(dead_code)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Ping, Stop};

#[derive(noob_zmq::Sockets)]
struct LeftSockets {
    #[connect]
    #[recv(Stop)]
    #[send(Ping)]
    #[peer(RightSockets::REP, RightSockets::ROUTER)]
    req: Req<Self>,
    #[connect]
    #[recv(Stop)]
    #[send(Ping)]
    #[peer(RightSockets::DEALER, RightSockets::ROUTER)]
    dealer: Dealer<Self>,
    #[bind]
    #[recv(Stop)]
    #[send(Ping)]
    #[peer(RightSockets::ROUTER)]
    router: Router<Self>,
    #[bind]
    #[send(Ping)]
    #[peer(RightSockets::SUB, RightSockets::XSUB)]
    publisher: Pub<Self>,
    #[bind]
    #[send(Ping)]
    #[peer(RightSockets::SUB, RightSockets::XSUB)]
    xpub: XPub<Self>,
    #[bind]
    #[send(Ping)]
    #[peer(RightSockets::PULL)]
    push: Push<Self>,
}

#[derive(noob_zmq::Sockets)]
struct RightSockets {
    #[bind]
    #[recv(Ping)]
    #[send(Stop)]
    rep: Rep<Self>,
    #[bind]
    #[recv(Ping)]
    #[send(Stop)]
    #[peer(LeftSockets::REQ, LeftSockets::DEALER, LeftSockets::ROUTER)]
    router: Router<Self>,
    #[bind]
    #[recv(Ping)]
    #[send(Stop)]
    dealer: Dealer<Self>,
    #[connect]
    #[recv(Ping)]
    #[peer(LeftSockets::PUBLISHER, LeftSockets::XPUB)]
    sub: Sub,
    #[connect]
    #[recv(Ping)]
    #[peer(LeftSockets::XPUB, kind = Pub)]
    xsub: XSub,
    #[connect]
    #[recv(Ping)]
    #[peer(LeftSockets::PUSH)]
    pull: Pull,
}

#[test]
fn runs() {
    let _ = (LeftSockets::REQ, RightSockets::PULL);
}
