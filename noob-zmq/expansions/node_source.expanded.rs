/// Counts from `start` up to `limit`.
fn count(start: u64, limit: u64) -> impl Iterator<Item = u64> {
    start..limit
}
const _: () = {
    use ::noob_zmq::node as __noob;
    static NOOB_ZMQ_NODE: __noob::NodeType = __noob::NodeType::source(
            "count",
            ::core::module_path!(),
            __noob::Location::here(),
            |node, params| {
                __noob::source::<
                    _,
                    _,
                    _,
                    u64,
                >(
                    node,
                    params,
                    |params| {
                        let start = params.param::<u64>(0)?;
                        let limit = params.param::<u64>(1)?;
                        ::core::result::Result::Ok(count(start, limit))
                    },
                    ::core::result::Result::Ok,
                )
            },
        )
        .params(
            &[
                __noob::Argument::new::<u64>("start", "u64"),
                __noob::Argument::new::<u64>("limit", "u64"),
            ],
        )
        .signals(__noob::one_signal::<u64>(&[__noob::Signal::new("index", "u64")]))
        .doc("Counts from `start` up to `limit`.");
    ::noob_zmq::__private::inventory::submit! {
        __noob::Registered(& NOOB_ZMQ_NODE)
    }
};
