//! Nodes and assets that are written in Python, behind the traits of the library.
//!
//! The package `noob_zmq` reads annotations and makes live nodes; this folder turns its
//! descriptions into types of the registry, and calls the nodes. It decides nothing about when or
//! where a node is called.

mod asset;
mod description;
mod events;
mod node;
mod source;

use events::ready_made;
pub(crate) use events::{epoch_of, event_of, meta_signal};
pub(crate) use source::{fresh_registry, registry};
