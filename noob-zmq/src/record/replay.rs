//! Replay: replaces nodes of a tube by their record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use noob_zmq_spec::suggest::nearest;

use super::description::signals_of;
use super::reader::RecordedEvents;
use super::selection::listed;
use super::{Record, RecordError};
use crate::graph::{
    ASSETS, AssetScope, Edge, Map, Name, Plan, ReplaySource, SlotInfo, SlotRef, Supervision, Tube,
    TubeNode, TubeNodeKind,
};

/// Times at which a replay emits the recorded events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Pace {
    /// As fast as the other nodes of the tube take them.
    #[default]
    Fast,
    /// At the intervals at which they were recorded.
    Real,
}

/// Replay of a record: recorded nodes are replaced by their record, and the rest of the tube runs.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// use noob_zmq::record::Replay;
///
/// # fn example(tube: Tube) -> Result<(), Box<dyn std::error::Error>> {
/// let replay = Replay::open("run.mcap")?.nodes(["camera"]);
/// let mut runner = ZmqRunner::new(replay.tube(tube)?);
/// let values = runner.run_all()?;
/// # let _ = values;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a replay does nothing until `tube`"]
pub struct Replay {
    record: Record,
    nodes: Option<Vec<String>>,
    pace: Pace,
}

impl Replay {
    /// Opens a record, to replay all nodes that it has.
    ///
    /// # Errors
    /// A file that cannot be read, is no record, or is damaged. The record of a killed process is
    /// read up to its end.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordError> {
        // The processes of the nodes find the file by this path.
        let path = path.as_ref();
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let record = Record::open(path)?;
        record.check()?;
        Ok(Self {
            record,
            nodes: None,
            pace: Pace::Fast,
        })
    }

    /// Sets the nodes that are replaced; the others run.
    pub fn nodes(mut self, nodes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.nodes = Some(nodes.into_iter().map(Into::into).collect());
        self
    }

    /// Sets when the events are emitted; [`Pace::Fast`] by default.
    pub const fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Returns the record.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Returns the process-scoped inputs of the recorded epochs, in their order.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub fn inputs(&self) -> Result<Vec<Map>, RecordError> {
        self.record.inputs()
    }

    /// Returns the tube with recorded nodes replaced.
    ///
    /// A replaced node is a source with the signals of the node. Below a `map`, the map calls it
    /// for each item. The nodes of the tube language (`map`, `gather`, `return`) run: they are fed
    /// by the replaced ones. Unless [`nodes`](Self::nodes) names them, these nodes run too: those
    /// that emit objects, and where nodes share an asset, these and all between them and a source,
    /// since a record has neither their effect on the asset nor its order.
    ///
    /// # Errors
    /// [`RecordError::DoesNotFit`] with all mistakes: nodes and signals that the record or the tube
    /// does not have, and signals of other types.
    pub fn tube(&self, mut tube: Tube) -> Result<Tube, RecordError> {
        let mut recorded: BTreeMap<String, Vec<RecordedEvents>> = BTreeMap::new();
        for signal in self.record.signals() {
            recorded
                .entry(signal.node.clone())
                .or_default()
                .push(signal);
        }
        let mut fit = Fit {
            tube: &tube,
            recorded: &recorded,
            mistakes: Vec::new(),
        };
        let replaced = match &self.nodes {
            Some(names) => fit.named(names, &self.record),
            None => fit.all(),
        };
        // Nothing would come from the record, and every node would run.
        if replaced.is_empty() && fit.mistakes.is_empty() {
            let why = "it has no signals of a node that it could replace".to_owned();
            fit.mistakes.push(why);
        }
        if !fit.mistakes.is_empty() {
            return Err(RecordError::DoesNotFit {
                tube: tube.id.clone(),
                mistakes: fit.mistakes,
            });
        }
        let plan = Plan::new(&tube);
        // Before the first node loses its edges.
        let sources: Vec<Vec<Name>> = replaced.iter().map(|n| sources_of(&tube, n)).collect();
        for (name, sources) in replaced.iter().zip(sources) {
            let map = plan.node_index(name).and_then(|node| plan.map_above(node));
            let map = map.map(|map| plan.node_name(map).clone());
            self.replace(&mut tube, name, sources, map);
        }
        Ok(tube)
    }

    /// Replaces a node, which lies below this map if there is one.
    fn replace(&self, tube: &mut Tube, name: &Name, sources: Vec<Name>, map: Option<Name>) {
        tube.edges.retain(|edge| edge.target_node != *name);
        let Some(node) = tube.nodes.get_mut(name) else {
            return;
        };
        node.kind = TubeNodeKind::Typed;
        node.child = None;
        node.params = Map::new();
        node.events = false;
        node.slots = Vec::new();
        // In order, so that the intervals are those of the record.
        node.stateful = true;
        node.restorable = true;
        node.supervision = Supervision {
            timeout: None,
            ..node.supervision
        };
        node.replay = Some(ReplaySource {
            file: self.record.path().to_string_lossy().into_owned(),
            real_time: self.pace == Pace::Real && map.is_none(),
            is_source: map.is_none(),
            sources,
        });
        if let Some(map) = map {
            let slot: Name = "item".into();
            node.slots.push(SlotInfo::new(slot.clone(), false));
            let place = node.place;
            let mut edge = Edge::new((map, "value"), (name.clone(), SlotRef::Name(slot)), true);
            edge.place = place;
            tube.edges.push(edge);
        }
    }
}

/// Returns the nodes above a node that no node feeds, or the node itself if no node feeds it.
fn sources_of(tube: &Tube, node: &Name) -> Vec<Name> {
    let mut seen = BTreeSet::from([node.clone()]);
    let mut left = vec![node.clone()];
    let mut sources = Vec::new();
    while let Some(node) = left.pop() {
        let edges = tube.upstream(&node).map(|edge| &edge.source_node);
        let mut above = edges
            .filter(|name| tube.nodes.contains_key(*name))
            .peekable();
        if above.peek().is_none() {
            sources.push(node.clone());
        }
        left.extend(above.filter(|name| seen.insert((*name).clone())).cloned());
    }
    sources
}

/// Comparison of a record with a tube.
struct Fit<'a> {
    tube: &'a Tube,
    recorded: &'a BTreeMap<String, Vec<RecordedEvents>>,
    mistakes: Vec<String>,
}

impl Fit<'_> {
    /// Returns the recorded nodes of the tube that a record can replace.
    fn all(&mut self) -> Vec<Name> {
        let ordered = self.ordered_by_assets();
        // A node below a disabled one has never run, and does not run by a replay.
        let can_run: BTreeSet<Name> = self.tube.generations().into_iter().flatten().collect();
        let mut replaced = Vec::new();
        for name in self
            .recorded
            .keys()
            .filter(|name| *name != super::description::INPUT)
        {
            let Some(node) = self.tube.nodes.get(name.as_str()) else {
                let hint = match nearest(name.as_str(), self.tube.nodes.keys()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name the nodes to replay with `--nodes`".to_owned(),
                };
                self.mistakes.push(format!(
                    "the record has a node `{name}`, and the tube has none of that name; {hint}"
                ));
                continue;
            };
            let runs = self.is_partial(name) || ordered.contains(name.as_str());
            if is_replaceable(node) && !runs && can_run.contains(name.as_str()) {
                self.check_signals(node);
                replaced.push(node.id.clone());
            }
        }
        replaced
    }

    /// Returns the nodes of these names.
    fn named(&mut self, names: &[String], record: &Record) -> Vec<Name> {
        let mut replaced = Vec::new();
        for name in names {
            let Some(node) = self.tube.nodes.get(name.as_str()) else {
                let hint = nearest(name.as_str(), self.tube.nodes.keys())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                self.mistakes
                    .push(format!("the tube has no node `{name}`{hint}"));
                continue;
            };
            if !is_replaceable(node) {
                self.mistakes.push(format!(
                    "the node `{name}` is of `type: {}`, which a replay runs; name the nodes that \
                     feed it",
                    node.type_name
                ));
            } else if !self.recorded.contains_key(name) {
                let known: Vec<&String> = self.recorded.keys().collect();
                let was_there = record.nodes().contains_key(name);
                let hint = match nearest(name.as_str(), &known) {
                    Some(near) if !was_there => format!("did you mean `{near}`?"),
                    _ => format!("it has {}", listed(&known)),
                };
                self.mistakes.push(format!(
                    "the record has no signals of the node `{name}`; {hint}"
                ));
            } else if self.is_partial(name) {
                self.mistakes.push(format!(
                    "the node `{name}` emits objects that a record does not hold whole; let it run"
                ));
            } else {
                self.check_signals(node);
                replaced.push(node.id.clone());
            }
        }
        replaced
    }

    /// Returns whether a node reads an asset that other nodes see too.
    fn shares_assets(&self, node: &Name) -> bool {
        let reads = |node: &Name, asset: &Name| {
            let mut edges = self.tube.upstream(node);
            edges.any(|edge| &*edge.source_node == ASSETS && edge.source_signal == *asset)
        };
        let assets = self.tube.assets.values();
        let mut of_run = assets.filter(|asset| asset.scope != AssetScope::Node);
        of_run.any(|asset| {
            let mut others = self.tube.nodes.keys().filter(|other| *other != node);
            let is_shared = asset.depends.is_some() || others.any(|other| reads(other, &asset.id));
            reads(node, &asset.id) && is_shared
        })
    }

    /// Returns the nodes that a replay runs to keep the order in which others use an asset: those
    /// that share it, and those between a source and one of these.
    fn ordered_by_assets(&self) -> BTreeSet<Name> {
        let nodes = self.tube.nodes.keys().cloned();
        let mut found: BTreeSet<Name> = nodes.filter(|node| self.shares_assets(node)).collect();
        let mut left: Vec<Name> = found.iter().cloned().collect();
        while let Some(node) = left.pop() {
            for edge in self.tube.upstream(&node) {
                let above = &edge.source_node;
                let is_source = self.tube.upstream(above).next().is_none();
                if !is_source && found.insert(above.clone()) {
                    left.push(above.clone());
                }
            }
        }
        found
    }

    fn is_partial(&self, node: &str) -> bool {
        let signals = self.recorded.get(node);
        signals.is_some_and(|signals| signals.iter().any(|signal| signal.partial))
    }

    /// Checks that the record has the signals of a node that the tube uses, with their types.
    fn check_signals(&mut self, node: &TubeNode) {
        let Some(recorded) = self.recorded.get(&*node.id) else {
            return;
        };
        let edges = self.tube.edges.iter();
        let used: BTreeSet<&Name> = edges
            .filter(|edge| edge.source_node == node.id)
            .map(|edge| &edge.source_signal)
            .collect();
        let types = signals_of(self.tube);
        for signal in used {
            let Some(known) = recorded.iter().find(|known| known.signal == **signal) else {
                let names: Vec<&str> = recorded.iter().map(|known| &*known.signal).collect();
                let hint = match nearest(signal, &names) {
                    Some(near) => format!("did you mean `{}.{near}`?", node.id),
                    None => format!("of that node it has {}", listed(&names)),
                };
                self.mistakes.push(format!(
                    "the tube uses the signal `{}.{signal}`, and the record does not have it; \
                     {hint}",
                    node.id
                ));
                continue;
            };
            let now = types
                .iter()
                .find(|typed| typed.node == node.id && typed.signal == *signal);
            let now = now.map_or("", |typed| &typed.written);
            if !now.is_empty() && !known.type_name.is_empty() && *now != *known.type_name {
                self.mistakes.push(format!(
                    "the signal `{}.{signal}` is of type `{now}` in the tube, and of type `{}` in \
                     the record",
                    node.id, known.type_name
                ));
            }
        }
    }
}

fn is_replaceable(node: &TubeNode) -> bool {
    matches!(node.kind, TubeNodeKind::Typed | TubeNodeKind::Tube)
}
