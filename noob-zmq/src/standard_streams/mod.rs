//! Standard input, output and error: taken from nodes in this process, and shared with the status
//! line of a terminal.

pub(crate) mod status_line;
mod take;

pub(crate) use take::take_standard_input;
#[cfg(feature = "cli")]
pub(crate) use take::take_standard_output;
