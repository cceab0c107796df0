//! Assets of scope `node`: made for each call of a node, and closed after it.

use super::run_scoped::asset_type;
use crate::graph::{ASSETS, AssetScope, Map, Object, SlotRef, Tube, Value};
use crate::node::{AssetType, Inputs, Node, NodeError, Outputs};
use crate::runner::node_layer::{Layered, NodeLayer};
use crate::runner::panic_guard::catch_panic;

/// Node with assets of its own.
struct NodeWithAssets {
    node: Box<dyn Node>,
    assets: Vec<NodeScopedAsset>,
}

/// An asset, and the slot that it feeds.
struct NodeScopedAsset {
    slot: SlotRef,
    kind: &'static AssetType,
    params: Map,
}

/// Returns the node as it is, or with the node-scoped assets that it depends on.
///
/// # Errors
/// A type of asset that this program does not have.
pub(crate) fn with_assets(
    tube: &Tube,
    id: &str,
    node: Box<dyn Node>,
) -> Result<Box<dyn Node>, NodeError> {
    let mut assets = Vec::new();
    for edge in tube
        .upstream(id)
        .filter(|edge| &*edge.source_node == ASSETS)
    {
        let asset = tube.assets.get(&edge.source_signal);
        if let Some(asset) = asset.filter(|asset| asset.scope == AssetScope::Node) {
            assets.push(NodeScopedAsset {
                slot: edge.target_slot.clone(),
                kind: asset_type(asset)?,
                params: asset.params.clone(),
            });
        }
    }
    if assets.is_empty() {
        return Ok(node);
    }
    Ok(Box::new(Layered(NodeWithAssets { node, assets })))
}

impl NodeWithAssets {
    fn call_with_assets(
        &mut self,
        mut inputs: Inputs,
        made: &mut Vec<Object>,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        for own in &self.assets {
            let object = own.kind.build(&own.params)?;
            made.push(object.clone());
            let value = Value::Object(object);
            match &own.slot {
                SlotRef::Name(slot) => {
                    inputs.named.insert(slot.clone(), value);
                }
                SlotRef::Scalar => set_at(&mut inputs.positional, 0, value),
                SlotRef::Position(at) => set_at(&mut inputs.positional, *at, value),
            }
        }
        self.node.process(&inputs, outputs)
    }
}

fn set_at(positional: &mut [Value], at: usize, value: Value) {
    if let Some(slot) = positional.get_mut(at) {
        *slot = value;
    }
}

impl NodeLayer for NodeWithAssets {
    fn inner(&self) -> &dyn Node {
        self.node.as_ref()
    }

    fn inner_mut(&mut self) -> &mut dyn Node {
        self.node.as_mut()
    }

    fn call(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let mut made = Vec::new();
        let outcome = catch_panic(|| self.call_with_assets(inputs.clone(), &mut made, outputs));
        let mut closed = Ok(());
        for (own, object) in self.assets.iter().zip(&made) {
            closed = closed.and(own.kind.close(object));
        }
        outcome.and(closed)
    }
}
