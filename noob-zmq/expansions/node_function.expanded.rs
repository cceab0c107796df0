/// Divides `left` by `right`, which is 2 unless it is said otherwise.
fn divide(left: i64, right: i64, note: Option<String>) -> Result<i64, String> {
    let note = note.unwrap_or_default();
    left.checked_div(right)
        .ok_or_else(|| format!("{left} / {right} has no result {note}"))
}
const _: () = ::noob_zmq::node::one_signal::<i64>();
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_divide: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::Guess as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::function(
            "divide",
            ::core::module_path!(),
            __noob::Location::here(),
            |call| {
                let left = call.slot::<i64>(0)?;
                let right = call.slot_or::<i64>(1, || 2)?;
                let note = call.slot_optional::<String>(2)?;
                let said = __noob::wrap_err::<_, String>(divide(left, right, note))?;
                call.say::<i64>(said)
            },
        )
        .arguments(
            &[
                __noob::Argument::new::<i64>("left", "i64")
                    .shape(__noob::Probe::<i64>::shape),
                __noob::Argument::new::<i64>("right", "i64")
                    .shape(__noob::Probe::<i64>::shape)
                    .default("2"),
                __noob::Argument::new::<String>("note", "String")
                    .shape(__noob::Probe::<String>::shape)
                    .optional(),
            ],
        )
        .signals(
            __noob::signals::<
                i64,
            >(
                &[
                    __noob::Signal::new("quotient", "i64")
                        .shape(__noob::Probe::<i64>::shape),
                ],
            ),
        )
        .named("sums.divide")
        .doc("Divides `left` by `right`, which is 2 unless it is said otherwise.");
    ::noob_zmq::__private::inventory::submit! {
        __noob::Registered(& NOOB_ZMQ_NODE)
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_divide = ::noob_zmq::node::known::Known<
    ::noob_zmq::node::known::Arguments<(i64, i64, String)>,
    ::noob_zmq::node::known::Arguments<(i64, i64, String)>,
    i64,
>;
