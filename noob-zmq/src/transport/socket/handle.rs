//! Cloneable handle of a socket; the socket itself belongs to a task.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use zeromq::ZmqMessage;

use super::config::{Inbound, PeerInfo, SocketCommand, SocketConfig};
use super::dedicated_runtime;
use super::owner::SocketTask;
use super::subscriber::SubscriberTask;
use crate::sync::lock;
use crate::transport::{Endpoint, SocketKind, TransportError};

/// Counters of the messages that were queued for a socket, and that its task has sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct SendProgress {
    /// Relaxed, as `sent`: each is written by one side, and nothing else is published by them.
    queued: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
}

impl SendProgress {
    /// Whether queued messages wait for the task, or for peers that do not read as fast.
    pub(crate) fn has_unsent(&self) -> bool {
        self.queued.load(Ordering::Relaxed) != self.sent.load(Ordering::Relaxed)
    }

    pub(super) fn set_sent(&self, messages: u64) {
        self.sent.store(messages, Ordering::Relaxed);
    }
}

/// Handle of a socket, cheap to clone.
///
/// The socket is closed when the last clone is dropped, after all queued messages have been sent.
#[derive(Debug, Clone)]
pub(crate) struct SocketHandle {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SocketConfig,
    /// Unbounded, so that `send` never waits; the run's window of open epochs bounds its length.
    commands: mpsc::UnboundedSender<SocketCommand>,
    arrivals: mpsc::Sender<Inbound>,
    progress: SendProgress,
    /// Task of each peer, for kinds with a socket per peer; dropping its set ends it.
    peers: Mutex<HashMap<Endpoint, JoinSet<()>>>,
}

impl SocketHandle {
    /// Opens a socket that binds `endpoint`.
    ///
    /// # Errors
    /// An address that is no path, or that cannot be bound.
    pub(crate) async fn bind(
        config: SocketConfig,
        endpoint: &Endpoint,
        arrivals: mpsc::Sender<Inbound>,
    ) -> Result<(Self, JoinHandle<()>), TransportError> {
        let Some(path) = endpoint.path().map(Path::to_owned) else {
            let what = "sockets are bound to paths; a `Listener` listens on tcp";
            return Err(TransportError::address(endpoint, what));
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|error| TransportError::refused("create", parent.display(), error))?;
        }
        let refused = |error: String| TransportError::refused("bind", endpoint, error);
        let runtime =
            dedicated_runtime::for_kind(config.kind).map_err(|error| refused(error.to_string()))?;
        let (commands, queue) = mpsc::unbounded_channel();
        let mut owner = SocketTask::new(config.clone(), queue, arrivals.clone(), true);
        let progress = owner.progress();
        let kind = config.kind;
        let (bound, is_bound) = oneshot::channel();
        let address = endpoint.to_string();
        // The socket is bound in the task that keeps it: the crate spawns its accept loop on the
        // runtime of the caller of `bind`, and that must be the one chosen for this kind.
        let task = runtime.spawn(async move {
            match owner.bind(&address).await {
                Ok(socket) => {
                    if kind == SocketKind::XPub {
                        owner.accept_links(&path);
                    }
                    let _ = bound.send(Ok(()));
                    owner.run(Some(socket)).await;
                    // The crate leaves the file behind, and refuses to bind it again.
                    let _ = std::fs::remove_file(path);
                }
                Err(error) => drop(bound.send(Err(error.to_string()))),
            }
        });
        let lost = |_| Err("its task has ended".to_owned());
        is_bound.await.unwrap_or_else(lost).map_err(refused)?;
        Ok((Self::new(config, commands, arrivals, progress), task))
    }

    /// Opens a socket that connects; [`connect`](Self::connect) names the peers.
    ///
    /// There is no task for kinds with a socket per peer.
    pub(crate) fn connecting(
        config: SocketConfig,
        arrivals: mpsc::Sender<Inbound>,
    ) -> (Self, Option<JoinHandle<()>>) {
        let (commands, queue) = mpsc::unbounded_channel();
        let mut progress = SendProgress::default();
        let task = (!config.kind.has_socket_per_peer()).then(|| {
            let owner = SocketTask::new(config.clone(), queue, arrivals.clone(), false);
            progress = owner.progress();
            tokio::spawn(owner.run(None))
        });
        (Self::new(config, commands, arrivals, progress), task)
    }

    fn new(
        config: SocketConfig,
        commands: mpsc::UnboundedSender<SocketCommand>,
        arrivals: mpsc::Sender<Inbound>,
        progress: SendProgress,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                config,
                commands,
                arrivals,
                progress,
                peers: Mutex::default(),
            }),
        }
    }

    /// Connects to a peer and repeats the attempt until the peer is there.
    ///
    /// Does nothing for an address that was given before. Messages from there carry `from`. A SUB
    /// or XSUB subscribes to `topics` there, or to everything without them.
    pub(crate) fn connect(
        &self,
        endpoint: &Endpoint,
        from: Option<Arc<PeerInfo>>,
        topics: Option<&[String]>,
    ) {
        let config = &self.inner.config;
        let unreachable =
            |error| tracing::error!(socket = %config.name, %error, "a peer cannot be reached");
        if !config.kind.has_socket_per_peer() {
            match config.local(endpoint) {
                Ok(local) => drop(self.inner.commands.send(SocketCommand::Connect(local))),
                Err(error) => unreachable(error),
            }
            return;
        }
        let peer = match config.peer(endpoint) {
            Ok(peer) => peer,
            Err(error) => return unreachable(error),
        };
        // The entry is made under the lock, so that two calls never start two tasks for one peer,
        // which would deliver every message twice.
        lock(&self.inner.peers)
            .entry(endpoint.clone())
            .or_insert_with(|| {
                let task = SubscriberTask {
                    config: topics.map_or_else(|| config.clone(), |topics| config.with(topics)),
                    from,
                    arrivals: self.inner.arrivals.clone(),
                    // Another host may be reached through a path of this one.
                    shares_memory: endpoint.path().is_some(),
                };
                let mut tasks = JoinSet::new();
                tasks.spawn(task.run(peer));
                tasks
            });
    }

    /// Ends the connection to a peer, for kinds with a socket per peer.
    pub(crate) fn disconnect(&self, endpoint: &Endpoint) {
        lock(&self.inner.peers).remove(endpoint);
    }

    /// Queues a message without waiting.
    ///
    /// # Errors
    /// A socket whose task has ended, a kind that does not send, and a message without frames.
    pub(crate) fn send(&self, frames: Vec<Bytes>) -> Result<(), TransportError> {
        let closed = || TransportError::Closed {
            socket: self.inner.config.name.to_string(),
        };
        let message = ZmqMessage::try_from(frames).map_err(|_| closed())?;
        self.inner
            .commands
            .send(SocketCommand::Send(message))
            .map_err(|_| closed())?;
        self.inner.progress.queued.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Returns the number of messages that were queued by all clones of this handle.
    pub(crate) fn sent(&self) -> u64 {
        self.inner.progress.queued.load(Ordering::Relaxed)
    }

    /// Returns the counters of queued and sent messages, which do not keep the socket open.
    pub(crate) fn progress(&self) -> SendProgress {
        self.inner.progress.clone()
    }

    /// Returns the options that the socket was opened with.
    pub(crate) fn config(&self) -> &SocketConfig {
        &self.inner.config
    }
}
