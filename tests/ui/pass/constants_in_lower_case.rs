//! Constants with the names of an expansion's locals change nothing: a pattern would match them.
#![allow(non_upper_case_globals, dead_code)]

use noob_zmq::actor::{Context, Pull, Push};
use noob_zmq::graph::{Emit, Epoch};
use noob_zmq::node::EventMap;
use noob_zmq::runner::SyncRunner;
use noob_zmq::runner::zmq::CommandNode;
use noob_zmq::wire::{MessageType, Ping, Status, Stop};
use noob_zmq::{Message, Signals, Sockets, addon, asset, handlers, node};

macro_rules! constants {
    ($($name:ident)*) => {
        $(const $name: u8 = 7;)*
        /// Names of the locals.
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

constants! {
    actor argument argument_limit argument_number argument_size args call code context count emitted
    epoch error event events first found given incoming item known local made message node object
    opener other output outputs params raw read rest result returned run saved sender socket
    state tube value values writer
}

#[node(name = "constants.count")]
fn counted(limit: u8) -> impl Iterator<Item = Result<u8, String>> {
    (0..limit).map(Ok)
}

#[node(name = "constants.half")]
fn half(
    number: u8,
    #[slot(default = 2)] size: u8,
    when: Epoch,
    all: EventMap,
    note: Option<String>,
    #[slot(rest)] others: std::collections::BTreeMap<String, i64>,
) -> Result<u8, String> {
    let _ = (when, all, note, others);
    number.checked_div(size).ok_or_else(|| "no half".into())
}

#[node]
async fn later(number: u8) {
    let _ = number;
}

struct Sum(u64);

#[node(name = "constants.sum")]
impl Sum {
    fn new(#[param(default = 0)] number: u64) -> Result<Self, String> {
        Ok(Self(number))
    }

    #[init]
    fn begin(&mut self) -> Result<(), String> {
        Ok(())
    }

    #[process]
    fn sum(&mut self, number: u8) -> Both {
        self.0 += u64::from(number);
        let odd = if self.0 % 2 == 1 {
            Emit::Value(self.0)
        } else {
            Emit::Nothing
        };
        Both { sum: self.0, odd }
    }

    #[snapshot]
    fn snapshot(&self) -> u64 {
        self.0
    }

    #[restore]
    fn restore(&mut self, sum: u64) -> Result<(), String> {
        self.0 = sum;
        Ok(())
    }

    #[deinit]
    fn end(&mut self) {}
}

#[derive(Signals)]
struct Both {
    sum: u64,
    odd: Emit<u64>,
}

#[asset(local)]
fn buffer(size: u8) -> Result<Vec<u8>, String> {
    Ok(vec![0; usize::from(size)])
}

struct File;

#[asset(local)]
impl File {
    fn new(number: u8) -> Self {
        let _ = number;
        Self
    }

    #[close]
    fn close(&mut self) {}
}

#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "constants.note", sender = from)]
struct Note {
    text: String,
    #[serde(skip)]
    from: noob_zmq::graph::Name,
}

#[addon(CommandNode, on_inbox(Note))]
fn on_note(command: &mut CommandNode, note: Note, at: &Context) {
    let _ = (command, note, at);
}

#[derive(Sockets)]
struct InnerSockets {
    #[bind]
    #[recv(Ping, Stop)]
    inbox: Pull,
    #[connect]
    #[send(Status)]
    outbox: Push<Self>,
}

#[derive(Sockets)]
struct OuterSockets {
    #[sockets]
    inner: InnerSockets,
    #[bind]
    #[recv(Note)]
    notes: Pull,
}

struct Inner;

#[handlers(InnerSockets)]
impl Inner {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, ping: Ping, at: &Context) {
        let _ = (ping, at);
    }

    #[on_inbox(MessageType::Stop)]
    async fn on_stop(&mut self, stop: Stop) -> Result<(), String> {
        let _ = stop;
        Ok(())
    }
}

struct Outer {
    inner: Inner,
}

#[handlers(OuterSockets, delegate(inner = inner))]
impl Outer {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, ping: &Ping) {
        let _ = ping;
    }

    #[on_notes(Note)]
    fn on_note(&mut self, note: Note) {
        let _ = note;
    }
}

struct Whole {
    outer: Outer,
}

#[handlers(OuterSockets, delegate = outer)]
impl Whole {
    #[on_notes(Note)]
    fn on_note(&mut self, note: &Note) {
        let _ = note;
    }
}

noob_zmq::tube!(
    Constants = "ui/pass/constants_in_lower_case.yaml",
    nodes = {"constants.count" => counted, "constants.half" => half, "constants.sum" => Sum},
);

#[noob_zmq::main]
async fn main() -> Result<(), String> {
    Ok(())
}

#[test]
fn runs() {
    assert!(NAMES.contains(&"call"));
    let mut typed = Constants.runner::<SyncRunner>(6).unwrap();
    assert_eq!(typed.process(Some(2)).unwrap().unwrap().sum, Some(0));
    let sums: Vec<_> = typed.run(5).unwrap().into_iter().map(|of| of.sum).collect();
    assert_eq!(sums, [0, 1, 2, 4, 6].map(Some));
}
