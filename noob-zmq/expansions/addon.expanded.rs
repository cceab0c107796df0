/// A node is well.
struct Heartbeat {
    beats: u64,
}
#[automatically_derived]
#[diagnostic::do_not_recommend]
impl ::noob_zmq::wire::Message for Heartbeat {
    const KIND: &'static str = "heartbeat";
    fn encode(
        &self,
        __writer: &mut ::noob_zmq::wire::Writer,
    ) -> ::core::result::Result<(), ::noob_zmq::wire::WireError> {
        <Heartbeat as ::noob_zmq::wire::Body>::write(self, __writer)
    }
    fn decode(
        __raw: &::noob_zmq::wire::RawMessage,
    ) -> ::core::result::Result<Self, ::noob_zmq::wire::WireError> {
        <Heartbeat as ::noob_zmq::wire::Body>::read(__raw)
    }
}
/// Says so.
fn on_heartbeat(_command: &mut CommandNode, heartbeat: Heartbeat) {
    println!("{} beats", heartbeat.beats);
}
const _: () = {
    const KIND: &str = <Heartbeat as ::noob_zmq::wire::Message>::KIND;
    const _: () = ::noob_zmq::__private::takes_addons(
        <CommandNode as ::noob_zmq::actor::Actor>::ADDONS,
        "CommandNode",
    );
    const _: () = ::noob_zmq::__private::addon_socket_receives(
        <<CommandNode as ::noob_zmq::actor::Actor>::Sockets as ::noob_zmq::actor::Sockets>::SPEC,
        "router",
    );
    const _: () = ::noob_zmq::__private::addon_kind_is_free(
        <<CommandNode as ::noob_zmq::actor::Actor>::Sockets as ::noob_zmq::actor::Sockets>::SPEC,
        "router",
        KIND,
    );
    ::noob_zmq::__private::inventory::submit! {
        ::noob_zmq::actor::Addon::new(::core::any::TypeId::of:: < CommandNode >,
        "CommandNode", "router", KIND, "on_heartbeat",
        ::noob_zmq::actor::SourceLocation::new(::core::module_path!(), ::core::file!(),
        ::core::line!()), | __actor, __message, __context | match __actor.downcast_mut::
        < CommandNode > () { ::core::option::Option::Some(__actor) => {
        ::noob_zmq::actor::IntoOutcome::into_outcome(on_heartbeat(__actor, < Heartbeat as
        ::noob_zmq::wire::Message > ::decode(__message)
        .map_err(::noob_zmq::actor::HandlerError::new) ?)) } ::core::option::Option::None
        => ::noob_zmq::actor::drop_unhandled(__message, __context), },)
    }
};
