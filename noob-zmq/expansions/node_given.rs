use std::collections::BTreeMap;

use noob_zmq::graph::Epoch;
use noob_zmq::node;
use noob_zmq::node::EventMap;

/// A line for a log: the epoch, the node of the text, the text, and all other values.
#[node]
fn line(
    text: String,
    epoch: Epoch,
    events: &EventMap,
    #[slot(rest)] others: BTreeMap<String, f64>,
) -> String {
    let by = events.get("text").map(|event| event.node_id.to_string());
    format!("{epoch} {}: {text} {others:?}", by.unwrap_or_default())
}
