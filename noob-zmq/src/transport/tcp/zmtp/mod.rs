//! ZMTP 3.0 on connections to other hosts.

mod codec;
mod limits;

pub(crate) use codec::{ZmtpDecoder, ZmtpEncoder, ZmtpError, hello, subscription};
pub(crate) use limits::{FrameError, FrameInspector};
