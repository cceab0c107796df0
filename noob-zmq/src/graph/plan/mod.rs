//! The compiled tube: nodes and signals as indices, with everything that a scheduler and a store
//! look up.
//!
//! A [`Plan`] is immutable. It holds no state of a run: that is in
//! [`Scheduler`](crate::graph::Scheduler) and [`Store`](crate::graph::Store).

mod compile;
mod compiled;
mod implied;
mod index;
mod level;
mod local;
mod nesting;
#[cfg(test)]
pub(super) mod text;

pub use self::compiled::{Plan, Role};
pub(super) use self::compiled::{PlanInput, Target};
pub(crate) use self::implied::ImpliedCalls;
pub use self::index::{NodeIx, SignalIx};
pub(super) use self::index::{number, range};
pub(super) use self::level::{Call, Level, NodeState};
