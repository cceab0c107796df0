//! Rules for the frames that another host sends to a socket of this one.
//!
//! A peer of a publisher may subscribe and nothing else; a peer of a ROUTER states its identity
//! before its first message. A name that a peer states must belong to its key.

use std::time::Duration;

use bytes::Buf;

use super::ZmtpError;
use super::frame::{FrameDecoder, FrameHeader, GREETING_LEN, MAX_SUBSCRIPTIONS, property};
use crate::transport::SUBSCRIBER;
use crate::transport::keys::PublicKey;
use crate::transport::shared_memory::MEMORY;
use crate::transport::tcp::IdentityAcl;

/// Number of bytes of a frame that are inspected.
pub(super) const MAX_INSPECTED: usize = 1024;
/// Time within which a stated name must be granted to the key of the peer.
///
/// The grant travels by another connection, and may arrive after the name.
const GRANT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for which a peer may go on after one of its names was revoked.
const REVOKE_GRACE: Duration = Duration::from_secs(1);

/// Depth to which frames are inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InspectionLevel {
    /// Headers only.
    Lengths,
    /// Peer of an XPUB: subscriptions are the only messages.
    Subscriptions,
    /// Peer of a ROUTER: the handshake states an identity.
    Identity,
}

/// Checks the content of frames, and the names that their sender states.
#[derive(Debug, Clone)]
pub(crate) struct FrameInspector {
    level: InspectionLevel,
    /// Names by key, and the key of the peer; without them every name is allowed.
    acl: Option<(IdentityAcl, Option<PublicKey>)>,
    subscriptions: u32,
    /// Names that the peer has stated.
    names: Vec<String>,
    /// Number of `names` that were found to belong to the key of the peer.
    authorized: usize,
}

impl FrameInspector {
    /// Returns an inspector that accepts any content.
    pub(crate) const fn lengths_only() -> Self {
        Self {
            level: InspectionLevel::Lengths,
            acl: None,
            subscriptions: 0,
            names: Vec::new(),
            authorized: 0,
        }
    }

    /// Returns the inspector of a peer of the socket at the path `socket` of this directory.
    pub(crate) fn for_socket(socket: &str, acl: Option<(IdentityAcl, Option<PublicKey>)>) -> Self {
        Self {
            level: if socket.ends_with("/outbox") {
                InspectionLevel::Subscriptions
            } else if acl.is_some() {
                InspectionLevel::Identity
            } else {
                InspectionLevel::Lengths
            },
            acl,
            ..Self::lengths_only()
        }
    }

    /// Inspects a complete frame, of which `body` has at least the first [`MAX_INSPECTED`] bytes.
    pub(super) fn inspect(&mut self, header: FrameHeader, body: &[u8]) -> Result<(), ZmtpError> {
        match (self.level, header.is_command) {
            (InspectionLevel::Subscriptions, false) => {
                self.inspect_subscription(header.has_more, &body[..body.len().min(MAX_INSPECTED)])
            }
            (InspectionLevel::Identity, true) => {
                self.inspect_handshake(&body[..body.len().min(MAX_INSPECTED)])
            }
            (InspectionLevel::Identity, false) if self.names.is_empty() => {
                Err(ZmtpError::NoIdentity)
            }
            _ => Ok(()),
        }
    }

    fn inspect_subscription(&mut self, has_more: bool, body: &[u8]) -> Result<(), ZmtpError> {
        let Some((0 | 1, topic)) = body.split_first() else {
            return Err(ZmtpError::MaySubscribeOnly);
        };
        if has_more {
            return Err(ZmtpError::MaySubscribeOnly);
        }
        self.subscriptions += 1;
        if self.subscriptions > MAX_SUBSCRIPTIONS {
            return Err(ZmtpError::TooManySubscriptions);
        }
        if let Some(name) = topic.strip_prefix(SUBSCRIBER.as_bytes()) {
            self.add_name(name);
        }
        if let Some(memory) = topic.strip_prefix(MEMORY.as_bytes()) {
            let name = memory.splitn(2, |byte| *byte == b':').nth(1);
            self.add_name(name.unwrap_or_default());
        }
        Ok(())
    }

    fn inspect_handshake(&mut self, command: &[u8]) -> Result<(), ZmtpError> {
        match property(command, b"Identity") {
            Some(Some(identity)) if !identity.is_empty() => {
                self.add_name(identity);
                Ok(())
            }
            _ => Err(ZmtpError::NoIdentity),
        }
    }

    fn add_name(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name).into_owned();
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// Whether all names that the peer has stated so far belong to its key.
    ///
    /// Frames must not be used while this is false.
    pub(crate) const fn is_authorized(&self) -> bool {
        self.authorized == self.names.len()
    }

    /// Waits until all names that the peer has stated so far belong to its key.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// A name that is not granted to the key in time.
    pub(crate) async fn authorize(&mut self) -> Result<(), ZmtpError> {
        if self.is_authorized() {
            return Ok(());
        }
        if let Some((acl, key)) = &self.acl {
            let granted = acl.wait_until(*key, &self.names, true);
            if tokio::time::timeout(GRANT_TIMEOUT, granted).await.is_err() {
                let name = self.names.last().cloned().unwrap_or_default();
                return Err(ZmtpError::UnauthorizedName(
                    name.escape_default().to_string(),
                ));
            }
        }
        self.authorized = self.names.len();
        Ok(())
    }

    /// Returns a future that resolves when a name that the peer has stated so far is revoked, and
    /// stays revoked for a moment.
    pub(crate) fn revoked(&self) -> impl Future<Output = ()> + Send + use<> {
        let (acl, names) = (self.acl.clone(), self.names.clone());
        async move {
            match acl {
                Some((acl, key)) if !names.is_empty() => loop {
                    acl.wait_until(key, &names, false).await;
                    // A node that is restarted on its host loses its name for a moment.
                    tokio::time::sleep(REVOKE_GRACE).await;
                    let still = acl.wait_until(key, &names, false);
                    if tokio::time::timeout(Duration::ZERO, still).await.is_ok() {
                        return;
                    }
                },
                _ => std::future::pending().await,
            }
        }
    }
}

/// Inspects a byte stream that is passed on as it is.
#[derive(Debug, Clone)]
pub(crate) struct StreamInspector {
    decoder: FrameDecoder,
    pub(crate) content: FrameInspector,
    /// Frame whose body goes on; `None` during the greeting.
    frame: Option<FrameHeader>,
    /// Bytes of the body or greeting that are still to come; 0 before a header.
    left: u64,
    /// Start of the body that goes on.
    head: Vec<u8>,
}

impl StreamInspector {
    /// Returns an inspector that rejects messages of more than `limit` bytes.
    pub(crate) const fn new(limit: u64, content: FrameInspector) -> Self {
        Self {
            decoder: FrameDecoder::new(limit),
            content,
            frame: None,
            left: GREETING_LEN as u64,
            head: Vec::new(),
        }
    }

    /// Inspects the next bytes of the stream.
    ///
    /// # Errors
    /// Bytes that must not be passed on.
    pub(crate) fn inspect(&mut self, mut bytes: &[u8]) -> Result<(), ZmtpError> {
        while !bytes.is_empty() {
            if self.left == 0 {
                let Some(header) = self.decoder.next_header(&mut bytes)? else {
                    return Ok(());
                };
                (self.frame, self.left) = (Some(header), header.length);
            }
            let taken =
                usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
            if self.frame.is_some() && self.content.level != InspectionLevel::Lengths {
                let room = taken.min(MAX_INSPECTED - self.head.len());
                self.head.extend_from_slice(&bytes[..room]);
            }
            bytes.advance(taken);
            self.left -= taken as u64;
            if self.left == 0
                && let Some(header) = self.frame.take()
            {
                self.content.inspect(header, &self.head)?;
                self.head.clear();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
