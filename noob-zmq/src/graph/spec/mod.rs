//! Tube files: YAML text → raw form ([`TubeSpec`]) → checked form ([`Tube`](super::Tube)), with every mistake at its place.
//!
//! ```text
//! text ── yaml ──> tree with places ── extend ──> one tree ── shape ──> TubeSpec ── check ──> Tube
//! ```
//!
//! [`load`] goes the whole way and reports the mistakes of all steps together.

mod check;
mod extend;
mod help;
mod keys;
pub(crate) mod lenient;
mod library;
mod load;
mod mistake;
mod names;
mod problem;
mod raw;
mod scalar;
mod schema;
mod shape;
mod shape_entry;
mod shape_node;
mod shape_supervision;
mod special;
#[cfg(test)]
mod tests;
mod text;
mod yaml;

pub use library::{Library, NoTubes, Tubes};
pub use load::{Recipe, load, parse, parse_with};
pub use mistake::Mistake;
pub use problem::{Problem, TubeErrors};
pub use raw::{
    AssetSpec, Dependency, EnabledSpec, InputSpec, NodeSpec, ParamSpec, Spanned, TubeSpec,
};
pub use schema::json_schema;
