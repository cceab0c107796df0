//! The JSON that peers in other languages read and write.

use serde_json::json;

use super::*;

fn body<M: Message>(message: &M) -> String {
    let body = SENT.encode(message, Codec::Json).expect("can be written");
    String::from_utf8(body.to_vec()).expect("JSON is UTF-8")
}

#[test]
fn a_body_is_one_object_in_a_fixed_order() {
    let epoch = Epoch::root(0).child("m", 2);
    assert_eq!(
        body(&Events(vec![event(Value::from("é"), epoch)])),
        concat!(
            r#"{"type":"event","node_id":"a","timestamp":"2024-01-01T00:00:00Z","value":["#,
            r#"{"id":18446744073709551615,"timestamp":"2024-01-01T00:00:00.000001Z","#,
            r#""node_id":"a","signal":"s","epoch":[0,["m",2]],"value":"é"}]}"#
        )
    );
    assert_eq!(
        body(&Process::new(Some(Epoch::root(4)), None)),
        concat!(
            r#"{"type":"process","node_id":"a","timestamp":"2024-01-01T00:00:00Z","#,
            r#""value":{"epoch":4,"input":null}}"#
        )
    );
}

#[test]
fn values_without_a_json_form_are_maps_of_one_key() {
    let tensor = crate::graph::Tensor {
        dtype: "|u1".into(),
        shape: [2].into(),
        data: Bytes::from_static(b"\x01\xff"),
    };
    for (value, expected) in [
        (Emit::Nothing, json!({ "$emit": "nothing" })),
        (Emit::Exhausted, json!({ "$emit": "exhausted" })),
        (Value::Float(f64::NAN).into(), json!({ "$float": "NaN" })),
        (
            Value::Bytes(Bytes::from_static(b"\x00\xff")).into(),
            json!({ "$bytes": "00ff" }),
        ),
        (
            Value::BigInt("9".repeat(30).into()).into(),
            json!({ "$int": "9".repeat(30) }),
        ),
        (
            Value::from(tensor).into(),
            json!({ "$tensor": { "dtype": "|u1", "shape": [2], "data": { "$bytes": "01ff" } } }),
        ),
    ] {
        let body = body(&Events(vec![event(value, Epoch::root(0))]));
        let body: serde_json::Value = serde_json::from_str(&body).expect("is JSON");
        assert_eq!(body["value"][0]["value"], expected);
    }
}

#[test]
fn a_body_of_another_program_is_read() {
    let raw = received(
        "\n {\"value\": {\"epoch\": [7, [\"m\", 1]], \"input\": {\"x\": 1.5}}, \"more\": [],
            \"node_id\": \"script\", \"type\": \"process\"}\n",
    );
    assert_eq!((&**raw.sender(), raw.timestamp()), ("script", None));
    let process: Process = raw.decode().expect("can be read");
    assert_eq!(process.epoch, Some(Epoch::root(7).child("m", 1)));
    let input = process.input.expect("has inputs");
    assert_eq!(input.get("x"), Some(&Value::Float(1.5)));
    assert!(
        received(r#"{"type":"ping","node_id":"a"}"#)
            .decode::<Ping>()
            .is_ok()
    );
}

#[test]
fn a_body_that_is_not_a_message_is_rejected() {
    for (body, expected) in [
        (
            "{\n\"type\": ping}",
            "the body cannot be read as JSON: expected value, at byte 11",
        ),
        ("[1]", "the envelope of the message: "),
        (r#"{"node_id":"a"}"#, "missing field `type`"),
        (r#"{"type":"ping"}"#, "missing field `node_id`"),
        (
            r#"{"type":"ping","node_id":7}"#,
            "invalid type: integer `7`, expected a string",
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":"monday"}"#,
            "`monday` is not a moment, as in `2024-01-31T23:59:59.5Z`",
        ),
        (
            r#"{"type":"ping","node_id":"a"} x"#,
            "trailing characters, at byte 31",
        ),
        ("\u{feff}{}", "cannot be read as JSON"),
        (
            "",
            "cannot be read as JSON: EOF while parsing a value, at byte 0",
        ),
    ] {
        let error = RawMessage::from_body(body.into())
            .expect_err("is rejected")
            .to_string();
        assert!(error.contains(expected), "{body}: {error}");
    }
    let latin = RawMessage::from_body(b"{\"type\":\"\xe9\"}"[..].into());
    assert!(matches!(
        latin,
        Err(WireError::Syntax {
            codec: Codec::Json,
            ..
        })
    ));
}

#[test]
fn a_moment_outside_the_calendar_is_not_written() {
    let envelope = Envelope {
        timestamp: Timestamp::from_micros(i64::MAX),
        ..SENT
    };
    let error = envelope.encode(&Ping, Codec::Json).unwrap_err().to_string();
    assert!(error.contains("outside the years -9999 to 9999"), "{error}");
    assert!(envelope.encode(&Ping, Codec::MsgPack).is_ok());
}
