struct Total {
    sum: i64,
}
/// The sum of all that came.
impl Total {
    fn new() -> Self {
        Self { sum: 0 }
    }
    fn add(&mut self, value: i64) -> i64 {
        self.sum += value;
        self.sum
    }
    fn save(&self) -> i64 {
        self.sum
    }
    fn load(&mut self, sum: i64) {
        self.sum = sum;
    }
}
const _: () = {
    use ::noob_zmq::node as __noob;
    impl __noob::Class for Total {
        fn make(
            __params: &__noob::Params<'_>,
        ) -> ::core::result::Result<Self, __noob::NodeError> {
            ::core::result::Result::Ok(Self::new())
        }
        fn process(
            &mut self,
            __call: &mut __noob::Call<'_>,
        ) -> ::core::result::Result<(), __noob::NodeError> {
            let __argument_value = <i64 as __noob::FromArgument>::required(
                __call.argument(0),
            )?;
            let __emitted = Self::add(self, __argument_value);
            <i64 as __noob::Output>::emit_to(__emitted, __call)
        }
        fn snapshot(
            &self,
        ) -> ::core::result::Result<
            ::core::option::Option<::noob_zmq::graph::Value>,
            __noob::NodeError,
        > {
            let __state: i64 = Self::save(self);
            <i64 as __noob::IntoSignal>::snapshot_value(__state)
        }
        fn restore(
            &mut self,
            __state: &::noob_zmq::graph::Value,
        ) -> ::core::result::Result<(), __noob::NodeError> {
            let __argument_sum = <i64 as __noob::FromArgument>::from_snapshot(__state)?;
            Self::load(self, __argument_sum);
            ::core::result::Result::Ok(())
        }
    }
};
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_Total: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::class::<
        Total,
    >("Total", ::core::module_path!(), ::core::panic::Location::caller())
        .slots(
            &[
                __noob::Argument::checked(
                        "value",
                        "i64",
                        <i64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<i64>::shape),
            ],
        )
        .signals(
            __noob::signals(
                <i64 as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("value", "i64")
                        .shape(__noob::ShapeProbe::<i64>::shape),
                ],
            ),
        )
        .restorable()
        .doc("The sum of all that came.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_Total = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(i64,)>,
    ::noob_zmq::node::macro_support::types::Arguments<()>,
    i64,
>;
