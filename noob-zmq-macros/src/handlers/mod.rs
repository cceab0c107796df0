//! `#[handlers(Spec)]`: adds an `Actor` impl that calls the handlers of an `impl` block.
//!
//! The first stage (`parse`) reads the `impl` block, and passes it to the hidden macro of
//! the spec, which calls the second stage (`check`, `expand`) with the spec and the block.

mod cfg_gaps;
mod check;
mod expand;
mod ir;
mod parse;
mod signature;
mod stages;

pub(crate) use stages::{annotate, dispatch};
