//! Items that generated code names; no part of the public API.

use std::future::Future;
use std::process::{ExitCode, Termination};

pub use inventory;
pub use serde_json;

pub use noob_zmq_macros::{
    __define_sockets as define_sockets, __expand_handlers as expand_handlers,
};

use crate::actor::Actor;
pub use crate::actor::spec::const_checks::{
    addon_kind_is_free, addon_socket_receives, can_link, can_receive, can_send, distinct_kinds,
    has_receiver, is_message, takes_addons,
};
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
pub fn node_test_with<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> ExitCode
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    crate::runner::zmq::node_test(make)
}

/// Runs an `async fn main` on a multi-thread runtime, and returns its exit code.
pub fn block_on_main<T: Termination, F: Future<Output = T>>(main: F) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(main).report(),
        Err(error) => {
            eprintln!("Error: the runtime of `main` cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
