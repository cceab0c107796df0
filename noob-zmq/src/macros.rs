//! The macros, with their documentation. (It stands at their re-export, so that its examples can use this crate.)

/// Makes a node of a function or of an `impl` block.
///
/// The item stays as it is and can be called as before. Beside it, the node type is registered for tubes under its dotted path
/// (`my_crate.sums.divide`), with its slots, parameters, signals, their types and defaults, and the place where it is written.
///
/// # Options
///
/// | `#[node(..)]` | |
/// |---|---|
/// | `name = "package.node"` | the name in tubes, in place of the path |
/// | `signal = "index"` | the name of its signal, in place of `value` |
/// | `stateful`, `stateful = false` | whether it keeps state, so that its calls must come in the order of the epochs; functions are taken not to, sources and blocks are taken to. A tube may say otherwise |
///
/// # Arguments and results
///
/// - Arguments are any types that serde can deserialise and that own what they hold: `String`, not `&str`. In a tube they are fed by
///   `depends`, or set by `params`, by the name of the argument.
/// - `#[slot(default = 2)]` and `#[slot(default)]` give an argument a default. In `fn new` and in sources, where arguments are
///   parameters, it may be written `#[param(default = 2)]`.
/// - An `Option<T>` argument is an optional slot: nothing has to feed it, and the node runs without it when nothing happened on what does.
/// - Results are any types that serde can serialise; [`Emit<T>`](crate::graph::Emit) to say nothing at times; a struct that
///   derives [`Signals`](macro@Signals) to say several things; `Result<T, E>` of any of these, where `E` is any
///   error, `String`, or [`NodeError`](crate::node::NodeError). A function without a result says `null`.
/// - `Result`, `Option`, `Emit` and `Iterator` are known by the last part of their path: `std::io::Result<T>` is a result, an
///   alias of another name is not.
///
/// # A function: called for each epoch
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_function.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_function.expanded.rs")]
/// ```
/// </details>
///
/// # An async function: run to its end for each epoch
///
/// All async nodes of a process share one runtime. The future must be `Send`.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_async.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_async.expanded.rs")]
/// ```
/// </details>
///
/// # A source: a function that returns an iterator
///
/// It is called once, when the node starts, in the process where it runs; the iterator is advanced once an epoch, and when it ends, so does the
/// run. It takes no `depends`, only `params`. Items may be `Result`s and `Emit`s; the iterator must be `Send`.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_source.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_source.expanded.rs")]
/// ```
/// </details>
///
/// # A block: a value that lives as long as the node
///
/// `fn new` makes the value when the node starts, from `params`; it returns `Self` or `Result<Self, E>`. The method marked
/// `#[process]` is called for each epoch. A method marked `#[init]` is called before the first epoch, one marked `#[deinit]` after the last.
/// Each of them may be `async`.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_class.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_class.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::node;

/// Gives a node several signals: the fields of the struct that it returns.
///
/// A field of type [`Emit<T>`](crate::graph::Emit) may say nothing; any other field says its value each time. The struct must
/// not derive `Serialize`, for then it would be one value.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/signals.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/signals.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::Signals;

/// Makes a struct with one field a socket the spec of an actor.
pub use noob_zmq_macros::Sockets;
/// Makes `main` the entry of node processes, too.
///
/// A runner gives each node a process of its own by running the current program again. The macro has `main` ask first
/// whether it is such a process; see [`node_process`](crate::node_process), which it calls. `async fn main` is
/// given a runtime of many threads.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/main.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/main.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::main;

/// Makes the methods of an `impl` block the handlers of what arrives.
pub use noob_zmq_macros::handlers;
