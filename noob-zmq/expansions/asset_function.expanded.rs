/// Number of sightings of each bird.
fn sightings(known: Vec<String>) -> HashMap<String, u64> {
    known.into_iter().map(|bird| (bird, 0)).collect()
}
const _: () = {
    use ::noob_zmq::node as __noob;
    static NOOB_ZMQ_ASSET: __noob::AssetType = __noob::AssetType::new(
        __noob::NodeType::of_asset(
                "sightings",
                ::core::module_path!(),
                ::core::panic::Location::caller(),
            )
            .params(
                &[
                    __noob::Argument::checked(
                            "known",
                            "Vec<String>",
                            <Vec<String> as __noob::FromArgument>::CHECK,
                        )
                        .shape(__noob::ShapeProbe::<Vec<String>>::shape)
                        .default("Default::default()"),
                ],
            )
            .named("birds.sightings")
            .doc("Number of sightings of each bird."),
        |__params| {
            let __argument_known = <Vec<
                String,
            > as __noob::FromArgument>::or(
                __params.argument(0),
                ::core::default::Default::default,
            )?;
            let __object: HashMap<String, u64> = sightings(__argument_known);
            ::core::result::Result::Ok(__noob::AssetType::made(__object))
        },
        |_| ::core::result::Result::Ok(()),
        &<HashMap<String, u64> as ::noob_zmq::graph::Transferable>::CODEC,
    );
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_ASSET
    }
};
