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
///
/// # Examples
/// A source of nodes that multiply by the number at the end of their name:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
///
/// use noob_zmq::graph::{Emit, TypeShape, Value};
/// use noob_zmq::node::{
///     DynamicArgument, Inputs, Node, NodeError, NodeKind, NodeType, Outputs, Registry, TypeSource,
/// };
/// use noob_zmq::runner::{RunnerExt, SyncRunner};
/// use noob_zmq::tube::Folders;
///
/// struct Times(i64);
///
/// impl Node for Times {
///     fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
///         let value = inputs.named.get("value").and_then(Value::as_i64);
///         let value = value.ok_or_else(|| NodeError::new("`value` is no integer"))?;
///         outputs.emit("value", Emit::Value(Value::from(self.0 * value)));
///         Ok(())
///     }
/// }
///
/// #[derive(Default)]
/// struct Multipliers(Mutex<HashMap<String, &'static NodeType>>);
///
/// impl TypeSource for Multipliers {
///     fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
///         let Some(factor) = name.strip_prefix("times.x") else {
///             return Ok(None);
///         };
///         let factor: i64 = factor
///             .parse()
///             .map_err(|error| NodeError::from(error).context("the factor is no integer"))?;
///         let mut known = self.0.lock().unwrap();
///         let made = known.entry(name.to_owned()).or_insert_with(|| {
///             let make = move |_: &_, _: &_| Ok(Box::new(Times(factor)) as Box<dyn Node>);
///             NodeType::dynamic(NodeKind::Function, name, make)
///                 .doc("Multiplies a number.")
///                 .slot(DynamicArgument::new("value", "int").shape(TypeShape::Int(None)))
///                 .signal("value", "int", TypeShape::Int(None))
///                 .leak()
///         });
///         Ok(Some(made))
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::get()?.clone().with_source(Arc::new(Multipliers::default()));
/// let folders = Folders::new().with_registry(registry);
/// let tube = folders.from_text(
///     "product",
///     "noob_id: product
/// input: {value: {type: int, scope: process}}
/// nodes:
///   triple: {type: times.x3, depends: [{value: input.value}]}
///   return: {type: return, depends: triple.value}
/// ",
///     (),
/// )?;
/// let mut runner = SyncRunner::new(tube)?;
/// assert_eq!(runner.process([("value", 14)])?, Some(Value::from(42)));
/// # Ok(()) }
/// ```
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
