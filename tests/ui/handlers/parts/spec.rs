// The spec and the actor of the cases here. Included by them, so that errors point into the case.
use noob_zmq::actor::{Pub, Router, Sub, XPub};
use noob_zmq::wire::{Announce, Events, Identify, MessageType, Ping, Status, Subscription};
use noob_zmq::{Sockets, handlers};

#[derive(Sockets)]
struct CommandSockets {
    #[bind]
    #[recv(Identify, Status)]
    router: Router,
    #[connect]
    #[recv(Events)]
    inbox: Sub,
    #[bind]
    #[send(Announce)]
    outbox: Pub<Self>,
}

struct CommandNode;
