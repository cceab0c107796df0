//! Ends of nodes that others feed: such a node emits nothing more after its end.
//!
//! The scheduler excludes a source that has ended from later epochs. How late a node that is fed
//! hears of an epoch depends on its feeders, so that its end stays with the node itself.

use crate::graph::{Emit, Name, Tube, TubeNodeKind};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::node_layer::{Layered, NodeLayer};

/// Layer that makes no calls in the epochs after the one in which the node has ended.
struct EndLayer {
    signals: Vec<Name>,
    /// Root epoch of the end.
    end: Option<u32>,
}

impl NodeLayer for EndLayer {
    fn reset(&mut self) {
        self.end = None;
    }

    fn call(
        &mut self,
        node: &mut dyn Node,
        inputs: &Inputs,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        let number = inputs.epoch.number();
        if self.end.is_some_and(|end| end < number) {
            for signal in &self.signals {
                outputs.emit(signal.to_string(), Emit::Nothing);
            }
            return Ok(());
        }
        node.process(inputs, outputs)?;
        if outputs.is_exhausted() {
            self.end = Some(number);
        }
        Ok(())
    }
}

/// Returns the node as it is, or with the layer for its end if other nodes feed it.
pub(crate) fn with_end(tube: &Tube, id: &str, node: Box<dyn Node>) -> Box<dyn Node> {
    let known = tube.nodes.get(id);
    let known =
        known.filter(|known| matches!(known.kind, TubeNodeKind::Typed | TubeNodeKind::Tube));
    // Of the tube, not of a plan, which leaves out the edges of a node that is disabled for now.
    let mut upstream = tube.upstream(id);
    let is_fed = upstream.any(|edge| tube.nodes.contains_key(&edge.source_node));
    match known.filter(|_| is_fed) {
        None => node,
        Some(known) => Box::new(Layered {
            node,
            layer: EndLayer {
                signals: known.signals.clone(),
                end: None,
            },
        }),
    }
}
