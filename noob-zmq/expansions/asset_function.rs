use std::collections::HashMap;

use noob_zmq::asset;

/// Number of sightings of each bird.
#[asset(name = "birds.sightings")]
fn sightings(#[param(default)] known: Vec<String>) -> HashMap<String, u64> {
    known.into_iter().map(|bird| (bird, 0)).collect()
}
