//! Reduces a plan to the part that the process of one node needs.

use std::collections::{BTreeSet, HashMap};
use std::iter;

use super::compiled::{Plan, PlanInput, PlanNode, PlanSignal, Role};
use super::index::{NodeIx, SignalIx, number, range};
use super::level::Level;
use super::nesting::fill;

impl Plan {
    /// Returns the plan for the process of a node: the node, the nodes that feed it, and the maps
    /// that it lies below.
    ///
    /// The other nodes run elsewhere: their signals come to an outcome by what the nodes that feed
    /// this one say, and by nothing else. The size of the plan does not grow with the tube.
    #[must_use]
    pub fn around(&self, me: NodeIx) -> Self {
        let levels = self.levels_around(me);
        let place = |level: u32| levels.iter().position(|known| *known == level).map(number);
        let inputs = &self.inputs[range(&self.nodes[me.index()].inputs)];
        let inputs = inputs
            .iter()
            .filter(|input| place(self.signals[input.signal.index()].level).is_some());
        let feeders = inputs.clone().map(|input| self.signal_node(input.signal));
        let maps = levels
            .iter()
            .filter_map(|level| self.levels[*level as usize].map);
        let kept: BTreeSet<NodeIx> = feeders.chain(maps).chain([me]).collect();

        let mut plan = Self::default();
        let mut signals: HashMap<SignalIx, SignalIx> = HashMap::new();
        for ix in kept {
            let first = number(plan.signals.len());
            let mut node = self.node_around(ix, me, &levels);
            for signal in self.signals_of(ix) {
                let known = &self.signals[signal.index()];
                let Some(level) = place(known.level) else {
                    node.left_out.push(known.name.clone());
                    continue;
                };
                signals.insert(signal, SignalIx(number(plan.signals.len())));
                plan.signals.push(PlanSignal {
                    node: NodeIx(number(plan.nodes.len())),
                    name: known.name.clone(),
                    level,
                    local: 0,
                    near: 0..0,
                    deep: 0..0,
                    heard: ix == me && known.heard,
                });
            }
            node.signals = first..number(plan.signals.len());
            let ix = NodeIx(number(plan.nodes.len()));
            plan.names.insert(node.name.clone(), ix);
            if node.role == Role::Given {
                plan.given.push(ix);
            }
            plan.asks_for_events |= node.events;
            plan.nodes.push(node);
        }
        plan.inputs = inputs
            .filter_map(|input| {
                Some(PlanInput {
                    signal: *signals.get(&input.signal)?,
                    ..input.clone()
                })
            })
            .collect();
        let count = number(plan.inputs.len());
        if let Some(me) = plan.node_index(self.node_name(me)) {
            plan.nodes[me.index()].inputs = 0..count;
        }
        plan.levels = self.reduced_levels(&mut plan, &levels);
        plan.aim();
        plan
    }

    /// Returns the levels from the root down to that of a node, and that of the items that the node
    /// makes.
    fn levels_around(&self, me: NodeIx) -> Vec<u32> {
        let level = self.nodes[me.index()].level;
        let chain = &self.levels[level as usize].chain;
        let mut levels: Vec<u32> = iter::once(0).chain(chain.iter().copied()).collect();
        for signal in self.signals_of(me) {
            let level = self.signals[signal.index()].level;
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels
    }

    /// Returns a node of the plan around `me`, without its signals.
    fn node_around(&self, ix: NodeIx, me: NodeIx, levels: &[u32]) -> PlanNode {
        let node = &self.nodes[ix.index()];
        // The level of the items of a map, or the one where a gather emits.
        let other = self
            .signals_of(ix)
            .map(|signal| self.signals[signal.index()].level)
            .find(|level| *level != node.level && levels.contains(level));
        let here = ix == me;
        let role = match node.role {
            role if here || role == Role::Given => role,
            Role::Map if other.is_some() => Role::Map,
            _ => Role::Plain,
        };
        // A gather elsewhere counts as called where it emits.
        let emits_above = other.filter(|_| !here && node.role == Role::Gather);
        let level = emits_above.unwrap_or(node.level);
        let level = levels.iter().position(|known| *known == level);
        PlanNode {
            name: node.name.clone(),
            role,
            blocked: node.blocked,
            level: number(level.unwrap_or_default()),
            local: 0,
            signals: 0..0,
            inputs: 0..0,
            is_fed: node.is_fed,
            stateful: here && node.stateful,
            elsewhere: !here && role != Role::Given,
            provisional: emits_above.is_some(),
            left_out: Vec::new(),
            events: here && node.events,
            ordinal: None,
        }
    }

    /// Returns the levels of `plan`, which has some of the levels of this plan.
    fn reduced_levels(&self, plan: &mut Self, kept: &[u32]) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::with_capacity(kept.len());
        for (place, &level) in kept.iter().enumerate() {
            let known = &self.levels[level as usize];
            let map = known
                .map
                .and_then(|map| plan.node_index(self.node_name(map)));
            let parent = place.checked_sub(1);
            levels.push(Level {
                depth: known.depth,
                parent: parent.map(number),
                map,
                ..Level::default()
            });
            if let Some(parent) = parent {
                levels[parent].children.push(number(place));
            }
        }
        fill(plan, &mut levels);
        for (level, known) in levels.iter_mut().zip(kept) {
            level.collapses = self.levels[*known as usize].collapses;
        }
        levels
    }

    /// Whether a signal of this name is one that a plan [around](Self::around) a node leaves out.
    pub(crate) fn leaves_out(&self, node: NodeIx, signal: &str) -> bool {
        let left_out = &self.nodes[node.index()].left_out;
        left_out.iter().any(|name| **name == *signal)
    }

    /// Whether only the last value of an epoch counts of those that a node elsewhere emits.
    pub(crate) fn is_provisional(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].provisional
    }

    /// Whether some node of this plan depends on a signal of a node.
    pub(crate) fn feeds(&self, node: NodeIx) -> bool {
        self.inputs
            .iter()
            .any(|input| self.signal_node(input.signal) == node)
    }

    /// Whether a node elsewhere knows the items of a map, since it lies below the map.
    pub(crate) fn knows_items_of(&self, node: NodeIx, map: NodeIx) -> bool {
        let chain = &self.levels[self.nodes[node.index()].level as usize].chain;
        chain
            .iter()
            .any(|level| self.levels[*level as usize].map == Some(map))
    }

    /// The signal by which a map makes the items of a level.
    pub(crate) fn item_signal(&self, level: u32) -> Option<SignalIx> {
        let map = self.levels[level as usize].map?;
        self.signals_of(map)
            .find(|signal| self.signals[signal.index()].level == level)
    }
}
