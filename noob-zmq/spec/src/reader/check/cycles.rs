//! The graph as a whole: cycles, nodes below unrelated maps, nodes that wait for disabled ones.

use std::collections::VecDeque;

use super::super::{DiagnosticKind, Diagnostics, Name, NodeSpec, Place, TubeNodeKind, TubeSpec};
use super::lists;

/// Facts about a node, in the order of the tube.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// Whether the node runs at all.
    pub enabled: bool,
    /// Whether the node is a `map`.
    pub is_map: bool,
}

/// The nodes as numbers, and their edges.
pub(super) struct Graph<'a> {
    pub(super) specs: Vec<&'a NodeSpec>,
    spec: &'a TubeSpec,
    /// Nodes that a node feeds.
    pub(super) down: Vec<Vec<usize>>,
    /// Nodes that feed a node.
    up: Vec<Vec<usize>>,
    pub(super) nodes: &'a [Node],
}

/// Reports cycles, nodes below unrelated maps, nodes that wait for disabled ones, and values below
/// a map that are lost.
///
/// `nodes` are those of the tube, in their order.
pub fn graph(spec: &TubeSpec, nodes: &[Node], diagnostics: &mut Diagnostics) {
    let graph = Graph::new(spec, nodes);
    for (node, ups) in graph.up.iter().enumerate() {
        let disabled = ups.iter().find(|&&up| !nodes[up].enabled);
        if let Some(&up) = disabled.filter(|_| nodes[node].enabled) {
            let kind = DiagnosticKind::NeverRuns {
                node: graph.name(node),
                upstream: graph.name(up),
            };
            diagnostics.push(graph.edge(up, node), kind);
        }
    }
    let cycles = graph.cycles();
    for cycle in &cycles {
        // The place of the dependency that leads back to the first node.
        let (Some(&last), Some(&first)) = (cycle.last(), cycle.first()) else {
            continue;
        };
        let path = cycle
            .iter()
            .chain([&first])
            .map(|&node| graph.name(node))
            .collect();
        diagnostics.push(graph.edge(last, first), DiagnosticKind::Cycle { path });
    }
    if cycles.is_empty()
        && let Some(order) = graph.maps(diagnostics)
    {
        lists::warn(&graph, &order, diagnostics);
    }
}

impl<'a> Graph<'a> {
    fn new(spec: &'a TubeSpec, nodes: &'a [Node]) -> Self {
        let mut graph = Self {
            specs: spec.nodes.values().collect(),
            spec,
            down: vec![Vec::new(); nodes.len()],
            up: vec![Vec::new(); nodes.len()],
            nodes,
        };
        for (at, node) in spec.nodes.values().enumerate() {
            for item in &node.depends {
                // Nothing can depend on a return node, which is reported as such.
                if let Some(up) = spec.nodes.get_index_of(&item.node)
                    && graph.specs[up].kind() != TubeNodeKind::Return
                {
                    graph.down[up].push(at);
                    graph.up[at].push(up);
                }
            }
        }
        graph
    }

    pub(super) fn name(&self, node: usize) -> Name {
        self.specs[node].id.value.clone()
    }

    /// Returns the node of a name.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.spec.nodes.get_index_of(name)
    }

    /// Returns the place of the first dependency of `node` on `up`.
    fn edge(&self, up: usize, node: usize) -> Place {
        let name = &self.specs[up].id.value;
        let mut items = self.specs[node].depends.iter();
        let item = items.find(|item| item.node == *name);
        item.map(|item| item.place).unwrap_or_default()
    }

    /// Returns one shortest cycle in each group of nodes that wait for each other.
    ///
    /// Disabled nodes wait for none.
    fn cycles(&self) -> Vec<Vec<usize>> {
        // Remove the nodes that could run, then those that feed no cycle.
        let mut left: Vec<bool> = self.nodes.iter().map(|node| node.enabled).collect();
        remove_free(&mut left, &self.up, &self.down);
        remove_free(&mut left, &self.down, &self.up);
        let mut cycles = Vec::new();
        for start in 0..left.len() {
            if left[start]
                && let Some(cycle) = self.shortest(start, &left)
            {
                // The nodes that this cycle reaches and that reach it belong to the same group.
                let after = reach(start, &left, &self.down);
                let before = reach(start, &left, &self.up);
                for node in 0..left.len() {
                    left[node] &= !(after[node] && before[node]);
                }
                cycles.push(cycle);
            }
        }
        cycles
    }

    /// Returns the shortest path from a node back to itself, without its repetition at the end.
    fn shortest(&self, start: usize, left: &[bool]) -> Option<Vec<usize>> {
        let mut from: Vec<Option<usize>> = vec![None; left.len()];
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for &next in self.down[node].iter().filter(|&&next| left[next]) {
                if next == start {
                    let mut path = vec![node];
                    while let Some(before) = path
                        .last()
                        .filter(|&&last| last != start)
                        .and_then(|&last| from[last])
                    {
                        path.push(before);
                    }
                    path.reverse();
                    return Some(path);
                }
                if from[next].is_none() {
                    from[next] = Some(node);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// Reports nodes that are downstream of several maps which do not stand one behind the other.
    ///
    /// Without such nodes, returns all nodes in topological order.
    fn maps(&self, diagnostics: &mut Diagnostics) -> Option<Vec<usize>> {
        let mut open: Vec<usize> = self.up.iter().map(Vec::len).collect();
        let mut ready: VecDeque<usize> = (0..open.len()).filter(|&node| open[node] == 0).collect();
        // The maps above a node are a chain, so it is enough to know the nearest, and for each map
        // how many stand above it.
        let mut nearest: Vec<Option<usize>> = vec![None; open.len()];
        let mut depth = vec![0_usize; open.len()];
        // Nodes below two unrelated maps. The nodes below them are not reported again.
        let mut bad = vec![false; open.len()];
        let mut order = Vec::with_capacity(open.len());
        while let Some(node) = ready.pop_front() {
            order.push(node);
            for &up in &self.up[node] {
                bad[node] |= bad[up];
                let other = if self.nodes[up].is_map {
                    Some(up)
                } else {
                    nearest[up]
                };
                if bad[node] {
                    continue;
                }
                match (nearest[node], other) {
                    (_, None) => {}
                    (None, other) => nearest[node] = other,
                    (Some(one), Some(other)) => {
                        let (mut deep, flat) = if depth[one] >= depth[other] {
                            (one, other)
                        } else {
                            (other, one)
                        };
                        nearest[node] = Some(deep);
                        while deep != flat && depth[deep] > depth[flat] {
                            let Some(above) = nearest[deep] else { break };
                            deep = above;
                        }
                        if deep != flat {
                            bad[node] = true;
                            let kind = DiagnosticKind::TwoMaps {
                                node: self.name(node),
                                maps: (self.name(one), self.name(other)),
                            };
                            diagnostics.push(self.specs[node].id.place, kind);
                        }
                    }
                }
            }
            depth[node] = nearest[node].map_or(0, |map| depth[map] + 1);
            for &next in &self.down[node] {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.push_back(next);
                }
            }
        }
        (!bad.contains(&true)).then_some(order)
    }
}

/// Removes the nodes that need no node that is left, again and again; `frees` is `needs` reversed.
fn remove_free(left: &mut [bool], needs: &[Vec<usize>], frees: &[Vec<usize>]) {
    let count = |needs: &Vec<usize>| needs.iter().filter(|&&need| left[need]).count();
    let mut open: Vec<usize> = needs.iter().map(count).collect();
    let mut free: Vec<usize> = (0..left.len())
        .filter(|&node| left[node] && open[node] == 0)
        .collect();
    while let Some(node) = free.pop() {
        left[node] = false;
        for &next in &frees[node] {
            open[next] = open[next].saturating_sub(1);
            if open[next] == 0 && left[next] {
                free.push(next);
            }
        }
    }
}

/// Returns which nodes can be reached from one.
fn reach(start: usize, within: &[bool], next: &[Vec<usize>]) -> Vec<bool> {
    let mut seen = vec![false; within.len()];
    let mut stack = vec![start];
    while let Some(node) = stack.pop() {
        if within[node] && !std::mem::replace(&mut seen[node], true) {
            stack.extend(&next[node]);
        }
    }
    seen
}
