//! Checks a raw tube against the node types of the program, and makes a
//! [`Tube`](crate::graph::Tube) of it.

mod assets;
mod build;
mod checker;
mod inputs;
mod nested;
mod params;
mod types;

pub(super) use checker::{Context, check};
