//! A message of the user's own, on a socket of the user's own, there and back in both codecs.
#![allow(dead_code)]
use noob_zmq::actor::{Pull, Push};
use noob_zmq::graph::Timestamp;
use noob_zmq::wire::{Codec, Envelope, Message as _, RawMessage};
use noob_zmq::{Message, Sockets, handlers};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
#[message(kind = "sky.reading")]
struct Reading {
    place: String,
    degrees: f64,
}

mod second {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, noob_zmq::Message)]
    #[message(kind = "sky.reading", version = 2)]
    pub struct Reading {
        pub place: String,
        pub kelvin: Option<f64>,
    }
}

#[derive(Debug, Serialize, Deserialize, Message)]
enum Verdict {
    Warm,
    Cold(u8),
}

#[derive(Sockets)]
struct StationSockets {
    #[connect]
    #[send(Reading, second::Reading as NewReading)]
    #[peer(OfficeSockets::READINGS)]
    out: Push<Self>,
}

#[derive(Sockets)]
struct OfficeSockets {
    #[bind]
    #[recv(Reading, second::Reading as NewReading, Verdict)]
    #[peer(StationSockets::OUT)]
    readings: Pull,
}

struct Office;

#[handlers(OfficeSockets)]
impl Office {
    #[on_readings(Reading)]
    fn on_reading(&mut self, _: Reading) {}

    #[on_readings(NewReading)]
    fn on_new_reading(&mut self, _: second::Reading) {}

    #[on_readings(Verdict)]
    fn on_verdict(&mut self, _: Verdict) {}
}

#[test]
fn runs() {
    assert_eq!(
        (Reading::KIND, second::Reading::KIND, Verdict::KIND),
        ("sky.reading", "sky.reading@2", "verdict")
    );
    let envelope = Envelope {
        sender: "station",
        timestamp: Timestamp::from_micros(0),
    };
    let reading = Reading {
        place: "Oslo".to_owned(),
        degrees: -3.5,
    };
    for codec in [Codec::Json, Codec::MsgPack] {
        let body = envelope.encode(&reading, codec).unwrap();
        let raw = RawMessage::from_body(body).unwrap();
        assert_eq!(raw.decode::<Reading>().unwrap(), reading);
        match <OfficeSockets as noob_zmq::actor::Sockets>::decode(0, raw).unwrap() {
            OfficeSocketsIncoming::ReadingsReading(read) => assert_eq!(read, reading),
            other => panic!("{other:?}"),
        }
    }
}
