//! What an actor of a run knows of other hosts; nothing, without the feature `remote` or in a run of one host.

use std::path::Path;

use crate::actor::{ActorError, ActorSpec, Opener, Scope};
use crate::transport::{Endpoint, TransportError};
use crate::wire::{Announce, Identify};

#[cfg(feature = "remote")]
use {
    crate::graph::Name,
    crate::runner::zmq::command::readiness::COMMAND,
    crate::sync::lock,
    crate::transport::keys::{AllowList, AllowedKeys, KeyRole, PublicKey},
    crate::transport::tcp::{AddressResolver, IdentityAcl, TcpAddress},
    std::collections::HashMap,
    std::sync::{Arc, Mutex},
};

/// Which nodes are on other hosts: the gate of each, by its key and hosts.
#[cfg(feature = "remote")]
pub(crate) type JoinedPeers = Arc<Mutex<HashMap<Name, TcpAddress>>>;

/// Whom the gate of a host lets in.
#[cfg(feature = "remote")]
#[derive(Debug, Clone)]
pub(crate) struct AllowedPeers {
    pub(crate) allow: AllowList,
    /// In which names.
    pub(crate) voices: IdentityAcl,
    /// The key of the runner.
    pub(crate) runner: PublicKey,
}

/// What an actor of a run knows of other hosts.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeerDirectory {
    #[cfg(feature = "remote")]
    network: Option<AddressResolver>,
    /// Of a node on another host: whom its gate lets in.
    #[cfg(feature = "remote")]
    guests: Option<AllowedPeers>,
    /// Of a command node: who hosts which node.
    #[cfg(feature = "remote")]
    joined: Option<JoinedPeers>,
}

#[cfg(feature = "remote")]
impl PeerDirectory {
    /// Of a command node.
    pub(crate) const fn of_command(network: AddressResolver, joined: JoinedPeers) -> Self {
        Self {
            network: Some(network),
            guests: None,
            joined: Some(joined),
        }
    }

    /// Of a command node that believes what nodes say of where they are.
    pub(crate) const fn through(network: AddressResolver) -> Self {
        Self {
            network: Some(network),
            guests: None,
            joined: None,
        }
    }

    /// Of a node on another host; without keys nobody needs to be let in.
    pub(crate) const fn of_host(network: AddressResolver, guests: Option<AllowedPeers>) -> Self {
        Self {
            network: Some(network),
            guests,
            joined: None,
        }
    }
}

impl PeerDirectory {
    /// Of a node beside the command node, in a run of several hosts or of one: the tunnels of its directory are made by the runner.
    #[cfg_attr(
        not(feature = "remote"),
        expect(unused_variables, reason = "there are no other hosts")
    )]
    pub(crate) fn beside(directory: &Path, hosts: bool) -> Self {
        #[cfg(feature = "remote")]
        if hosts {
            return Self {
                network: Some(AddressResolver::shared(directory)),
                ..Self::default()
            };
        }
        Self::default()
    }

    /// What opens the sockets of an actor.
    pub(crate) fn opener(&self, spec: &'static ActorSpec, scope: Scope) -> Opener {
        let opener = Opener::new(spec, scope);
        #[cfg(feature = "remote")]
        if let Some(network) = &self.network {
            return opener.with_resolver(network.clone());
        }
        opener
    }

    /// The address of a socket of this actor, for all hosts.
    pub(crate) fn published(&self, endpoint: Endpoint) -> Result<Endpoint, TransportError> {
        #[cfg(feature = "remote")]
        if let Some(network) = &self.network {
            return network.to_public(&endpoint);
        }
        Ok(endpoint)
    }

    /// Who is announced is let in: the nodes of the run, and its runner.
    #[cfg_attr(
        not(feature = "remote"),
        expect(unused_variables, reason = "there are no other hosts")
    )]
    pub(crate) fn admit(&self, announce: &Announce) {
        #[cfg(feature = "remote")]
        if let Some(AllowedPeers {
            allow,
            voices,
            runner,
        }) = &self.guests
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
            voices.replace(names);
            allow.set(allowed.with(*runner, "runner", &[KeyRole::Command, KeyRole::Node]));
        }
    }

    /// Checks what a node says of where it is, and gives the address by which all hosts can reach it.
    ///
    /// # Errors
    /// A node of another host that names a gate other than its own, and a node of this host that names another host.
    pub(crate) fn vouch(&self, identify: &Identify) -> Result<Endpoint, ActorError> {
        let outbox = Endpoint::parse(&identify.outbox)?;
        #[cfg(feature = "remote")]
        if let Some(joined) = &self.joined {
            let joined = lock(joined);
            let own = match (joined.get(&identify.node_id), outbox.remote()) {
                (Some(gate), Some(said)) => {
                    gate.same_listener(said)
                        && said.socket() == format!("nodes/{}/outbox", identify.node_id)
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
        Ok(self.published(outbox)?)
    }
}
