//! Assets: objects that a tube makes and hands to its nodes.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{NodeError, NodeType, Params};
use crate::graph::{Map, Name, Object, ObjectCodec, Value, ValueError};

/// An object that nodes share, as the argument of a node: an asset of the tube, or what another node passed on.
///
/// What a node does to it, all that hold it see; a node that returns it passes it on. Between processes its state travels, by serde; a
/// runner sees to it that of all nodes that may hold an object one is called at a time, in the same order over every runner.
///
/// ```
/// use noob_zmq::node::Asset;
///
/// /// Counts calls.
/// #[noob_zmq::asset]
/// fn counter(#[param(default = 0)] start: u64) -> u64 {
///     start
/// }
///
/// #[noob_zmq::node]
/// fn number(counter: Asset<u64>) -> u64 {
///     let mut counter = counter.lock();
///     *counter += 1;
///     *counter
/// }
/// ```
pub struct Asset<T> {
    object: Object,
    cell: Arc<Mutex<T>>,
}

impl<T: Send + 'static> Asset<T> {
    /// The object, for as long as nobody else needs it. Do not keep it when the call is over, and do not lock it twice.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Asset<T> {
    fn clone(&self) -> Self {
        Self {
            object: self.object.clone(),
            cell: Arc::clone(&self.cell),
        }
    }
}

impl<T> fmt::Debug for Asset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object.fmt(f)
    }
}

impl<T> Serialize for Asset<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Object(self.object.clone()).serialize(serializer)
    }
}

impl<'de, T: Send + 'static> Deserialize<'de> for Asset<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let Value::Object(object) = value else {
            return Err(D::Error::custom(format!(
                "expected an object, as assets are, found the {} `{value}`",
                value.type_name()
            )));
        };
        match object.get() {
            Some(cell) => Ok(Self { object, cell }),
            None => Err(D::Error::custom(format!(
                "expected an object of another Rust type, found one of `{}`",
                object.kind()
            ))),
        }
    }
}

/// A kind of asset that this program has. `#[asset]` makes one and registers it.
#[derive(Debug)]
#[non_exhaustive]
pub struct AssetType {
    /// Its name, place and parameters, as those of a node.
    pub described: NodeType,
    make: fn(&Params<'_>) -> Result<Made, NodeError>,
    close: fn(&Object) -> Result<(), NodeError>,
    codec: &'static ObjectCodec,
}

/// What the function of an asset has made; see [`AssetType::made`].
pub struct Made(Box<dyn FnOnce(Name, &'static ObjectCodec) -> Object>);

impl AssetType {
    /// An asset that `make` makes and `close` takes leave of.
    #[must_use]
    pub const fn new(
        described: NodeType,
        make: fn(&Params<'_>) -> Result<Made, NodeError>,
        close: fn(&Object) -> Result<(), NodeError>,
        codec: &'static ObjectCodec,
    ) -> Self {
        Self {
            described,
            make,
            close,
            codec,
        }
    }

    /// What a `make` gives.
    #[must_use]
    pub fn made<T: Send + 'static>(object: T) -> Made {
        Made(Box::new(|kind, codec| {
            Object::new(next_id(), kind, object, codec)
        }))
    }

    /// Has `close` called with the object, if it is of this type. What a `close` does.
    ///
    /// # Errors
    /// What `close` says.
    pub fn closed<T: Send + 'static>(
        object: &Object,
        close: impl FnOnce(&mut T) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        match object.get::<T>() {
            Some(cell) => close(&mut cell.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Ok(()),
        }
    }

    /// Its name in tubes.
    #[must_use]
    pub fn name(&self) -> Name {
        self.described.name().into()
    }

    /// Whether its objects can go to other processes.
    #[must_use]
    pub const fn is_portable(&self) -> bool {
        self.codec.is_portable()
    }

    /// Makes an object from the `params` of the tube.
    ///
    /// # Errors
    /// A parameter that it does not have, is missing or of the wrong type; what the user's own code says.
    pub fn build(&'static self, params: &Map) -> Result<Object, NodeError> {
        let Made(made) = (self.make)(&Params::new(&self.described, params))?;
        Ok(made(self.name(), self.codec))
    }

    /// An object in a state that another process has written down.
    ///
    /// # Errors
    /// A state that it cannot have, or a type whose objects stay in their process.
    pub fn with_state(&self, id: u64, state: &Value) -> Result<Object, ValueError> {
        Object::with_state(id, self.name(), state, self.codec)
    }

    /// Takes leave of an object.
    ///
    /// # Errors
    /// What the user's own code says.
    pub fn close(&self, object: &Object) -> Result<(), NodeError> {
        (self.close)(object)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

/// An asset type that was registered; what `#[asset]` submits to `inventory`.
#[derive(Debug)]
pub struct RegisteredAsset(pub &'static AssetType);

inventory::collect!(RegisteredAsset);

/// The number of a new object: no other object has it, in whatever process.
pub(crate) fn next_id() -> u64 {
    static PREFIX: LazyLock<u64> =
        LazyLock::new(|| RandomState::new().hash_one("objects") & 0x7fff_ffff_0000_0000);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    *PREFIX | COUNT.fetch_add(1, Ordering::Relaxed)
}
