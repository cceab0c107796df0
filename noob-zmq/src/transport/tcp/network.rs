//! The other hosts of a run, as one process sees them: where an address leads.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::TcpAddress;
use super::connector::Connector;
use crate::transport::keys::KeyPair;
use crate::transport::{Endpoint, TransportError};

/// The other hosts of a run, as one process sees them. Cheap to clone; when the last clone is dropped, all tunnels are.
#[derive(Clone)]
pub struct Network {
    inner: Arc<Inner>,
}

struct Inner {
    directory: PathBuf,
    own: Option<KeyPair>,
    /// How others reach the sockets of this directory; no tunnel is needed for these.
    here: Mutex<Option<TcpAddress>>,
    connectors: Mutex<HashMap<PathBuf, Connector>>,
}

impl Network {
    /// For the process whose sockets lie in `directory`; it proves to others who it is by `own`. Without a key, only plain tcp on loopback can be
    /// had.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, own: Option<KeyPair>) -> Self {
        Self {
            inner: Arc::new(Inner {
                directory: directory.into(),
                own,
                here: Mutex::default(),
                connectors: Mutex::default(),
            }),
        }
    }

    /// With a gate of this process, or of another that has the same directory: addresses with its key and hosts lead to this very directory.
    #[must_use]
    pub fn behind(self, gate: TcpAddress) -> Self {
        *self
            .inner
            .here
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(gate);
        self
    }

    /// The address of a socket of this directory, for others.
    ///
    /// # Errors
    /// A path outside of it. Without a gate, it is the path itself.
    pub fn published(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let here = self
            .inner
            .here
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (Some(gate), Some(path)) = (&*here, endpoint.path()) else {
            return Ok(endpoint.clone());
        };
        let socket = path
            .strip_prefix(&self.inner.directory)
            .ok()
            .and_then(Path::to_str)
            .ok_or_else(|| TransportError::Address {
                address: endpoint.to_string(),
                what: "it is not in the directory of the run, so no other host can reach it".into(),
            })?;
        gate.with_socket(socket).map(Endpoint::tcp)
    }

    /// The unix socket by which an address is reached from here: itself, if it is one, or lies in this very directory; else a tunnel, which is
    /// made if it is not there.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    /// A tunnel whose unix socket cannot be bound.
    pub fn local(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let Some(address) = endpoint.remote() else {
            return Ok(endpoint.clone());
        };
        let path = self.inner.directory.join(address.socket());
        let local = Endpoint::ipc(&path)?;
        if self.is_here(address) {
            return Ok(local);
        }
        let mut connectors = self
            .inner
            .connectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = connectors.get(&path) {
            connector.aim(address.clone());
        } else {
            let connector = Connector::open(&path, address.clone(), self.inner.own.clone())?;
            connectors.insert(path, connector);
        }
        Ok(local)
    }

    fn is_here(&self, address: &TcpAddress) -> bool {
        let here = self
            .inner
            .here
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        here.as_ref()
            .is_some_and(|gate| gate.key() == address.key() && gate.hosts() == address.hosts())
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("directory", &self.inner.directory)
            .finish_non_exhaustive()
    }
}
