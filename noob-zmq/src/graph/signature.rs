//! Signatures of node types, as the checks of a tube need them.
//!
//! The registry of `node` provides them, so that `graph` does not depend on the registry.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Map, Name, TypeShape, Value};

/// Source of node type signatures.
pub trait NodeTypes {
    /// The signature of the type of this name.
    fn signature(&self, type_name: &str) -> Option<Signature>;

    /// Returns the signature of the type of this name for a node with these `params`.
    ///
    /// The result differs from [`signature`](Self::signature) only for types whose slots or signals
    /// follow from their parameters.
    fn signature_with(&self, type_name: &str, params: &Map) -> Option<Signature> {
        let _ = params;
        self.signature(type_name)
    }

    /// Returns the signature as [`signature_with`](Self::signature_with), or the reason why a type
    /// that is known cannot be used.
    ///
    /// # Errors
    /// The reason, for the report of the tube.
    fn resolve(&self, type_name: &str, params: &Map) -> Result<Option<Signature>, Unresolved> {
        Ok(self.signature_with(type_name, params))
    }

    /// Every name, for "did you mean".
    fn names(&self) -> Vec<Name>;

    /// The parameters of the asset type of this name.
    fn asset(&self, type_name: &str) -> Option<Signature> {
        let _ = type_name;
        None
    }

    /// Returns the parameters as [`asset`](Self::asset), or the reason why an asset type that is
    /// known cannot be used.
    ///
    /// # Errors
    /// The reason, for the report of the tube.
    fn resolve_asset(&self, type_name: &str) -> Result<Option<Signature>, Unresolved> {
        Ok(self.asset(type_name))
    }

    /// Every name of an asset type, for "did you mean".
    fn asset_names(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// Reason why a type that is known cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unresolved {
    /// The reason in one line.
    pub reason: String,
    /// Further lines, such as the traceback of an import; empty if there are none.
    pub detail: String,
}

/// Signature of a node type.
///
/// Write `..Signature::default()` after the known fields: the default is a stateless type without
/// parameters, slots or signals.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Signature {
    /// Parameters that `params:` may set.
    pub params: Vec<ParamSignature>,
    /// Slots that `depends:` may feed, in the order of the arguments.
    pub slots: Vec<SlotSignature>,
    /// Signals that a node of the type emits.
    pub signals: Vec<Name>,
    /// Types of the signals by name, as far as they are known.
    pub signal_types: IndexMap<Name, SignalType>,
    /// Whether nodes are stateful unless the tube sets `stateful:`.
    pub stateful: bool,
    /// Whether a snapshot of a node can be restored in another process.
    pub restorable: bool,
    /// Whether it takes no `depends` at all (a source).
    pub source: bool,
    /// Whether it takes positional items beyond its slots (`*args` in Python).
    pub more_positional: bool,
    /// Whether it takes slots of any other name (`**kwargs` in Python); such slots are optional.
    pub more_named: bool,
    /// The type of such slots, as written, and what its values look like.
    pub more_shape: Option<(Name, TypeShape)>,
    /// Type of parameters of any other name, if the type accepts such.
    pub more_params: Option<ParamSignature>,
    /// Whether a call is given the events that feed it, and not only their values.
    pub events: bool,
    /// Source location, for messages.
    pub defined_at: String,
}

/// Check of a value for a parameter.
pub type ParamCheck = Arc<dyn Fn(&Value) -> Result<(), ParamError> + Send + Sync>;

/// Reason why a value is not accepted for a parameter.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ParamError {
    reason: String,
}

impl ParamError {
    /// Returns the error with this reason, such as "it is a text, not a number".
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl From<String> for ParamError {
    fn from(reason: String) -> Self {
        Self::new(reason)
    }
}

impl From<&str> for ParamError {
    fn from(reason: &str) -> Self {
        Self::new(reason)
    }
}

crate::error_report::debug_as_report!(ParamError);

/// A parameter.
#[derive(Clone)]
#[non_exhaustive]
pub struct ParamSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// Whether it must be given.
    pub required: bool,
    /// Check of a value for this parameter.
    pub check: ParamCheck,
}

impl fmt::Debug for ParamSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParamSignature")
            .field("name", &self.name)
            .field("type_name", &self.type_name)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

/// A slot.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SlotSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// Shape of the values that the slot accepts.
    pub shape: TypeShape,
    /// Runs without it when nothing happened on what feeds it.
    pub optional: bool,
    /// Must be given, by `depends` or by `params`.
    pub required: bool,
}

/// The type of what a signal carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SignalType {
    /// Type as written in the source.
    pub written: Name,
    /// Shape of its values.
    pub shape: TypeShape,
}

/// Inputs given by the caller.
pub type GivenInputs = Map;
