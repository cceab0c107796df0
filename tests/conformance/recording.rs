//! Graph and events of a recording, as noob recorded them.

use std::collections::BTreeSet;

use noob_zmq::graph::{Epoch, Segment};
use serde_json::Value as Json;

/// Event without a value.
pub(crate) const NOTHING: &str = "__META__NoEvent";

/// Recorded case of a pipeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recording<'c>(pub(crate) &'c Json);

/// Recorded edge; `slot` is `None` for `depends: node.signal`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge<'c> {
    pub(crate) source: &'c str,
    pub(crate) signal: &'c str,
    pub(crate) target: &'c str,
    pub(crate) slot: Option<&'c str>,
    pub(crate) required: bool,
}

impl<'c> Recording<'c> {
    pub(crate) fn edges(self) -> impl Iterator<Item = Edge<'c>> {
        items(&self.0["load"]["edges"]).map(|edge| Edge {
            source: text(&edge[0]),
            signal: text(&edge[1]),
            target: text(&edge[2]),
            slot: edge[3].as_str(),
            required: edge[4] == true,
        })
    }

    pub(crate) fn edges_to(self, node: &str) -> impl Iterator<Item = Edge<'c>> {
        self.edges().filter(move |edge| edge.target == node)
    }

    /// Returns the nodes of a class, such as `Map`.
    pub(crate) fn nodes_of(self, class: &str) -> impl Iterator<Item = &'c str> {
        self.nodes().filter(move |node| self.class(node) == class)
    }

    pub(crate) fn nodes(self) -> impl Iterator<Item = &'c str> {
        let nodes = self.0["load"]["nodes"].as_object();
        nodes.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    pub(crate) fn class(self, node: &str) -> &'c str {
        text(&self.0["load"]["nodes"][node]["class"])
    }

    pub(crate) fn signals(self, node: &str) -> impl Iterator<Item = &'c str> {
        items(&self.0["load"]["nodes"][node]["signals"]).map(text)
    }

    /// Returns the nodes that feed a node, directly or through others.
    pub(crate) fn above(self, node: &str) -> BTreeSet<&'c str> {
        let mut above = BTreeSet::new();
        let mut open: Vec<&str> = self.edges_to(node).map(|edge| edge.source).collect();
        while let Some(node) = open.pop() {
            if above.insert(node) {
                open.extend(self.edges_to(node).map(|edge| edge.source));
            }
        }
        above
    }

    /// Returns the number of maps in whose sub-epochs a node is called.
    pub(crate) fn depth(self, node: &str) -> usize {
        let fed = self
            .edges_to(node)
            .map(|edge| match self.class(edge.source) {
                "Map" if edge.signal == "value" => self.depth(edge.source) + 1,
                "Gather" => self.depth(edge.source).saturating_sub(1),
                _ => self.depth(edge.source),
            });
        fed.max().unwrap_or_default()
    }

    /// Returns the number of nodes in the longest chain that leads to a node.
    pub(crate) fn generation(self, node: &str) -> usize {
        let fed = self
            .edges_to(node)
            .map(|edge| self.generation(edge.source) + 1);
        fed.max().unwrap_or_default()
    }

    /// Returns the events of a call, or of all calls.
    pub(crate) fn events(self, call: Option<usize>) -> impl Iterator<Item = &'c Json> {
        let calls = items(&self.0["events"]).enumerate();
        let calls = calls.filter(move |(number, _)| call.is_none_or(|call| call == *number));
        calls.flat_map(|(_, events)| items(events))
    }

    /// Returns the values that a signal, or an input, had in a call.
    pub(crate) fn values(self, call: Option<usize>, edge: Edge<'c>) -> Vec<&'c Json> {
        if edge.source == "input" {
            let calls = items(&self.0["calls"]).enumerate();
            let calls = calls.filter(|(number, _)| call.is_none_or(|call| call == *number));
            return calls
                .filter_map(|(_, call)| call["kwargs"].get(edge.signal))
                .collect();
        }
        let events = self.events(call);
        let events = events
            .filter(|event| event["node_id"] == edge.source && event["signal"] == edge.signal);
        events.map(|event| &event["value"]).collect()
    }

    /// Returns the nodes that could not run in a call, as what they need was nothing.
    pub(crate) fn silent(self, call: Option<usize>) -> BTreeSet<&'c str> {
        let mut silent = BTreeSet::new();
        loop {
            let needs = |edge: &Edge<'c>| {
                let nothing = || {
                    self.values(call, *edge)
                        .iter()
                        .any(|value| *value == NOTHING)
                };
                edge.required && (silent.contains(edge.source) || nothing())
            };
            let more: Vec<&str> = self.edges().filter(needs).map(|edge| edge.target).collect();
            let known = silent.len();
            silent.extend(more);
            if silent.len() == known {
                return silent;
            }
        }
    }
}

pub(crate) fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

pub(crate) fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

/// Reads a recorded epoch: a number, or a list of it and pairs of a node and a number.
pub(crate) fn epoch(json: &Json) -> Epoch {
    let small = |json: &Json| {
        json.as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or_default()
    };
    let Some((root, segments)) = json.as_array().and_then(|list| list.split_first()) else {
        return Epoch::root(small(json));
    };
    let segments = segments.iter().map(|segment| Segment {
        node: text(&segment[0]).into(),
        index: small(&segment[1]),
    });
    Epoch::new(small(root), segments)
}
