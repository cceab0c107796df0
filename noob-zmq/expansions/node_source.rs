use noob_zmq::node;

/// Counts from `start` up to `limit`.
#[node(signal = "index")]
fn count(start: u64, limit: u64) -> impl Iterator<Item = u64> {
    start..limit
}
