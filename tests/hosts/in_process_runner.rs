//! A runner in this process with nodes on other hosts, which are directories of this machine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use noob_zmq::runner::zmq::RemoteConfig;
use noob_zmq::runner::{Runner as _, ZmqRunner};
use noob_zmq::transport::keys::KeyPair;
use noob_zmq_tests::runners::tube;

use crate::host_fixture::{PATIENCE, RunningCommand, TestHost};
use crate::log_capture;

/// Runner in this process, with the processes that host its remote nodes.
pub(crate) struct InProcessRunner {
    /// Declared first, so that it is dropped first.
    pub(crate) runner: ZmqRunner,
    hosts: Arc<Mutex<Vec<RunningCommand>>>,
    pub(crate) desk: Arc<TestHost>,
}

impl InProcessRunner {
    /// Prepares a run with the nodes `remote` on `others`.
    ///
    /// Once the runner listens, `join` starts the processes that host, with the runner's address.
    pub(crate) fn new(
        text: &str,
        remote: &[&str],
        others: &[&TestHost],
        join: impl Fn(&TestHost, &str) -> Vec<RunningCommand> + Send + Sync + 'static,
    ) -> Self {
        log_capture::keep();
        let desk = Arc::new(TestHost::new("desk", None));
        desk.allow(others);
        let own = KeyPair::load(&desk.path("key")).unwrap();
        let hosts: Arc<Mutex<Vec<RunningCommand>>> = Arc::default();
        let (joined, host) = (Arc::clone(&hosts), Arc::clone(&desk));
        let listen = ["127.0.0.1:0".parse().unwrap()];
        let elsewhere = RemoteConfig::new(listen, own, desk.path("allow"))
            .remote_nodes(remote.iter().copied())
            .on_listening(move |addresses| {
                let at = addresses[0].to_string();
                lock(&joined).extend(join(&host, &at));
            });
        let runner = ZmqRunner::builder(tube(text))
            .runtime_dir(desk.path("r"))
            .ready_timeout(PATIENCE)
            .remote(elsewhere)
            .build();
        Self {
            runner,
            hosts,
            desk,
        }
    }

    /// Ends the run; asserts that its hosts succeed, and that no files are left.
    pub(crate) fn wait_for_success(&mut self, others: &[&TestHost]) {
        self.runner.deinit().unwrap();
        for host in self.hosts().iter_mut() {
            host.wait_for_success();
        }
        for machine in others {
            machine.assert_clean();
        }
        self.desk.assert_clean();
    }

    /// Returns the processes that host remote nodes.
    pub(crate) fn hosts(&self) -> MutexGuard<'_, Vec<RunningCommand>> {
        lock(&self.hosts)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
