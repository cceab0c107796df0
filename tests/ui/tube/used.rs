//! A typed tube used with other types than those of its nodes.
#![allow(unused)]
use noob_zmq::runner::SyncRunner;

#[noob_zmq::node(name = "sums.count", signal = "index")]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

#[noob_zmq::node(name = "sums.add")]
fn add(left: i64, #[slot(default = 1)] right: i64) -> i64 {
    left + right
}

#[noob_zmq::node(name = "sums.shout")]
fn shout(text: String) -> String {
    text.to_uppercase()
}

fn main() -> Result<(), noob_zmq::typed::TypedError> {
    let used = noob_zmq::tube!("used.yaml", nodes = {"sums.count" => count, "sums.add" => add, "sums.shout" => shout});
    let mut run = used.runner::<SyncRunner>("2")?;
    let sum = run.process("1")?;
    let mut run = used.runner::<SyncRunner>(None)?;
    let text: String = run.process(1)?.unwrap().sum.unwrap();
    Ok(())
}
