//! Standard input and output of processes that run nodes.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Returns standard input as a file, and puts an empty one in its place.
///
/// Nodes that read standard input, and programs that they start, get the end of the file instead of
/// what the runner sends or a terminal.
pub(crate) fn take_standard_input() -> io::Result<File> {
    let taken = io::stdin().as_fd().try_clone_to_owned()?;
    // The writer of the pipe is dropped, so that a reader is at the end at once.
    let (empty, _) = io::pipe()?;
    rustix::stdio::dup2_stdin(empty)?;
    Ok(taken.into())
}

/// Returns standard output as a file, and puts standard error in its place.
///
/// The output of nodes in this process then does not mix with the values of the run, and no node
/// waits for a lock that the printer of the values holds.
#[cfg(feature = "cli")]
pub(crate) fn take_standard_output() -> io::Result<File> {
    let taken = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(taken.into())
}
