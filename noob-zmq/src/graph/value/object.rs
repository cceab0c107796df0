//! Objects: values that nodes pass to each other and change in place, as assets are.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::dynamic::Value;
use super::error::ValueError;
use crate::graph::Name;

/// The one key of an object that is written down whole.
const WRITTEN: &str = "$object";

/// An object that nodes share; every holder in this process sees the changes of the others.
///
/// A clone is cheap: it refers to the same object. A [`Value`] may hold an object. Where a value is
/// serialized (as the result of a tube, or in an event that an observer reads), the object is its
/// state at that moment.
#[derive(Clone)]
pub struct Object {
    inner: Arc<Inner>,
}

struct Inner {
    id: u64,
    kind: Name,
    cell: Arc<dyn Any + Send + Sync>,
    codec: &'static ObjectCodec,
}

/// Functions that read and restore the state of the objects of one type.
#[derive(Debug)]
pub struct ObjectCodec {
    pub(super) state: fn(&(dyn Any + Send + Sync)) -> Result<Value, ValueError>,
    pub(super) restore: fn(&(dyn Any + Send + Sync), &Value) -> Result<(), ValueError>,
    pub(super) make: fn(&Value) -> Result<Arc<dyn Any + Send + Sync>, ValueError>,
    pub(super) prepare: fn(&(dyn Any + Send + Sync)) -> Result<(), ValueError>,
    pub(super) portable: bool,
}

impl ObjectCodec {
    /// Whether its objects can be copied, and go to other processes.
    #[must_use]
    pub const fn is_portable(&self) -> bool {
        self.portable
    }
}

impl Object {
    /// Creates an object.
    ///
    /// `kind` is the name of its type in tubes; `id` is unique among the objects of a run, in all
    /// processes.
    #[must_use]
    pub fn new<T: Send + 'static>(
        id: u64,
        kind: Name,
        object: T,
        codec: &'static ObjectCodec,
    ) -> Self {
        let cell = Arc::new(Mutex::new(object));
        Self {
            inner: Arc::new(Inner {
                id,
                kind,
                cell,
                codec,
            }),
        }
    }

    /// Creates an object in this state.
    ///
    /// # Errors
    /// The state is not one of the type, or the objects of the type cannot leave their process.
    pub fn with_state(
        id: u64,
        kind: Name,
        state: &Value,
        codec: &'static ObjectCodec,
    ) -> Result<Self, ValueError> {
        let cell = (codec.make)(state)?;
        Ok(Self {
            inner: Arc::new(Inner {
                id,
                kind,
                cell,
                codec,
            }),
        })
    }

    /// Returns the id, which is unique in a run.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.inner.id
    }

    /// The name of its type.
    #[must_use]
    pub fn kind(&self) -> &Name {
        &self.inner.kind
    }

    /// Whether it can be copied, and go to other processes.
    #[must_use]
    pub fn is_portable(&self) -> bool {
        self.inner.codec.portable
    }

    /// Its state, written down.
    ///
    /// # Errors
    /// A type whose objects stay in their process, or a state that cannot be written.
    pub fn state(&self) -> Result<Value, ValueError> {
        (self.inner.codec.state)(&*self.inner.cell)
    }

    /// Returns the form in which the object is sent to other processes: `{"$object": {"id", "type",
    /// "state"}}`.
    ///
    /// # Errors
    /// As [`state`](Self::state).
    pub fn encode(&self) -> Result<Value, ValueError> {
        let parts: Value = [
            ("id", Value::UInt(self.inner.id)),
            ("type", Value::Str(self.inner.kind.clone())),
            ("state", self.state()?),
        ]
        .into_iter()
        .collect();
        Ok([(WRITTEN, parts)].into_iter().collect())
    }

    /// Returns the id, the type and the state of an [encoded](Self::encode) object; `None` if
    /// `value` is not one.
    #[must_use]
    pub fn decode(value: &Value) -> Option<(u64, &str, &Value)> {
        let map = value.as_map().filter(|map| map.len() == 1)?;
        let parts = map.get(WRITTEN)?.as_map()?;
        let id = parts.get("id")?.as_u64()?;
        Some((id, parts.get("type")?.as_str()?, parts.get("state")?))
    }

    /// Brings it into a state that was written down.
    ///
    /// # Errors
    /// A state that its type cannot have, or a type whose objects stay in their process.
    pub fn restore(&self, state: &Value) -> Result<(), ValueError> {
        (self.inner.codec.restore)(&*self.inner.cell, state)
    }

    /// Writes the state, if its type does so ahead: [`state`](Self::state) then does not wait.
    ///
    /// # Errors
    /// A state that cannot be written.
    pub fn prepare(&self) -> Result<(), ValueError> {
        (self.inner.codec.prepare)(&*self.inner.cell)
    }

    /// Another object in the same state.
    ///
    /// # Errors
    /// A type whose objects stay in their process, or a state that cannot be written.
    pub fn copy(&self, id: u64) -> Result<Self, ValueError> {
        let inner = &self.inner;
        Self::with_state(id, inner.kind.clone(), &self.state()?, inner.codec)
    }

    /// The object itself, if it is of this type.
    #[must_use]
    pub fn get<T: Send + 'static>(&self) -> Option<Arc<Mutex<T>>> {
        Arc::clone(&self.inner.cell).downcast().ok()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("id", &self.inner.id)
            .field("kind", &self.inner.kind)
            .finish_non_exhaustive()
    }
}
