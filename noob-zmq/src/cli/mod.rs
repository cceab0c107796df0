//! The command line.

use std::process::ExitCode;

/// The `noob-zmq` command, with the node types of the calling program.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(2)
}
