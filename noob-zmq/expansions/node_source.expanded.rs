/// Counts from `start` up to `limit`.
fn count(start: u64, limit: u64) -> impl Iterator<Item = u64> {
    start..limit
}
const _: () = ::noob_zmq::node::one_signal(<u64 as ::noob_zmq::node::Output>::SIGNALS);
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_count: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::source(
            "count",
            ::core::module_path!(),
            ::core::panic::Location::caller(),
            |__node, __params| {
                __noob::source(
                    __node,
                    __params,
                    |__params| {
                        let __argument_start = <u64 as __noob::FromArgument>::required(
                            __params.argument(0),
                        )?;
                        let __argument_limit = <u64 as __noob::FromArgument>::required(
                            __params.argument(1),
                        )?;
                        ::core::result::Result::Ok(
                            count(__argument_start, __argument_limit),
                        )
                    },
                    |__item, __node, __outputs| <u64 as __noob::Output>::emit(
                        __item,
                        __node,
                        __outputs,
                    ),
                )
            },
        )
        .params(
            &[
                __noob::Argument::checked(
                        "start",
                        "u64",
                        <u64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<u64>::shape),
                __noob::Argument::checked(
                        "limit",
                        "u64",
                        <u64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<u64>::shape),
            ],
        )
        .signals(
            __noob::signals(
                <u64 as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("index", "u64")
                        .shape(__noob::ShapeProbe::<u64>::shape),
                ],
            ),
        )
        .doc("Counts from `start` up to `limit`.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_count = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<()>,
    ::noob_zmq::node::macro_support::types::Arguments<(u64, u64)>,
    u64,
>;
