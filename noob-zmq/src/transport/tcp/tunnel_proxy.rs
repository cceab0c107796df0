//! Connecting side of a tunnel: a unix socket in the place of a socket of another host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connect::{MAX_RETRY_PAUSE, MIN_RETRY_PAUSE, connect_with_retry};
use super::zmtp::{FrameInspector, StreamInspector};
use super::{MAX_INBOUND_MESSAGE, TcpAddress, tunnel_copy};
use crate::sync::replace;
use crate::transport::TransportError;
use crate::transport::keys::KeyPair;

/// Unix socket that leads to a socket of another host.
///
/// Dropping the proxy cuts its links and removes the file.
#[derive(Debug)]
pub(super) struct TunnelProxy {
    path: PathBuf,
    target: watch::Sender<TcpAddress>,
    /// Task that accepts, which owns the tasks of its links.
    _task: JoinSet<()>,
}

impl TunnelProxy {
    /// Binds the unix socket at `path`, which leads to `target`.
    pub(super) fn bind(
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

    /// Leads to another address from now on; links to the old address are cut.
    pub(super) fn retarget(&self, target: TcpAddress) {
        // No wake-up without a change: each announcement of the same address would cut the links.
        replace(&self.target, target);
    }
}

impl Drop for TunnelProxy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, target: watch::Receiver<TcpAddress>, own: Option<KeyPair>) {
    // Owned by this task, so that dropping the proxy aborts every link.
    let mut links = JoinSet::new();
    let failures = Arc::new(AtomicU32::new(0));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((local, _)) => {
                    let failures = Arc::clone(&failures);
                    links.spawn(serve(local, target.clone(), own.clone(), failures));
                }
                Err(error) => {
                    tracing::warn!(%error, "a tunnel cannot take up connections at the moment");
                    tokio::time::sleep(MAX_RETRY_PAUSE).await;
                }
            },
            // Ended tasks are collected at once; their results would pile up in the set.
            Some(_) = links.join_next() => {}
        }
    }
}

async fn serve(
    local: UnixStream,
    mut target: watch::Receiver<TcpAddress>,
    own: Option<KeyPair>,
    failures: Arc<AtomicU32>,
) {
    let address = target.borrow_and_update().clone();
    let socket = address.socket().to_owned();
    let link = async {
        let (remote, peer) = match connect_with_retry(&address, own.as_ref()).await {
            Ok(connected) => connected,
            Err(error) => {
                tracing::warn!(%socket, "no connection to {error}");
                // The socket of the crate connects again as soon as this end is closed; the pause
                // bounds the rate. It starts short, since the key of this host may be on its way.
                let before = failures.fetch_add(1, Ordering::Relaxed).min(8);
                let pause = (MIN_RETRY_PAUSE * 2_u32.pow(before)).min(MAX_RETRY_PAUSE);
                return tokio::time::sleep(pause).await;
            }
        };
        failures.store(0, Ordering::Relaxed);
        tracing::info!(%peer, %socket, "connected");
        let inspector = StreamInspector::new(MAX_INBOUND_MESSAGE, FrameInspector::lengths_only());
        match tunnel_copy::copy(remote, local, Some(inspector)).await {
            Ok(()) => tracing::debug!(%peer, %socket, "the link was closed"),
            Err(error) => error.log(&peer, &socket),
        }
    };
    // A new target cuts the link: the old host is no longer the peer that is meant.
    tokio::select! {
        () = link => {}
        _ = target.changed() => {}
    }
}
