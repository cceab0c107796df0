/// Progress of a run.
#[message(kind = "reports.progress", version = 2)]
struct Progress {
    done: u64,
    of: Option<u64>,
}
#[automatically_derived]
#[diagnostic::do_not_recommend]
impl ::noob_zmq::wire::Message for Progress {
    const KIND: &'static str = "reports.progress@2";
    fn encode(
        &self,
        __writer: &mut ::noob_zmq::wire::Writer,
    ) -> ::core::result::Result<(), ::noob_zmq::wire::WireError> {
        <Progress as ::noob_zmq::wire::Body>::write(self, __writer)
    }
    fn decode(
        __raw: &::noob_zmq::wire::RawMessage,
    ) -> ::core::result::Result<Self, ::noob_zmq::wire::WireError> {
        <Progress as ::noob_zmq::wire::Body>::read(__raw)
    }
}
