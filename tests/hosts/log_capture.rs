//! Captured log of this process.

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

static LOG: Mutex<String> = Mutex::new(String::new());

struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Captures the log from now on, for all tests of this process.
pub(crate) fn keep() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let _ = tracing_subscriber::fmt()
            .with_env_filter("noob_zmq=debug,noob_zmq::actor::reject_counters=info")
            .with_ansi(false)
            .without_time()
            .with_writer(|| LogWriter)
            .try_init();
    });
}

/// Returns the captured lines that contain `text`.
pub(crate) fn with(text: &str) -> Vec<String> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log.lines()
        .filter(|line| line.contains(text))
        .map(str::to_owned)
        .collect()
}
