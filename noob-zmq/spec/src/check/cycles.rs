//! The graph as a whole: circles, nodes below unrelated maps, nodes that wait for disabled ones.

use std::collections::{HashMap, VecDeque};

use super::checker::Checker;
use crate::graph::spec::mistake::Mistake;
use crate::graph::{Name, Place, TubeNodeKind};

/// The nodes as numbers, and who feeds whom.
struct Graph {
    names: Vec<Name>,
    /// Whom a node feeds.
    down: Vec<Vec<usize>>,
    /// Who feeds a node, and where that is written.
    up: Vec<Vec<(usize, Place)>>,
    enabled: Vec<bool>,
    map: Vec<bool>,
}

pub(super) fn check(checker: &mut Checker<'_>) {
    let graph = Graph::new(checker);
    for (node, ups) in graph
        .up
        .iter()
        .enumerate()
        .filter(|&(node, _)| graph.enabled[node])
    {
        let disabled = ups.iter().find(|&&(up, _)| !graph.enabled[up]);
        if let Some(&(up, place)) = disabled {
            let mistake = Mistake::NeverRuns {
                node: graph.names[node].clone(),
                upstream: graph.names[up].clone(),
            };
            checker.problems.push(place, mistake);
        }
    }
    let cycles = graph.cycles();
    for cycle in &cycles {
        // The place of the dependency that leads back to the first node.
        let (Some(&last), Some(&first)) = (cycle.last(), cycle.first()) else {
            continue;
        };
        let place = graph.up[first]
            .iter()
            .find(|&&(up, _)| up == last)
            .map(|&(_, place)| place)
            .unwrap_or_default();
        let path = cycle
            .iter()
            .chain([&first])
            .map(|&node| graph.names[node].clone())
            .collect();
        checker.problems.push(place, Mistake::Cycle { path });
    }
    if cycles.is_empty() {
        graph.maps(checker);
    }
}

impl Graph {
    fn new(checker: &Checker<'_>) -> Self {
        let nodes = &checker.spec.nodes;
        let number: HashMap<&Name, usize> = nodes
            .keys()
            .enumerate()
            .map(|(at, name)| (name, at))
            .collect();
        let mut graph = Self {
            names: nodes.keys().cloned().collect(),
            down: vec![Vec::new(); nodes.len()],
            up: vec![Vec::new(); nodes.len()],
            enabled: checker.nodes.values().map(|node| node.enabled).collect(),
            map: checker
                .nodes
                .values()
                .map(|node| node.kind == TubeNodeKind::Map)
                .collect(),
        };
        for (at, node) in nodes.values().enumerate() {
            for item in &node.depends {
                if let Some(&up) = number.get(&item.node) {
                    graph.down[up].push(at);
                    graph.up[at].push((up, item.place));
                }
            }
        }
        graph
    }

    /// One shortest circle in each group of nodes that wait for each other. Disabled nodes wait for nobody.
    fn cycles(&self) -> Vec<Vec<usize>> {
        // What is left when everything that could run, and everything that feeds no circle, is taken away.
        let mut left: Vec<bool> = self.enabled.clone();
        self.take_away(
            &mut left,
            |node| self.up[node].iter().map(|&(up, _)| up).collect(),
            &self.down,
        );
        let ups: Vec<Vec<usize>> = self
            .up
            .iter()
            .map(|ups| ups.iter().map(|&(up, _)| up).collect())
            .collect();
        self.take_away(&mut left, |node| self.down[node].clone(), &ups);
        let mut cycles = Vec::new();
        for start in 0..left.len() {
            if left[start]
                && let Some(cycle) = self.shortest(start, &left)
            {
                // Everything that this circle reaches and that reaches it belongs to the same group.
                let after = reach(start, &left, &self.down);
                let before = reach(start, &left, &ups);
                for node in 0..left.len() {
                    left[node] &= !(after[node] && before[node]);
                }
                cycles.push(cycle);
            }
        }
        cycles
    }

    fn take_away(
        &self,
        left: &mut [bool],
        needs: impl Fn(usize) -> Vec<usize>,
        frees: &[Vec<usize>],
    ) {
        let mut open: Vec<usize> = (0..left.len())
            .map(|node| needs(node).into_iter().filter(|&need| left[need]).count())
            .collect();
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

    /// The shortest way from a node back to itself, without its repetition at the end.
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

    /// A node may be downstream of several maps only if they stand one behind the other.
    fn maps(&self, checker: &mut Checker<'_>) {
        let mut open: Vec<usize> = self.up.iter().map(Vec::len).collect();
        let mut ready: VecDeque<usize> = (0..open.len()).filter(|&node| open[node] == 0).collect();
        // The maps above a node are a chain: it is enough to know the nearest, and for each map how many stand above it.
        let mut nearest: Vec<Option<usize>> = vec![None; open.len()];
        let mut depth = vec![0_usize; open.len()];
        // Nodes below two unrelated maps; what stands below them is not reported again.
        let mut bad = vec![false; open.len()];
        while let Some(node) = ready.pop_front() {
            for &(up, _) in &self.up[node] {
                bad[node] |= bad[up];
                let other = if self.map[up] { Some(up) } else { nearest[up] };
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
                            self.report(node, (one, other), checker);
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
    }

    fn report(&self, node: usize, maps: (usize, usize), checker: &mut Checker<'_>) {
        let place = checker
            .spec
            .nodes
            .get(&self.names[node])
            .map(|node| node.id.place)
            .unwrap_or_default();
        let maps = (self.names[maps.0].clone(), self.names[maps.1].clone());
        checker.problems.push(
            place,
            Mistake::TwoMaps {
                node: self.names[node].clone(),
                maps,
            },
        );
    }
}

/// Everything that can be reached.
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
