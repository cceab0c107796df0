//! Commands that describe tubes, types and actors, and run nothing.

pub(crate) mod check;
pub(crate) mod graph;
pub(crate) mod handlers;
pub(crate) mod nodes;
pub(crate) mod plan;
pub(crate) mod protocol;
pub(crate) mod schema;
