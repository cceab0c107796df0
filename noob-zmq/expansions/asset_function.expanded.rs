/// What was seen, and how often.
fn sightings(known: Vec<String>) -> HashMap<String, u64> {
    known.into_iter().map(|bird| (bird, 0)).collect()
}
const _: () = {
    use ::noob_zmq::node as __noob;
    static NOOB_ZMQ_ASSET: __noob::AssetType = __noob::AssetType::new(
        __noob::NodeType::of_asset(
                "sightings",
                ::core::module_path!(),
                __noob::Location::here(),
            )
            .params(
                &[
                    __noob::Argument::new::<Vec<String>>("known", "Vec<String>")
                        .shape(__noob::Probe::<Vec<String>>::shape)
                        .default("Default::default()"),
                ],
            )
            .named("birds.sightings")
            .doc("What was seen, and how often."),
        |params| {
            let known = params
                .param_or::<Vec<String>>(0, ::core::default::Default::default)?;
            let object: HashMap<String, u64> = sightings(known);
            ::core::result::Result::Ok(__noob::AssetType::made(object))
        },
        |_| ::core::result::Result::Ok(()),
        &::noob_zmq::graph::Form::portable::<HashMap<String, u64>>(),
    );
    ::noob_zmq::__private::inventory::submit! {
        __noob::RegisteredAsset(& NOOB_ZMQ_ASSET)
    }
};
