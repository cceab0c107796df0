//! Actors of one's own over real sockets: every link, the handle, turns between sockets, and what
//! becomes of messages when a handler is slow or the actor is stopped.

mod codecs;
mod life;
mod links;
mod misuse;

use noob_zmq::actor::Scope;
use tempfile::TempDir;

/// A directory for the sockets of a test.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::with_prefix("nz").unwrap())
    }

    fn scope(&self, id: &str) -> Scope {
        Scope {
            runtime_dir: self.0.path().to_owned(),
            runner_id: "r".to_owned(),
            id: id.to_owned(),
        }
    }
}
