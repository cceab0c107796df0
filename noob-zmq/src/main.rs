//! The `noob-zmq` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    noob_zmq::cli::main()
}
