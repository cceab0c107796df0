//! A custom command node: it wraps the library's, observes a message first, and has a new socket.

use std::error::Error;

use noob_zmq::prelude::*;
use serde::{Deserialize, Serialize};

/// Progress of a run.
#[derive(Debug, Serialize, Deserialize, Message)]
#[message(kind = "progress")]
struct Progress {
    events: usize,
}

/// Sockets of the command node, and one more.
#[derive(Sockets)]
#[sockets(path = "watch")]
struct WatchSockets {
    #[sockets]
    command: CommandSockets,
    /// Progress of the run.
    #[bind]
    #[send(Progress)]
    progress: XPub<Self>,
}

struct Watch {
    inner: CommandNode,
    progress: XPub<WatchSockets>,
    events: usize,
}

// Messages without a handler here go to `inner`.
#[handlers(WatchSockets, delegate(command = inner))]
impl Watch {
    // The handler takes a reference, so it only observes: `inner` gets the message too.
    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: &Events) -> Result<(), ActorError> {
        self.events += events.0.len();
        self.progress.send(&Progress {
            events: self.events,
        })
    }
}

impl AsMut<CommandNode> for Watch {
    fn as_mut(&mut self) -> &mut CommandNode {
        &mut self.inner
    }
}

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let tube = tube::load("examples/words.yaml", ())?;
    let mut runner = ZmqRunner::with_command(tube, |command, sockets: WatchSockets| Watch {
        inner: command.attach(sockets.command),
        progress: sockets.progress,
        events: 0,
    });
    for value in runner.run_all()? {
        println!("{value}");
    }
    let handle = runner.handle().ok_or("it runs")?;
    println!(
        "the command node heard {} events",
        handle.ask_blocking(|watch| watch.events)?
    );
    Ok(())
}
