//! What the checks need to know of a node type; the registry of `node` gives it, so that `graph` need not know the registry.

use super::{Map, Name, Value};

/// Where node types are looked up.
pub trait Types {
    /// The signature of the type of this name.
    fn signature(&self, type_name: &str) -> Option<Signature>;

    /// Every name, for "did you mean".
    fn names(&self) -> Vec<Name>;
}

/// What the checks of a tube know of a node type.
#[derive(Debug, Clone)]
pub struct Signature {
    /// What `params:` may set.
    pub params: Vec<ParamSignature>,
    /// What `depends:` may feed, in the order of the arguments.
    pub slots: Vec<SlotSignature>,
    /// What it says.
    pub signals: Vec<Name>,
    /// Stateful unless the tube says otherwise.
    pub stateful: bool,
    /// Whether it takes no `depends` at all (a source).
    pub source: bool,
    /// Where it is written, for messages.
    pub defined_at: String,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct ParamSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// Whether it must be given.
    pub required: bool,
    /// Says why a value cannot become this parameter.
    pub check: fn(&Value) -> Result<(), String>,
}

/// A slot.
#[derive(Debug, Clone)]
pub struct SlotSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// Runs without it when nothing happened on what feeds it.
    pub optional: bool,
    /// Must be given, by `depends` or by `params`.
    pub required: bool,
}

/// Inputs given by the caller.
pub type GivenInputs = Map;
