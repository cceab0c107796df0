//! What the runner's side of a run decides: which epochs to ask for, when one is over, what it returned, and what a failure ends.
//!
//! It sends nothing itself but what it says through [`Orders`]; no sockets, no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use tokio::sync::oneshot;

use crate::graph::{
    Emit, Epoch, Event, Heard, Map, NodeIx, Plan, Scheduler, Store, Told, Tube, Value,
};
use crate::node::special::Return;
use crate::runner::inputs::EpochInputs;
use crate::runner::{NodeFailure, Phase, RunError};

/// What the engine has others do.
pub(super) trait Orders {
    /// Has the nodes run one epoch with these inputs.
    fn process(&self, epoch: u32, input: Map);
    /// Has the nodes run `n` more epochs.
    fn start(&self, n: u32);
    /// Tells the nodes that an epoch is over.
    fn epoch_ended(&self, epoch: u32);
    /// Tells the nodes that nothing more is asked for.
    fn stop(&self);
}

/// How a call of `process` is answered.
pub(super) type Reply = mpsc::Sender<Result<Option<Value>, RunError>>;

/// What a run of many epochs hands to its caller, in the order of the epochs.
pub(super) enum Item {
    /// What an epoch returned.
    Value(Value),
    /// The run is over: how many epochs it had, or why it failed.
    End(Result<u64, RunError>),
}

/// What the caller of a run and the engine share: how much was handed over and not taken yet.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Values that were handed over and not taken yet.
    pub(super) values: AtomicU64,
    /// The engine has stopped asking for epochs because of them: wake it when some are taken.
    pub(super) starved: AtomicBool,
}

/// The state of a run, as the runner sees it.
pub(super) struct Engine {
    tube: Arc<Tube>,
    scheduler: Scheduler,
    store: Store,
    return_node: Option<NodeIx>,
    next: u32,
    open: BTreeMap<u32, Open>,
    run: Option<Run>,
    window: u32,
    /// Why nothing more can be run.
    broken: Option<RunError>,
    startup: Option<oneshot::Sender<RunError>>,
    /// Somebody wanted to stop while no run went on.
    stop_next: bool,
}

/// An epoch that was asked for and is not over.
struct Open {
    asked_by: AskedBy,
    returned: Return,
    /// Whether anything was said in it.
    lived: bool,
}

enum AskedBy {
    Call(Reply),
    Run,
}

struct Run {
    items: mpsc::Sender<Item>,
    backlog: Arc<Backlog>,
    /// How many epochs are still to be asked for; `None`: as many as there are.
    left: Option<u64>,
    /// The lowest epoch that was not handed over.
    due: u32,
    done: BTreeMap<u32, Option<Value>>,
    count: u64,
    /// The failure of the lowest epoch that failed.
    failed: Option<(u32, RunError)>,
}

impl Engine {
    pub(super) fn new(tube: Arc<Tube>, window: u32) -> Self {
        let plan = Arc::new(Plan::new(&tube));
        let return_node = tube
            .return_node()
            .filter(|node| node.enabled)
            .and_then(|node| plan.node_index(&node.id));
        Self {
            scheduler: Scheduler::new(Arc::clone(&plan)),
            store: Store::new(plan),
            return_node,
            tube,
            next: 0,
            open: BTreeMap::new(),
            run: None,
            window: window.max(1),
            broken: None,
            startup: None,
            stop_next: false,
        }
    }

    /// Has failures during start-up sent to `failed`.
    pub(super) fn watch_startup(&mut self, failed: oneshot::Sender<RunError>) {
        self.startup = Some(failed);
    }

    /// All nodes have become ready: what fails from now on does not fail the start.
    pub(super) fn set_ready(&mut self) {
        self.startup = None;
    }

    /// Whether all nodes have become ready.
    pub(super) const fn is_ready(&self) -> bool {
        self.startup.is_none()
    }

    /// Why nothing more can be run, if so.
    pub(super) const fn broken(&self) -> Option<&RunError> {
        self.broken.as_ref()
    }

    /// Begins one epoch for a caller.
    pub(super) fn call(&mut self, orders: &impl Orders, inputs: &EpochInputs, reply: Reply) {
        if let Some(broken) = &self.broken {
            let _ = reply.send(Err(RunError::Closed(broken.to_string())));
            return;
        }
        if self.scheduler.exhausted() {
            let _ = reply.send(Err(RunError::Exhausted));
            return;
        }
        let epoch = self.begin(AskedBy::Call(reply), inputs);
        orders.process(epoch, inputs.given().clone());
        self.settle(orders);
    }

    /// Begins a run of `left` epochs.
    pub(super) fn run(
        &mut self,
        orders: &impl Orders,
        left: Option<u64>,
        items: mpsc::Sender<Item>,
        backlog: Arc<Backlog>,
    ) {
        if let Some(broken) = &self.broken {
            let _ = items.send(Item::End(Err(RunError::Closed(broken.to_string()))));
            return;
        }
        let left = if std::mem::take(&mut self.stop_next) {
            Some(0)
        } else {
            left
        };
        self.run = Some(Run {
            items,
            backlog,
            left,
            due: self.next,
            done: BTreeMap::new(),
            count: 0,
            failed: None,
        });
        self.advance(orders);
    }

    /// Asks for no more epochs; those that were asked for are finished.
    pub(super) fn stop(&mut self, orders: &impl Orders) {
        if let Some(run) = &mut self.run {
            run.left = Some(0);
            self.advance(orders);
        }
    }

    /// Asks for as many epochs as the window lets, and ends the run when nothing is left of it.
    pub(super) fn advance(&mut self, orders: &impl Orders) {
        loop {
            let Some(run) = &mut self.run else { return };
            let over = self.scheduler.exhausted() || run.failed.is_some();
            let left = if over {
                0
            } else {
                run.left.unwrap_or(u64::MAX)
            };
            if left == 0 {
                if self.open.is_empty()
                    && let Some(run) = self.run.take()
                {
                    let end = run.failed.map_or(Ok(run.count), |(_, error)| Err(error));
                    let _ = run.items.send(Item::End(end));
                    orders.stop();
                }
                return;
            }
            let backlog = run.backlog.values.load(Ordering::Acquire);
            let free = u64::from(self.window)
                .saturating_sub(self.open.len() as u64)
                .saturating_sub(backlog);
            // In portions: one message asks for half a window.
            if free < u64::from(self.window.div_ceil(2)).min(left) {
                if self.open.is_empty() {
                    run.backlog.starved.store(true, Ordering::Release);
                    // Taken between the two looks: nobody else would come back to it.
                    if run.backlog.values.load(Ordering::Acquire) < backlog
                        && run.backlog.starved.swap(false, Ordering::AcqRel)
                    {
                        continue;
                    }
                }
                return;
            }
            let n = u32::try_from(free.min(left)).unwrap_or(self.window);
            run.left = run.left.map(|left| left.saturating_sub(n.into()));
            orders.start(n);
            for _ in 0..n {
                self.begin(AskedBy::Run, &EpochInputs::default());
            }
            self.settle_ended(orders);
        }
    }

    /// Takes note of what nodes have said.
    pub(super) fn hear(&mut self, orders: &impl Orders, events: &[Event]) {
        let mut spoken = BTreeSet::new();
        for event in events {
            let Some(node) = self.scheduler.plan().node_index(&event.node_id) else {
                tracing::warn!(node = %event.node_id, "an event of a node that is not in the tube is dropped");
                continue;
            };
            self.note(node, event);
            spoken.insert((event.epoch.clone(), node));
        }
        for (epoch, node) in spoken {
            let _ = self.scheduler.node_done(&epoch, node);
        }
        self.settle(orders);
        self.advance(orders);
    }

    /// Asks for no more epochs in this run or, if none goes on, in the next.
    pub(super) fn ask_to_stop(&mut self, orders: &impl Orders) {
        self.stop_next = self.run.is_none();
        self.stop(orders);
    }

    /// A node said that it failed.
    pub(super) fn failure(&mut self, orders: &impl Orders, failure: NodeFailure) {
        let number = failure.epoch.as_ref().map(Epoch::number);
        let failure = NodeFailure {
            place: self.place(&failure.node),
            ..failure
        };
        match (failure.phase, number) {
            (Phase::Init, _) => self.break_down(RunError::Node(Box::new(failure))),
            (Phase::Deinit, _) | (_, None) => tracing::error!("{failure}"),
            (_, Some(number)) => self.fail(orders, number, RunError::Node(Box::new(failure))),
        }
    }

    /// Nothing more can be run: whoever waits is told why.
    pub(super) fn break_down(&mut self, error: RunError) {
        if let Some(startup) = self.startup.take() {
            let _ = startup.send(error.clone());
        }
        for open in std::mem::take(&mut self.open).into_values() {
            if let AskedBy::Call(reply) = open.asked_by {
                let _ = reply.send(Err(error.clone()));
            }
        }
        if let Some(run) = self.run.take() {
            let _ = run.items.send(Item::End(Err(error.clone())));
        }
        self.broken.get_or_insert(error);
    }

    /// The lowest epoch that is waited for.
    pub(super) fn waiting_for(&self) -> Option<Epoch> {
        self.open.keys().next().map(|&number| Epoch::root(number))
    }

    /// Where a node stands in the tube.
    pub(super) fn place(&self, node: &str) -> Option<String> {
        self.tube.node_at(node)
    }

    fn fail(&mut self, orders: &impl Orders, number: u32, error: RunError) {
        let Some(open) = self.open.remove(&number) else {
            tracing::debug!(epoch = number, %error, "a failure in an epoch that is over already");
            return;
        };
        self.forget(orders, number);
        match open.asked_by {
            AskedBy::Call(reply) => {
                let _ = reply.send(Err(error));
            }
            AskedBy::Run => {
                if let Some(run) = &mut self.run
                    && run
                        .failed
                        .as_ref()
                        .is_none_or(|&(lowest, _)| number < lowest)
                {
                    run.failed = Some((number, error));
                }
                // What comes before is finished and handed over; what comes after would not be, and is given up.
                for later in self.open.split_off(&number).into_keys() {
                    self.forget(orders, later);
                }
            }
        }
        self.settle(orders);
        self.advance(orders);
    }

    fn forget(&mut self, orders: &impl Orders, number: u32) {
        let _ = self.scheduler.abort(number);
        self.store.clear(number);
        orders.epoch_ended(number);
    }

    fn empty_return(&self) -> Return {
        let id = self
            .tube
            .return_node()
            .map(|node| &*node.id)
            .unwrap_or_default();
        Return::new(id, &self.tube.edges)
    }

    fn begin(&mut self, asked_by: AskedBy, inputs: &EpochInputs) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.open.insert(
            number,
            Open {
                asked_by,
                returned: self.empty_return(),
                lived: false,
            },
        );
        let _ = self.scheduler.open(number);
        inputs.put(&self.tube, self.scheduler.plan(), &mut self.store, number);
        let _ = self.scheduler.input_done(number);
        number
    }

    fn note(&mut self, node: NodeIx, event: &Event) {
        let number = event.epoch.number();
        if let (Some(open), Emit::Value(_)) = (self.open.get_mut(&number), &event.value) {
            open.lived = true;
        }
        let Some(signal) = self.scheduler.plan().signal_index(node, &event.signal) else {
            return;
        };
        if self.scheduler.is_ended(number) {
            return;
        }
        if self
            .scheduler
            .event(&event.epoch, node, signal, Heard::from(&event.value))
            == Told::New
            && let Emit::Value(value) = &event.value
        {
            self.store.put(&event.epoch, signal, value.clone());
        }
    }

    fn settle(&mut self, orders: &impl Orders) {
        while let Some((epoch, node)) = self.scheduler.next_ready() {
            if Some(node) != self.return_node {
                continue;
            }
            let arguments = self.store.arguments(&epoch, node);
            if let Some(open) = self.open.get_mut(&epoch.number()) {
                open.returned.call(arguments);
            }
            let _ = self.scheduler.node_done(&epoch, node);
        }
        self.settle_ended(orders);
    }

    fn settle_ended(&mut self, orders: &impl Orders) {
        let ended: Vec<u32> = self.scheduler.take_ended().collect();
        for number in ended {
            self.store.clear(number);
            let Some(mut open) = self.open.remove(&number) else {
                continue;
            };
            orders.epoch_ended(number);
            let value = open.returned.collect();
            match open.asked_by {
                AskedBy::Call(reply) => {
                    let _ = reply.send(Ok(value));
                }
                AskedBy::Run => {
                    if let Some(run) = &mut self.run {
                        run.count += u64::from(open.lived);
                        run.done.insert(number, value);
                        run.hand_over();
                    }
                }
            }
        }
    }
}

impl Run {
    /// Hands over what is due.
    fn hand_over(&mut self) {
        while let Some(value) = self.done.remove(&self.due) {
            self.due += 1;
            if let Some(value) = value {
                self.backlog.values.fetch_add(1, Ordering::AcqRel);
                let _ = self.items.send(Item::Value(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Name, Timestamp};

    /// Tells nobody anything.
    struct Silent;

    impl Orders for Silent {
        fn process(&self, _epoch: u32, _input: Map) {}
        fn start(&self, _n: u32) {}
        fn epoch_ended(&self, _epoch: u32) {}
        fn stop(&self) {}
    }

    const MAPPED: &str = "
noob_id: mapped
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  all: {type: gather, depends: [{value: items.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";

    fn said(node: &str, signal: &str, epoch: Epoch, value: Emit) -> Event {
        let timestamp = Timestamp(0);
        Event {
            id: 0,
            timestamp,
            node_id: Name::from(node),
            signal: Name::from(signal),
            epoch,
            value,
        }
    }

    fn value(value: impl Into<Value>) -> Emit {
        Emit::Value(value.into())
    }

    /// Whatever order messages of different nodes arrive in, the epoch ends with what was gathered.
    #[test]
    fn a_gather_that_is_heard_before_its_map_does_not_confuse_the_epoch() {
        let root = Epoch::root(0);
        let item = |index| root.child("items", index);
        let gathered = Value::from(vec![Value::Int(7), Value::Int(8)]);
        let map = vec![
            said("items", "value", item(0), value(7)),
            said("items", "value", item(1), value(8)),
            said("items", "n", root.clone(), value(2)),
        ];
        let first = vec![said("all", "value", item(0), Emit::Nothing)];
        let last = vec![said("all", "value", root.clone(), value(gathered.clone()))];
        let both: Vec<Event> = first.iter().chain(&last).cloned().collect();
        let orders: [&[&Vec<Event>]; 5] = [
            &[&map, &first, &last],
            &[&first, &map, &last],
            &[&first, &last, &map],
            &[&both, &map],
            &[&map, &both],
        ];
        for (number, messages) in orders.into_iter().enumerate() {
            let tube = crate::tube::from_text("mapped.yaml", MAPPED, &Map::new())
                .unwrap_or_else(|errors| panic!("{errors}"));
            let mut engine = Engine::new(Arc::new(tube), 1);
            let (reply, answer) = mpsc::channel();
            let mut input = Map::new();
            input.insert("items".into(), gathered.clone());
            engine.call(&Silent, &EpochInputs::checked(input), reply);
            for message in messages {
                engine.hear(&Silent, message);
            }
            let answer = answer
                .try_recv()
                .unwrap_or_else(|_| panic!("order {number}: the epoch has not ended"));
            assert_eq!(answer.unwrap(), Some(gathered.clone()), "order {number}");
        }
    }

    /// Every sender is heard in its own order, in messages of any size, and in no order with the others.
    #[test]
    fn many_mapped_epochs_end_in_their_order_however_messages_of_different_nodes_meet() {
        const EPOCHS: u32 = 12;
        let source = MAPPED.replace("scope: process}", "scope: process, default: [0]}");
        for seed in 1..400_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut below = |n: usize| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % n
            };
            let tube = crate::tube::from_text("mapped.yaml", &source, &Map::new())
                .unwrap_or_else(|errors| panic!("{errors}"));
            let mut engine = Engine::new(Arc::new(tube), EPOCHS);
            let (items, heard) = mpsc::channel();
            engine.run(&Silent, Some(EPOCHS.into()), items, Arc::default());
            let mut lines: Vec<std::collections::VecDeque<Event>> =
                vec![Default::default(), Default::default()];
            let mut expected = Vec::new();
            for number in 0..EPOCHS {
                let root = Epoch::root(number);
                let n = number + 1;
                for index in 0..n {
                    let item = root.child("items", index);
                    lines[0].push_back(said(
                        "items",
                        "value",
                        item.clone(),
                        value(i64::from(index)),
                    ));
                    if index + 1 < n {
                        lines[1].push_back(said("all", "value", item, Emit::Nothing));
                    }
                }
                lines[0].push_back(said("items", "n", root.clone(), value(i64::from(n))));
                let gathered = Value::from(
                    (0..n)
                        .map(|index| Value::Int(index.into()))
                        .collect::<Vec<_>>(),
                );
                lines[1].push_back(said("all", "value", root, value(gathered.clone())));
                expected.push(gathered);
            }
            while lines.iter().any(|line| !line.is_empty()) {
                let line = &mut lines[below(2)];
                let size = (1 + below(9)).min(line.len());
                let message: Vec<Event> = line.drain(..size).collect();
                engine.hear(&Silent, &message);
            }
            let mut values = Vec::new();
            let end = loop {
                match heard.try_recv() {
                    Ok(Item::Value(value)) => values.push(value),
                    Ok(Item::End(end)) => break Some(end),
                    Err(_) => break None,
                }
            };
            assert!(
                end.is_some(),
                "seed {seed}: after {} of {EPOCHS} epochs the run has not ended",
                values.len()
            );
            assert_eq!(values, expected, "seed {seed}");
        }
    }
}
