//! Directory of the peers on other hosts, as one actor of a run knows them.
//!
//! Empty without the feature `remote`, and in a run of one host.

use std::path::Path;

use crate::actor::{ActorError, ActorSpec, Opener, Scope};
use crate::transport::{Endpoint, TransportError};
use crate::wire::{Announce, Identify};

#[cfg(feature = "remote")]
use {
    crate::graph::Name,
    crate::runner::zmq::sockets::{COMMAND, outbox_of},
    crate::sync::lock,
    crate::transport::keys::{AllowList, AllowedKeys, KeyRole, PublicKey},
    crate::transport::tcp::{AddressResolver, IdentityAcl, TcpAddress},
    std::collections::HashMap,
    std::sync::{Arc, Mutex},
};

/// Nodes on other hosts that have joined, each with the address of its listener.
#[cfg(feature = "remote")]
pub(crate) type JoinedPeers = Arc<Mutex<HashMap<Name, TcpAddress>>>;

/// Peers that the listener of a host accepts.
#[cfg(feature = "remote")]
#[derive(Debug, Clone)]
pub(crate) struct AllowedPeers {
    pub(crate) allow: AllowList,
    /// Names in which each key may send.
    pub(crate) identities: IdentityAcl,
    /// Key of the runner.
    pub(crate) runner: PublicKey,
}

/// Addresses and keys of peers on other hosts.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeerDirectory {
    #[cfg(feature = "remote")]
    resolver: Option<AddressResolver>,
    /// Peers that the listener of this host accepts; of a node on another host.
    #[cfg(feature = "remote")]
    allowed_peers: Option<AllowedPeers>,
    /// Hosts of nodes; of a command node.
    #[cfg(feature = "remote")]
    joined: Option<JoinedPeers>,
}

#[cfg(feature = "remote")]
impl PeerDirectory {
    /// Returns the directory of a process that reaches other hosts through this resolver, and
    /// trusts the addresses that nodes send.
    pub(crate) fn through(resolver: AddressResolver) -> Self {
        Self {
            resolver: Some(resolver),
            ..Self::default()
        }
    }

    /// Trusts the addresses of these hosts only; for a command node.
    pub(crate) fn with_joined(mut self, joined: JoinedPeers) -> Self {
        self.joined = Some(joined);
        self
    }

    /// Sets the peers to authorize, for a node on another host; without keys, there are none.
    pub(crate) fn with_allowed_peers(mut self, allowed_peers: Option<AllowedPeers>) -> Self {
        self.allowed_peers = allowed_peers;
        self
    }
}

impl PeerDirectory {
    /// Returns the directory of a node on the host of the runner, in a run of several hosts or one.
    ///
    /// The runner makes the tunnels of its directory.
    #[cfg_attr(
        not(feature = "remote"),
        expect(unused_variables, reason = "there are no other hosts")
    )]
    pub(crate) fn for_directory(directory: &Path, hosts: bool) -> Self {
        #[cfg(feature = "remote")]
        if hosts {
            return Self::through(AddressResolver::shared(directory));
        }
        Self::default()
    }

    /// Returns the opener for the sockets of an actor.
    pub(crate) fn opener(&self, spec: &'static ActorSpec, scope: Scope) -> Opener {
        let opener = Opener::new(spec, scope);
        #[cfg(feature = "remote")]
        if let Some(resolver) = &self.resolver {
            return opener.with_resolver(resolver.clone());
        }
        opener
    }

    /// Returns the address by which all hosts reach a socket of this actor.
    pub(crate) fn to_public(&self, endpoint: Endpoint) -> Result<Endpoint, TransportError> {
        #[cfg(feature = "remote")]
        if let Some(resolver) = &self.resolver {
            return resolver.to_public(&endpoint);
        }
        Ok(endpoint)
    }

    /// Allows connections of the announced nodes and of the runner, and of nobody else.
    #[cfg_attr(
        not(feature = "remote"),
        expect(unused_variables, reason = "there are no other hosts")
    )]
    pub(crate) fn allow_announced(&self, announce: &Announce) {
        #[cfg(feature = "remote")]
        if let Some(AllowedPeers {
            allow,
            identities,
            runner,
        }) = &self.allowed_peers
        {
            let mut allowed = AllowedKeys::default();
            let mut names = vec![(Name::from(COMMAND), Some(*runner))];
            for (node, known) in &announce.nodes {
                let key = Endpoint::parse(&known.outbox)
                    .ok()
                    .and_then(|endpoint| endpoint.remote().and_then(TcpAddress::key));
                if let Some(key) = key {
                    allowed = allowed.with(key, node, &[KeyRole::Node]);
                    names.push((node.clone(), Some(key)));
                }
            }
            identities.replace(names);
            allow.set(allowed.with(*runner, "runner", &[KeyRole::Command, KeyRole::Node]));
        }
    }

    /// Checks the address that a node sends, and returns the one by which all hosts reach it.
    ///
    /// # Errors
    /// A node of another host that names a listener other than its own, and a node of this host
    /// that names another host.
    pub(crate) fn check_address(&self, identify: &Identify) -> Result<Endpoint, ActorError> {
        let outbox = Endpoint::parse(&identify.outbox)?;
        #[cfg(feature = "remote")]
        if let Some(joined) = &self.joined {
            let joined = lock(joined);
            let own = match (joined.get(&identify.node_id), outbox.remote()) {
                (Some(listener), Some(sent)) => {
                    listener.same_listener(sent) && sent.socket() == outbox_of(&identify.node_id)
                }
                (None, None) => true,
                _ => false,
            };
            if !own {
                return Err(TransportError::Address {
                    address: identify.outbox.clone(),
                    what: format!("that is not where the node `{}` is", identify.node_id),
                }
                .into());
            }
        }
        Ok(self.to_public(outbox)?)
    }
}
