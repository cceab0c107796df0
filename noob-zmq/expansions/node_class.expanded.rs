struct Volume {
    height: i64,
    calls: u64,
}
/// The volume of boxes of one height.
impl Volume {
    fn new(height: i64) -> Self {
        Self { height, calls: 0 }
    }
    fn volume(&mut self, width: i64, depth: i64) -> i64 {
        self.calls += 1;
        width * depth * self.height
    }
    fn tell(&self) {
        println!("{} volumes", self.calls);
    }
}
const _: () = {
    use ::noob_zmq::node as __noob;
    impl __noob::Class for Volume {
        fn make(
            __params: &__noob::Params<'_>,
        ) -> ::core::result::Result<Self, __noob::NodeError> {
            let __argument_height = <i64 as __noob::FromArgument>::or(
                __params.argument(0),
                || 1,
            )?;
            ::core::result::Result::Ok(Self::new(__argument_height))
        }
        fn process(
            &mut self,
            __call: &mut __noob::Call<'_>,
        ) -> ::core::result::Result<(), __noob::NodeError> {
            let __argument_width = <i64 as __noob::FromArgument>::required(
                __call.argument(0),
            )?;
            let __argument_depth = <i64 as __noob::FromArgument>::required(
                __call.argument(1),
            )?;
            let __emitted = Self::volume(self, __argument_width, __argument_depth);
            <i64 as __noob::Output>::emit_to(__emitted, __call)
        }
        fn deinit(&mut self) -> ::core::result::Result<(), __noob::NodeError> {
            Self::tell(self);
            ::core::result::Result::Ok(())
        }
    }
};
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_Volume: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::class::<
        Volume,
    >("Volume", ::core::module_path!(), ::core::panic::Location::caller())
        .params(
            &[
                __noob::Argument::checked(
                        "height",
                        "i64",
                        <i64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<i64>::shape)
                    .default("1"),
            ],
        )
        .slots(
            &[
                __noob::Argument::checked(
                        "width",
                        "i64",
                        <i64 as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<i64>::shape),
                __noob::Argument::checked(
                        "depth",
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
        .doc("The volume of boxes of one height.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_Volume = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(i64, i64)>,
    ::noob_zmq::node::macro_support::types::Arguments<(i64,)>,
    i64,
>;
