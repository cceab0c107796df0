//! Warnings of values below a `map` that are emitted and not returned: the first item or the last
//! list of an epoch replaces the others.

use super::super::{Dependency, DiagnosticKind, Diagnostics, NodeSpec, Place, TubeNodeKind};
use super::cycles::Graph;

/// Nesting of the nodes of a tube: each level has a node for each item of a `map`.
struct Levels {
    /// The map that makes the items of a level, and the level of that map; the first has none.
    made_by: Vec<Option<(usize, usize)>>,
    depth: Vec<usize>,
    /// The level of each node.
    of: Vec<usize>,
    /// The level below each map.
    below: Vec<Option<usize>>,
}

/// Warns of return nodes that return one item of many, and of gathers of which only the last list
/// counts.
///
/// `order` has all nodes, each after those that feed it.
pub(super) fn warn(graph: &Graph<'_>, order: &[usize], diagnostics: &mut Diagnostics) {
    let levels = Levels::new(graph, order);
    for (at, node) in graph.specs.iter().enumerate() {
        let Some((map, _)) = levels.made_by[levels.of[at]].filter(|_| graph.nodes[at].enabled)
        else {
            continue;
        };
        match node.kind() {
            TubeNodeKind::Return if node.scalar => {
                if let Some(item) = node.depends.first() {
                    let kind = DiagnosticKind::FirstItemOnly {
                        signal: source_text(item),
                        map: graph.name(map),
                    };
                    diagnostics.push(item.place, kind);
                }
            }
            TubeNodeKind::Gather => {
                if let Some(place) = repeated(graph, at, map) {
                    let value = node.value_source().map(source_text);
                    let kind = DiagnosticKind::LastListOnly {
                        node: graph.name(at),
                        value: value.unwrap_or_default(),
                        map: graph.name(map),
                    };
                    diagnostics.push(place, kind);
                }
            }
            _ => {}
        }
    }
}

fn source_text(item: &Dependency) -> String {
    format!("{}.{}", item.node, item.signal)
}

/// Returns the place of what makes a gather emit several lists for the items of a map, if some
/// node gets them.
fn repeated(graph: &Graph<'_>, gather: usize, map: usize) -> Option<Place> {
    let node = graph.specs[gather];
    let is_read = graph.down[gather]
        .iter()
        .any(|&below| graph.nodes[below].enabled);
    let fed = |slot: &str| {
        let mut items = node.depends.iter();
        items.find(|item| item.slot_name() == Some(slot))
    };
    if !is_read {
        return None;
    }
    if let Some(n) = fed("n") {
        let counts_items = n.node == graph.specs[map].id.value && &*n.signal == "n";
        return (!counts_items).then_some(n.place);
    }
    let trigger = fed("trigger").map(|trigger| trigger.place);
    trigger.or_else(|| node.params.get("n").map(|n| n.key))
}

impl Levels {
    fn new(graph: &Graph<'_>, order: &[usize]) -> Self {
        let mut levels = Self {
            made_by: vec![None],
            depth: vec![0],
            of: vec![0; graph.specs.len()],
            below: vec![None; graph.specs.len()],
        };
        for &at in order {
            let node = graph.specs[at];
            let fed = node.depends.iter().filter_map(|item| {
                let source = graph.index(&item.node)?;
                Some(levels.of_signal(graph.specs[source], source, &item.signal))
            });
            // The maps above a node are a chain: the deepest level lies below all others.
            let own = fed.max_by_key(|&level| levels.depth[level]).unwrap_or(0);
            levels.of[at] = own;
            if graph.nodes[at].is_map {
                levels.made_by.push(Some((at, own)));
                levels.depth.push(levels.depth[own] + 1);
                levels.below[at] = Some(levels.depth.len() - 1);
            }
        }
        levels
    }

    /// Returns the level of a signal: that of its node, or one below or above it.
    fn of_signal(&self, node: &NodeSpec, at: usize, signal: &str) -> usize {
        let own = self.of[at];
        match (node.kind(), self.below[at], self.made_by[own]) {
            (_, Some(below), _) if signal == "value" => below,
            (TubeNodeKind::Gather, _, Some((_, above))) => above,
            _ => own,
        }
    }
}
