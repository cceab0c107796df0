//! Watches a run from another process: receives the events of its nodes, and changes nothing.
//!
//! Start a tube, and then this program: it takes the latest run of this user, and prints once a
//! second the number of events of every node. A run waits for its subscribers, so do not stop the
//! monitor with Ctrl-Z; ending it is fine.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use noob_zmq::prelude::*;

#[derive(Sockets)]
struct MonitorSockets {
    /// Receives the announced nodes from the command node.
    #[connect("command/outbox")]
    #[recv(Announce)]
    #[peer(CommandSockets::OUTBOX)]
    news: Sub,
    /// Receives the events of each announced node.
    #[connect]
    #[recv(Events)]
    #[peer(NodeSockets::OUTBOX)]
    inbox: Sub,
}

struct Monitor {
    sockets: MonitorSockets,
    heard: BTreeMap<String, u64>,
}

#[handlers(MonitorSockets, other = on_command)]
impl Monitor {
    #[on_news(MessageType::Announce)]
    fn on_announce(&mut self, announce: Announce) -> Result<(), ActorError> {
        for (id, node) in announce.nodes {
            self.sockets.inbox.connect(&Endpoint::parse(&node.outbox)?);
            self.heard.entry(id.to_string()).or_default();
        }
        Ok(())
    }

    #[on_inbox(MessageType::Events)]
    fn on_event(&mut self, events: Events) {
        for event in events.0 {
            *self.heard.entry(event.node_id.to_string()).or_default() += 1;
        }
    }

    /// Ignores the commands of the command node to its nodes.
    fn on_command(&mut self, _command: RawMessage) {}
}

#[noob_zmq::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let root = runtime_root();
    let run = runs(&root)
        .pop()
        .ok_or("nothing runs; start a tube first")?;
    let scope = Scope {
        runtime_dir: root.clone(),
        runner_id: run.clone(),
        id: "monitor".to_owned(),
    };
    let heard = BTreeMap::new();
    let monitor = Monitor::run(scope, |sockets| Monitor { sockets, heard }).await?;
    while runs(&root).contains(&run) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("{:?}", monitor.ask(|monitor| monitor.heard.clone()).await?);
    }
    Ok(())
}
