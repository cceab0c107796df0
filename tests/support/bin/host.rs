//! A program of one's own with nodes of one's own: the `noob-zmq` command, plus the nodes of the tests.

use std::process::ExitCode;

// The nodes register themselves; this brings them into the program.
use noob_zmq_tests as _;

#[noob_zmq::main]
fn main() -> ExitCode {
    noob_zmq::cli::main()
}
