//! Access order of shared objects: the order in which the nodes that may hold an object are called.
//!
//! A node may hold an object if it depends on an asset, or on a node that may hold the object. Of
//! these nodes only one is called at a time, in an order that follows from the tube alone: earlier
//! nodes of the plan first and, below a `map`, one node for all items before the next node. So the
//! changes of one node are seen by the next, on every runner alike.

use std::collections::BTreeSet;

use super::Scheduler;
use crate::graph::plan::{NodeIx, Plan, Role, range};
use crate::graph::{AssetScope, Epoch, Tube};

/// The name that assets have in `depends`.
pub(crate) const ASSETS: &str = "assets";

/// Hands out the nodes that are ready, those that may hold an object one at a time.
#[derive(Debug)]
pub(crate) struct AccessOrder {
    /// For each node, its place in the order.
    rank: Vec<usize>,
    /// For each node that may hold an object, those that may hold it before.
    earlier: Vec<Option<Vec<NodeIx>>>,
    /// Ready calls that are not dispatched yet.
    held: BTreeSet<(usize, Epoch, NodeIx)>,
}

impl AccessOrder {
    /// Returns the access order of a tube; `None` if no node depends on an asset.
    pub(crate) fn new(tube: &Tube, plan: &Plan) -> Option<Self> {
        // Each node is given one of its own.
        let apart = |asset: &str| {
            let asset = tube.assets.get(asset);
            asset.is_some_and(|asset| asset.scope == AssetScope::Node)
        };
        let assets = plan.node_index(ASSETS)?;
        let order = plan.order();
        let count = plan.node_count();
        let mut rank = vec![count; count];
        for (place, node) in order.iter().enumerate() {
            rank[node.index()] = place;
        }
        // An asset, and whose it is, if each node has its own.
        let mut reach: Vec<BTreeSet<(u32, Option<NodeIx>)>> = vec![BTreeSet::new(); count];
        for &node in &order {
            let mut held = BTreeSet::new();
            for input in &plan.inputs[range(&plan.nodes[node.index()].inputs)] {
                let source = plan.signal_node(input.signal);
                if source == assets {
                    let own = apart(plan.signal_name(input.signal)).then_some(node);
                    held.insert((input.signal.0, own));
                } else {
                    held.extend(reach[source.index()].iter().copied());
                }
            }
            reach[node.index()] = held;
        }
        let touches = |node: NodeIx| {
            // An object that only this node holds has no earlier holder.
            reach[node.index()]
                .iter()
                .any(|(_, own)| *own != Some(node))
                && !plan.is_blocked(node)
                && !matches!(plan.role(node), Role::Return | Role::Given)
        };
        let earlier = |node: NodeIx| {
            let before = plan.nodes().filter(|other| {
                touches(*other)
                    && rank[other.index()] < rank[node.index()]
                    && !reach[other.index()].is_disjoint(&reach[node.index()])
            });
            before.collect()
        };
        Some(Self {
            earlier: plan
                .nodes()
                .map(|node| touches(node).then(|| earlier(node)))
                .collect(),
            rank,
            held: BTreeSet::new(),
        })
    }

    /// Whether a node may hold an object.
    pub(crate) fn touches(&self, node: NodeIx) -> bool {
        self.earlier[node.index()].is_some()
    }

    /// The next node to call.
    pub(crate) fn next_ready(&mut self, scheduler: &mut Scheduler) -> Option<(Epoch, NodeIx)> {
        while let Some((epoch, node)) = scheduler.next_ready() {
            if !self.touches(node) {
                return Some((epoch, node));
            }
            self.held.insert((self.rank[node.index()], epoch, node));
        }
        self.held
            .retain(|(_, epoch, _)| !scheduler.is_closed(epoch.number()));
        let free = |(_, epoch, node): &&(usize, Epoch, NodeIx)| {
            let before = self.earlier[node.index()].iter().flatten();
            !before
                .into_iter()
                .any(|other| scheduler.may_run(epoch.number(), *other))
                && !scheduler.may_run_before(epoch, *node)
        };
        let next = self.held.iter().find(free).cloned()?;
        self.held.remove(&next);
        Some((next.1, next.2))
    }
}

/// Returns the next node to call, in the access order if the tube has shared objects.
pub(crate) fn next_ready(
    access_order: &mut Option<AccessOrder>,
    scheduler: &mut Scheduler,
) -> Option<(Epoch, NodeIx)> {
    match access_order {
        Some(access_order) => access_order.next_ready(scheduler),
        None => scheduler.next_ready(),
    }
}
