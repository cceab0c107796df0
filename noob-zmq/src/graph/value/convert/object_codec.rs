//! Codecs of objects, by the types that serde can write and read.

use std::sync::{Arc, Mutex};

use serde::{Serialize, de::DeserializeOwned};

use super::{from_value, to_value};
use crate::graph::{ObjectCodec, Value, ValueError};
use crate::sync::lock;

/// Types whose objects can be sent to another process: every type that serde can serialize and
/// deserialize.
#[diagnostic::on_unimplemented(
    message = "an object of type `{Self}` cannot go from process to process",
    label = "serde does not know it, or it cannot go to another thread",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`; an object that has \
        to stay in its process is `#[asset(local)]`"
)]
pub trait Transferable {
    /// Codec of the type: [`ObjectCodec::portable`].
    const CODEC: ObjectCodec;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Transferable for T {
    const CODEC: ObjectCodec = ObjectCodec::portable::<Self>();
}

/// Type that writes and reads its state itself, for [`ObjectCodec::by`].
pub trait StateCodec: Send + Sized + 'static {
    /// Returns the state of the object.
    ///
    /// # Errors
    /// A state that cannot be written.
    fn state(&self) -> Result<Value, ValueError>;

    /// Returns an object in this state.
    ///
    /// # Errors
    /// A state that the type does not accept.
    fn from_state(state: &Value) -> Result<Self, ValueError>;

    /// Writes the state, which [`state`](Self::state) then only returns.
    ///
    /// A runner with processes calls this where the object was made, since `state` is called by its
    /// event loop, which must not wait.
    ///
    /// # Errors
    /// A state that cannot be written.
    fn prepare(&mut self) -> Result<(), ValueError> {
        Ok(())
    }
}

impl ObjectCodec {
    /// Of a type that serde writes and reads: its objects can be copied, and go to other processes.
    #[must_use]
    pub const fn portable<T: Serialize + DeserializeOwned + Send + 'static>() -> Self {
        Self {
            state: |cell| match cell.downcast_ref::<Mutex<T>>() {
                Some(cell) => to_value(&*lock(cell)),
                None => Err(stays()),
            },
            restore: |cell, state| {
                let state = from_value(state)?;
                if let Some(cell) = cell.downcast_ref::<Mutex<T>>() {
                    *lock(cell) = state;
                }
                Ok(())
            },
            make: |state| Ok(Arc::new(Mutex::new(from_value::<T>(state)?))),
            prepare: |_| Ok(()),
            portable: true,
        }
    }

    /// Returns the codec of a type that writes and reads its state itself: its objects can be
    /// copied, and go to other processes.
    #[must_use]
    pub const fn by<T: StateCodec>() -> Self {
        Self {
            state: |cell| match cell.downcast_ref::<Mutex<T>>() {
                Some(cell) => lock(cell).state(),
                None => Err(stays()),
            },
            restore: |cell, state| {
                let state = T::from_state(state)?;
                if let Some(cell) = cell.downcast_ref::<Mutex<T>>() {
                    *lock(cell) = state;
                }
                Ok(())
            },
            make: |state| Ok(Arc::new(Mutex::new(T::from_state(state)?))),
            prepare: |cell| match cell.downcast_ref::<Mutex<T>>() {
                Some(cell) => lock(cell).prepare(),
                None => Err(stays()),
            },
            portable: true,
        }
    }

    /// Of any other type: its objects stay in their process.
    #[must_use]
    pub const fn local() -> Self {
        Self {
            state: |_| Err(stays()),
            restore: |_, _| Err(stays()),
            make: |_| Err(stays()),
            prepare: |_| Ok(()),
            portable: false,
        }
    }
}

fn stays() -> ValueError {
    ValueError::new("an object that stays in its process cannot be written down")
}
