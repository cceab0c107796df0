use noob_zmq::runner::SyncRunner;
use noob_zmq::tube;
use noob_zmq::typed::TypedError;

tube!(pub Words = "expansions/tube.yaml");

pub fn words(text: &str) -> Result<Option<Vec<String>>, TypedError> {
    Words.runner::<SyncRunner>()?.process(text.into())
}
