//! Replay of the operations of a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use noob_zmq::graph::{
    Applied, Epoch, NodeIx, Plan, Role, Scheduler, SignalIx, SignalUpdate, Tube,
};
use serde_json::{Value as Json, json};

use super::Differs;
use super::rules::{AFTER_THE_EPOCH, ITEM_AFTER_ITEM};
use super::tube::tube;
use crate::recording::{epoch, items, text};

/// Call: an epoch and a node.
pub(super) type Call = (Epoch, NodeIx);

pub(super) struct Replay {
    pub(super) scheduler: Scheduler,
    pub(super) plan: Arc<Plan>,
    pub(super) tube: Tube,
    sources: Vec<NodeIx>,
    /// Calls that `Scheduler` has handed out and the trace has not requested.
    ready: BTreeSet<Call>,
    /// Calls that the trace has handed out and that are not done.
    out: BTreeSet<Call>,
    /// Calls in which a `gather` emitted nothing.
    pub(super) silent: BTreeSet<Epoch>,
    /// Calls that the trace has handed out and `Scheduler` has not.
    promised: BTreeSet<Call>,
    /// Sources, `input` and `assets` that are done in noob, by root epoch.
    done: BTreeMap<u32, BTreeSet<NodeIx>>,
    /// Root epochs that have ended here and not yet in noob.
    ///
    /// With stateful nodes, an epoch of noob ends after the one before.
    ending: BTreeSet<u32>,
    /// Root epochs that have ended in noob too.
    pub(super) over: BTreeSet<u32>,
    /// Ended root epochs that the trace does not mention.
    ended: Vec<u32>,
    pub(super) order_rules: BTreeSet<&'static str>,
}

impl Replay {
    pub(super) fn new(trace: &Json) -> Self {
        let tube = tube(trace);
        let plan = Arc::new(Plan::new(&tube));
        let sources = items(&trace["source_nodes"]);
        let sources = sources
            .filter_map(|name| plan.node_index(text(name)))
            .collect();
        Self {
            scheduler: Scheduler::new(Arc::clone(&plan)),
            sources,
            plan,
            tube,
            silent: BTreeSet::new(),
            ready: BTreeSet::new(),
            out: BTreeSet::new(),
            promised: BTreeSet::new(),
            done: BTreeMap::new(),
            ending: BTreeSet::new(),
            over: BTreeSet::new(),
            ended: Vec::new(),
            order_rules: BTreeSet::new(),
        }
    }

    /// Repeats one step; returns `None` for an operation that does not exist here.
    pub(super) fn step(&mut self, step: &Json) -> Option<Result<(), Differs>> {
        let (args, expected) = (&step["args"], &step["result"]);
        let refused = step["error"]["type"].as_str();
        let came = match step["op"].as_str()? {
            "add_epoch" => {
                let number = self.scheduler.open_next();
                self.settle();
                json!(number)
            }
            "get_ready" => return Some(self.compare_ready(None, expected)),
            "get_ready_at" => return Some(self.compare_ready(args[0].as_u64(), expected)),
            "update" => {
                let mut events: Vec<&Json> = items(&args[0]).collect();
                // Sub-epochs come first, as in noob.
                events.sort_by_key(|event| std::cmp::Reverse(epoch(&event[0]).depth()));
                for event in &events {
                    self.event(event);
                }
                for event in events {
                    self.called(event);
                }
                self.settle();
                return Some(match refused {
                    Some(error) => Err(format!("expected {error}").into()),
                    None => self.compare_ended(expected),
                });
            }
            // A node without its signals: here the signals become nothing.
            "done" | "expire" if args[2].is_null() && args.as_array()?.last()? == false => {
                return None;
            }
            op @ ("done" | "expire") => {
                let what = if op == "done" {
                    SignalUpdate::Value
                } else {
                    SignalUpdate::Nothing
                };
                // `[epoch, node, signal, ..]`; without a signal, the last item includes the node's
                // signals.
                let with_signals = args.as_array()?.last()? == &Json::Bool(true);
                let told = self.item(
                    &epoch(&args[0]),
                    text(&args[1]),
                    &args[2],
                    what,
                    with_signals,
                )?;
                return match (&told, refused) {
                    (Applied::Duplicate, Some("AlreadyDoneError")) => Some(Ok(())),
                    (_, Some(error)) => Some(Err(format!("{told:?}, expected {error}").into())),
                    (_, None) => Some(self.compare_ended(expected)),
                };
            }
            "epoch_completed" => json!(self.over.contains(&root_number(&args[0]))),
            "node_is_done" => {
                let node = self.plan.node_index(text(&args[0]))?;
                json!(!self.scheduler.may_run(root_number(&args[1]), node))
            }
            "node_is_ready" => match (self.plan.node_index(text(&args[0])), refused) {
                (Some(node), None) => json!(self.ready.contains(&(epoch(&args[1]), node))),
                (None, Some("NotAddedError")) => Json::Null,
                (node, refused) => {
                    return Some(Err(format!("{node:?}, expected {refused:?}").into()));
                }
            },
            "is_active_at" => json!(self.active().contains(&root_number(&args[0]))),
            "first_active_epoch" => json!(self.active().first()),
            "observe" => {
                let ended = items(&expected["epoch_log"]);
                let ended = ended.filter(|ended| self.over.contains(&root_number(ended)));
                json!({
                    "exhausted": self.scheduler.exhausted(),
                    "is_active": !self.active().is_empty(),
                    "epoch_log": ended.collect::<Vec<_>>(),
                    "first_active_epoch": self.active().first(),
                    "subepochs": expected["subepochs"],
                })
            }
            _ => return None,
        };
        Some(if came == *expected {
            Ok(())
        } else {
            Err(format!("gave {came}, expected {expected}").into())
        })
    }

    /// Returns the root epochs with open calls; noob counts `input` and `assets` as calls.
    fn active(&self) -> BTreeSet<u32> {
        let ready = self.ready.iter().filter(|call| !self.early(call));
        let calls = ready.chain(&self.out).map(|(epoch, _)| epoch.number());
        let given = |number: &u32| {
            let done = self.done.get(number);
            let mut given = self.plan.given();
            given.any(|node| done.is_none_or(|done| !done.contains(&node)))
        };
        let live = self.scheduler.open_epochs().filter(given);
        calls
            .chain(live)
            .chain(self.ending.iter().copied())
            .collect()
    }

    /// Collects ready calls and ended epochs, and opens root epochs as noob does.
    fn settle(&mut self) {
        loop {
            self.ending.extend(self.scheduler.take_closed());
            let ordered = self
                .plan
                .nodes()
                .any(|node| self.plan.is_stateful(node) && !self.plan.is_blocked(node));
            let over = |number: &u32, over: &BTreeSet<u32>| {
                !ordered
                    || number
                        .checked_sub(1)
                        .is_none_or(|before| over.contains(&before))
            };
            let mut next: Vec<u32> = Vec::new();
            while let Some(number) = self
                .ending
                .iter()
                .copied()
                .find(|number| over(number, &self.over))
            {
                self.ending.remove(&number);
                self.over.insert(number);
                self.ended.push(number);
                next.push(number + 1);
            }
            for (number, done) in &self.done {
                if !self.sources.is_empty() && self.sources.iter().all(|node| done.contains(node)) {
                    next.push(number + 1);
                }
            }
            if !self.plan.can_run() || self.scheduler.exhausted() {
                break;
            }
            next.retain(|number| self.scheduler.open(*number) == Applied::New);
            if next.is_empty() {
                break;
            }
        }
        for call in self.scheduler.take_ready() {
            if self.promised.remove(&call) {
                self.out.insert(call);
            } else {
                self.ready.insert(call);
            }
        }
        for calls in [&mut self.ready, &mut self.out, &mut self.promised] {
            calls.retain(|(epoch, _)| !self.scheduler.is_closed(epoch.number()));
        }
    }

    /// Applies an event: `[epoch, node, signal, nothing, exhausted]`.
    fn event(&mut self, event: &Json) {
        let heard = match (&event[3], &event[4]) {
            (_, Json::Bool(true)) => SignalUpdate::Exhausted,
            (Json::Bool(true), _) => SignalUpdate::Nothing,
            _ => SignalUpdate::Value,
        };
        let (epoch, node) = (epoch(&event[0]), text(&event[1]));
        let gathers =
            self.plan.node_index(node).map(|node| self.plan.role(node)) == Some(Role::Gather);
        if gathers && heard != SignalUpdate::Value {
            self.silent.insert(epoch.clone());
        }
        let _ = self.item(&epoch, node, &event[2], heard, false);
    }

    /// Marks the call that emitted an event as done.
    ///
    /// The call of a `gather` that emitted a value above its epoch is unknown, and needs no mark.
    fn called(&mut self, event: &Json) {
        let epoch = epoch(&event[0]);
        let Some(node) = self.plan.node_index(text(&event[1])) else {
            return;
        };
        let name = self.plan.node_name(node);
        let below = match self.plan.role(node) {
            Role::Map => epoch.segment().is_some_and(|segment| segment.node == *name),
            Role::Gather => event[3] == false && epoch.depth() < self.plan.depth(node),
            _ => false,
        };
        if !below {
            self.node_done(&epoch, node);
        }
    }

    fn node_done(&mut self, epoch: &Epoch, node: NodeIx) -> Applied {
        let told = self.scheduler.node_done(epoch, node);
        self.out.remove(&(epoch.clone(), node));
        self.promised.remove(&(epoch.clone(), node));
        self.done.entry(epoch.number()).or_default().insert(node);
        self.settle();
        told
    }

    /// Marks a signal, or a node, as done; returns `None` for an unknown node.
    fn item(
        &mut self,
        epoch: &Epoch,
        node: &str,
        signal: &Json,
        what: SignalUpdate,
        with_signals: bool,
    ) -> Option<Applied> {
        let ix = self.plan.node_index(node)?;
        if matches!(node, "input" | "assets") {
            let done = self.done.entry(epoch.number()).or_default();
            done.insert(ix);
            let all = self.plan.given().all(|given| done.contains(&given));
            let told = if all {
                self.scheduler.input_done(epoch.number())
            } else {
                Applied::New
            };
            self.settle();
            return Some(told);
        }
        if let Some(signal) = signal.as_str() {
            let signal = self.plan.signal_index(ix, signal)?;
            let told = self.scheduler.apply(epoch, signal, what);
            self.settle();
            return Some(told);
        }
        if with_signals {
            let signals: Vec<SignalIx> = self.plan.signals_of(ix).collect();
            for signal in signals {
                let _ = self.scheduler.apply(epoch, signal, what);
            }
        }
        Some(self.node_done(epoch, ix))
    }

    /// Compares the ready calls, and hands them out.
    fn compare_ready(&mut self, root: Option<u64>, expected: &Json) -> Result<(), Differs> {
        self.settle();
        if self.ready.iter().any(|call| self.early(call)) {
            self.order_rules.insert(AFTER_THE_EPOCH);
        }
        let asked = |call: &&Call| {
            root.is_none_or(|root| u64::from(call.0.number()) == root) && !self.early(call)
        };
        let came: BTreeSet<Call> = self.ready.iter().filter(asked).cloned().collect();
        let given = |ready: &&Json| !matches!(text(&ready[1]), "input" | "assets");
        let expected: Option<BTreeSet<Call>> = items(expected)
            .filter(given)
            .map(|ready| Some((epoch(&ready[0]), self.plan.node_index(text(&ready[1]))?)))
            .collect();
        let expected = expected.ok_or("a node that is not there")?;
        for call in &came {
            self.ready.remove(call);
            self.out.insert(call.clone());
        }
        for call in expected.difference(&came) {
            if self.late(call) {
                self.order_rules.insert(ITEM_AFTER_ITEM);
                self.promised.insert(call.clone());
            }
        }
        if came.is_subset(&expected)
            && expected
                .difference(&came)
                .all(|call| self.promised.contains(call))
        {
            return Ok(());
        }
        let named = |calls: &BTreeSet<Call>| -> Vec<String> {
            let named = |(epoch, node): &Call| format!("{} at {epoch}", self.plan.node_name(*node));
            calls.iter().map(named).collect()
        };
        let why = format!("ready {:?}, expected {:?}", named(&came), named(&expected));
        let more = expected
            .difference(&came)
            .filter(|call| !self.promised.contains(call));
        let rules = more
            .map(|call| self.only_there(call))
            .chain(came.difference(&expected).map(|call| self.only_here(call)));
        let rules: Option<BTreeSet<&'static str>> = rules.collect();
        Err(Differs {
            why,
            rule: rules.and_then(|rules| rules.first().copied()),
        })
    }

    /// Compares the root epochs that have ended; noob decides when it reports a sub-epoch.
    fn compare_ended(&mut self, expected: &Json) -> Result<(), Differs> {
        let expected: BTreeSet<u32> = items(expected)
            .filter_map(|epoch| u32::try_from(epoch.as_u64()?).ok())
            .collect();
        let came: BTreeSet<u32> = std::mem::take(&mut self.ended).into_iter().collect();
        if came == expected {
            Ok(())
        } else {
            Err(format!("ended {came:?}, expected {expected:?}").into())
        }
    }
}

/// Reads the root epoch of a recorded epoch.
fn root_number(json: &Json) -> u32 {
    epoch(json).number()
}
