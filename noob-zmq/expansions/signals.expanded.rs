struct Sorted {
    fruit: Emit<String>,
    mineral: Emit<String>,
    letters: usize,
}
const _: () = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __noob::Output for Sorted {
        const SIGNALS: ::core::option::Option<&'static [__noob::Signal]> = ::core::option::Option::Some(
            &[
                __noob::Signal::new("fruit", "String")
                    .shape(__noob::ShapeProbe::<String>::shape),
                __noob::Signal::new("mineral", "String")
                    .shape(__noob::ShapeProbe::<String>::shape),
                __noob::Signal::new("letters", "usize")
                    .shape(__noob::ShapeProbe::<usize>::shape),
            ],
        );
        fn emit(
            self,
            __node: &'static __noob::NodeType,
            __outputs: &mut __noob::Outputs,
        ) -> ::core::result::Result<(), __noob::NodeError> {
            <String as __noob::IntoSignal>::emit_on(self.fruit, 0, __node, __outputs)?;
            <String as __noob::IntoSignal>::emit_on(self.mineral, 1, __node, __outputs)?;
            <usize as __noob::IntoSignal>::emit_on(
                ::noob_zmq::graph::Emit::Value(self.letters),
                2,
                __node,
                __outputs,
            )?;
            ::core::result::Result::Ok(())
        }
    }
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __noob::macro_support::types::SignalAt<0> for Sorted {
        type Type = String;
    }
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __noob::macro_support::types::SignalAt<1> for Sorted {
        type Type = String;
    }
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __noob::macro_support::types::SignalAt<2> for Sorted {
        type Type = usize;
    }
};
/// Tells fruit from minerals.
fn sort(thing: String) -> Sorted {
    let letters = thing.len();
    if thing.ends_with("berry") {
        Sorted {
            fruit: Emit::Value(thing),
            mineral: Emit::Nothing,
            letters,
        }
    } else {
        Sorted {
            fruit: Emit::Nothing,
            mineral: Emit::Value(thing),
            letters,
        }
    }
}
#[doc(hidden)]
#[allow(non_upper_case_globals, unreachable_pub)]
pub const __noob_node_sort: &::noob_zmq::node::NodeType = {
    use ::noob_zmq::node as __noob;
    #[allow(unused_imports)]
    use __noob::ShapeFallback as _;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::function(
            "sort",
            ::core::module_path!(),
            ::core::panic::Location::caller(),
            |__call| {
                let __argument_thing = <String as __noob::FromArgument>::required(
                    __call.argument(0),
                )?;
                let __emitted = sort(__argument_thing);
                <Sorted as __noob::Output>::emit_to(__emitted, __call)
            },
        )
        .arguments(
            &[
                __noob::Argument::checked(
                        "thing",
                        "String",
                        <String as __noob::FromArgument>::CHECK,
                    )
                    .shape(__noob::ShapeProbe::<String>::shape),
            ],
        )
        .signals(
            __noob::signals(
                <Sorted as __noob::Output>::SIGNALS,
                &[
                    __noob::Signal::new("value", "Sorted")
                        .shape(__noob::ShapeProbe::<Sorted>::shape),
                ],
            ),
        )
        .doc("Tells fruit from minerals.");
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_NODE
    }
    &NOOB_ZMQ_NODE
};
#[doc(hidden)]
#[allow(non_camel_case_types, unreachable_pub, private_interfaces)]
pub type __noob_node_sort = ::noob_zmq::node::macro_support::types::NodeTypeInfo<
    ::noob_zmq::node::macro_support::types::Arguments<(String,)>,
    ::noob_zmq::node::macro_support::types::Arguments<(String,)>,
    Sorted,
>;
