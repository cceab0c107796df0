//! Who may have which socket.

use std::net::SocketAddr;

use super::address::is_loopback;
use crate::transport::TransportError;
use crate::transport::keys::{AllowList, KeyPair, KeyRole};

/// How strangers are kept out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AccessControl {
    /// Both sides prove that they have a key that the other knows.
    Keys {
        /// The key of this side.
        own: KeyPair,
        /// Who is let in, and as what.
        allow: AllowList,
    },
    /// Everybody on this machine is let in: loopback only.
    Plain,
}

impl AccessControl {
    /// Whether it may stand at this address.
    ///
    /// # Errors
    /// No keys, and an address that other machines can reach.
    pub fn check(&self, address: SocketAddr) -> Result<(), TransportError> {
        match self {
            Self::Plain if !is_loopback(address.ip()) => Err(TransportError::NoKeys {
                address: address.to_string(),
            }),
            Self::Plain => {
                tracing::warn!(%address, "plain tcp: every program on this machine can join and listen");
                Ok(())
            }
            Self::Keys { .. } => Ok(()),
        }
    }
}

/// The roles of which one is needed to have a socket, by its path below the directory of a run; none for one that is for nobody.
///
/// | socket | who |
/// |---|---|
/// | `command/outbox` | nodes and watchers, who hear it |
/// | `command/inbox` | nodes, who report on it |
/// | `nodes/ID/outbox` | the command node, nodes and watchers, who hear it |
/// | `join/ID` | nodes, who ask to host the node `ID` (no socket of ZeroMQ: the runner answers) |
#[must_use]
pub fn allowed_roles(socket: &str) -> &'static [KeyRole] {
    let parts: Vec<&str> = socket.split('/').collect();
    match parts.as_slice() {
        ["command", "outbox"] => &[KeyRole::Node, KeyRole::Watch],
        ["command", "inbox"] => &[KeyRole::Node],
        ["nodes", _, "outbox"] => &[KeyRole::Command, KeyRole::Node, KeyRole::Watch],
        ["join", _] => &[KeyRole::Node],
        _ => &[],
    }
}

/// The max_message_size message that another host may send to a socket, in bytes: subscriptions are short, reports are not long, and only what is heard
/// from a socket of another host may be as large as data is.
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
    fn only_sockets_of_a_run_are_for_anybody() {
        assert_eq!(allowed_roles("command/inbox"), [KeyRole::Node]);
        assert!(!allowed_roles("command/outbox").contains(&KeyRole::Command));
        assert!(allowed_roles("nodes/a/outbox").contains(&KeyRole::Command));
        for nobody in [
            "lock",
            "nodes",
            "nodes/a/b/outbox",
            "nodes/a/inbox",
            "command",
            "/command/inbox",
        ] {
            assert!(allowed_roles(nobody).is_empty(), "{nobody}");
        }
    }

    #[test]
    fn without_keys_no_other_machine_is_let_in() {
        assert!(
            AccessControl::Plain
                .check("127.0.0.1:1".parse().unwrap())
                .is_ok()
        );
        assert!(
            AccessControl::Plain
                .check("[::1]:1".parse().unwrap())
                .is_ok()
        );
        let error = AccessControl::Plain
            .check("0.0.0.0:1".parse().unwrap())
            .unwrap_err();
        assert!(error.to_string().contains("noob-zmq keygen"), "{error}");
    }
}
