/// Divides `left` by `right`, which is 2 unless it is said otherwise.
fn divide(left: i64, right: i64, note: Option<String>) -> Result<i64, String> {
    let note = note.unwrap_or_default();
    left.checked_div(right)
        .ok_or_else(|| format!("{left} / {right} has no result {note}"))
}
const _: () = ::noob_zmq::node::one_signal(<i64 as ::noob_zmq::node::Output>::SIGNALS);
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_divide: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::function(
            "divide",
            ::core::module_path!(),
            ::core::panic::Location::caller(),
            |__call| {
                let __argument_left = <i64 as __noob::FromArgument>::required(
                    __call.argument(0),
                )?;
                let __argument_right = <i64 as __noob::FromArgument>::or(
                    __call.argument(1),
                    || 2,
                )?;
                let __argument_note = <String as __noob::FromArgument>::optional(
                    __call.argument(2),
                )?;
                let __emitted = ::core::result::Result::map_err(
                    divide(__argument_left, __argument_right, __argument_note),
                    |__error| <String as __noob::IntoNodeError>::into_node_error(__error),
                )?;
                <i64 as __noob::Output>::emit_to(__emitted, __call)
            },
        )
        .arguments(
            &[
                __noob::Argument::checked(
                        "left",
                        "i64",
                        <i64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<i64>::shape),
                __noob::Argument::checked(
                        "right",
                        "i64",
                        <i64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<i64>::shape)
                    .default("2"),
                __noob::Argument::checked(
                        "note",
                        "String",
                        <String as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<String>::shape)
                    .optional(),
            ],
        )
        .signals(
            __noob::signals(
                <i64 as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("quotient", "i64")
                        .shape(__noob::ShapeProbe::<i64>::shape),
                ],
            ),
        )
        .named("sums.divide")
        .doc("Divides `left` by `right`, which is 2 unless it is said otherwise.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_divide = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(i64, i64, String)>,
    ::noob_zmq::node::macro_support::types::Arguments<(i64, i64, String)>,
    i64,
>;
