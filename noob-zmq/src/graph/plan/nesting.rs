//! Computes the levels of a plan: which nodes are called once in an epoch, and which once for each
//! item of a `map`.

use super::compiled::{Plan, Role};
use super::index::{NodeIx, SignalIx, number, range};
use super::level::{Call, GatherNode, Level, NodeState, OuterFeed};

/// Assigns a level to every node and signal, and blocks the nodes of cycles and those below two
/// maps that do not nest.
pub(super) fn levels_of(plan: &mut Plan) -> Vec<Level> {
    let mut levels = vec![Level::default()];
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

impl Plan {
    /// Returns the nodes in topological order, without those of cycles and those below a cycle.
    ///
    /// Nodes become ready in this order if each of them emits something.
    pub(crate) fn order(&self) -> Vec<NodeIx> {
        topological(self)
    }
}

/// Returns the nodes in topological order, without those of cycles and those below a cycle.
fn topological(plan: &Plan) -> Vec<NodeIx> {
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
    let level = Level {
        depth: above.depth + 1,
        parent: Some(parent),
        child: above.children.len(),
        map: Some(map),
        ..Level::default()
    };
    above.children.push(ix);
    levels.push(level);
    ix
}

/// Numbers nodes and signals within their levels, and counts what each waits for.
pub(super) fn fill(plan: &mut Plan, levels: &mut [Level]) {
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
            pending: number(node.inputs.len()) + turn + u32::from(node.elsewhere),
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
        level.collapses = true;
        if node.inputs.is_empty() && !node.elsewhere {
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
