use std::collections::BTreeMap;

use noob_zmq::graph::Epoch;
use noob_zmq::node;
use noob_zmq::node::EventMap;

/// A line for a log: when and by whom the text was said, and all else that a tube feeds this node.
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
