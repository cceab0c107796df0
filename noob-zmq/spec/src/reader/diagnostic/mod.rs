//! Mistakes and warnings with their places, all of them at once.

mod collector;
mod errors;
mod help;
mod kind;
#[cfg(feature = "miette")]
mod miette;
mod render;

pub use collector::Diagnostics;
pub use errors::TubeErrors;
pub use kind::{DiagnosticKind, TypeEdge};
pub use render::Diagnostic;
