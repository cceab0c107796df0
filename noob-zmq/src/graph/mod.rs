//! Tubes without I/O: values, epochs, events, the tube file, the scheduler and the store. No tokio, no socket, no clock, no thread.

mod compile;
mod convert;
mod epoch;
mod event;
mod levels;
mod named;
mod object;
mod plan;
mod scheduler;
mod sharing;
mod signature;
pub mod spec;
mod store;
mod supervision;
mod timestamp;
mod tube;
mod typing;
mod value;
mod value_from;

#[cfg(test)]
pub(crate) use convert::tests::any_value;
pub use convert::{ValueError, from_value, to_value};
pub use epoch::{Epoch, Segment};
pub use event::Event;
pub use named::Named;
pub use object::{Form, Object, Travels};
pub use plan::{NodeIx, Plan, Role, SignalIx};
pub use scheduler::{Applied, Expansion, MapCall, Scheduler, SignalUpdate};
pub(crate) use sharing::{ASSETS, Sharing, next_ready};
pub use signature::{
    GivenInputs, ParamCheck, ParamSignature, SaidType, Signature, SlotSignature, Types,
};
pub use store::{Argument, Arguments, SlotEvent, Store};
pub use supervision::{EdgePolicy, OnError, Restart, RestartWhen, Supervision};
pub use timestamp::Timestamp;
pub use tube::{
    AssetScope, Edge, Input, InputScope, Place, SlotInfo, SlotRef, Source, Tube, TubeAsset,
    TubeNode, TubeNodeKind,
};
pub use typing::{Fit, HasShape, TypeShape, Whole, declared, fit};
pub use value::{Bytes, Emit, Map, Name, Tensor, Value};
