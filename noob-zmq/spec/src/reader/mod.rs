//! Text to [`TubeSpec`], and the checks that need no node types.

use std::sync::Arc;

pub mod check;
pub mod coerce;
mod diagnostic;
mod extends;
pub mod files;
mod interface;
pub mod keys;
pub mod placement;
mod shape;
mod source;
pub mod special;
mod supervision;
mod tube_spec;
mod yaml;

pub use diagnostic::{Diagnostic, DiagnosticKind, Diagnostics, TubeErrors, TypeEdge};
pub use extends::{NoTubes, Tubes, find_tube};
pub use interface::{InnerTube, Interface, Interfaces, Slot};
pub use source::{Place, Source};
pub use supervision::{EdgePolicy, OnError, Restart, RestartWhen, Supervision};
pub use tube_spec::{
    AssetScope, AssetSpec, Dependency, EnabledSpec, InputScope, InputSpec, NodeSpec, ParamSpec,
    Skipped, Spanned, TubeNodeKind, TubeSpec,
};
pub use yaml::{Data, Mapping, Pair, Scalar, Yaml, plain_scalar, read as read_yaml, shorten};

/// A name: of a tube, a node, a slot, a signal, an input or an asset.
pub type Name = Arc<str>;

/// Reads the raw form of a tube that needs no other.
///
/// # Errors
/// Every mistake that shows without knowing the node types.
pub fn parse(source: &Source) -> Result<TubeSpec, TubeErrors> {
    parse_with(source, &NoTubes)
}

/// Reads the raw form of a tube, and of those that it extends.
///
/// # Errors
/// Every mistake that shows without knowing the node types.
pub fn parse_with(source: &Source, tubes: &dyn Tubes) -> Result<TubeSpec, TubeErrors> {
    let mut diagnostics = Diagnostics::new(source.clone());
    let spec = read(source, tubes, &mut diagnostics);
    diagnostics.finish(spec).map(|(spec, _)| spec)
}

/// Reads the raw form of a tube; `None` if the text is no tube at all.
///
/// Mistakes go to `diagnostics`.
pub fn read(source: &Source, tubes: &dyn Tubes, diagnostics: &mut Diagnostics) -> Option<TubeSpec> {
    let mut chain = vec![(source.name.clone(), source.clone())];
    let tree = extends::read(source, 0, &mut chain, tubes, diagnostics)?;
    let mut spec = shape::tube(&tree, diagnostics)?;
    spec.sources = diagnostics.sources().to_vec();
    Some(spec)
}

/// Returns the names of the other tubes that a text mentions, with their places.
///
/// These are the tubes that it extends, and those of its nodes of `type: tube`, also inside tubes
/// that are written in place. Mistakes are ignored.
#[must_use]
pub fn mentioned_tubes(source: &Source) -> Vec<(Name, Place)> {
    let mut ignored = Diagnostics::new(source.clone());
    let tree = yaml::read(source, 0, &mut ignored);
    tree.map_or_else(Vec::new, |tree| extends::mentioned(&tree))
}
