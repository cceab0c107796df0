//! The `noob-zmq` command with a source of types.

use std::process::ExitCode;

fn main() -> ExitCode {
    noob_zmq::cli::main_from(std::env::args_os(), noob_zmq_tests::made::registry())
}
