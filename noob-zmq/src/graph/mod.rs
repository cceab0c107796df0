//! Tubes without I/O: values, epochs, events, tube files, the scheduler and the store.
//!
//! Nothing here uses tokio, a socket, a clock or a thread: time and events are passed in.

pub(crate) mod coerce;
mod epoch;
mod epoch_index;
mod event;
mod phase;
mod plan;
mod scheduler;
mod signature;
mod slot_values;
pub mod spec;
mod store;
mod timestamp;
mod tube;
mod tube_image;
mod typing;
mod value;

pub use epoch::{Epoch, Segment};
pub use event::Event;
pub use noob_zmq_spec::{
    AssetScope, EdgePolicy, InputScope, Name, OnError, Place, Restart, RestartWhen, Source,
    Supervision, TubeNodeKind,
};
pub use phase::Phase;
pub(crate) use plan::ImpliedCalls;
pub use plan::{NodeIx, Plan, Role, SignalIx};
pub(crate) use scheduler::{ASSETS, AccessOrder, next_ready};
pub use scheduler::{Applied, Expansion, MapCall, Outcome, Scheduler, SignalUpdate};
pub use signature::{
    GivenInputs, NodeTypes, ParamCheck, ParamError, ParamSignature, SignalType, Signature,
    SlotSignature, Unresolved,
};
pub use slot_values::SlotValues;
pub use store::{Argument, Arguments, SlotEvent, Store};
pub use timestamp::{Timestamp, TimestampError};
pub use tube::{Edge, Input, SlotInfo, SlotRef, Tube, TubeAsset, TubeNode};
pub(crate) use tube::{ReplaySource, SharedTypes};
pub(crate) use tube_image::TubeImage;
pub use typing::{Fit, HasShape, IntRange, TypeShape, declared, fit};
#[cfg(test)]
pub(crate) use value::any_value;
pub(crate) use value::dense;
#[cfg(feature = "record")]
pub(crate) use value::escaped_key;
pub(crate) use value::found;
pub use value::{
    Bytes, Emit, List, Map, Number, NumberType, Object, ObjectCodec, Opaque, StateCodec, Tensor,
    Transferable, Value, ValueError, from_value, to_value,
};
