//! Rules of `map` and `gather`.

use serde_json::{Value as Json, json};

use super::{Rule, Run};
use crate::recording::{Edge, NOTHING};

pub(super) const RULES: &[Rule] = &[
    ("map/above_the_map", above_the_map),
    ("map/in_a_row", in_a_row),
    ("map/rejoin", rejoin),
    ("map/no_items", no_items),
    ("map/nothing_above", nothing_above),
];

impl<'c> Run<'c> {
    /// Returns the edges from nodes outside of a map to nodes below it, with the map.
    fn edges_into_maps(&self) -> impl Iterator<Item = (&'c str, Edge<'c>)> {
        let recording = self.recording;
        recording.nodes_of("Map").flat_map(move |map| {
            let into = recording.edges().filter(move |edge| {
                let enters = recording.depth(edge.source) < recording.depth(edge.target);
                enters && edge.source != map && recording.above(edge.target).contains(map)
            });
            into.map(move |edge| (map, edge))
        })
    }
}

/// Explains the values of a node above a map, beside or after it, on which nodes below depend.
///
/// noob repeats its value for each item, or the call fails.
fn above_the_map(run: &Run) -> bool {
    let graph = run.recording;
    let late = |map: &str, edge: Edge| {
        graph.generation(edge.source) > graph.generation(map)
            && !graph.above(edge.source).contains(map)
    };
    let repeated = || {
        run.deviation.every_leaf(|leaf| match leaf {
            (Some(Json::Array(recorded)), Some(came)) => {
                !recorded.is_empty() && recorded.iter().all(|value| value == came)
            }
            _ => false,
        })
    };
    run.edges_into_maps().any(|(map, edge)| late(map, edge))
        && (run.deviation.failed_there() || repeated())
}

/// Explains a call that never returns for want of a second map, which a gather of the first feeds.
fn in_a_row(run: &Run) -> bool {
    let graph = run.recording;
    let after_a_map = |map: &str| {
        let above = graph.above(map);
        let class = |class: &str| above.iter().any(|node| graph.class(node) == class);
        class("Map") && class("Gather")
    };
    run.deviation.hung() && graph.nodes_of("Map").any(after_a_map)
}

/// Explains values of nodes that take an item and the list of all: noob returns the last only.
fn rejoin(run: &Run) -> bool {
    let graph = run.recording;
    let joins = |(map, edge): (&str, Edge)| {
        let mut above = graph.above(edge.source);
        above.insert(edge.source);
        above.contains(map) && above.iter().any(|node| graph.class(node) == "Gather")
    };
    let last = |recorded: &Json, came: &Json| {
        came.as_array().and_then(|items| items.last()) == Some(recorded)
    };
    run.edges_into_maps().any(joins)
        && run.deviation.every_leaf(|leaf| match leaf {
            (Some(recorded), Some(came)) => last(recorded, came),
            _ => false,
        })
}

/// Explains the values that follow a list without items.
fn no_items(run: &Run) -> bool {
    let empty = |edge: Edge| {
        let values = run.recording.values(run.deviation.call, edge);
        values.into_iter().any(|value| *value == json!([]))
    };
    let mut maps = run.recording.nodes_of("Map");
    maps.any(|map| run.recording.edges_to(map).any(empty)) && run.deviation.more_keys()
}

/// Explains calls of nodes below a map with an optional slot that is nothing above the map.
fn nothing_above(run: &Run) -> bool {
    let nothing = |edge: Edge| {
        let values = run.recording.values(run.deviation.call, edge);
        !edge.required && values.into_iter().any(|value| value == NOTHING)
    };
    run.edges_into_maps().any(|(_, edge)| nothing(edge)) && run.deviation.more_keys()
}
