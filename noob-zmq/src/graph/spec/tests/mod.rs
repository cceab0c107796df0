//! Tubes and their mistakes, checked against invented node types.

mod cycles;
mod depends;
mod fake;
mod hostile;
mod lists;
mod meaning;
mod mistakes;
mod others;
mod report;
mod schema;
mod shape;
mod types;
mod yaml;
