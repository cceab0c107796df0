//! Tube files: YAML text → raw form ([`TubeSpec`]) → checked form ([`Tube`](super::Tube)).
//!
//! The crate `noob_zmq_spec`, which the macro `tube!` uses as well, makes the raw form; `check`
//! compares it with the node types of the program. [`load`] does both and reports the mistakes of
//! all steps together, each at its place.

mod check;
mod library;
mod load;
mod schema;
mod special;
#[cfg(test)]
mod tests;
mod value;

pub use library::Library;
pub use load::{check, load};
pub use noob_zmq_spec::{
    AssetSpec, Dependency, Diagnostic, DiagnosticKind, EnabledSpec, InputSpec, NoTubes, NodeSpec,
    ParamSpec, Spanned, TubeErrors, TubeSpec, Tubes, TypeEdge, parse, parse_with,
};
pub use schema::{json_schema, placement_schema};
