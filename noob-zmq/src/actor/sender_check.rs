//! Who may say what: messages are measured against the socket that they come from, and those that are not its to send are dropped.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{PeerSpec, Scope, SocketKind, SocketSpec, specs};
use crate::graph::Name;
use crate::transport::{Endpoint, PeerInfo};
use crate::wire::{RawMessage, WireError};

/// How many senders are counted one by one; the rest together.
const SENDERS: usize = 256;

/// The sockets that one socket is linked to, as its spec names them.
#[derive(Debug, Clone)]
pub(super) struct SenderPolicy {
    /// The directory of the run.
    root: PathBuf,
    known: Arc<[AllowedSender]>,
    /// Whether every peer is known by its id: then it speaks for nobody else (ROUTER).
    by_id: bool,
}

#[derive(Debug)]
struct AllowedSender {
    /// Its path below the directory of the run; `{id}` stands for the id of its actor.
    path: &'static str,
    /// What the socket receives, though not from this peer.
    never: Vec<&'static str>,
}

/// The socket that `peer` names; several, if programs have several specs of that name.
fn registered(peer: &PeerSpec) -> impl Iterator<Item = &'static SocketSpec> {
    let named = specs()
        .into_iter()
        .filter(move |spec| Some(spec.spec.name) == peer.actor);
    named.filter_map(move |spec| spec.spec.socket(peer.socket).map(|(_, socket)| socket))
}

impl SenderPolicy {
    pub(super) fn of(spec: &SocketSpec, scope: &Scope) -> Self {
        let mut known = Vec::new();
        let mut by_id = spec.kind == SocketKind::Router && !spec.peers.is_empty();
        for peer in spec.peers {
            let found: Vec<_> = registered(peer).collect();
            by_id &= !found.is_empty() && found.iter().all(|peer| peer.identity == "{id}");
            let sends = |kind: &str| {
                let mut all = found.iter().flat_map(|peer| peer.sends);
                all.any(|sent| sent.kind == kind)
            };
            let never: Vec<_> = spec
                .receives
                .iter()
                .map(|message| message.kind)
                .filter(|kind| !sends(kind))
                .collect();
            known.extend(found.iter().map(|peer| AllowedSender {
                path: peer.path,
                never: never.clone(),
            }));
        }
        Self {
            root: scope.path(""),
            known: known.into(),
            by_id,
        }
    }

    /// Who is behind an address; `None` if the spec knows no such socket.
    pub(super) fn origin(&self, endpoint: &Endpoint) -> Option<Arc<PeerInfo>> {
        let path = endpoint
            .path()
            .and_then(|path| path.strip_prefix(&self.root).ok()?.to_str());
        #[cfg(feature = "remote")]
        let path = path.or_else(|| endpoint.remote().map(|address| address.socket()));
        let path = path?;
        self.known.iter().find_map(|known| {
            let name = match known.path.split_once("{id}") {
                None => (known.path == path).then_some(None),
                Some((before, after)) => {
                    let id = path.strip_prefix(before)?.strip_suffix(after)?;
                    (!id.is_empty() && !id.contains('/')).then(|| Some(Scope::id_of(id).into()))
                }
            }?;
            Some(Arc::new(PeerInfo {
                name,
                never: known.never.clone(),
            }))
        })
    }

    /// The message, with the name that it must be said in; an error if it is not its sender's to send.
    pub(super) fn check_sender(
        &self,
        raw: RawMessage,
        from: Option<&PeerInfo>,
    ) -> Result<RawMessage, WireError> {
        if let Some(origin) = from {
            if origin.never.iter().any(|kind| *kind == raw.kind()) {
                return Err(WireError::NotAllowedFromSocket {
                    kind: raw.kind().to_owned(),
                    sender: raw.sender().to_string(),
                });
            }
            return match &origin.name {
                Some(name) => raw.require_sender(name),
                None => Ok(raw),
            };
        }
        if self.by_id
            && let Some(peer) = raw.peer()
        {
            if **peer != *raw.sender().as_bytes() {
                return Err(WireError::SenderMismatch {
                    kind: raw.kind().to_owned(),
                    sender: String::from_utf8_lossy(peer).into_owned(),
                    name: raw.sender().to_string(),
                });
            }
            let name = Name::clone(raw.sender());
            return raw.require_sender(&name);
        }
        Ok(raw)
    }
}

/// The messages that an actor has dropped, since they could not be read or were not their sender's to send. Cheap to clone.
///
/// Of each sender on each socket, and of each kind, the log has the first, second, fourth, eighth and so on in `warn`, and the rest in `debug`: no peer can flood it.
#[derive(Debug, Clone, Default)]
pub struct RejectCounters {
    inner: Arc<Counts>,
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RejectKind {
    Undecodable,
    SenderMismatch,
    NotAllowedFromSocket,
    Invalid,
}

#[derive(Debug, Default)]
struct Counts {
    all: AtomicU64,
    each: Mutex<HashMap<(&'static str, String, RejectKind), u64>>,
}

impl RejectCounters {
    /// How many there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.inner.all.load(Ordering::Relaxed)
    }

    /// Takes note of one that could not be read, or not be vetted.
    pub(super) fn count_wire_error(&self, socket: &'static str, sender: &str, why: &WireError) {
        let kind = match why {
            WireError::SenderMismatch { .. } => RejectKind::SenderMismatch,
            WireError::NotAllowedFromSocket { .. } => RejectKind::NotAllowedFromSocket,
            _ => RejectKind::Undecodable,
        };
        self.count(socket, sender, kind, why);
    }

    /// Takes note of one that could be read, and is not true.
    pub(crate) fn count_invalid(
        &self,
        socket: &'static str,
        sender: &str,
        why: &dyn std::fmt::Display,
    ) {
        self.count(socket, sender, RejectKind::Invalid, why);
    }

    fn count(
        &self,
        socket: &'static str,
        sender: &str,
        kind: RejectKind,
        why: &dyn std::fmt::Display,
    ) {
        let refused = {
            let mut each = self
                .inner
                .each
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let sender = if each.len() < SENDERS {
                sender
            } else {
                "others"
            };
            let count = each.entry((socket, sender.to_owned(), kind)).or_default();
            *count += 1;
            *count
        };
        if refused.is_power_of_two() {
            tracing::warn!(socket, sender, refused, "a message is dropped: {why}");
        } else {
            tracing::debug!(socket, sender, refused, "a message is dropped: {why}");
        }
        // Last: whoever sees the count finds the line.
        self.inner.all.fetch_add(1, Ordering::Relaxed);
    }
}
