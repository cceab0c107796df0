//! The codec of a socket: JSON for peers in other languages.

use noob_zmq::actor::{Actor, Pull, Push, Sub, XPub};
use noob_zmq::wire::{Codec, MessageType, Ping, RawMessage};
use noob_zmq::{Sockets, handlers};
use serde_json::{Value, json};

use super::Place;
use super::links::{Note, until};

#[derive(Sockets)]
struct StationSockets {
    #[bind("progress")]
    #[send(Note)]
    #[codec(json)]
    #[peer(kind = Sub)]
    progress: XPub<Self>,
    #[bind("notes")]
    #[recv(Note)]
    notes: Pull,
}

struct Station {
    sockets: StationSockets,
    notes: Vec<Note>,
}

#[handlers(StationSockets)]
impl Station {
    #[on_notes(Note)]
    fn on_note(&mut self, note: Note) {
        self.notes.push(note);
    }
}

/// The sockets of a program that knows the messages of the station as JSON only.
#[derive(Sockets)]
struct ScriptSockets {
    #[connect("progress")]
    #[recv(Ping)]
    progress: Sub,
    #[connect("notes")]
    #[send(Note)]
    #[codec(json)]
    notes: Push<Self>,
}

struct Script {
    sockets: ScriptSockets,
    received: Vec<RawMessage>,
}

#[handlers(ScriptSockets, other = on_other)]
impl Script {
    #[on_progress(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {}

    fn on_other(&mut self, message: RawMessage) {
        self.received.push(message);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_sockets_send_json_and_all_sockets_receive_it() {
    let place = Place::new();
    let make = |sockets| Station {
        sockets,
        notes: Vec::new(),
    };
    let station = Station::run(place.scope("station"), make).await.unwrap();
    let make = |sockets| Script {
        sockets,
        received: Vec::new(),
    };
    let script = Script::run(place.scope("script"), make).await.unwrap();

    let publish = |n| {
        let send = move |station: &mut Station| {
            station.sockets.progress.send(&Note(n)).unwrap();
        };
        station.tell(send).unwrap();
    };
    let received = || async { script.ask(|script| script.received.len()).await.unwrap() > 0 };
    until(true, publish, received).await;
    let raw = script
        .ask(|script| script.received[0].clone())
        .await
        .unwrap();
    assert_eq!((raw.codec(), &raw.topic()[..]), (Codec::Json, &b"note"[..]));
    let mut body: Value = serde_json::from_slice(raw.body()).expect("the bytes are JSON");
    let timestamp = body["timestamp"].take();
    assert!(
        timestamp.as_str().is_some_and(|text| text.ends_with('Z')),
        "{timestamp}"
    );
    let expected = json!({ "type": "note", "node_id": "station", "timestamp": null, "value": 1 });
    assert_eq!(body, expected);

    let send = |script: &mut Script| script.sockets.notes.send(&Note(7)).unwrap();
    script.tell(send).unwrap();
    let received = || async {
        !station
            .ask(|station| station.notes.is_empty())
            .await
            .unwrap()
    };
    until(false, |_| (), received).await;
    let note = station
        .ask(|station| station.notes.remove(0))
        .await
        .unwrap();
    assert_eq!(note.0, 7);
    script.stop().await.unwrap();
    station.stop().await.unwrap();
}

/// A table of sockets shows the codec where it is not the usual one.
#[test]
fn the_protocol_table_shows_the_json_codec() {
    use noob_zmq::actor::Sockets as _;
    let table = StationSockets::SPEC.table();
    assert!(table.contains("| `note` in JSON |"), "{table}");
    assert!(!ScriptSockets::SPEC.sockets[0].codec.eq(&Codec::Json));
}
