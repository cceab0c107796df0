//! The other hosts of a run, as one process sees them: where an address leads.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::TcpAddress;
use super::remote_subscriber::RemoteEndpoint;
use super::tunnel_proxy::TunnelProxy;
use crate::transport::keys::KeyPair;
use crate::transport::{Endpoint, TransportError};

/// The other hosts of a run, as one process sees them. Cheap to clone; when the last clone is dropped, all tunnels are.
#[derive(Clone)]
pub struct AddressResolver {
    inner: Arc<Inner>,
}

struct Inner {
    view: RouteTable,
    connectors: Mutex<HashMap<PathBuf, TunnelProxy>>,
}

#[derive(Clone)]
struct RouteTable {
    directory: PathBuf,
    own: Option<KeyPair>,
    /// How others reach the sockets of this directory; no tunnel is needed for these.
    here: Option<TcpAddress>,
    /// A gate as it is published, and as it is reached from here.
    alias: Option<(TcpAddress, TcpAddress)>,
    /// Whether another process makes the tunnels of this directory.
    shared: bool,
}

impl AddressResolver {
    /// For the process whose sockets lie in `directory`; it proves to others who it is by `own`. Without a key, only plain tcp on loopback can be
    /// had.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, own: Option<KeyPair>) -> Self {
        Self::of(RouteTable {
            directory: directory.into(),
            own,
            here: None,
            alias: None,
            shared: false,
        })
    }

    /// For a process beside the one that makes the tunnels of `directory`: every address leads to the unix socket that the other has put there.
    #[must_use]
    pub fn shared(directory: impl Into<PathBuf>) -> Self {
        let mut view = Self::new(directory, None).inner.view.clone();
        view.shared = true;
        Self::of(view)
    }

    fn of(view: RouteTable) -> Self {
        Self {
            inner: Arc::new(Inner {
                view,
                connectors: Mutex::default(),
            }),
        }
    }

    /// With a gate of this process, or of another that has the same directory: addresses with its key and hosts lead to this very directory.
    ///
    /// To be said before it is used: it begins without tunnels.
    #[must_use]
    pub fn with_listener(self, gate: TcpAddress) -> Self {
        let mut view = self.inner.view.clone();
        view.here = Some(gate);
        Self::of(view)
    }

    /// With a gate that is published by one address and is reached from here by another: it may listen everywhere, or be behind another name.
    ///
    /// To be said before it is used: it begins without tunnels.
    #[must_use]
    pub fn with_alias(self, published: TcpAddress, reached: TcpAddress) -> Self {
        let mut view = self.inner.view.clone();
        view.alias = Some((published, reached));
        Self::of(view)
    }

    /// The address of a socket of this directory, for others. Without a gate, it is the path itself.
    ///
    /// # Errors
    /// A path outside of the directory, if there is a gate.
    pub fn to_public(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let view = &self.inner.view;
        let (Some(gate), Some(path)) = (&view.here, endpoint.path()) else {
            return Ok(endpoint.clone());
        };
        let socket = path
            .strip_prefix(&view.directory)
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
    pub fn to_local(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let Some(address) = endpoint.remote() else {
            return Ok(endpoint.clone());
        };
        let view = &self.inner.view;
        let path = view.directory.join(address.socket());
        let local = Endpoint::ipc(&path)?;
        if view.leads_here(address) {
            return Ok(local);
        }
        let target = view.target(address)?;
        let mut connectors = self
            .inner
            .connectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = connectors.get(&path) {
            connector.aim(target);
        } else {
            let connector = TunnelProxy::open(&path, target, view.own.clone())?;
            connectors.insert(path, connector);
        }
        Ok(local)
    }
}

impl AddressResolver {
    /// A socket of another host, if this is one and no other process makes the tunnels: to be heard without a unix socket between.
    pub(crate) fn remote(
        &self,
        endpoint: &Endpoint,
    ) -> Option<Result<RemoteEndpoint, TransportError>> {
        let address = endpoint.remote()?;
        let view = &self.inner.view;
        if view.leads_here(address) {
            return None;
        }
        let own = view.own.clone();
        let aim = |address| RemoteEndpoint { address, own };
        Some(view.target(address).map(aim))
    }
}

impl RouteTable {
    /// Whether an address leads to a unix socket of this directory that this process does not make.
    fn leads_here(&self, address: &TcpAddress) -> bool {
        let is = |gate: &TcpAddress| gate.same_gate(address);
        self.shared || self.here.as_ref().is_some_and(is)
    }

    /// The address as it is reached from here.
    fn target(&self, address: &TcpAddress) -> Result<TcpAddress, TransportError> {
        match &self.alias {
            Some((published, reached)) if published.same_gate(address) => {
                reached.with_socket(address.socket())
            }
            _ => Ok(address.clone()),
        }
    }
}

impl fmt::Debug for AddressResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("directory", &self.inner.view.directory)
            .finish_non_exhaustive()
    }
}
