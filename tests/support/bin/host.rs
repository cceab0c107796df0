//! A program of one's own with nodes of one's own: the `noob-zmq` command, plus the nodes of the
//! tests, and an add-on.

use std::io::Read;
use std::process::ExitCode;

// Nodes and add-ons register themselves; this brings them into the program.
noob_zmq::plugins![noob_zmq_tests, noob_zmq_heartbeat];

#[noob_zmq::main]
fn main() -> ExitCode {
    if std::env::var_os("HOST_ENDS_WITH_ITS_TEST").is_some() {
        std::thread::spawn(end_with_test);
    }
    noob_zmq::cli::main()
}

/// A test that was killed cannot end what it has started; the end of its pipe does.
fn end_with_test() {
    while !matches!(std::io::stdin().read(&mut [0]), Ok(0) | Err(_)) {}
    std::process::exit(3);
}
