//! The reader of tube files that the macro `tube!` and the loader at run time share.
//!
//! ```text
//! text ─ yaml ─> tree with places ─ extends ─> one tree ─ shape ─> TubeSpec ─ check
//! ```
//!
//! [`read`] makes a [`TubeSpec`] of a text and of the tubes that it extends; [`check`] finds names
//! that lead nowhere and cycles. Neither knows the node types of a program: `noob_zmq::graph::spec`
//! checks against those at run time, and the compiler checks what `tube!` writes.
//!
//! The crate opens no file, except in [`files`], and has no clock and no thread. Without the
//! feature `reader` it has only [`names`] and [`suggest`], which all macros use for their errors.

pub mod names;
#[cfg(feature = "reader")]
mod reader;
pub mod suggest;
mod words;

#[cfg(feature = "reader")]
pub use reader::*;
