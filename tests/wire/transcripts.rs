//! Every frame of captured sessions is read, and what noob would read is written again, byte for byte.

use std::{fs, path::Path};

use crate::lines::{Direction, Line, lines};
use noob_zmq::wire::{
    Announce, Codec, Deinit, Envelope, EpochEnded, Events, Failure, Framing, Identify, Message,
    Ping, Process, RawMessage, Start, Status, Stop, Subscription, WireError,
};

/// Reads the message and writes it again.
fn again<M: Message>(raw: &RawMessage) -> Result<String, WireError> {
    let timestamp = raw.timestamp().expect("noob always writes a timestamp");
    let body = Envelope {
        sender: raw.sender(),
        timestamp,
    }
    .encode(&raw.decode::<M>()?, Codec::Json)?;
    Ok(String::from_utf8(body.to_vec()).expect("JSON is UTF-8"))
}

fn again_as_its_kind(raw: &RawMessage) -> Result<String, WireError> {
    match raw.kind() {
        "announce" => again::<Announce>(raw),
        "identify" => again::<Identify>(raw),
        "status" => again::<Status>(raw),
        "error" => again::<Failure>(raw),
        "event" => again::<Events>(raw),
        "ping" => again::<Ping>(raw),
        "process" => again::<Process>(raw),
        "start" => again::<Start>(raw),
        "stop" => again::<Stop>(raw),
        "deinit" => again::<Deinit>(raw),
        "epoch_ended" => again::<EpochEnded>(raw),
        other => panic!("noob never sends `{other}`"),
    }
}

/// How the frames of a line are put, by the socket that recorded it.
fn framing(line: &Line) -> Framing {
    match (line.socket_type.as_str(), line.direction) {
        ("SUB", _) | ("XPUB", Direction::Send) => Framing::Topic,
        ("XPUB", Direction::Recv) => Framing::Subscription,
        ("ROUTER", _) => Framing::Identity,
        ("DEALER", _) => Framing::Body,
        (other, _) => panic!("noob has no {other} socket"),
    }
}

/// Compares as JSON where the bytes differ: peers that are not noob put spaces elsewhere.
fn same(written: &str, captured: &str) -> bool {
    let parse = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    written == captured || (captured.contains("\": ") && parse(written) == parse(captured))
}

fn check(line: &Line, place: &str) {
    let framing = framing(line);
    let raw = RawMessage::parse(line.frames.clone(), framing)
        .unwrap_or_else(|error| panic!("{place}: {error}"));
    match framing {
        Framing::Topic => assert_eq!(
            raw.topic(),
            raw.kind(),
            "{place}: noob's topic is the kind of the message"
        ),
        Framing::Identity => assert_eq!(
            raw.peer().map(|peer| &peer[..]),
            Some(raw.sender().as_bytes()),
            "{place}"
        ),
        Framing::Body => assert_eq!(&**raw.sender(), line.process, "{place}"),
        Framing::Subscription => {
            let subscription: Subscription = raw
                .decode()
                .unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(
                subscription.topic.is_empty() || subscription.subscriber().is_some(),
                "{place}: {subscription:?}"
            );
            return;
        }
    }
    let captured = line.frames.last().expect("a message has a body");
    let captured = std::str::from_utf8(captured).expect("JSON is UTF-8");
    let written =
        again_as_its_kind(&raw).unwrap_or_else(|error| panic!("{place}: {error}\n{captured}"));
    assert!(
        same(&written, captured),
        "{place}\nwritten  {written}\ncaptured {captured}"
    );
}

/// Checks every session in a directory, and gives the number of frames.
fn check_all(directory: &Path) -> usize {
    let entries =
        fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("can be listed").path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "jsonl")
    });
    paths.sort();
    let mut count = 0;
    for path in paths {
        for (number, line) in lines(&path) {
            check(&line, &format!("{}:{number}", path.display()));
            count += 1;
        }
    }
    count
}

#[test]
fn captured_sessions_are_read_and_written_again_byte_for_byte() {
    let count = check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("wire/captured"));
    assert!(count > 800, "only {count} messages");
}

/// `NOOB_TRANSCRIPTS_DIR` may name a directory with more of them.
#[test]
fn further_sessions_are_read_and_written_again() {
    if let Some(directory) = std::env::var_os("NOOB_TRANSCRIPTS_DIR") {
        let count = check_all(Path::new(&directory));
        println!("{count} messages of further sessions");
        assert!(count > 0);
    }
}

/// One pass over all kinds, so that a capture that lost a kind does not go unseen.
#[test]
fn the_captured_sessions_hold_every_kind_that_noob_sends() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("wire/captured");
    let mut kinds = std::collections::BTreeSet::new();
    for entry in fs::read_dir(&directory).expect("can be listed") {
        for (_, line) in lines(&entry.expect("can be listed").path()) {
            let raw =
                RawMessage::parse(line.frames.clone(), framing(&line)).expect("has an envelope");
            kinds.insert(raw.kind().to_owned());
        }
    }
    let expected = [
        "announce",
        "deinit",
        "epoch_ended",
        "error",
        "event",
        "identify",
        "process",
        "start",
        "status",
        "stop",
    ];
    assert!(
        expected.iter().all(|kind| kinds.contains(*kind)),
        "{kinds:?}"
    );
    assert!(kinds.contains("subscription"), "{kinds:?}");
}
