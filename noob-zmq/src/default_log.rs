//! Log of a program that has no subscriber of its own.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::EnvFilter;

/// Whether the program has `#[noob_zmq::main]`.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Has the first runner or actor of this program install the subscriber.
///
/// Not at once: a program that installs its own in `main` must come first.
pub fn want_default_log() {
    WANTED.store(true, Ordering::Relaxed);
}

/// Installs a subscriber that writes warnings and errors, or what `RUST_LOG` says, to standard
/// error, where `#[noob_zmq::main]` wants one and the program has none.
pub(crate) fn install_default_log() {
    if WANTED.swap(false, Ordering::Relaxed) && !tracing::dispatcher::has_been_set() {
        let chosen = std::env::var(EnvFilter::DEFAULT_ENV);
        install(chosen.as_deref().unwrap_or("warn"));
    }
}

/// Installs a subscriber with this filter, or that for warnings if the filter cannot be read.
pub(crate) fn install(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // The subscriber would report an error by a panic: on a full disk a line is lost instead.
        .log_internal_errors(false)
        .without_time()
        .with_ansi(false)
        .try_init();
}
