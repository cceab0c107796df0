//! An add-on in a separate crate: the command node asks all nodes for a heartbeat, and each
//! answers.
//!
//! Neither actor's spec names these messages; a program that links this crate understands them.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use noob_zmq::actor::{ActorError, Handle};
use noob_zmq::runner::zmq::{CommandNode, NodeRunner};
use noob_zmq::{Message, addon};
use serde::{Deserialize, Serialize};

/// Request for a heartbeat, to every node.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[message(kind = "heartbeat.ask")]
pub struct Ask {
    /// Number of requests so far.
    pub number: u64,
}

/// Heartbeat of a node.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[message(kind = "heartbeat.beat")]
pub struct Beat {
    /// Name of the node.
    pub node: String,
    /// Number of the request.
    pub number: u64,
}

/// Answers a request, in the process of a node.
#[addon(NodeRunner, on_inbox(Ask))]
fn on_ask(node: &mut NodeRunner, ask: Ask) -> Result<(), ActorError> {
    node.sockets().dealer.send_undeclared(&Beat {
        node: node.id().to_owned(),
        number: ask.number,
    })
}

static LISTENERS: Mutex<Vec<Sender<Beat>>> = Mutex::new(Vec::new());

fn listeners() -> MutexGuard<'static, Vec<Sender<Beat>>> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes a heartbeat on to the subscriber, in the process of the runner.
#[addon(CommandNode, on_router(Beat))]
fn on_beat(_command: &mut CommandNode, beat: Beat) {
    listeners().retain(|listener| listener.send(beat.clone()).is_ok());
}

/// Asks all nodes every `period`, and returns their answers, until the runner is gone.
pub fn beats<A>(command: Handle<A>, period: Duration) -> Receiver<Beat>
where
    A: AsMut<CommandNode> + 'static,
{
    let (told, beats) = mpsc::channel();
    listeners().push(told);
    let ask = move |number| {
        command.ask_blocking(move |command| {
            command
                .as_mut()
                .sockets()?
                .outbox
                .send_undeclared(&Ask { number })
        })
    };
    std::thread::spawn(move || {
        for number in 1.. {
            let (Ok(Ok(())), false) = (ask(number), listeners().is_empty()) else {
                break;
            };
            std::thread::sleep(period);
        }
        listeners().clear();
    });
    beats
}
