//! Reasons why the bytes of another host are rejected.

use super::frame::{MAX_FRAMES, MAX_SUBSCRIPTIONS};

/// Reason why the bytes of another host are rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZmtpError {
    #[error("it announced a message of {0} bytes, and {1} are the most")]
    TooLarge(u64, u64),
    #[error("it sent a message of more than {MAX_FRAMES} frames")]
    TooManyFrames,
    #[error("it sent something else than frames")]
    NotAFrame,
    #[error("it sent a message, and may only subscribe")]
    MaySubscribeOnly,
    #[error("it subscribed more than {MAX_SUBSCRIPTIONS} times")]
    TooManySubscriptions,
    #[error("it did not say who it is")]
    NoIdentity,
    #[error("it speaks in the name of `{0}`, which its key does not host")]
    UnauthorizedName(String),
    #[error("it does not speak ZMTP 3")]
    Version,
    #[error("it asks for the mechanism `{0}`, and inside of a link there is none")]
    Mechanism(String),
    #[error("it is a `{0}`, and a `{1}` is expected")]
    SocketType(String, &'static str),
    #[error("it did not say what kind of socket it is")]
    NoSocketType,
}
