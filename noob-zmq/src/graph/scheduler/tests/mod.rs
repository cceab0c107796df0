//! Rules of the scheduler, one by one; graphs, epochs and events are written as short texts.

mod alone;
mod flat;
mod mapped;

use std::sync::Arc;

use super::super::compile::NodeSpec;
use super::super::plan::{Plan, Role};
use super::super::{Edge, Epoch, SlotRef};
use super::{Applied, Scheduler, SignalUpdate};

/// A graph written as text: `a` (a stateless node), `s*` (stateful), `d-` (disabled), `m:map`, `g:gather`, `r:return`;
/// edges `a.x > b` (required) and `a.x ? b` (optional). Every node has the signals that edges name, a map also `value` and `n`.
pub(in super::super) fn plan(nodes: &str, edges: &[&str]) -> Arc<Plan> {
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
            Edge {
                source_node: node.into(),
                source_signal: signal.into(),
                target_node: target.trim().into(),
                target_slot: SlotRef::Position(ix),
                required: text.contains('>'),
                ..Edge::default()
            }
        })
        .collect();
    Arc::new(Plan::compile(specs.collect(), &edges))
}

/// A scheduler driven by text: epochs are `3` or `3/m.0/k.1`.
struct Driver {
    scheduler: Scheduler,
}

fn epoch(text: &str) -> Epoch {
    let mut parts = text.split('/');
    let root = parts
        .next()
        .and_then(|root| root.parse().ok())
        .expect("a root number");
    parts.fold(Epoch::root(root), |epoch, part| {
        let (node, index) = part.split_once('.').expect("node.index");
        epoch.child(node, index.parse().expect("a number"))
    })
}

fn text(epoch: &Epoch) -> String {
    epoch
        .path()
        .iter()
        .fold(epoch.number().to_string(), |text, segment| {
            format!("{text}/{}.{}", segment.node, segment.index)
        })
}

impl Driver {
    fn new(nodes: &str, edges: &[&str]) -> Self {
        Self {
            scheduler: Scheduler::new(plan(nodes, edges)),
        }
    }

    fn for_node(nodes: &str, edges: &[&str], node: &str) -> Self {
        let plan = plan(nodes, edges);
        let node = plan.node_index(node).expect("a node");
        Self {
            scheduler: Scheduler::for_node(plan, node),
        }
    }

    fn ready(&mut self) -> Vec<String> {
        let plan = self.scheduler.plan().clone();
        self.scheduler
            .take_ready()
            .map(|(epoch, node)| format!("{}@{}", plan.node_name(node), text(&epoch)))
            .collect()
    }

    fn ended(&mut self) -> Vec<u32> {
        self.scheduler.take_closed().collect()
    }

    /// `a.x=1 a.y=0 a.z=!` in an epoch: a value, nothing, exhausted.
    fn say(&mut self, at: &str, said: &str) -> Vec<Applied> {
        let plan = self.scheduler.plan().clone();
        said.split_whitespace()
            .map(|word| {
                let (signal, what) = word.split_once('=').expect("signal=what");
                let (node, signal) = signal.split_once('.').expect("node.signal");
                let node = plan.node_index(node).expect("a node");
                let signal = plan.signal_index(node, signal).expect("a signal");
                let what = match what {
                    "1" => SignalUpdate::Value,
                    "0" => SignalUpdate::Nothing,
                    _ => SignalUpdate::Exhausted,
                };
                self.scheduler.event(&epoch(at), node, signal, what)
            })
            .collect()
    }

    fn done(&mut self, at: &str, nodes: &str) -> Vec<Applied> {
        let plan = self.scheduler.plan().clone();
        nodes
            .split_whitespace()
            .map(|node| {
                self.scheduler
                    .node_done(&epoch(at), plan.node_index(node).expect("a node"))
            })
            .collect()
    }

    /// A whole call: says, then is done.
    fn call(&mut self, at: &str, node: &str, said: &str) {
        let told = self.say(at, said);
        assert!(
            told.iter().all(|told| *told == Applied::New),
            "{said}: {told:?}"
        );
        let told = self.done(at, node);
        assert!(
            told.iter().all(|told| *told == Applied::New),
            "{node}: {told:?}"
        );
    }
}
