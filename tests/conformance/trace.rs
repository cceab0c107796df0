//! Repeats a recorded run of noob's scheduler on `Scheduler`, operation by operation.
//!
//! | noob | noob-zmq |
//! |---|---|
//! | `add_epoch` | `open_next` |
//! | `get_ready`, `get_ready_at` | `take_ready`; other calls wait for the next request |
//! | `update` | an event for each event, `node_done` for each call, and `take_ended` |
//! | `done`, `expire` of a node or a signal | the same with one event |
//! | `epoch_completed` | `is_ended` |
//! | `node_is_done` | `may_run`, negated |
//! | `node_is_ready`, `is_active_at`, `first_active_epoch` | the open calls of `take_ready` |
//! | `observe` | `exhausted`, and the three above, without the list of sub-epochs |
//!
//! noob's scheduler opens the next root epoch when the sources of one are done, or when it ends;
//! here the caller opens it at that time. noob hands out `input` and `assets` as nodes; here they
//! are given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use noob_zmq::graph::{
    Applied, Edge, Epoch, Name, NodeIx, Plan, Role, Scheduler, Segment, SignalIx, SignalUpdate,
    SlotInfo, SlotRef, Tube, TubeNode, TubeNodeKind,
};
use serde_json::{Value as Json, json};

/// Outcome of a trace: the number of equal answers, of operations that do not exist here, and the
/// end.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) same: usize,
    pub(crate) not_offered: usize,
    pub(crate) differs: Option<Differs>,
    /// Rules by which calls came earlier or later than recorded, without another difference.
    pub(crate) order_rules: BTreeSet<&'static str>,
}

/// Different answer, with its rule of `docs/differences.md`.
#[derive(Debug)]
pub(crate) struct Differs {
    pub(crate) why: String,
    pub(crate) rule: Option<&'static str>,
}

impl From<String> for Differs {
    fn from(why: String) -> Self {
        Self { why, rule: None }
    }
}

impl From<&str> for Differs {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

/// Repeats a trace, up to the first different answer.
pub(crate) fn check(trace: &Json) -> Replayed {
    let mut replay = Replay::new(trace);
    let mut replayed = Replayed::default();
    for (number, step) in items(&trace["steps"]).enumerate() {
        match replay.step(step) {
            None => {
                replayed.not_offered += 1;
                // Later operations depend on this answer.
                break;
            }
            Some(Ok(())) => replayed.same += 1,
            Some(Err(Differs { why, rule })) => {
                let why = format!("step {number}, {}: {why}", step["op"]);
                replayed.differs = Some(Differs { why, rule });
                break;
            }
        }
    }
    replayed.order_rules = replay.order_rules;
    replayed
}

/// Call: an epoch and a node.
type Call = (Epoch, NodeIx);

struct Replay {
    scheduler: Scheduler,
    plan: Arc<Plan>,
    tube: Tube,
    sources: Vec<NodeIx>,
    /// Calls that `Scheduler` has handed out and the trace has not requested.
    ready: BTreeSet<Call>,
    /// Calls that the trace has handed out and that are not done.
    out: BTreeSet<Call>,
    /// Calls in which a `gather` emitted nothing.
    silent: BTreeSet<Epoch>,
    /// Calls that the trace has handed out and `Scheduler` has not.
    promised: BTreeSet<Call>,
    /// Sources, `input` and `assets` that are done in noob, by root epoch.
    done: BTreeMap<u32, BTreeSet<NodeIx>>,
    /// Root epochs that have ended here and not yet in noob.
    ///
    /// With stateful nodes, an epoch of noob ends after the one before.
    ending: BTreeSet<u32>,
    /// Root epochs that have ended in noob too.
    over: BTreeSet<u32>,
    /// Ended root epochs that the trace does not mention.
    ended: Vec<u32>,
    order_rules: BTreeSet<&'static str>,
}

impl Replay {
    fn new(trace: &Json) -> Self {
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
    fn step(&mut self, step: &Json) -> Option<Result<(), Differs>> {
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
            "epoch_completed" => json!(self.over.contains(&number(&args[0]))),
            "node_is_done" => {
                let node = self.plan.node_index(text(&args[0]))?;
                json!(!self.scheduler.may_run(number(&args[1]), node))
            }
            "node_is_ready" => match (self.plan.node_index(text(&args[0])), refused) {
                (Some(node), None) => json!(self.ready.contains(&(epoch(&args[1]), node))),
                (None, Some("NotAddedError")) => Json::Null,
                (node, refused) => {
                    return Some(Err(format!("{node:?}, expected {refused:?}").into()));
                }
            },
            "is_active_at" => json!(self.active().contains(&number(&args[0]))),
            "first_active_epoch" => json!(self.active().first()),
            "observe" => {
                let ended = items(&expected["epoch_log"]);
                let ended = ended.filter(|ended| self.over.contains(&number(ended)));
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

    /// Returns whether a call is ready here and not yet in noob.
    ///
    /// A stateful node of noob waits until the whole epoch before has ended; here it waits until it
    /// was called in that epoch.
    fn early(&self, (epoch, node): &Call) -> bool {
        let before = epoch.number().checked_sub(1);
        self.plan.is_stateful(*node) && before.is_some_and(|before| !self.over.contains(&before))
    }

    /// Returns whether a call is ready in noob and not yet here.
    ///
    /// Here a stateful node is called in one sub-epoch after the other.
    fn late(&self, (epoch, node): &Call) -> bool {
        self.plan.is_stateful(*node) && self.scheduler.may_run_before(epoch, *node)
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
            self.order_rules.insert("scheduler/after_the_epoch");
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
                self.order_rules.insert("scheduler/item_after_item");
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

    /// Returns the rule of `docs/differences.md` by which a call is ready in noob and not here.
    fn only_there(&self, (epoch, node): &Call) -> Option<&'static str> {
        let depth = self.plan.depth(*node);
        if epoch.depth() > depth {
            return Some("scheduler/above_the_map");
        }
        if epoch.depth() < depth {
            return Some("scheduler/below_and_above");
        }
        let node = self.tube.nodes.get(self.plan.node_name(*node))?;
        let optional = node.slots.iter().any(|slot| slot.optional);
        (optional && self.silent.contains(epoch)).then_some("scheduler/gather_not_yet")
    }

    /// Returns the rule by which a call is ready here and not in noob.
    fn only_here(&self, (_, node): &Call) -> Option<&'static str> {
        let mut fed = self.tube.upstream(self.plan.node_name(*node));
        let both = |id: &Name| {
            let node = self.tube.nodes.get(id);
            let slots = node.map(|node| &node.slots[..]).unwrap_or_default();
            slots.iter().any(|slot| slot.optional) && slots.iter().any(|slot| !slot.optional)
        };
        // The slot may also be required through further nodes.
        let mut above: BTreeSet<Name> = BTreeSet::new();
        let mut todo: Vec<Name> = fed
            .by_ref()
            .filter(|edge| !edge.required)
            .map(|edge| edge.source_node.clone())
            .collect();
        while let Some(id) = todo.pop() {
            if both(&id) {
                return Some("scheduler/optional_beside_required");
            }
            let required = self.tube.upstream(&id).filter(|edge| edge.required);
            todo.extend(
                required
                    .map(|edge| edge.source_node.clone())
                    .filter(|id| above.insert(id.clone())),
            );
        }
        None
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

/// Builds the tube of a trace.
///
/// A node that opens sub-epochs or has the signal `n` is a `map`; a node with a slot `n` is a
/// `gather`.
fn tube(trace: &Json) -> Tube {
    let edges: Vec<&Json> = items(&trace["edges"]).collect();
    let steps = items(&trace["steps"]).filter(|step| step["op"] == "update");
    let events: Vec<&Json> = steps.flat_map(|step| items(&step["args"][0])).collect();
    let mut maps: BTreeSet<Name> = BTreeSet::new();
    for event in &events {
        let path = epoch(&event[0]);
        maps.extend(path.path().iter().map(|segment| segment.node.clone()));
        if event[2] == "n" {
            maps.insert(text(&event[1]).into());
        }
    }
    maps.extend(
        edges
            .iter()
            .filter(|edge| edge[1] == "n")
            .map(|edge| Name::from(text(&edge[0]))),
    );
    let node = |known: &Json| {
        let id = text(&known[0]);
        let mut signals: Vec<Name> = Vec::new();
        let said = edges
            .iter()
            .filter(|edge| edge[0] == id)
            .map(|edge| &edge[1]);
        let told = events.iter().filter(|event| event[1] == id);
        for signal in said.chain(told.map(|event| &event[2])) {
            if !signals.iter().any(|known| **known == *text(signal)) {
                signals.push(text(signal).into());
            }
        }
        let fed = edges.iter().filter(|edge| edge[2] == id);
        let slots: Vec<SlotInfo> = fed
            .map(|edge| SlotInfo::new(text(&edge[3]), edge[4] == false))
            .collect();
        let kind = if maps.contains(id) {
            TubeNodeKind::Map
        } else if slots.iter().any(|slot| &*slot.name == "n") {
            TubeNodeKind::Gather
        } else {
            TubeNodeKind::Typed
        };
        let mut node = TubeNode::default();
        node.id = id.into();
        node.kind = kind;
        node.enabled = known[1] == true;
        node.stateful = known[2] == true;
        node.slots = slots;
        node.signals = signals;
        (node.id.clone(), node)
    };
    let mut tube = Tube::default();
    tube.nodes = items(&trace["nodes"]).map(node).collect();
    for edge in edges {
        let source = (text(&edge[0]), text(&edge[1]));
        let target = (text(&edge[2]), SlotRef::Name(text(&edge[3]).into()));
        tube.edges.push(Edge::new(source, target, edge[4] == true));
    }
    tube
}

fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn number(json: &Json) -> u32 {
    epoch(json).number()
}

/// Reads a recorded epoch: a number, or a list of it and pairs of a node and a number.
fn epoch(json: &Json) -> Epoch {
    let small = |json: &Json| {
        json.as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or_default()
    };
    let Some((root, segments)) = json.as_array().and_then(|list| list.split_first()) else {
        return Epoch::root(small(json));
    };
    let segments = segments.iter().map(|segment| Segment {
        node: text(&segment[0]).into(),
        index: small(&segment[1]),
    });
    Epoch::new(small(root), segments)
}
