//! A command node and a node that are linked to each other.
#![allow(dead_code)]
use noob_zmq::actor::{Context, Dealer, Router, Sub, XPub};
use noob_zmq::wire::MessageType;
use noob_zmq::wire::{
    Announce, Deinit, Events, Failure, Identify, Ping, Process, Start, Status, Stop, Subscription,
};
use noob_zmq::{Sockets, handlers};

/// The sockets of a command node.
#[derive(Sockets)]
#[sockets(path = "command")]
pub struct CommandSockets {
    /// Commands for every node.
    #[bind]
    #[recv(Subscription)]
    #[send(Announce, Ping, Process, Start, Stop, Deinit)]
    #[peer(NodeSockets::INBOX)]
    pub outbox: XPub<Self>,
    /// Reports of every node.
    #[bind("command/inbox")]
    #[recv(Identify, Status, Failure)]
    #[peer(NodeSockets::DEALER)]
    pub router: Router,
    /// Events of every node.
    #[connect]
    #[recv(Events)]
    #[peer(NodeSockets::OUTBOX)]
    pub inbox: Sub,
}

/// The sockets of a node.
#[derive(Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub struct NodeSockets {
    /// Its events.
    #[bind]
    #[recv(Subscription)]
    #[send(Events)]
    #[peer(NodeSockets::INBOX, CommandSockets::INBOX)]
    pub outbox: XPub<Self>,
    /// Its reports.
    #[connect("command/inbox")]
    #[send(Identify, Status, Failure)]
    #[peer(CommandSockets::ROUTER)]
    pub dealer: Dealer<Self>,
    /// Commands and events.
    #[connect]
    #[recv(Announce, Ping, Process, Start, Stop, Deinit, Events)]
    #[peer(CommandSockets::OUTBOX, NodeSockets::OUTBOX)]
    pub inbox: Sub,
}

struct CommandNode {
    sockets: CommandSockets,
    seen: usize,
}

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, _subscription: Subscription) {}

    #[on_router(MessageType::Identify)]
    async fn on_identify(&mut self, identify: Identify) {
        drop(identify);
        self.seen += 1;
    }

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) -> Result<(), std::io::Error> {
        drop(status);
        Ok(())
    }

    #[on_router(MessageType::Failure)]
    fn on_error(&mut self, failure: Failure, context: &Context) {
        let _ = (&self.sockets, failure, context.socket.name);
    }

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) -> Result<(), String> {
        drop(events);
        Err("no".to_owned())
    }
}

#[test]
fn runs() {
    assert_eq!(CommandSockets::ROUTER.name(), "router");
    let scope = noob_zmq::actor::Scope {
        runtime_dir: "/run".into(),
        runner_id: "r".into(),
        id: "n".into(),
    };
    assert_eq!(
        CommandSockets::ROUTER.path(&scope).to_str(),
        Some("/run/r/command/inbox")
    );
    assert_eq!(CommandSockets::ROUTER.identity(&scope), "command.router");
    assert_eq!(
        NodeSockets::OUTBOX.path(&scope).to_str(),
        Some("/run/r/nodes/n/outbox")
    );
    assert_eq!(NodeSockets::DEALER.identity(&scope), "n");
}
