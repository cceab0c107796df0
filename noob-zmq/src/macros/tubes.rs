//! Macros for nodes, assets, tubes and programs.

/// Makes a node type of a function or of an `impl` block.
///
/// The item stays as it is and can be called as before. In addition, the node type is registered
/// for tubes under its dotted path (`my_crate.sums.divide`), with its slots, parameters and
/// signals, their types and defaults, and its place in the source.
///
/// # Options
///
/// - `name = "package.node"`: the name in tubes, instead of the path.
/// - `signal = "index"`: the name of the signal, instead of `value`.
/// - `stateful`, `stateful = false`: whether the node keeps state, so that its calls must come in
///   the order of the epochs. By default, functions do not, and sources and blocks do. A tube may
///   override it.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// # Arguments and results
///
/// - Arguments and methods may have a `#[cfg(..)]`.
/// - Arguments are of any type that serde can deserialise and that owns its content: `String`, not
///   `&str`. A tube feeds them by `depends` or sets them by `params`, by the name of the argument.
/// - `#[slot(default = 2)]` and `#[slot(default)]` give an argument a default. In `fn new` and in
///   sources, where arguments are parameters, write `#[param(default = 2)]` if you prefer.
/// - An argument of type `Option<T>` is an optional slot: nothing has to feed it, and the node runs
///   without it when its source emitted nothing.
/// - `#[slot(rest)]` makes an argument take the slots, and for a function the parameters, that no
///   other argument is named after: an `IndexMap<String, T>` (in the order of the file;
///   [`Map`](crate::graph::Map) is one of values of any kind), a `BTreeMap` or a `HashMap`. These
///   slots are optional. In `fn new` and in sources, `#[param(rest)]` takes the parameters.
/// - An argument of type [`Epoch`](crate::graph::Epoch) receives the epoch of the call, one of type
///   [`EventMap`](crate::node::EventMap) the events that carried its values; both may be
///   references. They are no slots: no tube feeds them.
/// - Results are of any type that serde can serialise; [`Emit<T>`](crate::graph::Emit) to emit
///   nothing at times; a struct that derives [`Signals`](macro@Signals) to emit several signals;
///   `Result<T, E>` of any of these, where `E` is any error, `String`, or
///   [`NodeError`](crate::node::NodeError). A function without a result emits `null`.
/// - `Result`, `Option`, `Emit`, `Iterator`, `Epoch` and `EventMap` are recognised by the last
///   segment of their path: `std::io::Result<T>` is a result, an alias of another name is not.
///
/// # A function: called for each epoch
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_function.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_function.expanded.rs")]
/// ```
/// </details>
///
/// # A function that takes the epoch and its events
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_given.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_given.expanded.rs")]
/// ```
/// </details>
///
/// # An async function: awaited for each epoch
///
/// All async nodes of a process share one runtime. The future must be `Send`.
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_async.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_async.expanded.rs")]
/// ```
/// </details>
///
/// # A source: a function that returns an iterator
///
/// The function is called once, when the node starts, in the process of the node. The iterator is
/// advanced once an epoch; when it ends, so does the run. A source takes no `depends`, only
/// `params`. Items may be `Result`s and `Emit`s; the iterator must be `Send`.
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_source.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_source.expanded.rs")]
/// ```
/// </details>
///
/// # A block: a value that lives as long as the node
///
/// `fn new` makes the value when the node starts, from `params`; it returns `Self` or
/// `Result<Self, E>`. The method marked `#[process]` is called for each epoch, one marked `#[init]`
/// before the first epoch, one marked `#[deinit]` after the last. Each of them may be `async`.
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_class.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_class.expanded.rs")]
/// ```
/// </details>
///
/// # A block that survives its process
///
/// A block, and a source written as one (it takes no arguments, and ends with `Emit::Exhausted`),
/// may hand its state to the process that replaces its own. Where the tube says
/// `restart: on-failure` or `always`, the method marked `#[snapshot]` is called after each call,
/// and its result travels with the results of the call. After the end of the process, `fn new`
/// makes the value in the next one, and the method marked `#[restore]` receives the state after the
/// last call that counts, so that the run goes on as if nothing had happened.
///
/// A stateful node without these two methods cannot be restarted in the middle of a run: the run
/// fails. The state is of any type that serde can serialise and deserialise; small states cost
/// little.
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/node_memory.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/node_memory.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::node;

/// Makes an asset type of a function or of an `impl` block: an object that a tube makes and gives
/// to its nodes.
///
/// The item stays as it is. In addition, the asset type is registered for `assets:` of tubes under
/// its dotted path, with its parameters. Nodes take the object as [`Asset<T>`](crate::node::Asset),
/// where `T` is the result of the function, or the type of the block.
///
/// # Options
///
/// - `name = "package.asset"`: the name in tubes, instead of the path.
/// - `local`: the object stays in its process, as a file or a connection must. Its type needs no
///   serde; the ZMQ runner takes it for assets of `scope: node` only.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// Arguments are the `params` of the tube, as those of `fn new` of a [node](macro@node). The result
/// may be a `Result`; the function may be `async`. Of a block, `fn new` makes the object, and a
/// method marked `#[close]` is called when the scope of the object ends; both may fail.
///
/// # A function that makes the object
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/asset_function.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/asset_function.expanded.rs")]
/// ```
/// </details>
///
/// # A block: an object that is closed
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/asset_class.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/asset_class.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::asset;

/// Gives a node several signals: the fields of the struct that it returns.
///
/// A field of type [`Emit<T>`](crate::graph::Emit) may emit nothing; any other field emits its
/// value each time. The struct must not derive `Serialize`, which would make it one value.
/// `#[signals(crate = path)]` on the struct gives the path of this library, if not `::noob_zmq`.
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/signals.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/signals.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::Signals;

/// Reports that the macro `tube!` is in a feature that is off.
#[cfg(not(feature = "macros"))]
#[doc(hidden)]
#[macro_export]
macro_rules! tube {
    ($($arguments:tt)*) => {
        ::core::compile_error!(
            "`tube!` is in the feature `macros` of noob-zmq: `cargo add noob-zmq --features macros`"
        );
    };
}

/// Makes `main` also the entry of node processes.
///
/// A runner starts a process for each node by running the current program again. The macro has
/// `main` check first whether it is such a process, by [`node_process`](crate::node_process).
/// `async fn main` runs on a multi-thread runtime of tokio.
///
/// An error that `main` returns is printed with its causes, and the exit code is 1. The first
/// runner or actor installs a subscriber of `tracing` that writes warnings and errors, or what
/// `RUST_LOG` asks for, to standard error, unless the program has installed its own before. Among
/// them are the [warnings](crate::graph::Tube::warnings) of a tube, when its runner starts first.
///
/// # Options
///
/// - `node_runner = Timed::new`: makes a node runner of one's own for the nodes, from the standard
///   one and the open sockets, as [`node_process_with`](crate::node_process_with) takes it.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// # Example
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/main.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/main.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::main;

/// Links crates whose nodes and add-ons a program uses, and of which it names nothing else.
///
/// Without it, a crate that stands in `Cargo.toml` alone registers nothing.
///
/// # Example
///
/// ```
/// noob_zmq::plugins![serde_json];
/// ```
/// expands to
/// ```
/// use serde_json as _;
/// ```
#[macro_export]
macro_rules! plugins {
    ($($plugin:path),* $(,)?) => { $(use $plugin as _;)* };
}

/// Reads a tube file while the program is compiled, rejects its mistakes, and makes typed functions
/// of it.
///
/// The path is relative to the folder of `Cargo.toml`, or else to that of the source file. The text
/// becomes part of the program, which needs no file when it runs; a change of the file rebuilds the
/// program. An error of the compiler names file, line and column in the tube.
///
/// `tube!("sums.yaml")` is an expression; `tube!(pub Sums = "sums.yaml")` is an item, for tubes
/// whose types must have a name. Either gives a value (called `Sums` here, after `noob_id`) with
/// three methods:
///
/// - `tube(..)` returns the [`Tube`](crate::graph::Tube), for any runner; its arguments are the
///   tube-scoped inputs, in the order of the file;
/// - `runner::<R>(..)` returns the tube on a runner of its own:
///   [`SyncRunner`](crate::runner::SyncRunner), [`TaskRunner`](crate::runner::TaskRunner),
///   [`ZmqRunner`](crate::runner::ZmqRunner), or any type that is
///   [`FromTube`](crate::typed::FromTube);
/// - `on(runner)` returns the tube on a runner that was made of `tube(..)` and configured.
///
/// The latter two return a `SumsRun`, which has `process(..)`, whose arguments are the
/// process-scoped inputs, `run(n)`, if `process` needs no input, and the field `runner`. Both
/// return a `SumsReturned`, whose form follows the `depends` of the return node:
///
/// - `a.value`: the value of that signal;
/// - `[a.value, b.value]`: a tuple; of one item, a `Vec`;
/// - `[{x: a.value}, {y: b.value}]`: a struct with a field for each name; `None` where nothing was
///   emitted.
///
/// The type of an input is that of the first slot or parameter that takes it, or else the type that
/// the tube declares (`int`, `float`, `str`, `bool`, `bytes`); an optional input is an `Option`. An
/// input whose type is not known is a [`Value`](crate::graph::Value).
///
/// # Compile errors
///
/// The macro rejects all mistakes that the file alone shows: YAML, keys, names, unknown nodes and
/// inputs, cycles. Then, for node types that the compiler sees: unknown types; unknown slots,
/// signals and parameters; required slots and parameters without a value; and signals whose type
/// does not go into the slot, see [`AssignableTo`](crate::typed::AssignableTo). Values of `params`
/// are checked against their types when the tube is loaded, as ever.
///
/// The compiler sees nodes of this crate by their path, in modules that are visible where the macro
/// stands; those of the library, `noob_zmq.text.words`; and those that the options name:
///
/// - `crates = [other]`: nodes of that crate, by their path.
/// - `nodes = {"sums.divide" => math::divide}`: nodes with a name of their own,
///   `#[node(name = "sums.divide")]`, and their path.
/// - `at_load = ["python"]`: node types of this name, or whose name begins so, are checked only
///   when the tube is loaded; their signals and slots may be of any type.
///
/// A node type of none of these is an error. The types of slots behind the first 32 of a node are
/// not compared. The file that the tube `extends` is read with it; tubes inside the tube
/// (`type: tube`) are not checked. Both, if they stand in the folder of the tube, become part of
/// the program. Needs the feature `macros`.
///
/// # Example
///
/// The tube:
/// ```yaml
#[doc = include_str!("../../expansions/tube.yaml")]
/// ```
/// Source:
#[cfg_attr(feature = "std-nodes", doc = "```")]
#[cfg_attr(not(feature = "std-nodes"), doc = "```ignore")]
#[doc = include_str!("../../expansions/tube.rs")]
/// # fn main() { assert_eq!(words("so it goes").unwrap().unwrap(), ["so", "it", "goes"]) }
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/tube.expanded.rs")]
/// ```
/// </details>
#[cfg(feature = "macros")]
pub use noob_zmq_macros::tube;
