//! Plans written as text, for tests.

use std::sync::Arc;

use super::compile::NodeSpec;
use super::{Plan, Role};
use crate::graph::{Edge, SlotRef};

/// Returns the plan of a graph written as text.
///
/// Nodes are `a` (stateless), `s*` (stateful), `d-` (disabled), `m:map`, `g:gather` and `r:return`;
/// edges are `a.x > b` (required) and `a.x ? b` (optional), or `a.x > b:slot`. Every node has the
/// signals that edges name; a map has `value` and `n` as well.
pub(crate) fn plan(nodes: &str, edges: &[&str]) -> Arc<Plan> {
    let specs = nodes.split_whitespace().map(|word| {
        let (name, role) = word.split_once(':').unwrap_or((word, "plain"));
        NodeSpec {
            name: name.trim_end_matches(['*', '-']).into(),
            role: match role {
                "map" => Role::Map,
                "gather" => Role::Gather,
                "return" => Role::Return,
                _ => Role::Plain,
            },
            enabled: !name.contains('-'),
            stateful: name.contains('*'),
            events: false,
            signals: match role {
                "map" => vec!["value".into(), "n".into()],
                "gather" => vec!["value".into()],
                _ => Vec::new(),
            },
        }
    });
    let edges: Vec<Edge> = edges
        .iter()
        .enumerate()
        .map(|(ix, text)| {
            let (source, target) = text.split_once(['>', '?']).expect("an edge");
            let (node, signal) = source.trim().split_once('.').expect("node.signal");
            let (target, slot) = target.trim().split_once(':').unwrap_or((target.trim(), ""));
            Edge {
                source_node: node.into(),
                source_signal: signal.into(),
                target_node: target.into(),
                target_slot: match slot {
                    "" => SlotRef::Position(ix),
                    slot => SlotRef::Name(slot.into()),
                },
                required: text.contains('>'),
                ..Edge::default()
            }
        })
        .collect();
    Arc::new(Plan::compile(specs.collect(), &edges))
}
