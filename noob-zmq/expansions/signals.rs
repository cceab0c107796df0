use noob_zmq::graph::Emit;
use noob_zmq::{Signals, node};

#[derive(Signals)]
struct Sorted {
    fruit: Emit<String>,
    mineral: Emit<String>,
    letters: usize,
}

/// Tells fruit from minerals.
#[node]
fn sort(thing: String) -> Sorted {
    let letters = thing.len();
    if thing.ends_with("berry") {
        Sorted { fruit: Emit::Value(thing), mineral: Emit::Nothing, letters }
    } else {
        Sorted { fruit: Emit::Nothing, mineral: Emit::Value(thing), letters }
    }
}
