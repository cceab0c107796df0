//! Items that generated code names; no part of the public API.

use std::process::ExitCode;

pub use inventory;
pub use serde_json;

pub use noob_zmq_macros::{
    __define_sockets as define_sockets, __expand_handlers as expand_handlers,
};

pub use crate::actor::spec::const_checks::{
    addon_kind_is_free, addon_socket_receives, can_link, can_receive, can_send, distinct_kinds,
    has_receiver, is_message, takes_addons,
};
use crate::actor::{Actor, Sockets, Wraps};
pub use crate::node::NodeEntry;
use crate::runner::zmq::{NodeRunner, StandaloneNode};

pub use crate::runner::zmq::{node_process, node_process_with};

/// Node type that `tube!` uses in place of one that does not exist at its path.
pub type NotFound = crate::node::macro_support::types::NodeTypeInfo<
    crate::node::macro_support::types::Arguments<()>,
    crate::node::macro_support::types::Arguments<()>,
    crate::graph::Value,
>;

/// Description of a node type that does not exist at its path.
pub const NOT_FOUND: &crate::node::NodeType = &crate::typed::NOT_FOUND;

/// Evaluates to whether values of one type go into slots of another.
#[doc(hidden)]
#[macro_export]
macro_rules! __noob_fits {
    ($from:ty, $to:ty) => {{
        use $crate::typed::EdgeFallback as _;
        <$crate::typed::TypedEdge<$from, $to>>::SAME
            || <$crate::typed::TypedEdge<$from, $to>>::SAME_OR_NULL
            || <$crate::typed::TypedEdge<$from, $to>>::ASSIGNABLE
            || <$crate::typed::TypedEdge<$from, $to>>::ASSIGNABLE_OR_NULL
            || <$crate::typed::TypedEdge<$from, $to>>::TO_ANY
            || <$crate::typed::TypedEdge<$from, $to>>::FROM_ANY
    }};
}

pub use crate::__noob_fits as fits;

/// Runs the test that `noob_zmq::test_nodes!()` writes.
#[must_use]
pub fn node_test() -> ExitCode {
    node_test_with(StandaloneNode::attach)
}

/// Runs the test that `noob_zmq::test_nodes!(node_runner = ..)` writes.
pub fn node_test_with<A>(make: impl Fn(StandaloneNode, A::Sockets) -> A) -> ExitCode
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    crate::runner::zmq::node_test(make, crate::runner::zmq::linked)
}

/// Runs the test that `noob_zmq::test_nodes!(registry = ..)` writes.
pub fn node_test_in(registry: impl FnOnce() -> crate::node::Registry) -> ExitCode {
    crate::runner::zmq::node_test(StandaloneNode::attach, || Ok(registry()))
}

/// Message that arrives, where a handler takes a `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` arrives, but the handler takes `{T}`",
    label = "the handler takes this type",
    note = "a handler takes the message that its attribute names: `{Self}`"
)]
pub trait ArrivesAs<T> {
    /// Returns the message.
    fn arrive(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> ArrivesAs<T> for T {
    fn arrive(self) -> T {
        self
    }
}

/// Returns the message as the type that the handler takes.
pub fn deliver<T, M: ArrivesAs<T>>(message: M) -> T {
    message.arrive()
}

/// Actor of the spec `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor of the spec `{S}`",
    label = "receives all messages of `{S}`",
    note = "`delegate = field` names an actor of the same spec; for the actor of a spec that \
            `{S}` contains, name its field there: `delegate(command = field)`"
)]
pub trait ActorOf<S: Sockets>: Actor {
    /// Returns a message of the spec as one of the actor.
    fn arriving(&self, incoming: S::Incoming) -> <Self::Sockets as Sockets>::Incoming;
}

#[diagnostic::do_not_recommend]
impl<S: Sockets, A: Actor<Sockets: SameSpec<S>>> ActorOf<S> for A {
    fn arriving(&self, incoming: S::Incoming) -> <Self::Sockets as Sockets>::Incoming {
        A::Sockets::same(incoming)
    }
}

/// The spec `S` itself.
pub trait SameSpec<S: Sockets>: Sockets {
    /// Returns the message.
    fn same(incoming: S::Incoming) -> Self::Incoming;
}

impl<S: Sockets> SameSpec<S> for S {
    fn same(incoming: Self::Incoming) -> Self::Incoming {
        incoming
    }
}

pub use crate::default_log::want_default_log;
pub use crate::main_report::{ErrorMain, MainReport, PlainMain};
