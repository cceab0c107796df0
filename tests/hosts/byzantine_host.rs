//! A byzantine host of a node: it uses names of other nodes, objects that it did not lease, epochs
//! that are not open, and items that no map has made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use noob_zmq::actor::ActorError;
use noob_zmq::graph::{Emit, Epoch, Event, Map, Object, Outcome, SignalUpdate, Timestamp, Value};
use noob_zmq::runner::zmq::{NodeRunner, NodeSockets, RemoteNode};
use noob_zmq::runner::{Runner as _, SyncRunner};
use noob_zmq::transport::keys::KeyPair;
use noob_zmq::wire::{
    Deinit, Events, Identify, Lend, MessageType, NodeStatus, Process, Progress, Start, Stop,
};
use noob_zmq::{Message, Sockets, handlers};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::tube;

use crate::host_fixture::{PATIENCE, RunningCommand, TestHost};
use crate::in_process_runner::InProcessRunner;
use crate::log_capture;
use crate::multi_host::MAP;

const LIE_ENV: &str = "HOSTS_LIES_ABOUT";

/// Hosts `twice` on `lab`, with false `names`, `objects`, `items` or `progress`, or epochs far
/// `ahead`.
pub(crate) fn start_byzantine_host(
    lab: &TestHost,
    at: &str,
    runner: &TestHost,
    what: &str,
) -> RunningCommand {
    let mut command = lab.test_program("byzantine_host::program");
    command
        .env(LIE_ENV, what)
        .env("AT", at)
        .env("KEY", lab.path("key"))
        .env("RUNNER", runner.key())
        .env("DIR", lab.path("r"));
    lab.launch(command, format!("a node that lies about {what}"))
}

#[test]
#[ignore = "a program that other tests start"]
fn program() {
    let Ok(what) = std::env::var(LIE_ENV) else {
        return;
    };
    let word = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("no {name}"));
    let own = KeyPair::load(&PathBuf::from(word("KEY"))).unwrap();
    let runner = word("RUNNER").parse().unwrap();
    let join =
        RemoteNode::new([word("AT")], "twice", own, runner).runtime_dir(Path::new(&word("DIR")));
    let well = join
        .host_with(|detached, sockets: ByzantineSockets| ByzantineNode {
            inner: detached.attach(sockets.node.clone()),
            sockets: sockets.node,
            what: what.clone(),
            lied: false,
        })
        .unwrap();
    assert!(well);
}

#[derive(Debug, Sockets)]
#[sockets(path = "nodes/{id}")]
struct ByzantineSockets {
    #[sockets]
    node: NodeSockets,
}

struct ByzantineNode {
    inner: NodeRunner,
    sockets: NodeSockets,
    what: String,
    lied: bool,
}

/// Message of an unknown kind.
#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "nonsense")]
struct Nonsense;

#[handlers(ByzantineSockets, delegate(node = inner))]
impl ByzantineNode {
    #[on_inbox(MessageType::Start)]
    fn on_start(&mut self, _start: &Start) -> Result<(), ActorError> {
        if !std::mem::replace(&mut self.lied, true) {
            match self.what.as_str() {
                "objects" => {
                    self.say(
                        "assets",
                        "numbers",
                        (0..200).map(Epoch::root),
                        &Emit::Nothing,
                    )?;
                    self.say("input", "n", (0..200).map(Epoch::root), &emit(666))?;
                }
                "ahead" => self.ahead()?,
                "names" => self.names()?,
                "items" => self.items()?,
                "progress" => self.progress()?,
                what => panic!("nothing is known of `{what}`"),
            }
        }
        Ok(())
    }

    /// Claims an object that another node leases, and changes it.
    #[on_inbox(MessageType::Lend)]
    fn on_lend(&mut self, lend: &Lend) -> Result<(), ActorError> {
        for object in lend.positional.iter().chain(lend.named.values()) {
            if let Some((id, kind, _)) = Object::decode(object) {
                let parts = [
                    ("id", Value::from(id)),
                    ("type", kind.into()),
                    ("state", 666.into()),
                ];
                let parts: Value = parts.into_iter().collect();
                let changed: Value = [("$object", parts)].into_iter().collect();
                let changed = Emit::Value(changed);
                let epoch = || [lend.epoch.clone()];
                self.say("assets", &id.to_string(), epoch(), &changed)?;
                self.say("twice", "__returned__", epoch(), &changed)?;
            }
        }
        Ok(())
    }
}

fn emit(value: i64) -> Emit {
    Emit::Value(value.into())
}

impl ByzantineNode {
    /// Emits its own signals for epochs far ahead of the open ones.
    fn ahead(&self) -> Result<(), ActorError> {
        let far = 1_000_000..1_100_000;
        for from in far.step_by(1000) {
            let epochs = || (from..from + 1000).map(Epoch::root);
            self.say("twice", "value", epochs(), &emit(666))?;
            self.say("twice", "__snapshot__", epochs(), &emit(666))?;
            let items = epochs().map(|epoch| epoch.child("items", from));
            self.say("twice", "value", items, &emit(666))?;
            let items = (from..from + 1000).map(|item| Epoch::root(u32::MAX).child("items", item));
            self.say("twice", "value", items, &emit(666))?;
        }
        // Some of these epochs are opened later, and their events are then received again.
        self.say("twice", "value", (5000..5100).map(Epoch::root), &emit(666))
    }

    /// Emits for more items than the map makes, and for none.
    fn items(&self) -> Result<(), ActorError> {
        for epoch in (0..40).map(Epoch::root) {
            let more = [1000, 2000].map(|item| epoch.child("items", item));
            self.say("twice", "valu", [epoch.clone()], &emit(666))?;
            self.say("twice", "value", more, &emit(666))?;
            self.say(
                "twice",
                "value",
                [epoch.child("items", 3000)],
                &Emit::Nothing,
            )?;
            self.say("twice", "value", [epoch.clone()], &emit(666))?;
            self.say("twice", "value", [epoch], &Emit::Nothing)?;
        }
        Ok(())
    }

    /// Tells items that the map does not make, emits in them, and tells outcomes of other nodes.
    fn progress(&self) -> Result<(), ActorError> {
        let item = |epoch: Epoch| epoch.child("items", 1000);
        let tell = |node: &str, signal: &str, update, at: &dyn Fn(Epoch) -> Epoch| {
            let epochs = (0..40).map(Epoch::root).map(at);
            let outcomes = epochs.map(|epoch| Outcome::new(node, signal, epoch, update));
            let progress = Progress::new("twice".into(), outcomes.collect());
            self.sockets.outbox.send(&progress)
        };
        tell("items", "value", SignalUpdate::Value, &item)?;
        self.say(
            "twice",
            "value",
            (0..40).map(Epoch::root).map(item),
            &emit(666),
        )?;
        tell("items", "valu", SignalUpdate::Value, &item)?;
        tell("count", "index", SignalUpdate::Never, &|epoch| epoch)?;
        tell("last", "value", SignalUpdate::Nothing, &item)
    }

    /// Emits signals of other nodes before those nodes can: the first event counts.
    fn names(&self) -> Result<(), ActorError> {
        for (node, signal) in [("count", "index"), ("add", "value")] {
            self.say(node, signal, (0..1000).map(Epoch::root), &emit(666))?;
            let far = 1_000_000..1_000_100;
            self.say(node, signal, far.map(Epoch::root), &emit(666))?;
        }
        let outbox = &self.sockets.outbox;
        // On a topic to which nodes and command node subscribe.
        let lies = [
            outbox.prepare_undeclared(&Stop)?,
            outbox.prepare_undeclared(&Process::new(Some(Epoch::root(9)), None))?,
            outbox.prepare_undeclared(&Deinit)?,
            outbox.prepare_undeclared(&Nonsense)?,
        ];
        for lie in lies {
            outbox.send_prepared(&lie.on_topic("event"))?;
        }
        let identify =
            |node: &str, outbox: &str| Identify::new(node.into(), outbox, NodeStatus::Closed);
        let here = "tcp://10.77.0.2:1/nodes/add/outbox";
        self.sockets.dealer.send(&identify("add", here))?;
        self.sockets.dealer.send(&identify("twice", here))?;
        self.sockets.dealer.send_undeclared(&Nonsense)
    }

    fn say(
        &self,
        node: &str,
        signal: &str,
        epochs: impl IntoIterator<Item = Epoch>,
        value: &Emit,
    ) -> Result<(), ActorError> {
        let events = epochs.into_iter().map(|epoch| {
            Event::new(
                7,
                Timestamp::from_micros(0),
                node,
                signal,
                epoch,
                value.clone(),
            )
        });
        self.sockets.outbox.send(&Events(events.collect()))
    }
}

impl AsMut<NodeRunner> for ByzantineNode {
    fn as_mut(&mut self) -> &mut NodeRunner {
        &mut self.inner
    }
}

/// Runs a tube with `twice` on a byzantine host; returns its results and the runner.
fn with_a_liar(
    text: &str,
    what: &'static str,
    epochs: u64,
) -> (Vec<Value>, InProcessRunner, Arc<TestHost>) {
    let lab = Arc::new(TestHost::new("lab", None));
    let host = Arc::clone(&lab);
    let mut beside = InProcessRunner::new(text, &["twice"], &[&lab], move |desk, at| {
        vec![start_byzantine_host(&host, at, desk, what)]
    });
    let values = beside.runner.run(epochs).unwrap();
    (values, beside, lab)
}

/// Returns the results of a runner of one process.
fn honest(text: &str, epochs: u64) -> Vec<Value> {
    let mut runner = SyncRunner::new(tube(text)).unwrap();
    runner.run(epochs).unwrap()
}

#[test]
fn claim_of_an_unleased_object_is_rejected() {
    // `twice` follows `one`, so it may lease objects, and never does: it receives a number only.
    let text = "
assets:
  numbers: {type: test.numbers, scope: runner}
input:
  n: {type: int, scope: process, default: 1}
nodes:
  one:
    type: test.draw
    depends: [{numbers: assets.numbers}]
    params: {at: 99999, marker: /nowhere/one}
  twice: {type: test.double, depends: [{value: one.value}]}
  last: {type: test.add, depends: [{left: twice.value}, {right: input.n}]}
  other:
    type: test.draw
    depends: [{numbers: assets.numbers}]
    params: {at: 99999, marker: /nowhere/other}
  return: {type: return, depends: [{one: one.value}, {last: last.value}, {other: other.value}]}
";
    let (values, mut beside, lab) = with_a_liar(text, "objects", 30);
    assert_eq!(values, honest(text, 30));
    let Some(Value::Map(last)) = values.last() else {
        panic!("{values:?}");
    };
    let expected: Map = [("one", 58), ("last", 117), ("other", 59)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::Int(value)))
        .collect();
    assert_eq!(**last, expected);
    // All its messages in the name of others, to the runner and to `last`, and in its own name at
    // least the object that `one` leases.
    wait_for("all lies to be refused", PATIENCE, || {
        let status = beside.runner.status();
        let last = status.node("last")?;
        let all = beside.runner.report().rejected.messages;
        (last.rejected == 62 && all >= 2 * 62 + 30).then_some(())
    });
    for said in [
        "the `event` message from `twice` speaks in the name of `assets`",
        "the `event` message from `twice` speaks in the name of `input`",
        "the node `twice` claims an object that it was not lent in epoch ",
    ] {
        assert!(!log_capture::with(said).is_empty(), "{said}");
    }
    beside.wait_for_success(&[&lab]);
}

#[test]
fn events_of_epochs_far_ahead_are_rejected() {
    let text = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  last: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: last.value}
";
    let (values, mut beside, lab) = with_a_liar(text, "ahead", 6000);
    let expected: Vec<Value> = (0..6000).map(|n| Value::Int(4 * n)).collect();
    assert_eq!(values, expected);
    // Neither the runner nor `last` keeps an event.
    wait_for("all lies to be refused", PATIENCE, || {
        (beside.runner.report().rejected.messages == 2 * 400_100).then_some(())
    });
    for said in [
        "it is of epoch 1000000, and the run has opened those before ",
        "it is of epoch 4294967295/items[",
    ] {
        assert!(!log_capture::with(said).is_empty(), "{said}");
    }
    beside.wait_for_success(&[&lab]);
}

#[test]
fn events_of_unknown_map_items_are_rejected() {
    let (values, mut beside, lab) = with_a_liar(MAP, "items", 40);
    assert_eq!(values.len(), 39);
    assert_eq!(values, honest(MAP, 40));
    // Events of closed epochs are dropped before every check; the missing signal is always found.
    wait_for("lies to be refused", PATIENCE, || {
        let status = beside.runner.status();
        let gather = status.node("all")?;
        let all = beside.runner.report().rejected.messages;
        (gather.rejected > 40 && all > 2 * 40).then_some(())
    });
    // The order of arrival decides which of them are logged.
    let said = [
        "it has no signal `valu`",
        "in which that node is never called",
        "and the run has opened those before ",
    ];
    assert!(said.iter().any(|said| !log_capture::with(said).is_empty()));
    beside.wait_for_success(&[&lab]);
}

/// `last` learns the items from `twice`, and is called in false ones; nobody else is.
#[test]
fn false_items_end_at_the_node_to_which_they_were_told() {
    let text = "
nodes:
  count: {type: test.count, params: {start: 1}}
  many: {type: test.range, depends: [{n: count.index}]}
  items: {type: map, depends: [{value: many.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  last: {type: test.double, depends: [{value: twice.value}]}
  all: {type: gather, depends: [{value: last.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    let (values, mut beside, lab) = with_a_liar(text, "progress", 40);
    assert_eq!(values, honest(text, 40));
    // Outcomes of a signal and of nodes of which `twice` knows nothing: of epochs that are closed
    // by then, the first are dropped.
    wait_for("lies to be refused", PATIENCE, || {
        let status = beside.runner.status();
        let refused = |name: &str| status.node(name).map_or(0, |node| node.rejected);
        (refused("last") >= 2 * 40 && refused("all") > 0).then_some(())
    });
    beside.wait_for_success(&[&lab]);
}
