//! A program whose `main` forgets that it may have been started as a node.

use std::time::Duration;

use noob_zmq::runner::{Runner, ZmqRunner};
use noob_zmq_tests as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stays = std::env::var_os("FORGETFUL_STAYS").is_some();
    let Some(path) = std::env::args().nth(1) else {
        // Started as a node, without knowing it.
        if stays {
            loop {
                std::thread::park();
            }
        }
        return Err("name a tube".into());
    };
    let tube = noob_zmq::tube::load(path, ())?;
    let mut runner = ZmqRunner::builder(tube)
        .ready_timeout(Duration::from_secs(2))
        .build();
    let outcome = runner.init();
    if let Err(error) = &outcome {
        eprintln!("{error}");
    }
    Ok(outcome?)
}
