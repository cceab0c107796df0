//! A program of one's own with nodes of one's own: the `noob-zmq` command, plus the nodes of the
//! tests, and an add-on.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::process::ExitCode;

// Nodes and add-ons register themselves; this brings them into the program.
noob_zmq::plugins![noob_zmq_tests, noob_zmq_heartbeat];

#[noob_zmq::main]
fn main() -> ExitCode {
    if std::env::var_os("HOST_ENDS_WITH_ITS_TEST").is_some() {
        // A copy: a run takes standard input away from its nodes.
        let stdin = std::io::stdin().as_fd().try_clone_to_owned();
        std::thread::spawn(move || end_with_test(stdin.map(File::from)));
    }
    noob_zmq::cli::main()
}

/// A test that was killed cannot end what it has started; the end of its pipe does.
fn end_with_test(stdin: std::io::Result<File>) {
    if let Ok(mut stdin) = stdin {
        while !matches!(stdin.read(&mut [0]), Ok(0) | Err(_)) {}
    }
    std::process::exit(3);
}
