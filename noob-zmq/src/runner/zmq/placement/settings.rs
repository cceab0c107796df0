//! [`ProcessSettings`]: the settings that a placement has for a process.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::limits::ProcessLimits;
use crate::graph::Name;

/// Settings of a process that the runner starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProcessSettings {
    /// Path and arguments of the program; that of the runner if there is none.
    pub(crate) program: Option<(PathBuf, Vec<Name>)>,
    /// Variables beside those of the runner.
    pub(crate) environment: IndexMap<Name, Name>,
    pub(crate) limits: ProcessLimits,
}
