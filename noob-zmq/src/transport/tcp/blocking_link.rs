//! [`BlockingLink`]: connections of blocking code to a socket of another host that is no socket of
//! ZeroMQ.
//!
//! Each connection is a unix socket whose other end a task copies from and to the link, so that its
//! owner needs no runtime, and has the timeouts of a socket.

use std::fmt;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::address::split_host;
use super::connect::connect;
use super::{TcpAddress, tunnel_copy};
use crate::transport::TransportError;
use crate::transport::keys::{KeyPair, PublicKey};

/// Time in which a host says that nobody listens.
const CLOSED_TIMEOUT: Duration = Duration::from_secs(2);

/// Way to one socket of another host.
pub(crate) struct BlockingLink {
    address: TcpAddress,
    own: Option<KeyPair>,
    /// Runtime of the connections; taken by the drop alone.
    runtime: Option<Runtime>,
}

impl BlockingLink {
    /// Returns the way to a socket of the host at one of these addresses; opens no connection.
    ///
    /// With keys, the host must have the second, and is shown the first.
    ///
    /// # Errors
    /// An address that is none, and a thread that cannot be started.
    pub(crate) fn new(
        hosts: &[String],
        keys: Option<(KeyPair, PublicKey)>,
        socket: &str,
    ) -> Result<Self, TransportError> {
        let (own, pinned) = keys.unzip();
        let address = TcpAddress::new(pinned, hosts.iter().cloned(), socket)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("noob-zmq-link")
            .enable_all()
            .build()
            .map_err(|error| TransportError::refused("connect to", &address, error))?;
        Ok(Self {
            address,
            own,
            runtime: Some(runtime),
        })
    }

    /// Returns whether the other host says that nobody listens there: its runner has ended.
    pub(crate) fn is_closed(&self) -> bool {
        let hosts = self.address.hosts();
        let candidates = hosts
            .iter()
            .filter_map(|host| split_host(host)?.to_socket_addrs().ok());
        candidates.flatten().any(|candidate| {
            let connected = TcpStream::connect_timeout(&candidate, CLOSED_TIMEOUT);
            connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        })
    }

    /// Opens a connection, and waits until the other host has let it in.
    ///
    /// # Errors
    /// A host that is not there or refuses.
    pub(crate) fn open(&self) -> io::Result<UnixStream> {
        let Some(runtime) = &self.runtime else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let (address, own) = (self.address.clone(), self.own.clone());
        let (sender, connected) = channel();
        runtime.spawn(async move {
            let stream = match connect(&address, own.as_ref()).await {
                Ok((stream, _)) => stream,
                Err(error) => return drop(sender.send(Err(io::Error::other(error)))),
            };
            let (ours, theirs) = match tokio::net::UnixStream::pair() {
                Ok(pair) => pair,
                Err(error) => return drop(sender.send(Err(error))),
            };
            if sender.send(ours.into_std()).is_err() {
                return;
            }
            if let Err(error) = tunnel_copy::copy(stream, theirs, None).await {
                tracing::debug!(%error, "the link to another host broke");
            }
        });
        // Each step of the task has a time limit.
        let stream = connected.recv().map_err(io::Error::other)??;
        stream.set_nonblocking(false)?;
        Ok(stream)
    }
}

impl Drop for BlockingLink {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not a drop: that would block, which tokio forbids where the caller is async.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for BlockingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingLink")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
