//! Registry of the node types and asset types of a program.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use noob_zmq_spec::suggest::nearest_types;

use super::{Argument, AssetType, NodeError, NodeType, TypeSource};
use crate::graph::{
    Map, Name, NodeTypes, ParamSignature, SharedTypes, SignalType, Signature, SlotSignature, Tube,
    TypeShape, Unresolved,
};

// `#[node]` and `#[asset]` submit the types.
inventory::collect!(&'static NodeType);
inventory::collect!(&'static AssetType);

/// Node types and asset types of this program, by name.
///
/// A crate that is only named in `Cargo.toml` is not linked, and so registers nothing: write `use
/// that_crate as _;` in the program.
///
/// A name that is not registered is looked up in the [sources](Self::with_source) of the registry,
/// in their order. A clone shares the contents.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    types: Arc<BTreeMap<Name, &'static NodeType>>,
    assets: Arc<BTreeMap<Name, &'static AssetType>>,
    sources: Arc<Sources>,
}

/// Sources of types, in the order in which they are asked.
#[derive(Clone, Default)]
struct Sources(Vec<Arc<dyn TypeSource>>);

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sources", self.0.len())
    }
}

impl Sources {
    /// Returns the first answer that is not `None`.
    fn find<T>(
        &self,
        ask: impl Fn(&dyn TypeSource) -> Result<Option<T>, NodeError>,
    ) -> Result<Option<T>, NodeError> {
        for source in &self.0 {
            if let Some(found) = ask(&**source)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// An error in the node types of a program, or in a name that was looked up.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two node types of one name.
    #[error(
        "two node types are named `{name}`: one at {first}, one at {second}; give one of them \
         another name with `#[node(name = \"..\")]`"
    )]
    Duplicate {
        /// The name.
        name: Name,
        /// Source location of the first.
        first: &'static Location<'static>,
        /// Source location of the second.
        second: &'static Location<'static>,
    },
    /// A name that nothing was registered under.
    #[error("no node type is named `{name}`{}", or_one_of(nearest, *registered))]
    Unknown {
        /// The name.
        name: Name,
        /// The names that come nearest, best first.
        nearest: Vec<Name>,
        /// Number of registered types.
        registered: usize,
    },
    /// A type that a source knows and cannot provide.
    #[error("the node type `{name}` cannot be used: {error}")]
    Unusable {
        /// The name.
        name: Name,
        /// The reason.
        error: Box<NodeError>,
    },
}

/// Kind of a [`RegistryError`], for a program that decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegistryErrorKind {
    /// The node types of the program contradict each other.
    Setup,
    /// There is no node type of a name, or none that can be used.
    NotFound,
}

impl RegistryError {
    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> RegistryErrorKind {
        match self {
            Self::Duplicate { .. } => RegistryErrorKind::Setup,
            Self::Unknown { .. } | Self::Unusable { .. } => RegistryErrorKind::NotFound,
        }
    }
}

fn or_one_of(nearest: &[Name], registered: usize) -> String {
    let quoted: Vec<_> = nearest.iter().map(|name| format!("`{name}`")).collect();
    match (quoted.is_empty(), registered) {
        (false, _) => format!("; did you mean {}?", quoted.join(" or ")),
        (true, 0) => "; this program registers no node types: link a crate that has some with \
            `use that_crate as _;`"
            .to_owned(),
        (true, _) => format!(", and none of the {registered} in this program comes near"),
    }
}

impl Registry {
    /// The types that this program was linked with.
    ///
    /// # Errors
    /// Two types of one name.
    pub fn get() -> Result<&'static Self, RegistryError> {
        static REGISTRY: OnceLock<Result<Registry, RegistryError>> = OnceLock::new();
        REGISTRY
            .get_or_init(|| {
                let types = inventory::iter::<&NodeType>.into_iter().copied();
                Self::of(types)?.with_assets(inventory::iter::<&AssetType>.into_iter().copied())
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// A registry of these types.
    ///
    /// # Errors
    /// Two types of one name.
    pub fn of(types: impl IntoIterator<Item = &'static NodeType>) -> Result<Self, RegistryError> {
        Ok(Self {
            types: Arc::new(by_name(types, |node| node)?),
            ..Self::default()
        })
    }

    /// Returns the registry that a tube was loaded with; the types that this program was linked
    /// with where it was loaded with others than a registry.
    ///
    /// # Errors
    /// Two types of one name.
    pub fn of_tube(tube: &Tube) -> Result<&Self, RegistryError> {
        Self::of_types(&tube.types)
    }

    /// Returns the registry of these types, as [`of_tube`](Self::of_tube).
    ///
    /// # Errors
    /// Two types of one name.
    pub(crate) fn of_types(types: &SharedTypes) -> Result<&Self, RegistryError> {
        match types.get() {
            Some(registry) => Ok(registry),
            None => Self::get(),
        }
    }

    /// Records in a tube that it was loaded with this registry.
    pub(crate) fn attach_to(&self, tube: &mut Tube) {
        tube.set_types(Arc::new(self.clone()));
    }

    /// Adds a source, which is asked for names that neither the registry nor the sources before
    /// know.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn TypeSource>) -> Self {
        Arc::make_mut(&mut self.sources).0.push(source);
        self
    }

    /// The same, with these asset types.
    ///
    /// # Errors
    /// Two types of one name.
    pub fn with_assets(
        mut self,
        types: impl IntoIterator<Item = &'static AssetType>,
    ) -> Result<Self, RegistryError> {
        self.assets = Arc::new(by_name(types, |asset| &asset.described)?);
        Ok(self)
    }

    /// Returns the node type of this name, from the registry or its sources; `None` if there is
    /// none.
    ///
    /// # Errors
    /// The reason why a type that a source knows cannot be used.
    pub fn find(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
        match self.types.get(name) {
            Some(found) => Ok(Some(found)),
            None => self.sources.find(|source| source.node_type(name)),
        }
    }

    /// Returns the asset type of this name, from the registry or its sources; `None` if there is
    /// none.
    ///
    /// # Errors
    /// The reason why a type that a source knows cannot be used.
    pub fn find_asset(&self, name: &str) -> Result<Option<&'static AssetType>, NodeError> {
        match self.assets.get(name) {
            Some(found) => Ok(Some(found)),
            None => self.sources.find(|source| source.asset_type(name)),
        }
    }

    /// The registered asset type of this name.
    #[must_use]
    pub fn asset_type(&self, name: &str) -> Option<&'static AssetType> {
        self.assets.get(name).copied()
    }

    /// Every registered asset type, by name.
    pub fn assets(&self) -> impl Iterator<Item = &'static AssetType> + '_ {
        self.assets.values().copied()
    }

    /// Returns the type of this name, as [`find`](Self::find).
    ///
    /// # Errors
    /// There is none, and the error has the nearest names; or there is one that cannot be used.
    pub fn lookup(&self, name: &str) -> Result<&'static NodeType, RegistryError> {
        self.find(name)
            .map_err(|error| RegistryError::Unusable {
                name: name.into(),
                error: Box::new(error),
            })?
            .ok_or_else(|| RegistryError::Unknown {
                name: name.into(),
                nearest: nearest_types(name, self.types.keys()),
                registered: self.types.len(),
            })
    }

    /// Every registered type, by name.
    pub fn all(&self) -> impl Iterator<Item = &'static NodeType> + '_ {
        self.types.values().copied()
    }
}

/// Returns the types by name.
fn by_name<T>(
    types: impl IntoIterator<Item = &'static T>,
    described: fn(&'static T) -> &'static NodeType,
) -> Result<BTreeMap<Name, &'static T>, RegistryError> {
    let mut sorted: Vec<_> = types.into_iter().collect();
    // `inventory` has no defined order, and errors must not differ from run to run.
    sorted.sort_by_key(|ty| described(ty).location);
    let mut named = BTreeMap::new();
    for ty in sorted {
        let name: Name = described(ty).name().into();
        if let Some(first) = named.insert(Arc::clone(&name), ty) {
            return Err(RegistryError::Duplicate {
                name,
                first: described(first).location,
                second: described(ty).location,
            });
        }
    }
    Ok(named)
}

impl NodeTypes for Registry {
    fn signature(&self, type_name: &str) -> Option<Signature> {
        self.find(type_name).ok().flatten().map(signature)
    }

    fn signature_with(&self, type_name: &str, params: &Map) -> Option<Signature> {
        self.resolve(type_name, params).ok().flatten()
    }

    fn resolve(&self, type_name: &str, params: &Map) -> Result<Option<Signature>, Unresolved> {
        let Some(node) = self.find(type_name).map_err(unresolved)? else {
            return Ok(None);
        };
        let mut signature = signature(node);
        let shape = node.shape_with(params).map_err(unresolved)?;
        let fed = |name| SlotSignature {
            name,
            type_name: "any".into(),
            shape: TypeShape::Unknown,
            optional: false,
            required: true,
        };
        signature.slots.extend(shape.slots.into_iter().map(fed));
        signature.signals.extend(shape.signals);
        Ok(Some(signature))
    }

    fn names(&self) -> Vec<Name> {
        self.types.keys().cloned().collect()
    }

    fn asset(&self, type_name: &str) -> Option<Signature> {
        self.resolve_asset(type_name).ok().flatten()
    }

    fn resolve_asset(&self, type_name: &str) -> Result<Option<Signature>, Unresolved> {
        let found = self.find_asset(type_name).map_err(unresolved)?;
        Ok(found.map(|asset| signature(&asset.described)))
    }

    fn asset_names(&self) -> Vec<Name> {
        self.assets.keys().cloned().collect()
    }
}

fn unresolved(error: NodeError) -> Unresolved {
    Unresolved {
        reason: error.to_string(),
        detail: error.detail().unwrap_or_default().to_owned(),
    }
}

fn signature(node: &'static NodeType) -> Signature {
    // An argument of a function may be fed instead of set, so no parameter of one must be there.
    let may_be_fed = |param: &Argument| node.slots.iter().any(|slot| slot.name == param.name);
    let param = |param: &'static Argument| ParamSignature {
        name: param.name.into(),
        type_name: param.type_name.into(),
        required: param.required() && !may_be_fed(param),
        check: Arc::new(|value| Ok(param.check(value)?)),
    };
    Signature {
        params: node.params.iter().map(param).collect(),
        more_named: node.more_slots.is_some(),
        more_params: node.more_params.map(param),
        events: node.events,
        slots: node
            .slots
            .iter()
            .map(|slot| SlotSignature {
                name: slot.name.into(),
                type_name: slot.type_name.into(),
                shape: if slot.optional {
                    slot.type_shape().or_null()
                } else {
                    slot.type_shape()
                },
                optional: slot.optional,
                required: slot.required(),
            })
            .collect(),
        signals: node
            .signals
            .iter()
            .map(|signal| signal.name.into())
            .collect(),
        signal_types: node
            .signals
            .iter()
            .map(|signal| {
                let said = SignalType {
                    written: signal.type_name.into(),
                    shape: signal.type_shape(),
                };
                (signal.name.into(), said)
            })
            .collect(),
        more_shape: node.more_slots.map(|rest| {
            let shape = rest.type_shape();
            (rest.type_name.into(), shape)
        }),
        stateful: node.stateful,
        restorable: node.restorable,
        source: node.kind == super::NodeKind::Source,
        more_positional: node.more_positional,
        defined_at: node.place(),
    }
}

crate::error_report::debug_as_report!(RegistryError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Value;

    static ADD: NodeType = NodeType::function("add", "sums::plain", Location::caller(), |_| Ok(()))
        .arguments(&[
            Argument::new::<i64>("left", "i64"),
            Argument::new::<i64>("right", "i64").default("2"),
        ]);
    static OTHER_ADD: NodeType =
        NodeType::function("other", "elsewhere", Location::caller(), |_| Ok(()))
            .named("sums.plain.add");
    static SUBTRACT: NodeType =
        NodeType::function("subtract", "sums::plain", Location::caller(), |_| Ok(()));

    #[test]
    fn type_name_is_path_or_given_name() {
        assert_eq!(ADD.name(), "sums.plain.add");
        assert_eq!(OTHER_ADD.name(), "sums.plain.add");
    }

    #[test]
    fn duplicate_names_are_rejected_with_both_locations() {
        let error = Registry::of([&OTHER_ADD, &ADD]).unwrap_err();
        assert_eq!(
            error,
            RegistryError::Duplicate {
                name: "sums.plain.add".into(),
                first: ADD.location,
                second: OTHER_ADD.location
            }
        );
        assert_eq!(
            error.to_string(),
            format!(
                "two node types are named `sums.plain.add`: one at {}, one at {}; give one of them \
                 another name with `#[node(name = \"..\")]`",
                ADD.location, OTHER_ADD.location
            )
        );
    }

    #[test]
    fn types_are_sorted_and_found_by_name() {
        let registry = Registry::of([&SUBTRACT, &ADD]).unwrap();
        assert_eq!(
            registry.all().map(|node| node.ident).collect::<Vec<_>>(),
            ["add", "subtract"]
        );
        assert_eq!(
            registry.lookup("sums.plain.subtract").unwrap().ident,
            "subtract"
        );
    }

    #[test]
    fn unknown_name_suggests_the_nearest() {
        let registry = Registry::of([&SUBTRACT, &ADD]).unwrap();
        let text = |name| registry.lookup(name).unwrap_err().to_string();
        assert_eq!(
            text("sums.plain.subtrct"),
            "no node type is named `sums.plain.subtrct`; did you mean `sums.plain.subtract`?"
        );
        assert_eq!(
            text("add"),
            "no node type is named `add`; did you mean `sums.plain.add`?"
        );
        assert_eq!(
            text("q"),
            "no node type is named `q`, and none of the 2 in this program comes near"
        );
    }

    #[test]
    fn signature_has_required_slots_and_params() {
        let signature = Registry::of([&ADD])
            .unwrap()
            .signature("sums.plain.add")
            .unwrap();
        assert_eq!(
            signature
                .slots
                .iter()
                .map(|slot| slot.required)
                .collect::<Vec<_>>(),
            [true, false]
        );
        assert!(
            signature.params.iter().all(|param| !param.required),
            "an argument of a function may be fed instead"
        );
        assert_eq!((signature.params[0].check)(&Value::Int(3)), Ok(()));
        let refused = (signature.params[0].check)(&Value::Str("three".into()))
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with("takes `i64`, not `\"three\"`: "),
            "{refused}"
        );
    }
}
