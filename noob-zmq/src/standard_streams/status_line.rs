//! Line at the bottom of a terminal that stays below everything else that is written there.
//!
//! Writers of standard error and of a standard output that is the same terminal go through this
//! module, so that no line of theirs is torn: the status line is erased, theirs is written, and the
//! status line is drawn again, under one lock.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard};

use crate::sync::lock;

/// Erases the line of the cursor.
const ERASE: &str = "\r\x1b[2K";

/// The line that is shown; empty for none.
static SHOWN: Mutex<String> = Mutex::new(String::new());

/// Writes to standard error, above the status line.
///
/// # Errors
/// A failed write.
pub(crate) fn write_above(text: &[u8]) -> io::Result<()> {
    above(|| io::stderr().lock().write_all(text))
}

/// Calls a function that writes whole lines to the terminal, above the status line.
pub(crate) fn above<R>(write: impl FnOnce() -> R) -> R {
    let shown: MutexGuard<'_, String> = lock(&SHOWN);
    if shown.is_empty() {
        // Writers without a status line do not wait for each other.
        drop(shown);
        return write();
    }
    let _ = io::stderr().lock().write_all(ERASE.as_bytes());
    let written = write();
    let _ = io::stderr().lock().write_all(shown.as_bytes());
    written
}

/// Shows a line in the place of the one before; an empty one for none.
#[cfg(feature = "cli")]
pub(crate) fn show(line: &str) {
    let mut shown = lock(&SHOWN);
    if shown.is_empty() && line.is_empty() {
        return;
    }
    line.clone_into(&mut shown);
    // One write, so that a terminal never shows half of it.
    let _ = io::stderr()
        .lock()
        .write_all(format!("{ERASE}{line}").as_bytes());
}

/// Standard error for a log: each write is a whole line.
#[cfg(feature = "cli")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct StandardError;

#[cfg(feature = "cli")]
impl Write for StandardError {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        write_above(text).map(|()| text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
