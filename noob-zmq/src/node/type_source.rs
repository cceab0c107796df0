//! Sources of types that are not registered in the program.

use super::{AssetType, NodeError, NodeType};

/// Finder of node types and asset types that are not registered, such as those of another
/// language.
///
/// A [`Registry`](super::Registry) asks its sources for each name that it does not have, in the
/// process where the name is needed: the program that loads a tube, and each node process for the
/// type of its own node. Answers are not kept, so that a source keeps what it has made; types live
/// as long as the program ([`DynamicNodeType::leak`](super::DynamicNodeType::leak)), one for each
/// name.
pub trait TypeSource: Send + Sync {
    /// Returns the node type of this name; `None` if the source does not know the name.
    ///
    /// # Errors
    /// The reason why a type that the source knows cannot be used; the report of the tube shows it
    /// at the place that names the type, with its detail.
    fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError>;

    /// Returns the asset type of this name; `None` if the source does not know the name.
    ///
    /// # Errors
    /// As [`node_type`](Self::node_type).
    fn asset_type(&self, name: &str) -> Result<Option<&'static AssetType>, NodeError> {
        let _ = name;
        Ok(None)
    }
}
