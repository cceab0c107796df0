//! Random tubes, run in every way that there is, give what a naive evaluator gives.

mod apart;
mod chance;
mod graph;
mod nodes;
mod processes;
mod reference;
mod shuffled;
mod sync;
mod task;
