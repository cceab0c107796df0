//! Random tubes of up to 40 nodes: optional edges, silence, ends, disabled nodes, maps and gathers.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::graph::{
    Edge, EdgePolicy, Map, Name, Place, SlotInfo, SlotRef, Source, Tube, TubeNode, TubeNodeKind,
    Value,
};

/// A node of a random tube.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<Feed>,
    pub(super) signals: usize,
    pub(super) stateful: bool,
    pub(super) enabled: bool,
    /// Ends in this epoch.
    pub(super) ends: Option<u32>,
    /// The maps that it lies below, outermost first.
    pub(super) chain: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Has no inputs.
    Source,
    Plain,
    /// Says lists.
    Lists,
    Map,
    /// With a fixed number, or that of the slot.
    Gather {
        n: Option<i64>,
    },
}

/// Feed of a slot: a signal of an earlier node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed {
    pub(super) node: usize,
    pub(super) signal: usize,
    pub(super) required: bool,
}

/// The numbers that a node is made of.
type Draw = (u8, Vec<(u16, u8, bool)>, u8, bool, u8, u8);

/// Graphs of up to 40 nodes.
pub(super) fn graphs() -> impl Strategy<Value = Vec<Spec>> {
    graphs_up_to(40)
}

pub(super) fn graphs_up_to(nodes: usize) -> impl Strategy<Value = Vec<Spec>> {
    let feed = (any::<u16>(), any::<u8>(), prop::bool::weighted(0.6));
    let node = (
        any::<u8>(),
        vec(feed, 1..4),
        any::<u8>(),
        any::<bool>(),
        any::<u8>(),
        any::<u8>(),
    );
    vec(node, 1..=nodes).prop_map(|draws| {
        let mut specs = Vec::new();
        for draw in draws {
            let spec = spec(&specs, draw);
            specs.push(spec);
        }
        specs
    })
}

/// The maps below which a signal is said.
pub(super) fn chain_of(specs: &[Spec], node: usize, signal: usize) -> Vec<usize> {
    let mut chain = specs[node].chain.clone();
    match specs[node].kind {
        Kind::Map if signal == 0 => chain.push(node),
        Kind::Gather { .. } => {
            chain.pop();
        }
        _ => {}
    }
    chain
}

fn spec(specs: &[Spec], (kind, feeds, signals, stateful, ends, disabled): Draw) -> Spec {
    let mut chain: Vec<usize> = Vec::new();
    let mut inputs = Vec::new();
    for (pick, signal, required) in feeds {
        if specs.is_empty() {
            break;
        }
        // Rather one of the last ones: long chains are where the trouble is.
        let node = specs.len()
            - 1
            - usize::from(pick) % specs.len().min(if pick < 40_000 { 4 } else { 40 });
        let signal = usize::from(signal) % specs[node].signals;
        let below = chain_of(specs, node, signal);
        if below.starts_with(&chain) || chain.starts_with(&below) {
            if below.len() > chain.len() {
                chain = below;
            }
            inputs.push(Feed {
                node,
                signal,
                required,
            });
        }
    }
    let mut spec = Spec {
        kind: Kind::Plain,
        inputs,
        signals: 1 + usize::from(signals) % 3,
        stateful,
        enabled: disabled >= 8,
        ends: None,
        chain,
    };
    if !spec.enabled {
        // Its edges do not count.
        spec.inputs.clear();
        spec.chain.clear();
    }
    if spec.inputs.is_empty() || kind < 30 {
        spec.kind = Kind::Source;
        spec.end_where(ends < 100, ends);
        spec.inputs.clear();
        spec.chain.clear();
        return spec;
    }
    if kind < 110 {
        // Lists, maps and gathers come together often enough to nest.
        let lists = spec.inputs.iter().copied().find(|feed| {
            let fed = &specs[feed.node];
            fed.kind == Kind::Lists || matches!(fed.kind, Kind::Gather { .. })
        });
        match lists {
            Some(feed) if spec.chain.len() < 3 => {
                spec.kind = Kind::Map;
                spec.signals = 2;
                spec.stateful = false;
                spec.inputs = vec![Feed {
                    required: true,
                    ..feed
                }];
                spec.chain = chain_of(specs, feed.node, feed.signal);
            }
            _ => {
                spec.kind = Kind::Lists;
                spec.end_where(ends < 15, ends);
            }
        }
    } else if kind < 150 {
        let feed = Feed {
            required: true,
            ..spec.inputs[0]
        };
        spec.inputs = vec![feed];
        spec.chain = chain_of(specs, feed.node, feed.signal);
        spec.signals = 1;
        spec.stateful = true;
        spec.kind = Kind::Gather {
            n: Some(1 + i64::from(signals % 3)),
        };
        if let (Some(&map), true) = (spec.chain.last(), signals >= 128) {
            spec.kind = Kind::Gather { n: None };
            spec.inputs.push(Feed {
                node: map,
                signal: 1,
                required: true,
            });
        }
    } else {
        spec.end_where(ends < 15, ends);
    }
    spec
}

impl Spec {
    fn end_where(&mut self, ends: bool, epoch: u8) {
        if ends {
            self.ends = Some(u32::from(epoch) % 6);
            // A node that ends is called in order, or it would not be clear when it has ended.
            self.stateful = true;
        }
    }
}

/// The name of a node.
pub(super) fn name(node: usize) -> Name {
    format!("n{node}").into()
}

/// The name of a signal of a node.
pub(super) fn signal_name(spec: &Spec, signal: usize) -> Name {
    match (&spec.kind, signal) {
        (Kind::Map | Kind::Gather { .. }, 0) => "value".into(),
        (Kind::Map, _) => "n".into(),
        _ => format!("s{signal}").into(),
    }
}

/// The name of the slot of this number.
pub(super) fn slot_name(spec: &Spec, slot: usize) -> Name {
    match (&spec.kind, slot) {
        (Kind::Map | Kind::Gather { .. }, 0) => "value".into(),
        (Kind::Gather { .. }, _) => "n".into(),
        _ => format!("i{slot}").into(),
    }
}

/// The tube of a graph.
pub(super) fn tube(specs: &[Spec]) -> Tube {
    let node = |(ix, spec): (usize, &Spec)| {
        let mut params = Map::new();
        if let Kind::Gather { n: Some(n) } = spec.kind {
            params.insert("n".into(), Value::Int(n));
        }
        let slots = spec.inputs.iter().enumerate();
        let slots = slots.map(|(slot, feed)| SlotInfo {
            name: slot_name(spec, slot),
            optional: !feed.required,
        });
        let node = TubeNode {
            id: name(ix),
            type_name: "test".into(),
            kind: match spec.kind {
                Kind::Map => TubeNodeKind::Map,
                Kind::Gather { .. } => TubeNodeKind::Gather,
                _ => TubeNodeKind::Typed,
            },
            params,
            enabled: spec.enabled,
            stateful: spec.stateful,
            slots: slots.collect(),
            signals: (0..spec.signals)
                .map(|signal| signal_name(spec, signal))
                .collect(),
            ..TubeNode::default()
        };
        (node.id.clone(), node)
    };
    let edges = specs.iter().enumerate().flat_map(|(ix, spec)| {
        spec.inputs
            .iter()
            .enumerate()
            .map(move |(slot, feed)| Edge {
                source_node: name(feed.node),
                source_signal: signal_name(&specs[feed.node], feed.signal),
                target_node: name(ix),
                target_slot: SlotRef::Name(slot_name(spec, slot)),
                required: feed.required,
                policy: EdgePolicy::All,
                place: Place::default(),
            })
    });
    Tube {
        id: "random".into(),
        nodes: specs.iter().enumerate().map(node).collect(),
        edges: edges.collect(),
        source: Source::new("random.yaml", ""),
        ..Tube::default()
    }
}
