//! Macros for actors: sockets, handlers, messages and add-on handlers.

/// Makes a struct with one field for each socket the spec of an actor.
///
/// The actor holds the struct: each field is a handle to an open socket. The macro derives from the
/// fields and their attributes the names, addresses and identities of the sockets
/// (`CommandSockets::ROUTER`, a [`SocketId`](crate::actor::SocketId)), the enum of all messages
/// that can arrive (`CommandSocketsIncoming`), the [`Sockets`](trait@crate::actor::Sockets) impl,
/// and the spec as data, with a [table](crate::actor::ActorSpec::table) and a
/// [diagram](crate::actor::ActorSpec::mermaid).
///
/// # On the struct: `#[sockets(..)]`
///
/// - `path = "nodes/{id}"`: where its sockets lie below the directory of the runner,
///   `{path}/{socket}`; by default, the name of the struct without `Sockets`.
/// - `identity = "{id}"`: the identity that its sockets send to their peers; by default,
///   `{path with / as .}.{socket}`.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// `{id}` stands for the [id of the actor](crate::actor::Scope), `{socket}` for the name of the
/// field.
///
/// # On a field
///
/// The type is the kind of the socket: `Req`, `Rep`, `Dealer`, `Router`, `Pub`, `Sub`, `XPub`,
/// `XSub`, `Push` or `Pull` of [`actor`](crate::actor).
///
/// - `#[bind]`, `#[bind("path")]`: the socket binds its path when it is opened.
/// - `#[connect("path")]`: the socket connects to that path when it is opened.
/// - `#[connect]`: the socket connects when its method `connect` is called.
/// - `#[recv(Status, other::Status as Other)]`: messages that arrive. Handlers know a message by
///   the last segment of its path, or by the name after `as`.
/// - `#[send(Ping)]`: messages that are sent. The type of the field then names the spec,
///   `Push<Self>`, and a message that is not declared does not compile.
/// - `#[codec(json)]`: the [codec](crate::wire::Codec) of the messages that are sent, for peers in
///   other languages; by default, `msgpack`. A socket receives both.
/// - `#[peer(NodeSockets::DEALER)]`: sockets that it is linked to.
/// - `#[peer(kind = Sub)]`: the kind of a foreign peer, which has no spec.
/// - `#[sockets]`: the field is no socket but a spec, whose sockets are this actor's, too.
///
/// Messages are the types of [`wire`](crate::wire) and any type that is a
/// [`Message`](trait@crate::wire::Message) and `Debug`. The struct must be as visible as the actor,
/// and its messages as visible as the struct.
///
/// # Compile errors
///
/// The macro rejects a socket on which a received message never arrives or a sent one cannot be
/// sent; a link that ZeroMQ does not know (RFC 28 to 30); a message that no peer receives; two
/// messages of one name, or of one kind on the wire, on a socket; two sockets of one name or path.
///
/// # Example
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/sockets.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/sockets.expanded.rs")]
/// ```
/// </details>
///
/// Through the `macro_rules!` at its end, [`handlers`](macro@crate::handlers) reads the spec, from
/// wherever the struct is in scope.
pub use noob_zmq_macros::Sockets;

/// Makes methods of an `impl` block the handlers of the messages that arrive on the sockets of a
/// spec.
///
/// The block stays as it is. In addition, the actor gets an [`Actor`](crate::actor::Actor) impl:
/// one `async fn dispatch` with one `match`, without a box and without an allocation. Every message
/// of the spec must have a handler, and no other message can have one.
///
/// # Options
///
/// The first argument is the spec. After it may come:
///
/// - `delegate = inner`: messages without a handler go to the field `inner`, an actor of the same
///   spec.
/// - `delegate(command = inner)`: messages without a handler that arrive on the spec's field
///   `command` (marked `#[sockets]`) go to the field `inner`, an actor of that spec.
/// - `other = on_other`: the method of this block that receives messages of kinds that the spec
///   does not name, as [`RawMessage`](crate::wire::RawMessage). By default they are logged and
///   dropped, since a peer must not stop an actor.
/// - `addons`: messages of kinds that the spec does not name go to the functions that other crates
///   mark [`#[addon(..)]`](macro@crate::addon) for this actor.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// The error "cannot find macro in this scope" means that the first argument is no spec: it must
/// derive [`Sockets`](macro@crate::Sockets), and be imported by its name.
///
/// # A handler
///
/// `#[on_router(MessageType::Status)]` handles the message `Status` of the socket `router`.
/// Messages of this library are named as [`MessageType`](crate::wire::MessageType) names them,
/// others by their type: `#[on_inbox(Progress)]`. The general form, for a socket whose name is
/// a keyword, is `#[noob_zmq::on(r#in, MessageType::Status)]`. A method may have several such
/// attributes if it takes all of their messages, and a `#[cfg(..)]`.
///
/// A handler
///
/// - is a `fn` or an `async fn`; while an async handler waits, the actor handles nothing else;
/// - takes `&mut self` or `&self`; `&self` in an `async fn` requires that the actor is `Sync`;
/// - then takes the message; where a delegate receives it too, a handler takes `&Message` and only
///   reads, and the message goes on to the delegate in any case. A handler that has the message
///   instead of the delegate says so: `#[on_inbox(MessageType::Events, instead)]`;
/// - then takes `context: &`[`Context`](crate::actor::Context), if it needs the origin of the
///   message;
/// - returns nothing or `Result<(), E>`, where `E` is any error that is `Send`, or a text. An error
///   is logged and passed to [`ActorLoop::on_error`](crate::actor::ActorLoop::on_error), and the
///   actor goes on. In the actors of a run, the caller of the run gets it.
///
/// An actor has one block with handlers; other methods may stand in other blocks.
///
/// # Example
///
/// Source (`ReportSockets` is the example of [`Sockets`](macro@crate::Sockets)):
/// ```
/// # mod spec { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/expansions/sockets.rs")); }
/// # use spec::ReportSockets;
/// # fn main() {}
#[doc = include_str!("../../expansions/handlers.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/handlers.expanded.rs")]
/// ```
/// </details>
///
/// # An actor around another
///
/// Source:
/// ```
/// # fn main() {}
#[doc = include_str!("../../expansions/composition.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/composition.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::handlers;

/// Makes a type that serde reads and writes a message with a kind of its own.
///
/// The value of the message is the serde form of the type, in either [codec](crate::wire::Codec).
/// Sockets receive and send it like the messages of this library, and handlers name it by its type:
/// `#[recv(Progress)]`, `#[on_router(Progress)]`.
///
/// # Options: `#[message(..)]`
///
/// - `kind = "my_crate.progress"`: the kind on the wire, which both ends must know; by default, the
///   name of the type, `progress`. The kinds of this library are taken.
/// - `version = 2`: for a form that older programs cannot read: another kind on the wire
///   (`progress@2`), so that one socket may receive both.
/// - `sender = node_id`: the field, of type [`Name`](crate::graph::Name) and `#[serde(skip)]`, that
///   is set to the sender of the envelope.
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// # Example
///
/// Source:
/// ```
#[doc = include_str!("../../expansions/message.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/message.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::Message;

/// Makes a function handle, for an actor of another crate, a kind of message that the actor's spec
/// does not name.
///
/// The actor must take add-ons, as [`CommandNode`](crate::runner::zmq::CommandNode) and
/// [`NodeRunner`](crate::runner::zmq::NodeRunner) do: `#[handlers(.., addons)]`. A program has the
/// add-ons of the crates that it is linked with; a crate that is only named in `Cargo.toml` is not
/// linked, hence [`plugins!`](crate::plugins). `noob-zmq handlers` lists them.
///
/// # Options
///
/// The first argument is the type of the actor. After it comes one of the first two:
///
/// - `on_inbox(Heartbeat)`: messages of this type that arrive on the socket `inbox`.
/// - `on_inbox = "heartbeat"`: messages of this kind, as [`RawMessage`](crate::wire::RawMessage).
/// - `crate = path`: the path of this library, if not `::noob_zmq`.
///
/// The function takes `&mut` the actor, the message, and
/// `context: &`[`Context`](crate::actor::Context) if it needs it; it returns nothing or
/// `Result<(), E>`. The function runs in the loop of the actor and is not `async`: it must not
/// block. Several functions for one kind are all called, in the order of their files.
///
/// # Example
///
/// Source:
/// ```
/// # fn main() {}
#[doc = include_str!("../../expansions/addon.rs")]
/// ```
/// <details><summary>Expansion</summary>
///
/// ```ignore
#[doc = include_str!("../../expansions/addon.expanded.rs")]
/// ```
/// </details>
pub use noob_zmq_macros::addon;
