//! A raw tube, checked against the node types of the program, becomes a [`Tube`](crate::graph::Tube).

mod assets;
mod build;
mod checker;
mod depends;
mod graph;
mod inputs;
mod nested;
mod params;
mod types;

pub(super) use checker::{Context, check};
