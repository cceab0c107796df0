//! Authorization of senders: which peer may send which kinds of message, and under which name.
//!
//! The rules come from the specs of both sides. The event loop applies them to each message before
//! it is decoded; the node itself is not asked.

use std::path::PathBuf;
use std::sync::Arc;

use super::{PeerSpec, Scope, SocketKind, SocketSpec, specs};
use crate::graph::Name;
use crate::transport::file_name::file_name;
use crate::transport::{Endpoint, PeerInfo};
use crate::wire::{RawMessage, WireError};

/// Rules for the messages that arrive on one socket.
#[derive(Debug, Clone)]
pub(super) struct SenderPolicy {
    /// Directory of the run.
    root: PathBuf,
    senders: Arc<[AllowedSender]>,
    /// Whether each peer of this ROUTER has the id of its actor as identity.
    ///
    /// Then a message whose sender is not the identity of its peer is rejected.
    identity_is_sender: bool,
}

/// Socket of a spec that may be at the other end.
#[derive(Debug)]
struct AllowedSender {
    /// Path below the directory of the run; `{id}` stands for the id of the actor.
    path: &'static str,
    /// Kinds that the receiving socket takes from other peers, and not from this one.
    never: Vec<&'static str>,
}

/// Returns the sockets that `peer` names: several, if several crates have a spec of that name.
fn sockets_of(peer: &PeerSpec) -> impl Iterator<Item = &'static SocketSpec> {
    let named = specs()
        .into_iter()
        .filter(move |spec| Some(spec.spec.name) == peer.actor);
    named.filter_map(move |spec| spec.spec.socket(peer.socket).map(|(_, socket)| socket))
}

impl SenderPolicy {
    /// Returns the rules for a socket of the actor that `scope` names.
    pub(super) fn new(spec: &SocketSpec, scope: &Scope) -> Self {
        let mut senders = Vec::new();
        let mut identity_is_sender = spec.kind == SocketKind::Router && !spec.peers.is_empty();
        for peer in spec.peers {
            let sockets: Vec<_> = sockets_of(peer).collect();
            identity_is_sender &=
                !sockets.is_empty() && sockets.iter().all(|socket| socket.identity == "{id}");
            let sends = |kind: &str| {
                let mut all = sockets.iter().flat_map(|socket| socket.sends);
                all.any(|sent| sent.kind == kind)
            };
            let never: Vec<_> = spec
                .receives
                .iter()
                .map(|message| message.kind)
                .filter(|kind| !sends(kind))
                .collect();
            senders.extend(sockets.iter().map(|socket| AllowedSender {
                path: socket.path,
                never: never.clone(),
            }));
        }
        Self {
            root: scope.path(""),
            senders: senders.into(),
            identity_is_sender,
        }
    }

    /// Returns what the specs say of the socket at `endpoint`; `None` if they know no such socket.
    pub(super) fn peer_at(&self, endpoint: &Endpoint) -> Option<Arc<PeerInfo>> {
        let path = endpoint
            .path()
            .and_then(|path| path.strip_prefix(&self.root).ok()?.to_str());
        #[cfg(feature = "remote")]
        let path = path.or_else(|| endpoint.remote().map(|address| address.socket()));
        let path = path?;
        self.senders.iter().find_map(|sender| {
            let file_name = match sender.path.split_once("{id}") {
                None => (sender.path == path).then_some(None),
                Some((before, after)) => {
                    let name = path.strip_prefix(before)?.strip_suffix(after)?;
                    (!name.is_empty() && !name.contains('/')).then(|| Some(name.into()))
                }
            }?;
            Some(Arc::new(PeerInfo {
                file_name,
                never: sender.never.clone(),
            }))
        })
    }

    /// Returns the message, bound to the name under which its peer may send.
    ///
    /// # Errors
    /// Returns an error if the peer may not send this kind, or not under the name in the envelope.
    pub(super) fn check_sender(
        &self,
        raw: RawMessage,
        from: Option<&PeerInfo>,
    ) -> Result<RawMessage, WireError> {
        if let Some(peer) = from {
            if peer.never.iter().any(|kind| *kind == raw.kind()) {
                return Err(WireError::NotAllowedFromSocket {
                    kind: raw.kind().to_owned(),
                    sender: raw.sender().to_string(),
                });
            }
            return match &peer.file_name {
                // A hash has no inverse: the names are compared as file names.
                Some(expected) if *file_name(raw.sender()) != **expected => {
                    Err(WireError::SenderMismatch {
                        kind: raw.kind().to_owned(),
                        sender: expected.to_string(),
                        name: raw.sender().to_string(),
                    })
                }
                Some(_) => {
                    let name = Name::clone(raw.sender());
                    raw.require_sender(&name)
                }
                None => Ok(raw),
            };
        }
        if self.identity_is_sender
            && let Some(identity) = raw.peer()
        {
            if **identity != *raw.sender().as_bytes() {
                return Err(WireError::SenderMismatch {
                    kind: raw.kind().to_owned(),
                    sender: String::from_utf8_lossy(identity).into_owned(),
                    name: raw.sender().to_string(),
                });
            }
            let name = Name::clone(raw.sender());
            return raw.require_sender(&name);
        }
        Ok(raw)
    }
}
