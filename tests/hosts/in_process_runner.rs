//! A runner in this process, with some of its nodes on other hosts, which are directories of this machine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use noob_zmq::runner::zmq::RemoteConfig;
use noob_zmq::runner::{Runner as _, ZmqRunner};
use noob_zmq::transport::keys::KeyPair;
use noob_zmq_tests::runners::tube;

use crate::host_fixture::{Machine, PATIENCE, Started};
use crate::log_capture;

/// A runner, and those that host nodes of it.
pub(crate) struct Beside {
    /// Dropped before all else.
    pub(crate) runner: ZmqRunner,
    hosts: Arc<Mutex<Vec<Started>>>,
    pub(crate) desk: Arc<Machine>,
}

impl Beside {
    /// Is to run a tube with `remote` left to other hosts, of which `others` are let in; when it listens, `join` starts those that host, at the
    /// address that it is given.
    pub(crate) fn new(
        text: &str,
        remote: &[&str],
        others: &[&Machine],
        join: impl Fn(&Machine, &str) -> Vec<Started> + Send + Sync + 'static,
    ) -> Self {
        log_capture::keep();
        let desk = Arc::new(Machine::new("desk", None));
        desk.allow(others);
        let own = KeyPair::load(&desk.path("key")).unwrap();
        let hosts: Arc<Mutex<Vec<Started>>> = Arc::default();
        let (joined, host) = (Arc::clone(&hosts), Arc::clone(&desk));
        let listen = ["127.0.0.1:0".parse().unwrap()];
        let elsewhere = RemoteConfig::new(listen, own, desk.path("allow"))
            .remote_nodes(remote.iter().copied())
            .on_listening(move |addresses| {
                let at = addresses[0].to_string();
                lock(&joined).extend(join(&host, &at));
            });
        let runner = ZmqRunner::new(tube(text))
            .runtime_dir(desk.path("r"))
            .ready_timeout(PATIENCE)
            .hosts(elsewhere);
        Self {
            runner,
            hosts,
            desk,
        }
    }

    /// Ends the run: whoever hosts a node of it ends well, and nothing is left here or at `others`.
    pub(crate) fn ends_well(&mut self, others: &[&Machine]) {
        self.runner.deinit().unwrap();
        for host in self.hosts().iter_mut() {
            host.ends_well();
        }
        for machine in others {
            machine.is_clean();
        }
        self.desk.is_clean();
    }

    /// Those that host its nodes.
    pub(crate) fn hosts(&self) -> MutexGuard<'_, Vec<Started>> {
        lock(&self.hosts)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
