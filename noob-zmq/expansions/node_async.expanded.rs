/// The first line that a server says.
async fn greeting(address: String) -> std::io::Result<String> {
    let _ = address;
    Ok(String::from("hello"))
}
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_greeting: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::function(
            "greeting",
            ::core::module_path!(),
            ::core::panic::Location::caller(),
            |__call| {
                let __argument_address = <String as __noob::FromArgument>::required(
                    __call.argument(0),
                )?;
                let __emitted = __noob::wrap_err(
                    __noob::block_on(greeting(__argument_address))?,
                )?;
                <String as __noob::Output>::emit_to(__emitted, __call)
            },
        )
        .arguments(
            &[
                __noob::Argument::checked(
                        "address",
                        "String",
                        <String as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<String>::shape),
            ],
        )
        .signals(
            __noob::signals(
                <String as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("value", "String")
                        .shape(__noob::ShapeProbe::<String>::shape),
                ],
            ),
        )
        .doc("The first line that a server says.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_greeting = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(String,)>,
    ::noob_zmq::node::macro_support::types::Arguments<(String,)>,
    String,
>;
