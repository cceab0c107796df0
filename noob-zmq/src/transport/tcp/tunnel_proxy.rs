//! The side that connects: a unix socket in the place where the socket of the other host would be.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::TcpAddress;
use super::connect::{RETRY, reach};
use super::tunnel_copy::splice;
use super::zmtp::FrameInspector;
use crate::transport::TransportError;
use crate::transport::keys::KeyPair;

/// The largest message that is taken from another host, in bytes.
pub(super) const LARGEST: u64 = 1 << 30;

/// A unix socket that leads to a socket of another host. Dropping it cuts what goes through it, and removes the file.
#[derive(Debug)]
pub(super) struct TunnelProxy {
    path: PathBuf,
    target: watch::Sender<TcpAddress>,
    _task: JoinSet<()>,
}

impl TunnelProxy {
    /// Binds the unix socket at `path`, which leads to `target`.
    pub(super) fn open(
        path: &Path,
        target: TcpAddress,
        own: Option<KeyPair>,
    ) -> Result<Self, TransportError> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|error| TransportError::refused("create", parent.display(), error))?;
        }
        let listener = UnixListener::bind(path)
            .map_err(|error| TransportError::refused("bind", path.display(), error))?;
        let target = watch::Sender::new(target);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, target.subscribe(), own));
        Ok(Self {
            path: path.to_owned(),
            target,
            _task: task,
        })
    }

    /// Has it lead to another address from now on; what goes through it to the old one is cut.
    pub(super) fn aim(&self, target: TcpAddress) {
        self.target.send_if_modified(|current| {
            let moved = *current != target;
            if moved {
                *current = target;
            }
            moved
        });
    }
}

impl Drop for TunnelProxy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, target: watch::Receiver<TcpAddress>, own: Option<KeyPair>) {
    let mut links = JoinSet::new();
    let refusals = Arc::new(AtomicU32::new(0));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((local, _)) => {
                    drop(links.spawn(lead(local, target.clone(), own.clone(), Arc::clone(&refusals))));
                }
                Err(error) => {
                    tracing::warn!(%error, "a tunnel cannot take up connections at the moment");
                    tokio::time::sleep(RETRY.1).await;
                }
            },
            Some(_) = links.join_next() => {}
        }
    }
}

async fn lead(
    local: UnixStream,
    mut target: watch::Receiver<TcpAddress>,
    own: Option<KeyPair>,
    refusals: Arc<AtomicU32>,
) {
    let address = target.borrow_and_update().clone();
    let socket = address.socket().to_owned();
    let passing = async {
        let (remote, peer) = match reach(&address, own.as_ref()).await {
            Ok(reached) => reached,
            Err(error) => {
                tracing::warn!(%socket, "no connection to {error}");
                // Whoever waits behind the unix socket tries again as soon as it is closed. A key may be on its way to the other side, and
                // then a moment is enough.
                let before = refusals.fetch_add(1, Ordering::Relaxed).min(8);
                let pause = (RETRY.0 * 2_u32.pow(before)).min(RETRY.1);
                return tokio::time::sleep(pause).await;
            }
        };
        refusals.store(0, Ordering::Relaxed);
        tracing::info!(%peer, %socket, "connected");
        match splice(remote, local, FrameInspector::new(LARGEST)).await {
            Ok(()) => tracing::debug!(%peer, %socket, "the link was closed"),
            Err(error) => error.tell(&peer, &socket),
        }
    };
    tokio::select! {
        () = passing => {}
        _ = target.changed() => {}
    }
}
