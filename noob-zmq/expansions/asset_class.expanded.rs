/// A log file that is finished when the run is.
struct Log {
    file: File,
}
/// A log file.
impl Log {
    fn new(path: PathBuf) -> std::io::Result<Self> {
        File::create(path).map(|file| Self { file })
    }
    fn finish(&mut self) -> std::io::Result<()> {
        self.file.write_all(b"the end\n")
    }
}
const _: () = {
    use ::noob_zmq::node as __noob;
    static NOOB_ZMQ_ASSET: __noob::AssetType = __noob::AssetType::new(
        __noob::NodeType::of_asset(
                "Log",
                ::core::module_path!(),
                ::core::panic::Location::caller(),
            )
            .params(
                &[
                    __noob::Argument::checked(
                            "path",
                            "PathBuf",
                            <PathBuf as __noob::FromArgument>::CHECK,
                        )
                        .shape(__noob::ShapeProbe::<PathBuf>::shape),
                ],
            )
            .doc("A log file."),
        |__params| {
            let __argument_path = <PathBuf as __noob::FromArgument>::required(
                __params.argument(0),
            )?;
            let __object: Log = __noob::wrap_err(<Log>::new(__argument_path))?;
            ::core::result::Result::Ok(__noob::AssetType::made(__object))
        },
        |__object| __noob::AssetType::closed::<
            Log,
        >(__object, |__object| { __noob::wrap_err(<Log>::finish(__object)) }),
        &::noob_zmq::graph::ObjectCodec::local(),
    );
    ::noob_zmq::__private::inventory::submit! {
        & NOOB_ZMQ_ASSET
    }
};
