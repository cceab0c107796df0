//! Every node in a process of its own, which hears only of the nodes that feed it, in the order of
//! each sender and in no other: still what the reference gives.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::graph::{graphs, tube};
use super::nodes::{Calls, Given, live_with_end, number, of_epoch};
use super::oracle::Oracle;
use super::rng::Rng;
use crate::graph::{
    Applied, Emit, Epoch, Event, ImpliedCalls, Name, NodeIx, Outcome, Plan, Scheduler, SignalIx,
    SignalUpdate, Store, Timestamp,
};
use crate::node::{Inputs, Node, Outputs};
use crate::runner::admission::{Admission, EventFilter, OpenedEpochs, Statement};
use crate::runner::event_ids::EventIds;

const EPOCHS: u32 = 6;

/// Message of one process to another.
#[derive(Debug, Clone)]
enum Message {
    Open(u32),
    Ended(u32),
    Event(Event),
    Outcome(Outcome),
    Done(Epoch),
}

/// Scheduler of a process, and the filter in front of it.
struct Receiver {
    scheduler: Scheduler,
    filter: EventFilter,
    /// Whether events of one node imply those of another.
    takes_implied: bool,
}

struct Process {
    name: Name,
    /// The node in the plan of the process.
    node: NodeIx,
    receiver: Receiver,
    store: Store,
    live: Box<dyn Node>,
    /// The processes that feed this one.
    feeders: BTreeSet<usize>,
    /// Calls that were handed out and not made, if they are handed out ahead.
    queue: Option<VecDeque<Inputs>>,
}

/// Messages in transit, by sender and receiver; the command is one above all nodes.
type Lines = BTreeMap<(usize, usize), VecDeque<Message>>;

impl Receiver {
    /// Applies an event, and those that waited for it.
    ///
    /// No honest event is rejected.
    fn ingest(&mut self, event: Event) -> Vec<(SignalIx, Event)> {
        let mut new = Vec::new();
        self.admit(event, &mut new);
        self.admit_retained(&mut new);
        new
    }

    fn admit(&mut self, event: Event, new: &mut Vec<(SignalIx, Event)>) {
        let opened = OpenedEpochs::below(EPOCHS);
        match self.filter.admit(&mut self.scheduler, opened, &event) {
            Admission::New { signal, .. } => new.push((signal, event)),
            // Another event has implied it.
            Admission::Duplicate(_) if self.takes_implied => {}
            Admission::Closed(_) | Admission::Deferred | Admission::Ignored => {}
            other => panic!("{event:?} {other:?}"),
        }
    }

    /// Applies an outcome that a process tells, and what waited for it.
    fn ingest_outcome(&mut self, sender: &Name, outcome: &Outcome) -> Vec<(SignalIx, Event)> {
        let mut new = Vec::new();
        self.admit_outcome(sender, outcome);
        self.admit_retained(&mut new);
        new
    }

    fn admit_outcome(&mut self, sender: &Name, outcome: &Outcome) {
        let opened = OpenedEpochs::below(EPOCHS);
        let scheduler = &mut self.scheduler;
        let admission = self
            .filter
            .admit_outcome(scheduler, opened, sender, outcome);
        if let Admission::Rejected(reason) = admission {
            panic!("{sender} tells {outcome:?}: {reason}");
        }
    }

    /// Applies what waited for items that exist by now.
    fn admit_retained(&mut self, new: &mut Vec<(SignalIx, Event)>) {
        loop {
            let due = self.filter.take_due(&self.scheduler);
            if due.is_empty() {
                return;
            }
            for statement in due {
                match statement {
                    Statement::Event(event) => self.admit(event, new),
                    Statement::Outcome(sender, outcome) => self.admit_outcome(&sender, &outcome),
                }
            }
        }
    }

    fn close(&mut self, number: u32) {
        let _ = self.scheduler.close(number);
        self.filter.close_epoch(number);
    }

    fn retained(&self) -> (usize, usize) {
        (self.scheduler.retained(), self.filter.retained())
    }

    /// Reports calls as done; those of a sub-epoch that is not known yet wait too.
    fn complete_calls(&mut self, done: &mut Vec<(Epoch, NodeIx)>) {
        loop {
            let before = done.len();
            done.retain(|(epoch, node)| {
                let applied = self.scheduler.node_done(epoch, *node);
                assert_ne!(applied, Applied::Impossible, "{epoch:?}");
                matches!(applied, Applied::Pending(_))
            });
            self.admit_retained(&mut Vec::new());
            if done.len() == before {
                break;
            }
        }
    }
}

impl Process {
    /// Takes a message, and returns what the process sends in consequence.
    fn receive(&mut self, from: &Name, message: Message) -> Vec<Message> {
        match message {
            Message::Open(number) => {
                let _ = self.receiver.scheduler.open(number);
                let mut new = Vec::new();
                self.receiver.admit_retained(&mut new);
                self.store(new);
            }
            Message::Ended(number) => {
                self.receiver.close(number);
                self.store.clear(number);
            }
            Message::Event(event) => {
                assert_eq!(event.node_id, *from);
                let new = self.receiver.ingest(event);
                self.store(new);
            }
            Message::Outcome(outcome) => {
                let new = self.receiver.ingest_outcome(from, &outcome);
                self.store(new);
            }
            Message::Done(_) => unreachable!("for the command only"),
        }
        self.messages(Vec::new())
    }

    /// Returns these events and all outcomes that are known by now, in the order in which a process
    /// sends them.
    fn messages(&mut self, events: Vec<Message>) -> Vec<Message> {
        let outcomes = self.receiver.scheduler.take_outcomes();
        let is_last = |outcome: &Outcome| outcome.update == SignalUpdate::Last;
        let (last, early): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(is_last);
        let early = early.into_iter().map(Message::Outcome);
        let last = last.into_iter().map(Message::Outcome);
        early.chain(events).chain(last).collect()
    }

    fn store(&mut self, new: Vec<(SignalIx, Event)>) {
        for (signal, event) in new {
            if let Emit::Value(value) = event.value {
                self.store.put(&event.epoch, signal, value);
            }
        }
    }

    /// The next call to make.
    fn next(&mut self) -> Option<Inputs> {
        let (scheduler, store) = (&mut self.receiver.scheduler, &self.store);
        let mut ready = std::iter::from_fn(|| {
            let (epoch, node) = scheduler.next_ready()?;
            assert_eq!(node, self.node);
            let arguments = store.arguments(&epoch, node);
            Some(Inputs::new(epoch, arguments))
        });
        match &mut self.queue {
            None => ready.next(),
            Some(queue) => {
                queue.extend(ready);
                queue.pop_front()
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
        if outputs.is_exhausted()
            && !self.receiver.scheduler.plan().is_fed(node)
            && let Some(queue) = &mut self.queue
        {
            // As the worker does: it is not called in later epochs.
            queue.retain(|inputs| inputs.epoch.number() <= epoch.number());
        }
        let plan = Arc::clone(self.receiver.scheduler.plan());
        let said = outputs.drain().enumerate().map(|(place, said)| Event {
            id: EventIds::of_call(&epoch, place),
            timestamp: Timestamp::from_micros(0),
            node_id: plan.node_name(node).clone(),
            signal: plan.known_name(node, &said.signal),
            epoch: said.epoch.unwrap_or_else(|| epoch.clone()),
            value: said.value,
        });
        let said: Vec<Message> = said.map(Message::Event).collect();
        for message in &said {
            if let Message::Event(event) = message {
                let signal = plan.signal_index(node, &event.signal).expect("declared");
                let heard = SignalUpdate::from(&event.value);
                let _ = self.receiver.scheduler.apply(&event.epoch, signal, heard);
            }
        }
        let _ = self.receiver.scheduler.node_done(&epoch, node);
        for number in self.receiver.scheduler.take_closed() {
            self.store.clear(number);
        }
        let said = self.messages(said);
        Some((epoch, said))
    }
}

/// Puts what a call emits on its way, and its end to the command, unless the events of another
/// node imply all of it.
fn send_call(
    lines: &mut Lines,
    processes: &[Process],
    from: usize,
    implied: &ImpliedCalls,
    (epoch, said): (Epoch, Vec<Message>),
) {
    let is_value = |message: &Message| match message {
        Message::Event(event) => matches!(event.value, Emit::Value(_)),
        _ => true,
    };
    let is_reported = !implied.is_implied(NodeIx(u32::try_from(from).expect("few nodes")))
        || !said.iter().all(is_value);
    send(lines, processes, from, said, is_reported);
    if is_reported {
        let line = lines.entry((from, processes.len())).or_default();
        line.push_back(Message::Done(epoch));
    }
}

/// Puts messages of a process on their way: `is_reported` events also to the command, one above all
/// nodes.
fn send(
    lines: &mut Lines,
    processes: &[Process],
    from: usize,
    messages: Vec<Message>,
    is_reported: bool,
) {
    for message in messages {
        let fed = processes.iter().enumerate();
        let fed = fed.filter(|(_, process)| process.feeders.contains(&from));
        for (to, _) in fed {
            lines
                .entry((from, to))
                .or_default()
                .push_back(message.clone());
        }
        if is_reported && matches!(message, Message::Event(_)) {
            let line = lines.entry((from, processes.len())).or_default();
            line.push_back(message);
        }
    }
}

/// Whether the command node may open another epoch.
fn may_open(command: &Receiver, opened: u32, window: usize) -> bool {
    let scheduler = &command.scheduler;
    scheduler.open_epochs().count() < window && opened < EPOCHS && !scheduler.exhausted()
}

proptest! {
    #[test]
    fn simulated_processes_make_the_calls_of_the_oracle(
        specs in graphs(),
        seed: u64,
        window in 1_usize..4,
        ahead: bool,
    ) {
        let tube = tube(&specs);
        let plan = Arc::new(Plan::new(&tube));
        let calls = Calls::default();
        let expected = Oracle::epochs(&specs, EPOCHS);
        let mut rng = Rng(seed);
        let mut command = Receiver {
            scheduler: Scheduler::new(plan.clone()),
            filter: EventFilter::for_coordinator(),
            takes_implied: true,
        };
        let implied = ImpliedCalls::new(&plan, |_| false);
        let mut done = Vec::new();
        let command_ix = plan.node_count();
        let mut processes: Vec<Process> = plan.nodes().map(|node| {
            let name = plan.node_name(node);
            let known = &tube.nodes[name];
            let local = Arc::new(plan.around(node));
            let place = local.node_index(name).expect("itself");
            let mut scheduler = Scheduler::for_node(local.clone(), place);
            if ahead {
                scheduler.dispatch_ahead();
            }
            Process {
                name: name.clone(),
                node: place,
                receiver: Receiver {
                    scheduler,
                    filter: EventFilter::for_node(),
                    takes_implied: false,
                },
                queue: ahead.then(VecDeque::new),
                store: Store::new(local),
                live: live_with_end(&tube, &plan, &specs[number(known)], known, &calls),
                feeders: tube
                    .edges
                    .iter()
                    .filter(|edge| edge.target_node == *name)
                    .filter_map(|edge| plan.node_index(&edge.source_node))
                    .map(NodeIx::index)
                    .collect(),
            }
        }).collect();
        let mut lines = Lines::new();
        let mut opened = 0;
        loop {
            if may_open(&command, opened, window) {
                let number = command.scheduler.open_next();
                for node in 0..processes.len() {
                    lines.entry((command_ix, node)).or_default().push_back(Message::Open(number));
                }
                opened += 1;
            }
            for number in command.scheduler.take_closed().collect::<Vec<_>>() {
                command.filter.close_epoch(number);
                // Not one call is made later, or left out.
                let expected = expected[number as usize].clone();
                prop_assert_eq!(of_epoch(&calls, number), expected, "epoch {}", number);
                for node in 0..processes.len() {
                    lines.entry((command_ix, node)).or_default().push_back(Message::Ended(number));
                }
            }
            lines.retain(|_, line| !line.is_empty());
            // A node is called, or something arrives.
            let at = rng.below(processes.len());
            if rng.below(3) == 0
                && let Some(call) = processes[at].call()
            {
                send_call(&mut lines, &processes, at, &implied, call);
            }
            let on_the_way: Vec<_> = lines.keys().copied().collect();
            if on_the_way.is_empty() {
                let next = processes.iter_mut().enumerate();
                let next = next.filter_map(|(from, process)| Some((from, process.call()?))).next();
                let still = next.is_some();
                if let Some((from, call)) = next {
                    send_call(&mut lines, &processes, from, &implied, call);
                }
                if still || may_open(&command, opened, window) {
                    continue;
                }
                break;
            }
            let (from, to) = on_the_way[rng.below(on_the_way.len())];
            let line = lines.get_mut(&(from, to));
            let message = line.and_then(VecDeque::pop_front).expect("something");
            if to == command_ix {
                match message {
                    Message::Event(event) => for (signal, event) in command.ingest(event) {
                        let node = plan.signal_node(signal);
                        command.scheduler.complete_implied(&implied, &event.epoch, node);
                    },
                    Message::Done(epoch) => {
                        let node = plan.node_index(&processes[from].name).expect("a node");
                        done.push((epoch, node));
                    }
                    Message::Open(_) | Message::Ended(_) => unreachable!("from the command only"),
                    Message::Outcome(_) => unreachable!("for nodes only"),
                }
                command.complete_calls(&mut done);
            } else {
                let sender = processes.get(from).map(|process| process.name.clone());
                let sender = sender.unwrap_or_else(|| "command".into());
                let said = processes[to].receive(&sender, message);
                send(&mut lines, &processes, to, said, true);
            }
        }
        prop_assert_eq!(command.scheduler.open_epochs().next(), None, "an epoch did not end");
        prop_assert_eq!((command.retained(), done.len()), ((0, 0), 0));
        for process in &processes {
            prop_assert_eq!((process.receiver.retained(), process.store.retained()), ((0, 0), 0));
        }
        let all: Given = expected.into_iter().take(opened as usize).flatten().collect();
        prop_assert_eq!(&*calls.lock().expect("no panic"), &all);
    }
}
