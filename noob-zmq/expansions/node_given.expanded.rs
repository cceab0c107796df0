/// A line for a log: the epoch, the node of the text, the text, and all other values.
fn line(
    text: String,
    epoch: Epoch,
    events: &EventMap,
    others: BTreeMap<String, f64>,
) -> String {
    let by = events.get("text").map(|event| event.node_id.to_string());
    format!("{epoch} {}: {text} {others:?}", by.unwrap_or_default())
}
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_line: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::function(
            "line",
            ::core::module_path!(),
            ::core::panic::Location::caller(),
            |__call| {
                let __argument_text = <String as __noob::FromArgument>::required(
                    __call.argument(0),
                )?;
                let __argument_epoch = ::core::clone::Clone::clone(__call.epoch());
                let __argument_events = &__call.events();
                let __argument_others = __call.rest::<BTreeMap<String, f64>>()?;
                let __emitted = line(
                    __argument_text,
                    __argument_epoch,
                    __argument_events,
                    __argument_others,
                );
                <String as __noob::Output>::emit_to(__emitted, __call)
            },
        )
        .arguments(
            &[
                __noob::Argument::checked(
                        "text",
                        "String",
                        <String as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<String>::shape),
            ],
        )
        .more_arguments(
            &__noob::Argument::rest::<BTreeMap<String, f64>>("others", "f64")
                .shape(__noob::ShapeProbe::<f64>::shape),
        )
        .events()
        .signals(
            __noob::signals(
                <String as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("value", "String")
                        .shape(__noob::ShapeProbe::<String>::shape),
                ],
            ),
        )
        .doc(
            "A line for a log: the epoch, the node of the text, the text, and all other values.",
        );
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_line = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(String,), BTreeMap<String, f64>>,
    ::noob_zmq::node::macro_support::types::Arguments<(String,), BTreeMap<String, f64>>,
    String,
>;
