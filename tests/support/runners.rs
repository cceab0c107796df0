//! Runners in private directories, and tubes from text.

use noob_zmq::graph::{Map, Tube, Value};
use noob_zmq::runner::zmq::ZmqRunnerBuilder;
use noob_zmq::runner::{Runner, SyncRunner, TaskRunner, ZmqRunner};
use tempfile::TempDir;

/// A tube from its text, without header.
///
/// # Panics
/// If the text is no tube.
pub fn tube(text: &str) -> Tube {
    let text = format!("noob_id: test\n{text}");
    noob_zmq::tube::from_text("test.yaml", &text, ()).unwrap()
}

/// A ZMQ runner whose sockets are in a directory that goes with it.
#[derive(Debug)]
pub struct Private {
    /// The runner; dropped before its directory.
    pub runner: ZmqRunner,
    /// The directory.
    pub root: TempDir,
}

/// A ZMQ runner in a directory of its own.
///
/// # Panics
/// If there can be no directory.
pub fn zmq(tube: Tube) -> Private {
    zmq_with(tube, |builder| builder)
}

/// A ZMQ runner in a directory of its own, with these settings.
///
/// # Panics
/// If there can be no directory.
pub fn zmq_with(
    tube: Tube,
    settings: impl FnOnce(ZmqRunnerBuilder) -> ZmqRunnerBuilder,
) -> Private {
    let root = TempDir::with_prefix("nz").expect("a directory for sockets");
    let builder = ZmqRunner::builder(tube).runtime_dir(root.path().join("r"));
    let runner = settings(builder).build();
    Private { runner, root }
}

impl Private {
    /// Returns the directory of its runs.
    pub fn runs(&self) -> std::path::PathBuf {
        self.root.path().join("r")
    }
}

/// Runs `test` with each runner of the tube.
///
/// # Panics
/// If the test does, or if a run leaves something behind.
pub fn each(text: &str, test: impl Fn(&mut dyn Runner)) {
    test(&mut SyncRunner::new(tube(text)).unwrap_or_else(|error| panic!("{error}")));
    test(&mut TaskRunner::new(tube(text)).unwrap_or_else(|error| panic!("{error}")));
    let mut private = zmq(tube(text));
    test(&mut private.runner);
    let id = private.runner.runner_id().map(str::to_owned);
    private
        .runner
        .deinit()
        .unwrap_or_else(|error| panic!("{error}"));
    if let Some(id) = id {
        crate::processes::assert_gone(&private.runs(), &id);
    }
}

/// A map of inputs.
pub fn inputs<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
