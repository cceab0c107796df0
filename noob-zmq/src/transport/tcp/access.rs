//! Access control of a listener: authentication mode, and the roles that each socket requires.

use std::net::SocketAddr;

use super::address::is_loopback;
use crate::transport::TransportError;
use crate::transport::keys::{AllowList, KeyPair, KeyRole, PublicKey};

/// Name by which a watcher requests the socket of a run for watchers, which is no socket of ZeroMQ.
pub(crate) const WATCH: &str = "watch";

/// Authentication mode of a listener.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AccessControl {
    /// Both sides prove a key that the other side knows.
    Keys {
        /// Key of this side.
        own: KeyPair,
        /// Keys that are accepted, with their roles.
        allow: AllowList,
    },
    /// Every process of this machine is accepted; for loopback addresses only.
    Plain,
}

impl AccessControl {
    /// Checks that a listener in this mode may use an address.
    ///
    /// # Errors
    /// A listener without keys at an address that other machines can reach.
    pub fn check_address(&self, address: SocketAddr) -> Result<(), TransportError> {
        match self {
            Self::Plain if !is_loopback(address.ip()) => Err(TransportError::NoKeys {
                address: address.to_string(),
            }),
            Self::Plain => {
                tracing::warn!(
                    %address, "plain tcp: every program on this machine can join and listen"
                );
                Ok(())
            }
            Self::Keys { .. } => Ok(()),
        }
    }

    /// Returns the name of the owner of `key` if the key may use `socket`, otherwise the reason
    /// why not.
    pub(super) fn authorize(&self, key: Option<PublicKey>, socket: &str) -> Result<String, String> {
        let roles = allowed_roles(socket);
        if roles.is_empty() {
            return Err(format!("`{socket}` is for nobody"));
        }
        let Self::Keys { allow, .. } = self else {
            return Ok("anybody".to_owned());
        };
        let key = key.ok_or("it has shown no key")?;
        match allow.current().get(&key) {
            None => Err(format!("the key {key} is not among those that are let in")),
            Some(entry) if entry.has_any_role(roles) => Ok(entry.name.clone()),
            Some(entry) => {
                let needed: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                Err(format!(
                    "the key of `{}` has not the role for `{socket}`: {}",
                    entry.name,
                    needed.join(" or ")
                ))
            }
        }
    }

    /// Waits until `key` may not use `socket` any more; returns the reason.
    ///
    /// Never resolves where nothing can be revoked.
    pub(super) async fn revoked(&self, key: Option<PublicKey>, socket: &str) -> String {
        let Self::Keys { allow, .. } = self else {
            return std::future::pending().await;
        };
        // Subscribed before the first check, so that no change between the two is missed.
        let mut changes = allow.changes();
        loop {
            if let Err(why) = self.authorize(key, socket) {
                return why;
            }
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

/// Returns the roles of which a key needs one to use the socket at this path below the directory of
/// a run; none for a path that no peer may use.
///
/// | socket | users |
/// |---|---|
/// | `command/outbox` | nodes and watchers, which receive from it |
/// | `command/inbox` | nodes, which report on it |
/// | `nodes/ID/outbox` | the command node, nodes and watchers, which receive from it |
/// | `watch` | watchers, which look at the run (no socket of ZeroMQ: lines of JSON) |
/// | `join/ID` | hosts that offer to run the node `ID` (no socket of ZeroMQ: the runner replies) |
/// | `agent/HOST` | the agent of the host `HOST`, which the runner tells what to start |
#[must_use]
pub fn allowed_roles(socket: &str) -> &'static [KeyRole] {
    let parts: Vec<&str> = socket.split('/').collect();
    match parts.as_slice() {
        ["command", "outbox"] => &[KeyRole::Node, KeyRole::Watch],
        ["command", "inbox"] => &[KeyRole::Node],
        ["nodes", _, "outbox"] => &[KeyRole::Command, KeyRole::Node, KeyRole::Watch],
        ["join" | "agent", _] => &[KeyRole::Node],
        [WATCH] => &[KeyRole::Watch],
        _ => &[],
    }
}

/// Returns the size in bytes of the largest message that another host may send to a socket.
///
/// Subscriptions are short and reports are not long; only messages that this side receives from a
/// publisher of another host may be as large as data is
/// ([`MAX_INBOUND_MESSAGE`](super::MAX_INBOUND_MESSAGE)).
pub(super) fn max_message_size(socket: &str) -> u64 {
    if socket.ends_with("/outbox") {
        64 << 10
    } else {
        16 << 20
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_no_socket_of_a_run_have_no_roles() {
        assert_eq!(allowed_roles("command/inbox"), [KeyRole::Node]);
        assert!(!allowed_roles("command/outbox").contains(&KeyRole::Command));
        assert!(allowed_roles("nodes/a/outbox").contains(&KeyRole::Command));
        assert_eq!(allowed_roles("watch"), [KeyRole::Watch]);
        for path in [
            "lock",
            "nodes",
            "nodes/a/b/outbox",
            "nodes/a/inbox",
            "command",
            "/command/inbox",
            ".watch",
            "watch/a",
        ] {
            assert!(allowed_roles(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn plain_mode_is_for_loopback_only() {
        let check = |address: &str| AccessControl::Plain.check_address(address.parse().unwrap());
        assert!(check("127.0.0.1:1").is_ok());
        assert!(check("[::1]:1").is_ok());
        let error = check("0.0.0.0:1").unwrap_err();
        assert!(error.to_string().contains("noob-zmq keygen"), "{error}");
    }
}
