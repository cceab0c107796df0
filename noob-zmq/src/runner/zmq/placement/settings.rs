//! Settings that a placement has for processes, and for the hosts beside that of the runner.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::limits::ProcessLimits;
use crate::graph::Name;

/// Settings of a process that the runner or an agent starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessSettings {
    /// Path and arguments of the program; that of the runner if there is none.
    pub(crate) program: Option<(PathBuf, Vec<Name>)>,
    /// Variables beside those of the runner.
    pub(crate) environment: IndexMap<Name, Name>,
    pub(crate) limits: ProcessLimits,
}

/// Host that is not that of the runner, with nodes.
#[cfg(feature = "remote")]
#[derive(Debug, Clone, Default)]
pub(crate) struct PlacedHost {
    /// Target of the ssh by which the runner starts the agent of the host.
    pub(crate) ssh: Option<Name>,
    /// Public key of its agent and of its nodes, as written.
    pub(crate) key: Option<Name>,
    pub(crate) labels: Vec<Name>,
    /// Command of the agent that is started by ssh: the program and its first arguments.
    pub(crate) agent: Vec<Name>,
    /// Its nodes, in the order of the tube, with the settings of their processes.
    pub(crate) nodes: IndexMap<Name, ProcessSettings>,
}
