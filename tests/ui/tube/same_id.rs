//! A tube that extends, and one that contains, a tube of which there are two.
#![allow(unused)]

fn main() {
    noob_zmq::tube!("same_id.yaml");
    noob_zmq::tube!("same_id_inside.yaml");
}
