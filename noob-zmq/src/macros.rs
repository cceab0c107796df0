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
/// - `#[slot(rest)]` makes an argument take the slots, and for a function the parameters, that no other argument is named after: an
///   `IndexMap<String, T>` (in the order of the file; [`Map`](crate::graph::Map) is one of values of any kind), a `BTreeMap` or a `HashMap`.
///   These slots are optional. In `fn new` and in sources, `#[param(rest)]` takes the parameters.
/// - An argument of type [`Epoch`](crate::graph::Epoch) is given the epoch of the call, one of type [`EventMap`](crate::node::EventMap) the
///   events behind its values; both may be references. They are no slots: no tube feeds them.
/// - Results are any types that serde can serialise; [`Emit<T>`](crate::graph::Emit) to say nothing at times; a struct that
///   derives [`Signals`](macro@Signals) to say several things; `Result<T, E>` of any of these, where `E` is any
///   error, `String`, or [`NodeError`](crate::node::NodeError). A function without a result says `null`.
/// - `Result`, `Option`, `Emit`, `Iterator`, `Epoch` and `EventMap` are known by the last part of their path: `std::io::Result<T>` is a result, an
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
/// # A function that is given more than its slots
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_given.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_given.expanded.rs")]
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
///
/// # A block that survives its process
///
/// A block, and a source written as one (it takes no arguments, and ends with `Emit::Exhausted`), may say what it knows. Where the tube says
/// `restart: on-failure` or `always`, the method marked `#[snapshot]` is called after each call, and what it gives travels with the results; when the
/// process has ended, the one that takes its place is made by `fn new`, and the method marked `#[restore]` is given what was known after the
/// last call that counts. So the run goes on as if nothing had happened. A stateful node without these two methods cannot be started again in
/// the middle of a run: the run fails. The state is any type that serde can serialise and deserialise; small ones cost little.
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/node_memory.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/node_memory.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::node;

/// Makes an asset of a function or of an `impl` block: an object that a tube makes and hands to its nodes.
///
/// The item stays as it is. Beside it, the asset type is registered for `assets:` of tubes under its dotted path, with its parameters. Nodes
/// take the object as [`Asset<T>`](crate::node::Asset), where `T` is what the function returns, or the type of the block.
///
/// | `#[asset(..)]` | |
/// |---|---|
/// | `name = "package.asset"` | the name in tubes, in place of the path |
/// | `local` | the object stays in its process: a file, a connection. Its type need not be known to serde; the ZMQ runner has it for assets of `scope: node` only |
///
/// Arguments are the `params` of the tube, as those of `fn new` of a [node](macro@node). The result may be a `Result`; the function may be `async`.
/// Of a block, `fn new` makes the object, and a method marked `#[close]` is called when its time is over; both may fail.
///
/// # A function that makes the object
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/asset_function.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/asset_function.expanded.rs")]
/// ```
/// </details>
///
/// # A block: an object that is closed
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/asset_class.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/asset_class.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::asset;

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

/// Makes a struct with one field for each socket the spec of an actor.
///
/// The struct is what the actor holds: each field becomes a handle to an open socket. From what is written beside the fields come names,
/// addresses and identities (`CommandSockets::ROUTER`, a [`SocketId`](crate::actor::SocketId)), the enum of everything that can
/// arrive (`CommandSocketsIncoming`), the [`Sockets`](trait@crate::actor::Sockets) impl, and the spec as data, with a
/// [table](crate::actor::ActorSpec::table) and a [picture](crate::actor::ActorSpec::mermaid).
///
/// # On the struct
///
/// | `#[sockets(..)]` | |
/// |---|---|
/// | `path = "nodes/{id}"` | where its sockets lie below the directory of the runner: `{path}/{socket}`; in its absence the name of the struct without `Sockets` |
/// | `identity = "{id}"` | what its sockets tell their peers; in its absence `{path with / as .}.{socket}` |
/// | `crate = path` | where this library is, if not at `::noob_zmq` |
///
/// `{id}` stands for the [id of the actor](crate::actor::Scope), `{socket}` for the name of the field.
///
/// # On a field
///
/// The type is the kind of the socket: `Req`, `Rep`, `Dealer`, `Router`, `Pub`, `Sub`, `XPub`, `XSub`, `Push` or `Pull` of
/// [`actor`](crate::actor).
///
/// | | |
/// |---|---|
/// | `#[bind]`, `#[bind("path")]` | it binds its path when it is opened |
/// | `#[connect("path")]` | it connects to that path when it is opened |
/// | `#[connect]` | it connects when it is told where |
/// | `#[recv(Status, Failure as Error)]` | what arrives. Handlers know a message by the last part of its path, or by the name after `as` |
/// | `#[send(Ping)]` | what is sent |
/// | `#[codec(json)]` | the [codec](crate::wire::Codec) of what is sent, for peers in other languages; `msgpack` in its absence. A socket receives both |
/// | `#[peer(NodeSockets::DEALER)]` | the sockets that it is linked to |
/// | `#[peer(kind = Sub)]` | the kind of one that is not ours |
/// | `#[sockets]` | the field is no socket but a spec: all of its sockets are this actor's, too |
///
/// Messages are the types of [`wire`](crate::wire) and any type that is a [`Message`](trait@crate::wire::Message) and `Debug`. The
/// struct must be as visible as the actor, and its messages as visible as the struct.
///
/// # What does not compile
///
/// A socket on which what is received never arrives or what is sent cannot be sent; a link that ZeroMQ does not know (RFC 28 to 30); a message that
/// no peer receives; two messages of one name, or of one kind on the wire, on a socket; two sockets of one name or path.
///
/// # Example
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/sockets.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/sockets.expanded.rs")]
/// ```
/// </details>
///
/// The `macro_rules!` at its end is how [`handlers`](macro@crate::handlers) asks what the spec is, from wherever the struct is in scope.
pub use noob_zmq_macros::Sockets;
/// Makes `main` the entry of node processes, too.
///
/// A runner gives each node a process of its own by running the current program again. The macro has `main` ask first
/// whether it is such a process; see [`node_process`](crate::node_process), which it calls. `async fn main` is
/// given a runtime of many threads.
///
/// | `#[noob_zmq::main(..)]` | |
/// |---|---|
/// | `node_runner = Timed::new` | a node runner of one's own for the nodes: what makes it from ours and its open sockets, as [`node_process_with`](crate::node_process_with) takes it |
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

/// Makes methods of an `impl` block the handlers of what arrives on the sockets of a spec.
///
/// The block stays as it is. Beside it the actor gets an [`Actor`](crate::actor::Actor) impl: one `async fn dispatch` with
/// one `match`, without a box and without an allocation. Every message of the spec must have a handler, and no other can.
///
/// | `#[handlers(Spec, ..)]` | |
/// |---|---|
/// | `delegate = inner` | messages without a handler go to the field `inner`, an actor of the same spec |
/// | `delegate(command = inner)` | messages without a handler that arrive on the spec's field `command` (marked `#[sockets]`) go to the field `inner`, an actor of that spec |
/// | `other = on_other` | the method of this block that is given messages of kinds that the spec does not name, as [`RawMessage`](crate::wire::RawMessage). In its absence they are logged and dropped, for a peer must not stop an actor |
/// | `addons` | messages of kinds that the spec does not name go to the functions that other crates mark [`#[addon(..)]`](macro@crate::addon) for this actor |
/// | `crate = path` | where this library is, if not at `::noob_zmq` |
///
/// "cannot find macro in this scope" means that what is named here is no spec: it must derive [`Sockets`](macro@crate::Sockets), and be
/// imported by its name.
///
/// # A handler
///
/// `#[on_router(MessageType::Status)]` handles the message `Status` of the socket `router`. noob's own messages are named as
/// [`MessageType`](crate::wire::MessageType) names them, others by their type: `#[on_outbox(Subscription)]`. A socket of an odd
/// name is spelled out: `#[noob_zmq::on(r#in, MessageType::Status)]`. A method may have several such attributes if it takes what all of them
/// bring, and a `#[cfg(..)]`.
///
/// - `fn` or `async fn`; `&mut self` or `&self`, which in an `async fn` asks that the actor is `Sync`;
/// - then the message; with a delegate, a handler that takes `&Message` only looks, and the message goes on;
/// - then `context: &`[`Context`](crate::actor::Context), if it needs to know where the message came from;
/// - returns nothing or `Result<(), E>`, where `E` is any error that can go to another thread, or a text. An error is logged, and the actor goes on.
///
/// # Example
///
/// What you write (`ReportSockets` is the example of [`Sockets`](macro@crate::Sockets)):
/// ```
/// # mod spec { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/expansions/sockets.rs")); }
/// # use spec::ReportSockets;
/// # fn main() {}
#[doc = include_str!("../expansions/handlers.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/handlers.expanded.rs")]
/// ```
/// </details>
///
/// # An actor around another
///
/// What you write:
/// ```
/// # fn main() {}
#[doc = include_str!("../expansions/composition.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/composition.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::handlers;

/// Makes a type that serde reads and writes a message with a kind of its own.
///
/// The value of the message is what serde makes of the type, in either [codec](crate::wire::Codec). Sockets receive and send it like
/// noob's messages, and handlers name it by its type: `#[recv(Progress)]`, `#[on_router(Progress)]`.
///
/// | `#[message(..)]` | |
/// |---|---|
/// | `kind = "my_crate.progress"` | its kind on the wire, which both ends must know; in its absence the name of the type, `progress`. noob's own kinds are taken |
/// | `version = 2` | for a form that older programs cannot read: another kind on the wire (`progress@2`), so that one socket may receive both |
/// | `crate = path` | where this library is, if not at `::noob_zmq` |
///
/// What you write:
/// ```
#[doc = include_str!("../expansions/message.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/message.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::Message;

/// Makes a function handle, for an actor of another crate, a kind of message that the actor's spec does not name.
///
/// The actor must take add-ons, as [`CommandNode`](crate::runner::zmq::CommandNode) and [`NodeRunner`](crate::runner::zmq::NodeRunner) do:
/// `#[handlers(.., addons)]`. A program has those of the crates that it is linked with; a crate that is only named in `Cargo.toml` is not
/// linked, hence [`plugins!`](crate::plugins). `noob-zmq handlers` lists them.
///
/// | `#[addon(Actor, ..)]` | |
/// |---|---|
/// | `on_inbox(Heartbeat)` | messages of this type that arrive on the socket `inbox` |
/// | `on_inbox = "heartbeat"` | messages of this kind, as [`RawMessage`](crate::wire::RawMessage) |
/// | `crate = path` | where this library is, if not at `::noob_zmq` |
///
/// The function takes `&mut` the actor, the message, and `context: &`[`Context`](crate::actor::Context) if it needs it; it returns nothing or
/// `Result<(), E>`. It runs in the loop of the actor and is not `async`. Several functions for one kind are all called, in the order of
/// their files.
///
/// What you write:
/// ```
/// # fn main() {}
#[doc = include_str!("../expansions/addon.rs")]
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/addon.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::addon;

/// Links crates whose nodes and add-ons a program wants, and of which it names nothing else.
///
/// Without it, a crate that stands in `Cargo.toml` alone registers nothing.
///
/// What you write:
/// ```
/// noob_zmq::plugins![serde_json];
/// ```
/// What you get:
/// ```
/// use serde_json as _;
/// ```
#[macro_export]
macro_rules! plugins {
    ($($plugin:path),* $(,)?) => { $(use $plugin as _;)* };
}

/// Reads a tube file while the program is compiled, refuses what is wrong with it, and makes typed functions of it.
///
/// The path is seen from the folder of `Cargo.toml`, or else from that of the source file. The text becomes part of the program, which
/// needs no file when it runs, and a change of the file has the program built anew. An error of the compiler names file, line
/// and column in the tube.
///
/// `tube!("sums.yaml")` is an expression; `tube!(pub Sums = "sums.yaml")` stands among items, for tubes whose types must have a name. Either
/// gives a value (called `Sums` here, after `noob_id`), with
///
/// | | |
/// |---|---|
/// | `tube(..)` | the [`Tube`](crate::graph::Tube), for any runner; its arguments are the tube-scoped inputs, in the order of the file |
/// | `runner::<R>(..)` | the same on a runner of its own: [`SyncRunner`](crate::runner::SyncRunner), [`TaskRunner`](crate::runner::TaskRunner), [`ZmqRunner`](crate::runner::ZmqRunner), whatever is [`FromTube`](crate::typed::FromTube) |
/// | `on(runner)` | on a runner that was made of `tube(..)` and set up |
///
/// The latter two give a `SumsRun`, which has `process(..)`, whose arguments are the process-scoped inputs, `run(n)`, if no input must be given
/// with each `process`, and the field `runner`. What they give is a `SumsReturned`:
///
/// | `depends` of the return node | |
/// |---|---|
/// | `a.value` | what `a` says there |
/// | `[a.value, b.value]` | a tuple; of one item, a `Vec` |
/// | `[{x: a.value}, {y: b.value}]` | a struct with a field for each name; `None` where nothing happened |
///
/// The type of an input is that of the first slot or parameter that takes it, or else what the tube declares (`int`, `float`, `str`, `bool`,
/// `bytes`); an input that may be left out is an `Option`. What no type is known of is a [`Value`](crate::graph::Value).
///
/// # What is refused
///
/// Whatever the file alone shows to be wrong: YAML, keys, names, nodes and inputs that are not there, circles. Then, for node types
/// that the compiler sees: types that are not there; slots, signals and parameters that they do not have; what must be fed or set
/// and is not; and signals whose type does not go into the slot, see [`AssignableTo`](crate::typed::AssignableTo). Values of `params` are compared with
/// their types when the tube is loaded, as ever.
///
/// The compiler sees nodes of this crate by their path, in modules that are visible where the macro stands; those of the library,
/// `noob_zmq.text.words`; and what the options name:
///
/// | | |
/// |---|---|
/// | `crates = [other]` | nodes of that crate, by their path |
/// | `nodes = {"sums.divide" => math::divide}` | nodes that were given a name, `#[node(name = "sums.divide")]`, and where they are |
/// | `at_load = ["python"]` | node types of this name, or whose name begins so, are not looked at before the tube is loaded; what they say and take may be anything |
///
/// A node type of none of these is an error. The types of slots behind the first 32 of a node are not compared. What the tube `extends` is read with it;
/// tubes inside the tube (`type: tube`) are not looked at. Both, if they stand in the folder of the tube, become part of the program. Needs the feature `macros`.
///
/// # Example
///
/// The tube:
/// ```yaml
#[doc = include_str!("../expansions/tube.yaml")]
/// ```
/// What you write:
#[cfg_attr(feature = "std-nodes", doc = "```")]
#[cfg_attr(not(feature = "std-nodes"), doc = "```ignore")]
#[doc = include_str!("../expansions/tube.rs")]
/// # fn main() { assert_eq!(words("so it goes").unwrap().unwrap(), ["so", "it", "goes"]) }
/// ```
/// <details><summary>What you get</summary>
///
/// ```ignore
#[doc = include_str!("../expansions/tube.expanded.rs")]
/// ```
/// </details>
#[cfg(feature = "macros")]
pub use noob_zmq_macros::tube;
