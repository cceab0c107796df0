//! Levels: which nodes are called once in an epoch, and which once for each item of a `map`.

use super::plan::{NodeIx, Plan, Role, SignalIx, number, range};

/// The nodes that are called in the same epochs, and what a new epoch of them starts from.
#[derive(Debug)]
pub(super) struct Level {
    /// Segments of its epochs.
    pub(super) depth: usize,
    /// The level one segment up.
    pub(super) parent: Option<u32>,
    /// The levels from below the root down to this one.
    pub(super) chain: Vec<u32>,
    /// The stateful nodes of this level and those below it, by their place among all stateful ones.
    pub(super) ordinals: Vec<u32>,
    /// Place among the children of the parent.
    pub(super) child: usize,
    /// The `map` that makes its epochs.
    pub(super) map: Option<NodeIx>,
    /// The levels one segment down.
    pub(super) children: Vec<u32>,
    /// The nodes called here, in the order of the file; those that never run and `input` too.
    pub(super) nodes: Vec<NodeIx>,
    /// How many signals are said here.
    pub(super) signals: usize,
    /// For each node: what a new epoch of it starts from.
    pub(super) calls: Vec<Call>,
    /// How many nodes are called here.
    pub(super) open: u32,
    /// Nodes that never run.
    pub(super) blocked: Vec<NodeIx>,
    /// Nodes that wait for nothing, the stateless ones first. Empty below the root.
    pub(super) sources: Vec<u32>,
    /// What comes from levels above.
    pub(super) outer: Vec<OuterFeed>,
    /// The `gather` nodes that are called here and say `value` one level up.
    pub(super) gathers: Vec<GatherNode>,
}

/// How far a node is in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeState {
    /// Something that it needs is still open.
    Waiting,
    /// Will not be called, though it is still open whether for want of something (then its signals come to nothing) or not.
    CannotRun,
    /// May be called.
    Ready,
    /// Handed out to be called.
    Dispatched,
    /// Was called, and has said all.
    Completed,
    /// Will not be called.
    Skipped,
}

impl NodeState {
    pub(super) const fn is_closed(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped)
    }
}

/// The call of a node in an epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    /// How many things it waits for.
    pub(super) pending: u32,
    pub(super) state: NodeState,
}

/// Something of a level above that feeds a node.
#[derive(Debug)]
pub(super) struct OuterFeed {
    pub(super) signal: SignalIx,
    pub(super) local: u32,
    pub(super) required: bool,
}

/// A `gather` that leads one level up.
#[derive(Debug)]
pub(super) struct GatherNode {
    pub(super) local: u32,
    pub(super) signal: SignalIx,
}

impl Level {
    fn new(depth: usize, parent: Option<u32>, child: usize, map: Option<NodeIx>) -> Self {
        Self {
            depth,
            parent,
            child,
            map,
            children: Vec::new(),
            nodes: Vec::new(),
            signals: 0,
            calls: Vec::new(),
            chain: Vec::new(),
            ordinals: Vec::new(),
            open: 0,
            blocked: Vec::new(),
            sources: Vec::new(),
            outer: Vec::new(),
            gathers: Vec::new(),
        }
    }
}

/// Gives every node and signal its level, and marks as blocked what lies below two maps that do not nest, or in a cycle.
pub(super) fn levels_of(plan: &mut Plan) -> Vec<Level> {
    let mut levels = vec![Level::new(0, None, 0, None)];
    let order = topological(plan);
    for &ix in &order {
        place(plan, &mut levels, ix);
    }
    let mut ordered = vec![false; plan.nodes.len()];
    for ix in order {
        ordered[ix.index()] = true;
    }
    for (ix, node) in plan.nodes.iter_mut().enumerate() {
        node.blocked |= !ordered[ix];
    }
    fill(plan, &mut levels);
    levels
}

/// Nodes in an order in which everything comes after what feeds it. Nodes of a cycle, and what lies below them, are left out.
pub(super) fn topological(plan: &Plan) -> Vec<NodeIx> {
    let mut waits: Vec<usize> = plan.nodes.iter().map(|node| node.inputs.len()).collect();
    let mut below: Vec<Vec<NodeIx>> = vec![Vec::new(); plan.nodes.len()];
    for (ix, node) in plan.nodes.iter().enumerate() {
        for input in &plan.inputs[range(&node.inputs)] {
            below[plan.signals[input.signal.index()].node.index()].push(NodeIx(number(ix)));
        }
    }
    let mut order: Vec<NodeIx> = plan.nodes().filter(|ix| waits[ix.index()] == 0).collect();
    let mut next = 0;
    while let Some(&ix) = order.get(next) {
        next += 1;
        for &target in &below[ix.index()] {
            waits[target.index()] -= 1;
            if waits[target.index()] == 0 {
                order.push(target);
            }
        }
    }
    order
}

/// Finds the level of one node, whose inputs have theirs.
fn place(plan: &mut Plan, levels: &mut Vec<Level>, ix: NodeIx) {
    let node = &plan.nodes[ix.index()];
    let mut level = 0;
    let mut blocked = node.blocked;
    for input in &plan.inputs[range(&node.inputs)] {
        let signal = &plan.signals[input.signal.index()];
        if is_above(levels, level, signal.level) {
            level = signal.level;
        } else if !is_above(levels, signal.level, level) {
            // Below two maps of which neither lies below the other: no epoch has both.
            blocked = true;
        }
    }
    let (role, signals) = (node.role, node.signals.clone());
    plan.nodes[ix.index()].level = level;
    plan.nodes[ix.index()].blocked = blocked;
    for signal in range(&signals) {
        plan.signals[signal].level = match role {
            Role::Map if &*plan.signals[signal].name == "value" => child_of(levels, level, ix),
            Role::Gather if !blocked => levels[level as usize].parent.unwrap_or(level),
            _ => level,
        };
    }
}

/// Whether `upper` is `satisfy_input`, or lies above it.
fn is_above(levels: &[Level], upper: u32, mut satisfy_input: u32) -> bool {
    loop {
        if upper == satisfy_input {
            return true;
        }
        match levels[satisfy_input as usize].parent {
            Some(parent) => satisfy_input = parent,
            None => return false,
        }
    }
}

/// A new level below `parent`, of the epochs that `map` makes.
fn child_of(levels: &mut Vec<Level>, parent: u32, map: NodeIx) -> u32 {
    let ix = number(levels.len());
    let above = &mut levels[parent as usize];
    let level = Level::new(
        above.depth + 1,
        Some(parent),
        above.children.len(),
        Some(map),
    );
    above.children.push(ix);
    levels.push(level);
    ix
}

/// Numbers nodes and signals within their levels, and counts what each waits for.
fn fill(plan: &mut Plan, levels: &mut [Level]) {
    for signal in &mut plan.signals {
        let level = &mut levels[signal.level as usize];
        signal.local = number(level.signals);
        level.signals += 1;
    }
    for ix in 1..levels.len() {
        let mut chain = levels[ix]
            .parent
            .map_or_else(Vec::new, |parent| levels[parent as usize].chain.clone());
        chain.push(number(ix));
        levels[ix].chain = chain;
    }
    for ix in plan.nodes() {
        let node = &mut plan.nodes[ix.index()];
        let level_ix = node.level;
        let callable = !node.blocked && node.role != Role::Given;
        if callable && node.stateful {
            let ordinal = number(plan.stateful.len());
            plan.stateful.push(ix);
            node.ordinal = Some(ordinal);
            let mut above = Some(level_ix);
            while let Some(ix) = above {
                levels[ix as usize].ordinals.push(ordinal);
                above = levels[ix as usize].parent;
            }
        }
        let level = &mut levels[level_ix as usize];
        node.local = number(level.nodes.len());
        // Below the root, a stateful node also waits for its turn.
        let turn = u32::from(level.parent.is_some() && node.ordinal.is_some());
        level.nodes.push(ix);
        level.calls.push(Call {
            pending: number(node.inputs.len()) + turn,
            state: if callable {
                NodeState::Waiting
            } else {
                NodeState::Skipped
            },
        });
        if node.blocked {
            level.blocked.push(ix);
        }
        if !callable {
            continue;
        }
        level.open += 1;
        if node.inputs.is_empty() {
            level.sources.push(node.local);
        }
        for input in &plan.inputs[range(&node.inputs)] {
            if plan.signals[input.signal.index()].level != level_ix {
                level.outer.push(OuterFeed {
                    signal: input.signal,
                    local: node.local,
                    required: input.required,
                });
            }
        }
        if node.role == Role::Gather && level.parent.is_some() {
            level
                .gathers
                .extend(node.signals.clone().map(|signal| GatherNode {
                    local: node.local,
                    signal: SignalIx(signal),
                }));
        }
    }
    for level in levels {
        let stateful = |local: &u32| {
            plan.nodes[level.nodes[*local as usize].index()]
                .ordinal
                .is_some()
        };
        level.sources.sort_by_key(stateful);
    }
}
