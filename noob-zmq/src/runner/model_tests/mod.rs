//! Random tubes, run in every way that there is, give what a naive evaluator gives.

mod graph;
mod hostile_feeders;
mod nodes;
mod oracle;
mod processes;
mod reordered_delivery;
mod rng;
mod simulated_processes;
mod sync;
mod task;
