//! ZMTP 3.0 (RFC 23 of ZeroMQ) on connections to other hosts.
//!
//! - `frame`: the one decoder of frame headers, with the limits of what another host may send.
//! - `inspector`: rules for the content of frames, and for the identity of their sender.
//! - `codec`: messages of a link that ends in this process.

mod codec;
mod error;
mod frame;
mod inspector;

pub(super) use codec::{ZmtpDecoder, ZmtpEncoder, hello, subscription};
pub(super) use error::ZmtpError;
pub(super) use inspector::{FrameInspector, StreamInspector};
