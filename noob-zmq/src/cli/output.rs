//! Standard output and standard error of the commands.
//!
//! A reader that has closed its end of a pipe wants no more: that ends the output and is no
//! failure. Every other failure of standard output is one.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use super::Failure;
use crate::standard_streams::status_line;

/// Writes the text to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_to(std::io::stdout().lock(), text)
}

/// Writes the text to standard output, which is elsewhere now.
pub(super) fn print_to(mut out: impl Write, text: &str) -> Result<(), Failure> {
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Returns the failure of a write to standard output, if it is one.
pub(super) fn written(outcome: std::io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Run(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error, unless nobody can read it.
pub(super) fn print_error(line: impl Display) {
    let _ = status_line::write_above(format!("{line}\n").as_bytes());
}
