//! Assets of a tube at run time: those that nodes share, those that each node has for itself, and
//! objects that are restored from another process.

mod node_scoped;
mod rehydrate;
mod run_scoped;

pub(crate) use node_scoped::with_assets;
pub(crate) use rehydrate::ObjectTable;
pub(crate) use run_scoped::{AssetReplacement, AssetValues, RunScopedAssets, put};
