//! Arguments that `tube!` does not take.
#![allow(unused)]

fn main() {
    noob_zmq::tube!("arguments.yaml", node = {"a.b" => c});
    noob_zmq::tube!();
    noob_zmq::tube!(arguments.yaml);
    noob_zmq::tube!("arguments.yaml" crates = [std]);
    noob_zmq::tube!("arguments.yaml", nodes = ["a.b"]);
}
