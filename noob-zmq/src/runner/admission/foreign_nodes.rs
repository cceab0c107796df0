//! Objects of other languages between hosts: refused, unless the keys of the hosts allow them.
//!
//! A program that opens such an object may run code that the object names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::graph::{Edge, Name, Value};

/// Nodes on other hosts than the own one, with which no objects of other languages are exchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ForeignNodes {
    nodes: BTreeSet<Name>,
    /// Whether the runner is on another host too.
    runner: bool,
}

impl ForeignNodes {
    /// Returns the nodes on other hosts than the runner's.
    #[cfg(any(feature = "remote", test))]
    pub(crate) const fn of_runner(remote: BTreeSet<Name>) -> Self {
        Self {
            nodes: remote,
            runner: false,
        }
    }

    /// Returns the nodes on other hosts than that of `node`, of `all` nodes of the tube.
    ///
    /// Nodes that the runner leaves to other hosts are taken for ones of different hosts.
    pub(crate) fn of_node<'n>(&self, node: &Name, all: impl Iterator<Item = &'n Name>) -> Self {
        if !self.nodes.contains(node) {
            return self.clone();
        }
        Self {
            nodes: all.filter(|other| *other != node).cloned().collect(),
            runner: true,
        }
    }

    /// Whether objects of other languages from this node are refused.
    pub(crate) fn refuses(&self, node: &str) -> bool {
        self.nodes.contains(node)
    }

    /// Whether no objects of other languages may be sent to the runner.
    pub(crate) const fn is_remote(&self) -> bool {
        self.runner
    }

    /// Returns the reason why `value` may not be sent along these edges; `None` if it may.
    pub(crate) fn reason_to_keep<'e>(
        &self,
        value: &Value,
        edges: impl IntoIterator<Item = &'e Edge>,
    ) -> Option<String> {
        if self.nodes.is_empty() {
            return None;
        }
        let opaque = value.find_opaque()?;
        let mut edges = edges.into_iter();
        let goes_to = match edges.find(|edge| self.nodes.contains(&edge.target_node)) {
            Some(edge) => format!("the node `{}`", edge.target_node),
            None if self.runner => "the runner".to_owned(),
            None => return None,
        };
        Some(format!(
            "an object of kind `{}` would go to {goes_to}, on another host; who opens such an \
             object runs code that it names, so that hosts exchange none unless the key of each \
             has the role `objects`",
            opaque.kind
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Opaque, SlotRef};

    fn edge(from: &str, to: &str) -> Edge {
        Edge::new((from, "value"), (to, SlotRef::Scalar), true)
    }

    #[test]
    fn objects_stay_on_their_host() {
        let object = Value::from(Opaque::new("pickle", vec![1]));
        let nested = Value::from(vec![Value::Int(1), object.clone()]);
        let all = ["a", "b", "c"].map(Name::from);
        let runner = ForeignNodes::of_runner([Name::from("c")].into());
        let a = runner.of_node(&all[0], all.iter());
        assert!(a.refuses("c") && !a.refuses("b"));
        assert_eq!(a.reason_to_keep(&object, &[edge("a", "b")]), None);
        for value in [&object, &nested] {
            let why = a.reason_to_keep(value, &[edge("a", "b"), edge("a", "c")]);
            let why = why.expect("a reason");
            assert!(why.contains("`pickle`") && why.contains("`c`"), "{why}");
        }
        assert_eq!(a.reason_to_keep(&Value::Int(1), &[edge("a", "c")]), None);
        let c = runner.of_node(&all[2], all.iter());
        assert!(c.refuses("a") && c.refuses("b") && !c.refuses("c"));
        let why = c.reason_to_keep(&object, &[]).expect("a reason");
        assert!(why.contains("the runner"), "{why}");
        assert_eq!(
            ForeignNodes::default().reason_to_keep(&object, &[edge("a", "c")]),
            None
        );
    }
}
