//! Assets: objects that a tube creates and passes to its nodes.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DynamicNodeType, NodeError, NodeType, Params};
use crate::graph::{Map, Name, Object, ObjectCodec, Value, ValueError};
use crate::sync::lock;

/// An object that nodes share, as the argument of a node: an asset of the tube, or an object that
/// another node returned.
///
/// All holders see each other's changes; a node that returns the object passes it on. Its state is
/// sent between processes by serde. A runner calls only one at a time of the nodes that may hold an
/// object, in the same order on every runner.
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
    /// Locks the object; blocks while another holder has it locked.
    ///
    /// Do not keep the guard beyond the call, and do not lock twice: the second lock never returns.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        lock(&self.cell)
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

/// An asset type of this program; created and registered by `#[asset]`.
#[derive(Debug)]
#[non_exhaustive]
pub struct AssetType {
    /// Its name, place and parameters, as those of a node.
    pub described: NodeType,
    make: MakeAsset,
    close: CloseAsset,
    codec: &'static ObjectCodec,
}

/// Function that creates the objects of an asset type.
#[derive(Clone, Copy)]
enum MakeAsset {
    Function(fn(&Params<'_>) -> Result<Made, NodeError>),
    Closure(&'static (dyn Fn(&Map) -> Result<Made, NodeError> + Send + Sync)),
}

/// Function that closes the objects of an asset type.
#[derive(Clone, Copy)]
enum CloseAsset {
    Function(fn(&Object) -> Result<(), NodeError>),
    Closure(&'static (dyn Fn(&Object) -> Result<(), NodeError> + Send + Sync)),
}

impl fmt::Debug for MakeAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MakeAsset")
    }
}

impl fmt::Debug for CloseAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloseAsset")
    }
}

/// An object that the function of an asset has created; see [`AssetType::made`].
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
            make: MakeAsset::Function(make),
            close: CloseAsset::Function(close),
            codec,
        }
    }

    /// Makes an asset type at run time, which lives as long as the program: make one for each name.
    ///
    /// `described` has the name, the place and the parameters ([`NodeType::dynamic_asset`]); `make`
    /// creates an object from the `params` of the tube, and `close` closes it.
    pub fn dynamic<T: Send + 'static>(
        described: DynamicNodeType,
        make: impl Fn(&Map) -> Result<T, NodeError> + Send + Sync + 'static,
        close: impl Fn(&mut T) -> Result<(), NodeError> + Send + Sync + 'static,
        codec: &'static ObjectCodec,
    ) -> &'static Self {
        let make = move |params: &Map| make(params).map(Self::made);
        let close = move |object: &Object| Self::closed(object, &close);
        Box::leak(Box::new(Self {
            described: described.build(),
            make: MakeAsset::Closure(Box::leak(Box::new(make))),
            close: CloseAsset::Closure(Box::leak(Box::new(close))),
            codec,
        }))
    }

    /// Wraps the object that a `make` function has created.
    #[must_use]
    pub fn made<T: Send + 'static>(object: T) -> Made {
        Made(Box::new(|kind, codec| {
            Object::new(next_id(), kind, object, codec)
        }))
    }

    /// Calls `close` with the object, if it is of type `T`.
    ///
    /// # Errors
    /// The error of `close`.
    pub fn closed<T: Send + 'static>(
        object: &Object,
        close: impl FnOnce(&mut T) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        match object.get::<T>() {
            Some(cell) => close(&mut lock(&cell)),
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

    /// Creates an object from the `params` of the tube.
    ///
    /// # Errors
    /// A parameter that the type does not have, is missing or of the wrong type, or the error of
    /// the user's code.
    pub fn build(&'static self, params: &Map) -> Result<Object, NodeError> {
        let Made(made) = match self.make {
            MakeAsset::Function(make) => make(&Params::new(&self.described, params)),
            MakeAsset::Closure(make) => make(params),
        }?;
        Ok(made(self.name(), self.codec))
    }

    /// An object in a state that another process has written down.
    ///
    /// # Errors
    /// A state that it cannot have, or a type whose objects stay in their process.
    pub fn with_state(&self, id: u64, state: &Value) -> Result<Object, ValueError> {
        Object::with_state(id, self.name(), state, self.codec)
    }

    /// Calls the `close` function of the type with an object.
    ///
    /// # Errors
    /// The error of the user's code.
    pub fn close(&self, object: &Object) -> Result<(), NodeError> {
        match self.close {
            CloseAsset::Function(close) => close(object),
            CloseAsset::Closure(close) => close(object),
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

/// Returns the id of a new object, which is unique in all processes of a run.
pub(crate) fn next_id() -> u64 {
    static PREFIX: LazyLock<u64> =
        LazyLock::new(|| RandomState::new().hash_one("objects") & 0x7fff_ffff_0000_0000);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    *PREFIX | COUNT.fetch_add(1, Ordering::Relaxed)
}
