//! `ping`, `stop` and `deinit`: messages without content.

use serde::{Deserialize, Serialize};

use crate::Message;

/// Request to all nodes to identify themselves again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Ping;

/// Order to all nodes to stop running freely; epochs that were requested still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Stop;

/// Order to all nodes to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Deinit;
