use noob_zmq::Sockets;
use noob_zmq::actor::{Router, XPub};
use noob_zmq::wire::{Failure, Ping, Status, Subscription};

/// The sockets of an actor that asks for reports.
#[derive(Sockets)]
#[sockets(path = "reports")]
pub struct ReportSockets {
    /// Asks everybody.
    #[bind]
    #[recv(Subscription)]
    #[send(Ping)]
    #[peer(kind = Sub)]
    pub outbox: XPub<Self>,
    /// Hears the answers.
    #[bind]
    #[recv(Status, Failure)]
    #[peer(kind = Dealer)]
    pub router: Router,
}
