//! Assets of scope `node`: made for each call of a node, and closed after it.

use super::run_scoped::asset_type;
use crate::graph::{ASSETS, AssetScope, Map, Object, SlotRef, Tube, Value};
use crate::node::{AssetType, Inputs, Node, NodeError, Outputs};
use crate::runner::node_layer::{Layered, NodeLayer};
use crate::runner::panic_guard::catch_panic;

/// Layer that makes the assets of a node for each call.
struct NodeScopedAssets(Vec<NodeScopedAsset>);

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
                kind: asset_type(tube, asset)?,
                params: asset.params.clone(),
            });
        }
    }
    if assets.is_empty() {
        return Ok(node);
    }
    Ok(Box::new(Layered {
        node,
        layer: NodeScopedAssets(assets),
    }))
}

impl NodeScopedAssets {
    fn call_with_assets(
        &self,
        node: &mut dyn Node,
        mut inputs: Inputs,
        made: &mut Vec<Object>,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        for own in &self.0 {
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
        node.process(&inputs, outputs)
    }
}

fn set_at(positional: &mut [Value], at: usize, value: Value) {
    if let Some(slot) = positional.get_mut(at) {
        *slot = value;
    }
}

impl NodeLayer for NodeScopedAssets {
    fn call(
        &mut self,
        node: &mut dyn Node,
        inputs: &Inputs,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        let mut made = Vec::new();
        let outcome =
            catch_panic(|| self.call_with_assets(node, inputs.clone(), &mut made, outputs));
        let mut closed = Ok(());
        for (own, object) in self.0.iter().zip(&made) {
            closed = closed.and(own.kind.close(object));
        }
        outcome.and(closed)
    }
}
