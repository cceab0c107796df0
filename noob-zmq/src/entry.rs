//! Entry of node processes: makes a program run a node when a runner has started it for that.

use std::process::ExitCode;

use crate::actor::{Actor, Wraps};
use crate::node::Registry;
use crate::runner::zmq::{NodeRunner, StandaloneNode};

/// Runs the node that this process was started for, and returns the exit code to end with.
///
/// Returns `None` at once if the process was not started as a node. Otherwise blocks until the node
/// has ended.
///
/// A runner starts a process for each node by running the current program again, so that `main`
/// must call this before anything else. [`#[noob_zmq::main]`](crate::main) writes the call; write
/// it yourself where you prefer a plain `main`. A test binary has no `main` of its own; there,
/// write [`noob_zmq::test_nodes!()`](crate::test_nodes).
///
/// # Examples
///
/// ```
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(code) = noob_zmq::node_process() {
///         return code;
///     }
///     println!("this is the program itself");
///     ExitCode::SUCCESS
/// }
/// ```
#[must_use = "a node process must end with this code, and do nothing else"]
pub fn node_process() -> Option<ExitCode> {
    crate::__private::node_process()
}

/// Runs the node that this process was started for, of a type of this registry.
///
/// A program whose tubes use types of a [`TypeSource`](crate::node::TypeSource) calls it in place
/// of [`node_process`]; in all else, the function works as that one. The registry is asked for the
/// types that the process needs.
///
/// A test binary writes [`test_nodes!(registry = function)`](crate::test_nodes), with a function
/// that returns the registry.
#[must_use = "a node process must end with this code, and do nothing else"]
pub fn node_process_in(registry: Registry) -> Option<ExitCode> {
    crate::runner::zmq::node_process_in(registry)
}

/// Runs the node that this process was started for by a node runner of one's own.
///
/// `make` receives the standard node runner without sockets and the open sockets of the spec, and
/// returns the actor that runs in the process of each node. The standard one is given its sockets
/// by [`StandaloneNode::attach`](crate::runner::zmq::StandaloneNode::attach). In all else, the
/// function works as [`node_process`].
///
/// `#[noob_zmq::main(node_runner = make)]` writes this call. See `examples/timed.rs`.
#[must_use = "a node process must end with this code, and do nothing else"]
pub fn node_process_with<A>(make: impl Fn(StandaloneNode, A::Sockets) -> A) -> Option<ExitCode>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    crate::__private::node_process_with(make)
}

/// Function that makes a node runner: the value of `node_runner = ..` of `#[noob_zmq::main]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no node runner",
    label = "makes no node runner",
    note = "`node_runner` names a function such as `fn new(inner: StandaloneNode, sockets: \
            TimedSockets) -> Timed`, where `Timed` is an actor with these sockets and implements \
            `AsMut<NodeRunner>`"
)]
pub trait MakesNodeRunner<A>: Sized {
    /// Calls [`node_process_with`].
    fn node_process(self) -> Option<ExitCode>;
}

#[diagnostic::do_not_recommend]
impl<A, F> MakesNodeRunner<A> for F
where
    A: Actor + Wraps<NodeRunner> + 'static,
    F: Fn(StandaloneNode, A::Sockets) -> A,
{
    fn node_process(self) -> Option<ExitCode> {
        node_process_with(self)
    }
}

/// Lets the runners of a test binary start node processes.
///
/// Write it once, anywhere in the test binary: at the top of an integration test, in a `tests`
/// module of a library, in a nested module. The macro adds one test, `noob_zmq_node`, which does
/// nothing when tests are run, and becomes a node when a runner runs this test binary again with
/// that test alone.
///
/// `test_nodes!(node_runner = make)` gives the nodes a node runner of one's own, as
/// [`node_process_with`] does, and `test_nodes!(registry = function)` hosts types of the registry
/// that the function returns, as [`node_process_in`] does.
///
/// # Examples
///
/// ```
/// noob_zmq::test_nodes!();
/// ```
#[macro_export]
macro_rules! test_nodes {
    () => { $crate::test_nodes!(@ $crate::__private::node_test()); };
    (registry = $registry:expr) => {
        $crate::test_nodes!(@ $crate::__private::node_test_in($registry));
    };
    (node_runner = $make:expr) => {
        $crate::test_nodes!(@ $crate::__private::node_test_with($make));
    };
    (@ $node:expr) => {
        /// A node process, when a runner starts this test binary as one; otherwise nothing.
        #[cfg(test)]
        #[test]
        fn noob_zmq_node() -> ::std::process::ExitCode {
            $node
        }

        #[cfg(test)]
        $crate::__private::inventory::submit! {
            $crate::__private::NodeEntry::test(
                ::core::concat!(::core::module_path!(), "::noob_zmq_node")
            )
        }
    };
}
