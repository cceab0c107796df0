//! How a program becomes a node process when it is started as one.

use std::process::ExitCode;

use crate::actor::Actor;
use crate::runner::zmq::{NodeRunner, StandaloneNode};

/// Runs the node that this process was started as, and gives the exit code to end with; `None` if it was not started as one.
///
/// A runner gives each node a process of its own by running the current program again, so `main` has to ask, before it does
/// anything else. [`#[noob_zmq::main]`](crate::main) writes this call; write it yourself where you prefer a plain `main`:
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
///
/// A test binary has no `main` of its own; there, write [`noob_zmq::test_nodes!()`](crate::test_nodes).
#[must_use = "a node process must end with this code, and do nothing else"]
pub fn node_process() -> Option<ExitCode> {
    crate::__private::node_process()
}

/// The same with a node runner of one's own: `make` is given ours without sockets, and the open sockets of the spec, and makes the actor that runs in the
/// process of each node. Ours is given its sockets by [`StandaloneNode::attach`](crate::runner::zmq::StandaloneNode::attach).
///
/// `#[noob_zmq::main(node_runner = make)]` writes this call. See `examples/timed.rs`.
#[must_use = "a node process must end with this code, and do nothing else"]
pub fn node_process_with<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> Option<ExitCode>
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    crate::__private::node_process_with(make)
}

/// What `node_runner = ..` of `#[noob_zmq::main]` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no node runner",
    label = "makes no node runner",
    note = "`node_runner` names a function such as `fn new(inner: StandaloneNode, sockets: TimedSockets) -> Timed`, where `Timed` is an actor with these sockets and implements `AsMut<NodeRunner>`"
)]
pub trait MakesNodeRunner<A>: Sized {
    /// See [`node_process_with`].
    fn node_process(self) -> Option<ExitCode>;
}

#[diagnostic::do_not_recommend]
impl<A, F> MakesNodeRunner<A> for F
where
    A: Actor + AsMut<NodeRunner> + 'static,
    F: FnOnce(StandaloneNode, A::Sockets) -> A,
{
    fn node_process(self) -> Option<ExitCode> {
        node_process_with(self)
    }
}

/// Lets the runners of a test binary start node processes.
///
/// Write it once, anywhere in the test binary: at the top of an integration test, in a `tests` module of a library, in a nested module.
/// It adds one test, `noob_zmq_node`, which does nothing when tests are run, and becomes a node when a runner runs this test binary
/// again with that test alone.
///
/// ```
/// noob_zmq::test_nodes!();
/// ```
///
/// `test_nodes!(node_runner = make)` gives the nodes a node runner of one's own, as [`node_process_with`] does.
#[macro_export]
macro_rules! test_nodes {
    () => { $crate::test_nodes!(@ $crate::__private::node_test()); };
    (node_runner = $make:expr) => { $crate::test_nodes!(@ $crate::__private::node_test_with($make)); };
    (@ $node:expr) => {
        /// A node process, when a runner starts this test binary as one; otherwise nothing.
        #[cfg(test)]
        #[test]
        fn noob_zmq_node() -> ::std::process::ExitCode {
            $node
        }

        #[cfg(test)]
        $crate::__private::inventory::submit! {
            $crate::__private::NodeEntry::test(::core::concat!(::core::module_path!(), "::noob_zmq_node"))
        }
    };
}
