//! Helpers of the tests: nodes, runners in private directories, and looks at the process table.

pub mod faulty;
pub mod forms;
pub mod large;
pub mod made;
pub mod namespaces;
pub mod nodes;
pub mod opaque;
pub mod pictures;
pub mod processes;
pub mod remote;
pub mod runners;
pub mod running_command;
