//! Rules of every runner: each test runs over all three.

mod background;
mod custom;
mod enablement;
mod errors;
mod faults_of_noob;
mod forms;
mod frames;
mod groups;
mod input_types;
mod iter;
mod lifecycle;
mod maps;
mod names;
mod opaque;
mod order_sequences;
mod placement;
mod receipts;
mod sources;
mod start;
mod status;
mod taps;
mod values;

noob_zmq::test_nodes!();
