//! `#[handlers(Spec)]`: the impl block stays as it is, and gets an `Actor` impl that calls its
//! handlers.
//!
//! The first stage (`block`, `parse`) sees the impl block and asks the hidden macro of the spec;
//! the second (`check`, `expand`) sees both.

mod block;
mod cfg_gaps;
mod check;
mod expand;
mod ir;
mod parse;
mod signature;
mod stages;

pub(crate) use stages::{annotate, dispatch};
