//! Every node in a process of its own, which hears only what is upstream of it, in the order of each sender and in no other:
//! still what the reference gives.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::chance::Chance;
use super::graph::{graphs, tube};
use super::nodes::{Calls, Given, live, number, of_epoch};
use super::reference::Reference;
use crate::graph::{Emit, Epoch, Heard, NodeIx, Plan, Scheduler, SignalIx, Store, Told, Value};
use crate::node::{Inputs, Node, Outputs};

const EPOCHS: u32 = 6;

/// What one process tells another.
#[derive(Debug, Clone)]
enum Message {
    Open(u32),
    Ended(u32),
    Event(Epoch, SignalIx, Emit<Value>),
    Done(Epoch),
}

struct Process {
    node: NodeIx,
    scheduler: Scheduler,
    store: Store,
    live: Box<dyn Node>,
    hears: Vec<SignalIx>,
    /// Calls that were handed out and not made, if they are handed out ahead.
    desk: Option<VecDeque<Inputs>>,
}

/// What is on the way, by sender and receiver; the command is one above all nodes.
type Lines = BTreeMap<(usize, usize), VecDeque<Message>>;

impl Process {
    fn hear(&mut self, from: usize, message: Message) {
        match message {
            Message::Open(number) => {
                let _ = self.scheduler.open(number);
            }
            Message::Ended(number) => {
                let _ = self.scheduler.end(number);
                self.store.clear(number);
            }
            Message::Event(epoch, signal, emit) => {
                let sender = self.scheduler.plan().signal_node(signal);
                assert_eq!(sender.index(), from);
                let told = self
                    .scheduler
                    .event(&epoch, sender, signal, Heard::from(&emit));
                if let Emit::Value(value) = emit
                    && told != Told::Ended
                {
                    self.store.put(&epoch, signal, value);
                }
            }
            Message::Done(_) => unreachable!("for the command only"),
        }
    }

    /// The next call to make.
    fn next(&mut self) -> Option<Inputs> {
        let (scheduler, store) = (&mut self.scheduler, &self.store);
        let mut ready = std::iter::from_fn(|| {
            let (epoch, node) = scheduler.next_ready()?;
            assert_eq!(node, self.node);
            let arguments = store.arguments(&epoch, node);
            Some(Inputs::new(epoch, arguments))
        });
        match &mut self.desk {
            None => ready.next(),
            Some(desk) => {
                desk.extend(ready);
                desk.pop_front()
            }
        }
    }

    /// Calls the node, if it is ready, and gives what it said and where it was called.
    fn call(&mut self) -> Option<(Epoch, Vec<Message>)> {
        let node = self.node;
        let inputs = self.next()?;
        let epoch = inputs.epoch.clone();
        let mut outputs = Outputs::default();
        self.live.process(&inputs, &mut outputs).expect("no error");
        if outputs.ends()
            && let Some(desk) = &mut self.desk
        {
            // As the worker does: it is not called in later epochs.
            desk.retain(|inputs| inputs.epoch.number() <= epoch.number());
        }
        let said = outputs.drain().map(|said| {
            let signal = self
                .scheduler
                .plan()
                .signal_index(node, &said.signal)
                .expect("declared");
            Message::Event(
                said.epoch.unwrap_or_else(|| epoch.clone()),
                signal,
                said.value,
            )
        });
        let said: Vec<Message> = said.collect();
        for message in &said {
            if let Message::Event(epoch, signal, emit) = message {
                let _ = self
                    .scheduler
                    .event(epoch, node, *signal, Heard::from(emit));
            }
        }
        let _ = self.scheduler.node_done(&epoch, node);
        for number in self.scheduler.take_ended() {
            self.store.clear(number);
        }
        Some((epoch, said))
    }
}

proptest! {
    #[test]
    fn nodes_apart_make_the_calls_of_the_reference(specs in graphs(), seed: u64, window in 1_usize..4, ahead: bool) {
        let tube = tube(&specs);
        let plan = Arc::new(Plan::new(&tube));
        let calls = Calls::default();
        let expected = Reference::epochs(&specs, EPOCHS);
        let mut chance = Chance(seed);
        let mut command = Scheduler::new(plan.clone());
        let command_ix = plan.node_count();
        let mut processes: Vec<Process> = plan.nodes().map(|node| {
            let known = &tube.nodes[plan.node_name(node)];
            let mut scheduler = Scheduler::for_node(plan.clone(), node);
            if ahead {
                scheduler.hand_out_ahead();
            }
            Process {
                node,
                scheduler,
                desk: ahead.then(VecDeque::new),
                store: Store::new(plan.clone()),
                live: live(&plan, &specs[number(known)], known, &calls),
                hears: plan.upstream(node),
            }
        }).collect();
        let mut lines = Lines::new();
        let mut opened = 0;
        loop {
            if command.live().count() < window && opened < EPOCHS && !command.exhausted() {
                let number = command.open_next();
                for node in 0..processes.len() {
                    lines.entry((command_ix, node)).or_default().push_back(Message::Open(number));
                }
                opened += 1;
            }
            for number in command.take_ended().collect::<Vec<_>>() {
                // Not one call is made later, or left out.
                prop_assert_eq!(of_epoch(&calls, number), expected[number as usize].clone(), "epoch {}", number);
                for node in 0..processes.len() {
                    lines.entry((command_ix, node)).or_default().push_back(Message::Ended(number));
                }
            }
            lines.retain(|_, line| !line.is_empty());
            // A node is called, or something arrives.
            let at = chance.below(processes.len());
            if chance.below(3) == 0
                && let Some((epoch, said)) = processes[at].call()
            {
                for message in &said {
                    let Message::Event(_, signal, _) = message else { continue };
                    for to in processes.iter().filter(|process| process.hears.contains(signal)) {
                        lines.entry((at, to.node.index())).or_default().push_back(message.clone());
                    }
                    lines.entry((at, command_ix)).or_default().push_back(message.clone());
                }
                lines.entry((at, command_ix)).or_default().push_back(Message::Done(epoch));
            }
            let on_the_way: Vec<_> = lines.keys().copied().collect();
            if on_the_way.is_empty() {
                let still = processes.iter_mut().any(|process| {
                    let next = process.call();
                    if let Some((epoch, said)) = next {
                        let from = process.node.index();
                        for message in said {
                            lines.entry((from, command_ix)).or_default().push_back(message.clone());
                            for to in plan.nodes() {
                                let Message::Event(_, signal, _) = &message else { continue };
                                if plan.upstream(to).contains(signal) {
                                    lines.entry((from, to.index())).or_default().push_back(message.clone());
                                }
                            }
                        }
                        lines.entry((from, command_ix)).or_default().push_back(Message::Done(epoch));
                        return true;
                    }
                    false
                });
                if still || (opened < EPOCHS && !command.exhausted() && command.live().count() < window) {
                    continue;
                }
                break;
            }
            let (from, to) = on_the_way[chance.below(on_the_way.len())];
            let message = lines.get_mut(&(from, to)).and_then(VecDeque::pop_front).expect("something");
            if to == command_ix {
                match message {
                    Message::Event(epoch, signal, emit) => {
                        let _ = command.event(&epoch, plan.signal_node(signal), signal, Heard::from(&emit));
                    }
                    Message::Done(epoch) => {
                        let _ = command.node_done(&epoch, processes[from].node);
                    }
                    Message::Open(_) | Message::Ended(_) => unreachable!("from the command only"),
                }
            } else {
                processes[to].hear(from, message);
            }
        }
        prop_assert_eq!(command.live().next(), None, "an epoch did not end");
        prop_assert_eq!(command.kept(), 0);
        for process in &processes {
            prop_assert_eq!((process.scheduler.kept(), process.store.kept()), (0, 0));
        }
        let all: Given = expected.into_iter().take(opened as usize).flatten().collect();
        prop_assert_eq!(&*calls.lock().expect("no panic"), &all);
    }
}
