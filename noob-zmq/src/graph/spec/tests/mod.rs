//! Tubes and mistakes in them, against node types made up for the purpose.

mod conformance;
mod fake;
mod hostile;
mod meaning;
mod mistakes;
mod others;
mod schema;
mod shape;
mod types;
