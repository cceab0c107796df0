//! Addresses of other hosts, resolved to local endpoints by one process.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::TcpAddress;
use super::remote_subscriber::RemoteEndpoint;
use super::tunnel_proxy::TunnelProxy;
use crate::sync::lock;
use crate::transport::keys::KeyPair;
use crate::transport::{Endpoint, TransportError};

/// Resolver of addresses on other hosts, for the sockets of one process.
///
/// Cheap to clone; dropping the last clone closes all tunnels.
#[derive(Clone)]
pub struct AddressResolver {
    routes: Arc<RouteTable>,
    /// Tunnels by path.
    ///
    /// Locked while a tunnel is looked up or made, never across an await.
    proxies: Arc<Mutex<HashMap<PathBuf, TunnelProxy>>>,
}

/// Settings by which addresses are resolved.
#[derive(Clone, Default)]
struct RouteTable {
    directory: PathBuf,
    own: Option<KeyPair>,
    /// Listener through which others reach the sockets of this directory, which need no tunnel.
    listener: Option<TcpAddress>,
    /// Listener as it is published, and as it is reached from this host.
    alias: Option<(TcpAddress, TcpAddress)>,
    /// Whether another process makes the tunnels of this directory.
    is_shared: bool,
}

impl AddressResolver {
    /// Returns the resolver of the process whose sockets lie in `directory`.
    ///
    /// The process proves the key `own` to other hosts; without a key, only plain tcp on loopback
    /// is available.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, own: Option<KeyPair>) -> Self {
        Self::with_routes(RouteTable {
            directory: directory.into(),
            own,
            ..RouteTable::default()
        })
    }

    /// Returns the resolver of a process beside the one that makes the tunnels of `directory`.
    ///
    /// Every address leads to the unix socket that the other process has put there.
    #[must_use]
    pub fn shared(directory: impl Into<PathBuf>) -> Self {
        Self::with_routes(RouteTable {
            directory: directory.into(),
            is_shared: true,
            ..RouteTable::default()
        })
    }

    fn with_routes(routes: RouteTable) -> Self {
        Self {
            routes: Arc::new(routes),
            proxies: Arc::default(),
        }
    }

    /// Adds a listener of this process, or of another one with the same directory: addresses with
    /// the key and hosts of `listener` lead to this directory.
    ///
    /// To be called before the resolver is used: its clones do not learn of it.
    #[must_use]
    pub fn with_listener(mut self, listener: TcpAddress) -> Self {
        Arc::make_mut(&mut self.routes).listener = Some(listener);
        self
    }

    /// Adds a listener that is published by one address and reached from this host by another, as
    /// where it listens at every address or is behind another name.
    ///
    /// To be called before the resolver is used: its clones do not learn of it.
    #[must_use]
    pub fn with_alias(mut self, published: TcpAddress, reached: TcpAddress) -> Self {
        Arc::make_mut(&mut self.routes).alias = Some((published, reached));
        self
    }

    /// Returns the address by which others reach a socket of this directory; without a listener,
    /// the path itself.
    ///
    /// # Errors
    /// A path outside of the directory, if there is a listener.
    pub fn to_public(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let routes = &self.routes;
        let (Some(listener), Some(path)) = (&routes.listener, endpoint.path()) else {
            return Ok(endpoint.clone());
        };
        let socket = path
            .strip_prefix(&routes.directory)
            .ok()
            .and_then(Path::to_str)
            .ok_or_else(|| {
                let what = "it is not in the directory of the run, so no other host can reach it";
                TransportError::address(endpoint, what)
            })?;
        listener.with_socket(socket).map(Endpoint::tcp)
    }

    /// Returns the unix socket by which an address is reached from this process: the address
    /// itself, if it is one or lies in this directory; otherwise a tunnel, which is made if it is
    /// not there.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    /// A tunnel whose unix socket cannot be bound.
    pub fn to_local(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        let Some(address) = endpoint.remote() else {
            return Ok(endpoint.clone());
        };
        let routes = &self.routes;
        let path = routes.directory.join(address.socket());
        let local = Endpoint::ipc(&path)?;
        if routes.is_local(address) {
            return Ok(local);
        }
        let target = routes.target(address)?;
        // Held while the proxy binds, so that two calls never bind one path twice.
        let mut proxies = lock(&self.proxies);
        if let Some(proxy) = proxies.get(&path) {
            proxy.retarget(target);
        } else {
            let proxy = TunnelProxy::bind(&path, target, routes.own.clone())?;
            proxies.insert(path, proxy);
        }
        Ok(local)
    }

    /// Returns the socket of another host that is connected to without a unix socket between;
    /// `None` for sockets of this host, and where another process makes the tunnels.
    pub(crate) fn remote(
        &self,
        endpoint: &Endpoint,
    ) -> Option<Result<RemoteEndpoint, TransportError>> {
        let address = endpoint.remote()?;
        let routes = &self.routes;
        if routes.is_local(address) {
            return None;
        }
        let own = routes.own.clone();
        let target = routes.target(address);
        Some(target.map(|address| RemoteEndpoint { address, own }))
    }
}

impl RouteTable {
    /// Whether an address leads to a unix socket of this directory that another party makes.
    fn is_local(&self, address: &TcpAddress) -> bool {
        let is_here = |listener: &TcpAddress| listener.same_listener(address);
        self.is_shared || self.listener.as_ref().is_some_and(is_here)
    }

    /// Returns the address as it is reached from this host.
    fn target(&self, address: &TcpAddress) -> Result<TcpAddress, TransportError> {
        match &self.alias {
            Some((published, reached)) if published.same_listener(address) => {
                reached.with_socket(address.socket())
            }
            _ => Ok(address.clone()),
        }
    }
}

impl fmt::Debug for AddressResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressResolver")
            .field("directory", &self.routes.directory)
            .finish_non_exhaustive()
    }
}
