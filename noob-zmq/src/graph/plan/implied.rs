//! Nodes whose calls need not be reported, since a later node can only be called after them.

use super::compiled::{Plan, Role};
use super::index::{NodeIx, range};

/// Calls that other calls imply.
///
/// If a node requires every signal of one other node that anybody takes, and nothing else, an event
/// of the first proves that the second was called in the same epoch, and has emitted a value on
/// each of these signals. Such a node need not report its values to whoever sees the events of the
/// first.
#[derive(Debug, Default)]
pub(crate) struct ImpliedCalls {
    /// For each node: the node whose call its own calls imply.
    feeders: Vec<Option<NodeIx>>,
    /// For each node: whether the calls of another node imply its own.
    implied: Vec<bool>,
    /// Nodes whose calls were implied before.
    ended: Vec<NodeIx>,
}

impl ImpliedCalls {
    /// Returns the implied calls of a plan; a node is not implied if `is_reported` says so.
    ///
    /// Sources are not implied: their events tell which epochs have begun.
    pub(crate) fn new(plan: &Plan, is_reported: impl Fn(NodeIx) -> bool) -> Self {
        let may_be_implied = |node: NodeIx| {
            let mut feeders = plan.feeders(node);
            is_plain(plan, node)
                && feeders.any(|feeder| plan.role(feeder) != Role::Given)
                && !is_reported(node)
        };
        let feeder = |node: NodeIx| {
            let inputs = &plan.inputs[range(&plan.nodes[node.index()].inputs)];
            let feeder = plan.signal_node(inputs.first()?.signal);
            let mut heard = plan
                .signals_of(feeder)
                .filter(|signal| plan.is_heard(*signal));
            let proves = is_plain(plan, node)
                && inputs
                    .iter()
                    .all(|input| input.required && plan.signal_node(input.signal) == feeder)
                && heard.all(|signal| inputs.iter().any(|input| input.signal == signal));
            (proves && may_be_implied(feeder)).then_some(feeder)
        };
        let feeders: Vec<Option<NodeIx>> = plan.nodes().map(feeder).collect();
        let mut implied = vec![false; plan.node_count()];
        for feeder in feeders.iter().flatten() {
            implied[feeder.index()] = true;
        }
        Self {
            feeders,
            implied,
            ended: Vec::new(),
        }
    }

    /// Returns the node whose call a call of this node implies.
    pub(crate) fn feeder(&self, node: NodeIx) -> Option<NodeIx> {
        self.feeders.get(node.index()).copied().flatten()
    }

    /// Ends that calls of other nodes imply those of this node.
    pub(crate) fn remove(&mut self, node: NodeIx) {
        let implied = self.implied.get_mut(node.index());
        if implied.is_some_and(std::mem::take) {
            self.ended.push(node);
            for feeder in &mut self.feeders {
                feeder.take_if(|feeder| *feeder == node);
            }
        }
    }

    /// Returns whether the calls of another node implied those of this node before.
    pub(crate) fn has_ended(&self, node: NodeIx) -> bool {
        self.ended.contains(&node)
    }

    /// Returns whether the calls of another node imply those of this node.
    pub(crate) fn is_implied(&self, node: NodeIx) -> bool {
        self.implied.get(node.index()).copied().unwrap_or_default()
    }
}

/// Whether a node is called once in each root epoch, and emits in that epoch.
fn is_plain(plan: &Plan, node: NodeIx) -> bool {
    plan.role(node) == Role::Plain && plan.depth(node) == 0 && !plan.is_blocked(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::plan::text::plan as test_plan;

    fn implied(nodes: &str, edges: &[&str], reported: &str) -> String {
        let plan = test_plan(nodes, edges);
        let calls = ImpliedCalls::new(&plan, |node| **plan.node_name(node) == *reported);
        let implied = plan.nodes().filter(|node| calls.is_implied(*node));
        let names: Vec<&str> = implied.map(|node| &**plan.node_name(node)).collect();
        names.join(" ")
    }

    #[test]
    fn chain_reports_its_ends() {
        let edges = ["a.x > b", "b.x > c", "c.x > d"];
        assert_eq!(implied("a b c d", &edges, ""), "b c");
        assert_eq!(implied("a b c d", &edges, "b"), "c");
    }

    #[test]
    fn join_and_map_prove_nothing() {
        let edges = ["a.x > b", "a.x > c", "b.x > d", "c.x > d"];
        assert_eq!(implied("a b c d", &edges, ""), "");
        let edges = [
            "a.x > b",
            "b.x > m",
            "m.value > c",
            "c.v > g",
            "g.value > e",
        ];
        assert_eq!(implied("a b m:map c g:gather e", &edges, ""), "");
    }

    #[test]
    fn reader_requires_every_signal_that_anybody_takes() {
        assert_eq!(
            implied("a b c", &["a.x > b", "b.x > c", "b.y > c"], ""),
            "b"
        );
        assert_eq!(implied("a b c", &["a.x > b", "b.x > c", "b.y ? c"], ""), "");
        let edges = ["a.x > b", "b.x > c", "b.y > d"];
        assert_eq!(implied("a b c d", &edges, ""), "");
        let edges = ["a.x > b", "b.x > c", "b.x > d", "a.x > d"];
        assert_eq!(implied("a b c d", &edges, ""), "b");
    }
}
