//! A custom node runner: each node process reports the working time of its node at the end.

use std::error::Error;
use std::time::Duration;

use noob_zmq::prelude::*;
use serde::{Deserialize, Serialize};

/// Calls of a node, with their time.
#[derive(Debug, Serialize, Deserialize, Message)]
struct Took {
    node: String,
    calls: u64,
    time: Duration,
}

struct Timed {
    inner: NodeRunner,
}

impl Timed {
    fn new(node: StandaloneNode, sockets: NodeSockets) -> Self {
        Self {
            inner: node.attach(sockets),
        }
    }
}

#[handlers(NodeSockets, delegate = inner)]
impl Timed {
    // The handler takes a reference, so it only observes: the inner node runner gets the message
    // too, and shuts the node down.
    #[on_inbox(MessageType::Deinit)]
    fn on_deinit(&mut self, _deinit: &Deinit) -> Result<(), ActorError> {
        let calls = self.inner.calls();
        self.inner.sockets().dealer.send_undeclared(&Took {
            node: self.inner.id().to_owned(),
            calls: calls.number,
            time: calls.took,
        })
    }
}

impl AsMut<NodeRunner> for Timed {
    fn as_mut(&mut self) -> &mut NodeRunner {
        &mut self.inner
    }
}

/// Command node of the runner's process, which prints the reports.
#[addon(CommandNode, on_router(Took))]
fn on_took(_command: &mut CommandNode, took: Took) {
    println!("{}: {} calls in {:.1?}", took.node, took.calls, took.time);
}

// The body of `main` runs in the runner's process only; the process of a node runs `Timed`.
#[noob_zmq::main(node_runner = Timed::new)]
fn main() -> Result<(), Box<dyn Error>> {
    let tube = tube::load("examples/words.yaml", ())?;
    let mut runner = ZmqRunner::new(tube);
    runner.run_all()?;
    runner.deinit()?;
    Ok(())
}
