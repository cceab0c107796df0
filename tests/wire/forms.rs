//! Which forms of messages are taken and which are refused: what noob 1003.0.2 (`Message.from_bytes`) answered to each.

use std::{fs::OpenOptions, io::Write};

use noob_zmq::{
    graph::{Bytes, Emit, Event, Value},
    wire::{
        Announce, Cause, Deinit, EpochEnded, Events, Failure, Framing, Identify, Init, Message,
        Ping, Process, RawMessage, Spec, Start, Status, Stop, WireError,
    },
};

fn decode<M: Message>(body: &str) -> Result<M, WireError> {
    RawMessage::parse(vec![Bytes::copy_from_slice(body.as_bytes())], Framing::Body)?.decode()
}

/// The body of a message of this kind with this value.
fn body(kind: &str, value: &str) -> String {
    format!(r#"{{"type":"{kind}","node_id":"a","value":{value}}}"#)
}

/// `Ok`: what is read, as text; `Err`: what the error says, in part.
type Answer = Result<&'static str, &'static str>;

fn check<M: Message>(body: &str, answer: Answer, show: impl Fn(M) -> String) {
    note(body, answer.is_ok());
    check_ours(body, answer, show);
}

/// Writes down, if `NOOB_FORMS` names a file, what noob is said to answer, so that `ask.py` can ask it.
fn note(body: &str, taken: bool) {
    if let Some(path) = std::env::var_os("NOOB_FORMS") {
        let line = serde_json::json!({ "body": body, "taken": taken });
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("can be written");
        file.write_all(format!("{line}\n").as_bytes())
            .expect("can be written");
    }
}

/// Where we answer otherwise than noob: it opens pickles, and does not know our reports.
fn check_ours<M: Message>(body: &str, answer: Answer, show: impl Fn(M) -> String) {
    match (decode::<M>(body), answer) {
        (Ok(message), Ok(text)) => assert_eq!(show(message), text, "{body}"),
        (Err(error), Err(text)) => {
            let error = error.to_string();
            assert!(error.contains(text), "{body}\nsays {error}\nnot  {text}");
            assert!(!error.contains("invalid"), "{error}");
        }
        (Ok(message), Err(text)) => panic!(
            "{body}\nis read as {}, but noob refuses it ({text})",
            show(message)
        ),
        (Err(error), Ok(text)) => panic!("{body}\nis refused ({error}), but noob reads {text}"),
    }
}

#[test]
fn epochs() {
    const NUMBER: &str = "an integer from 0 to 4294967295";
    let table: &[(&str, Answer)] = &[
        ("3", Ok("3")),
        ("true", Ok("1")),
        ("false", Ok("0")),
        (r#""3""#, Ok("3")),
        (r#""3.0""#, Ok("3")),
        (r#""3.00""#, Ok("3")),
        (r#"" 3""#, Ok("3")),
        (r#""+3""#, Ok("3")),
        (r#""03""#, Ok("3")),
        (r#""1_0""#, Ok("10")),
        (r#""-0""#, Ok("0")),
        (r#""3.""#, Err(NUMBER)),
        (r#""[3]""#, Err(NUMBER)),
        ("3.0", Ok("3")),
        ("3e0", Ok("3")),
        ("-0.0", Ok("0")),
        ("3.5", Err("found the float `3.5`, at `.value`")),
        ("NaN", Err(NUMBER)),
        ("-1", Err("found the integer `-1`, at `.value`")),
        ("4294967295", Ok("4294967295")),
        ("4294967296", Err("found the integer `4294967296`")),
        ("[3]", Ok("3")),
        ("[true]", Ok("1")),
        (r#"[3,["m",0]]"#, Ok("(3, ('m', 0))")),
        (r#"["3",["m",0.0]]"#, Ok("(3, ('m', 0))")),
        (r#"[3,["m","1"],["n",true]]"#, Ok("(3, ('m', 1), ('n', 1))")),
        (r#"[3,["",0]]"#, Ok("(3, ('', 0))")),
        (r#"[3,["m",-1]]"#, Err("at `.value[1][1]`")),
        (r#"[3,["m",null]]"#, Err("found null, at `.value[1][1]`")),
        (
            "[3,[1,0]]",
            Err("expected a name, found the integer `1`, at `.value[1][0]`"),
        ),
        (r#"[3,["m",1,2]]"#, Err("found a list of 3, at `.value[1]`")),
        (r#"[3,{"m":1}]"#, Err("found a map of 1, at `.value[1]`")),
        (r#"[3,["m",0],4]"#, Err("at `.value[2]`")),
        (r#"[["m",0]]"#, Err("at `.value[0]`")),
        ("[]", Err("found an empty list")),
        ("null", Err("found null")),
        (r#"{"root":1}"#, Err("found a map of 1")),
    ];
    for (value, answer) in table {
        check(
            &body("epoch_ended", value),
            *answer,
            |message: EpochEnded| message.epoch.to_string(),
        );
        // Null is for each node to choose, in `process` only.
        let value = format!(r#"{{"epoch":{value},"input":null}}"#);
        let answer = if value.contains(":null,") {
            Ok("None")
        } else {
            answer.map_err(|_| ".value.epoch")
        };
        check(&body("process", &value), answer, |message: Process| {
            message
                .epoch
                .map_or("None".to_owned(), |epoch| epoch.to_string())
        });
    }
}

#[test]
fn inputs() {
    let table: &[(&str, Answer)] = &[
        (r#"{"epoch":0,"input":null}"#, Ok("null")),
        (r#"{"epoch":0,"input":{}}"#, Ok("{}")),
        (r#"{"epoch":0,"input":{"a":1,"a":2}}"#, Ok(r#"{"a": 2}"#)),
        (
            r#"{"epoch":0,"input":{"a":"pck__gAQu"}}"#,
            Ok(r#"{"a": "pck__gAQu"}"#),
        ),
        (r#"{"input":null,"epoch":1,"z":3}"#, Ok("null")),
        (
            r#"{"epoch":0,"input":[]}"#,
            Err("expected an object of inputs, or null, found a list of 0, at `.value.input`"),
        ),
        (r#"{"epoch":0,"input":"x"}"#, Err("at `.value.input`")),
        (r#"{"epoch":0,"input":0}"#, Err("at `.value.input`")),
        (r#"{"epoch":0}"#, Err("`input` is missing, at `.value`")),
        (r#"{"input":null}"#, Err("`epoch` is missing, at `.value`")),
        ("null", Err("expected an object, found null, at `.value`")),
    ];
    for (value, answer) in table {
        check(&body("process", value), *answer, |message: Process| {
            message.input.map_or(Value::Null, Value::Map).to_string()
        });
    }
}

#[test]
fn json_texts() {
    let nines = "9".repeat(4000);
    let many = "9".repeat(5000);
    let deep = format!("{}{}", "[".repeat(198), "]".repeat(198));
    let deeper = format!("{}{}", "[".repeat(199), "]".repeat(199));
    let table: &[(&str, Result<&str, &str>)] = &[
        ("NaN", Ok("NaN")),
        ("Infinity", Ok("inf")),
        ("-Infinity", Ok("-inf")),
        ("1e400", Ok("inf")),
        ("-1e400", Ok("-inf")),
        ("1e-400", Ok("0.0")),
        ("1E5", Ok("100000.0")),
        ("-0", Ok("0")),
        ("-0.0", Ok("-0.0")),
        (&nines, Ok(&nines)),
        (
            &many,
            Err("an integer of 5000 digits; at most 4300 are read"),
        ),
        ("+1", Err("expected a value")),
        ("+Infinity", Err("expected a value")),
        ("-NaN", Err("expected a digit")),
        ("nan", Err("expected a value")),
        ("01", Err("expected no digit after a leading zero")),
        (".5", Err("expected a value")),
        ("5.", Err("expected a digit")),
        ("1e", Err("expected a digit")),
        ("-", Err("expected a digit")),
        ("0x10", Err("expected `,` or `}`, found 'x'")),
        ("1_000", Err("expected `,` or `}`")),
        ("tru", Err("expected a value")),
        ("1 2", Err("expected `,` or `}`")),
        ("1/*c*/", Err("expected `,` or `}`")),
        ("1,", Err("expected a key in quotes, found '}'")),
        (r#""\ud834\udd1e""#, Ok("\"𝄞\"")),
        (
            r#""\/\b\f\n\r\t\u0000""#,
            Ok(r#""/\u0008\u000c\n\r\t\u0000""#),
        ),
        (
            r#""\ud800""#,
            Err("expected both halves of a surrogate pair"),
        ),
        (
            r#""\udd1e""#,
            Err("expected both halves of a surrogate pair"),
        ),
        (r#""\x41""#, Err("after a backslash")),
        ("\"x\ty\"", Err("control character")),
        ("\"\u{7f}\"", Ok("\"\u{7f}\"")),
        ("'a'", Err("expected a value")),
        (&deep, Ok(&deep)),
        (&deeper, Err("nested deeper than 201 levels")),
    ];
    for (value, answer) in table {
        let text = body(
            "process",
            &format!(r#"{{"epoch":0,"input":{{"a":{value}}}}}"#),
        );
        note(&text, answer.is_ok());
        match (decode::<Process>(&text), answer) {
            (Ok(message), Ok(expected)) => {
                let input = message.input.unwrap_or_default();
                assert_eq!(
                    input.get("a").map(ToString::to_string).as_deref(),
                    Some(*expected),
                    "{value:.60}"
                );
            }
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{value:.60}: {error}")
            }
            (read, _) => panic!("{value:.60}: {read:?}, but noob: {answer:?}"),
        }
    }
}

#[test]
fn envelopes() {
    let table: &[(&str, Answer)] = &[
        (r#"{"type":"ping","node_id":"a","value":null}"#, Ok("ping")),
        (r#"{"type":"ping","node_id":""}"#, Ok("ping")),
        ("{\"type\":\"ping\",\"node_id\":\"a\"}\n", Ok("ping")),
        (
            " \n\t{ \"type\" : \"ping\" , \"node_id\" : \"a\" } ",
            Ok("ping"),
        ),
        (r#"{"type":"ping","node_id":"a","extra":[{}]}"#, Ok("ping")),
        (r#"{"type":"stop","node_id":"a","type":"ping"}"#, Ok("ping")),
        (
            r#"{"type":"ping","node_id":"a","value":1,"value":null}"#,
            Ok("ping"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":"2024-01-01"}"#,
            Ok("ping"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":-1}"#,
            Ok("ping"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":"1700000000000"}"#,
            Ok("ping"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":null}"#,
            Err("found null, at `.timestamp`"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":true}"#,
            Err("found the bool `true`, at `.timestamp`"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":"20240101T000000Z"}"#,
            Err("expected a moment"),
        ),
        (
            r#"{"type":"ping","node_id":"a","timestamp":"10000-01-01T00:00:00Z"}"#,
            Err("expected a moment"),
        ),
        (
            r#"{"type":"ping","node_id":"a","value":0}"#,
            Err("expected null, found the integer `0`, at `.value`"),
        ),
        (
            r#"{"type":"ping","node_id":"a","value":{}}"#,
            Err("expected null, found a map of 0"),
        ),
        (
            r#"{"type":"PING","node_id":"a"}"#,
            Err("a `PING` message cannot be read as `ping`"),
        ),
        (r#"{"type":"any","node_id":"a"}"#, Err("a `any` message")),
        (
            r#"{"type":1,"node_id":"a"}"#,
            Err(
                "the envelope of the message: expected a string, found the integer `1`, at `.type`",
            ),
        ),
        (
            r#"{"type_":"ping","node_id":"a"}"#,
            Err("`type` is missing"),
        ),
        (r#"{"type":"ping"}"#, Err("`node_id` is missing")),
        (
            r#"{"type":"ping","node_id":null}"#,
            Err("expected a name, found null, at `.node_id`"),
        ),
        ("\u{feff}{}", Err("expected an object")),
        ("[]", Err("expected an object, found '[', at byte 0")),
        ("", Err("expected an object, found the end")),
        (
            r#"{"type":"ping","node_id":"a"}x"#,
            Err("expected the end of the message, found 'x', at byte 29"),
        ),
        (
            r#"{type:"ping"}"#,
            Err("expected a key in quotes, found 't', at byte 1"),
        ),
        (r#"{"type" "ping"}"#, Err("expected `:`")),
    ];
    for (text, answer) in table {
        check(text, *answer, |_: Ping| "ping".to_owned());
    }
    let not_utf8 = Bytes::from_static(b"{\"type\":\"ping\",\"node_id\":\"\xff\"}");
    let error = RawMessage::parse(vec![not_utf8], Framing::Body).expect_err("noob refuses it");
    assert!(
        error
            .to_string()
            .ends_with("expected UTF-8, found other bytes, at byte 26"),
        "{error}"
    );
}

#[test]
fn start_and_the_kinds_that_say_all() {
    let table: &[(&str, Answer)] = &[
        ("null", Ok("None")),
        ("0", Ok("Some(0)")),
        ("-1", Ok("Some(-1)")),
        (r#""5""#, Ok("Some(5)")),
        (r#"" 5""#, Ok("Some(5)")),
        (r#""5.0""#, Ok("Some(5)")),
        ("2.0", Ok("Some(2)")),
        ("1e2", Ok("Some(100)")),
        ("true", Ok("Some(1)")),
        ("false", Ok("Some(0)")),
        // noob keeps it; nobody can wait for so many.
        ("1180591620717411303424", Ok("Some(9223372036854775807)")),
        (
            "2.5",
            Err("expected a number of epochs, or null, found the float `2.5`, at `.value`"),
        ),
        ("[]", Err("found a list of 0")),
        ("{}", Err("found a map of 0")),
    ];
    for (value, answer) in table {
        check(&body("start", value), *answer, |start: Start| {
            format!("{:?}", start.count)
        });
    }
    check(
        r#"{"type":"start","node_id":"a"}"#,
        Ok("None"),
        |start: Start| format!("{:?}", start.count),
    );
    check(
        r#"{"type":"stop","node_id":"a"}"#,
        Ok("Stop"),
        |stop: Stop| format!("{stop:?}"),
    );
    check(&body("stop", "0"), Err("expected null"), |stop: Stop| {
        format!("{stop:?}")
    });
    check(&body("deinit", "null"), Ok("Deinit"), |deinit: Deinit| {
        format!("{deinit:?}")
    });
    check(
        r#"{"type":"init","node_id":"a"}"#,
        Ok("Init"),
        |init: Init| format!("{init:?}"),
    );
    check(
        &body("spec", r#"{"nodes":{}}"#),
        Ok(r#"{"nodes": {}}"#),
        |spec: Spec| spec.spec.to_string(),
    );
}

#[test]
fn statuses() {
    let words = "expected `stopped`, `waiting`, `ready`, `running` or `closed`, found the string";
    let table: &[(&str, Answer)] = &[
        (r#""ready""#, Ok("ready")),
        (r#""closed""#, Ok("closed")),
        (r#""READY""#, Err(words)),
        (r#""init""#, Err(words)),
        ("null", Err("expected a string, found null")),
        ("1", Err("expected a string, found the integer `1`")),
    ];
    for (value, answer) in table {
        check(&body("status", value), *answer, |status: Status| {
            status.status.to_string()
        });
    }
    check(
        r#"{"type":"status","node_id":"a"}"#,
        Err("the `status` message from `a`: `value` is missing"),
        |status: Status| status.status.to_string(),
    );
}

#[test]
fn identities() {
    let full = r#"{"node_id":"b","outbox":"x","status":"ready","signals":null,"slots":[],"subscribed_to":[],"subscribers":["c"]}"#;
    let table = [
        (full.to_owned(), Ok("b")),
        (full.replace("null", r#"["s"],"extra":1"#), Ok("b")),
        (
            full.replace(r#""slots":[],"#, ""),
            Err("`slots` is missing, at `.value`"),
        ),
        (
            full.replace(r#""slots":[]"#, r#""slots":[1]"#),
            Err("expected a name, found the integer `1`, at `.value.slots[0]`"),
        ),
        (
            full.replace(r#""subscribed_to":[]"#, r#""subscribed_to":null"#),
            Err("expected a list of names, found null"),
        ),
        (full.replace("ready", "gone"), Err("at `.value.status`")),
        (
            "[]".to_owned(),
            Err("expected an object, found a list of 0"),
        ),
    ];
    for (value, answer) in table {
        check(&body("identify", &value), answer, |identify: Identify| {
            identify.node_id.to_string()
        });
        let announce = body(
            "announce",
            &format!(r#"{{"inbox":"x","nodes":{{"n":{value}}},"more":1}}"#),
        );
        let answer = match answer {
            Ok(_) => Ok("n"),
            Err(_) => Err("`.value.nodes.n"),
        };
        check(&announce, answer, |announce: Announce| {
            announce.nodes.keys().map(|id| id.to_string()).collect()
        });
    }
    let none = |announce: Announce| announce.nodes.len().to_string();
    check(
        &body("announce", r#"{"inbox":"x","nodes":{}}"#),
        Ok("0"),
        none,
    );
    check(
        &body("announce", r#"{"inbox":null,"nodes":{}}"#),
        Err("expected a string, found null, at `.value.inbox`"),
        none,
    );
    check(
        &body("announce", r#"{"inbox":"x","nodes":[]}"#),
        Err("expected an object, found a list of 0, at `.value.nodes`"),
        none,
    );
    check(
        &body("announce", r#"{"inbox":"x"}"#),
        Err("`nodes` is missing, at `.value`"),
        none,
    );
}

#[test]
fn errors() {
    let show = |failure: Failure| match failure.cause {
        Cause::Pickled(text) => text.to_string(),
        Cause::Report(report) => report.message,
    };
    // noob opens the pickle, and finds it broken.
    check_ours(&body("error", r#""pck__gAQu""#), Ok("pck__gAQu"), show);
    check(
        &body("error", r#""boom""#),
        Err("expected a pickled exception (`pck__` and base64), or a report"),
        show,
    );
    check(
        &body("error", r#"{"err_type":"ValueError"}"#),
        Err("`phase` is missing"),
        show,
    );
    check(
        r#"{"type":"error","node_id":"a"}"#,
        Err("`value` is missing"),
        show,
    );
    // Ours; noob drops it.
    check_ours(
        &body(
            "error",
            r#"{"epoch":null,"phase":"init","message":"boom","chain":[]}"#,
        ),
        Ok("boom"),
        show,
    );
}

fn event_body(changes: &[(&str, &str)]) -> String {
    let parts = [
        ("id", "1"),
        ("timestamp", "0"),
        ("node_id", "\"a\""),
        ("signal", "\"s\""),
        ("epoch", "0"),
        ("value", "1"),
    ];
    let parts = parts.iter().map(|(key, value)| {
        let value = changes
            .iter()
            .find(|(changed, _)| changed == key)
            .map_or(*value, |(_, value)| value);
        if value.is_empty() {
            String::new()
        } else {
            format!("\"{key}\":{value},")
        }
    });
    body(
        "event",
        &format!("[{{{}\"extra\":null}}]", parts.collect::<String>()),
    )
}

fn first(events: Events) -> Event {
    events.0.into_iter().next().expect("has an event")
}

#[test]
fn ids_of_events_are_any_integers_folded_into_64_bits() {
    let wanted = "expected an integer as the id of an event";
    let table: &[(&str, Answer)] = &[
        ("1", Ok("1")),
        ("18446744073709551615", Ok("18446744073709551615")),
        ("-1", Ok("18446744073709551615")),
        ("18446744073709551616", Ok("0")),
        ("-18446744073709551617", Ok("18446744073709551615")),
        (r#""12""#, Ok("12")),
        (r#""12.0""#, Ok("12")),
        (r#"" 12 ""#, Ok("12")),
        (r#""+12""#, Ok("12")),
        (r#""012""#, Ok("12")),
        (r#""1_000""#, Ok("1000")),
        (r#""-5""#, Ok("18446744073709551611")),
        ("1.0", Ok("1")),
        ("1e3", Ok("1000")),
        ("-1.0", Ok("18446744073709551615")),
        ("true", Ok("1")),
        (r#""-_0""#, Err(wanted)),
        (r#""+-1""#, Err(wanted)),
        (r#""1__0""#, Err(wanted)),
        ("1.5", Err(wanted)),
        ("1e19", Err(wanted)),
        ("1e20", Err(wanted)),
        ("123456789012345678901234567890.0", Err(wanted)),
        ("NaN", Err(wanted)),
        ("1e400", Err(wanted)),
        (r#""1e3""#, Err(wanted)),
        (r#""abc""#, Err(wanted)),
        (r#""""#, Err(wanted)),
        (r#""0x10""#, Err(wanted)),
        ("null", Err("found null, at `.value[0].id`")),
        ("[]", Err(wanted)),
    ];
    for (id, answer) in table {
        check(&event_body(&[("id", id)]), *answer, |events: Events| {
            first(events).id.to_string()
        });
    }
}

#[test]
fn events_need_all_six_keys() {
    for key in ["id", "timestamp", "node_id", "signal", "epoch", "value"] {
        note(&event_body(&[(key, "")]), false);
        let error = decode::<Events>(&event_body(&[(key, "")]))
            .expect_err("noob refuses it")
            .to_string();
        assert_eq!(
            error,
            format!("the `event` message from `a`: `{key}` is missing, at `.value[0]`")
        );
    }
    let table: &[(&str, Answer)] = &[
        ("[]", Ok("0")),
        (
            "{}",
            Err("expected a list of events, found a map of 0, at `.value`"),
        ),
        ("null", Err("expected a list of events, found null")),
        (
            "[null]",
            Err("expected an event, found null, at `.value[0]`"),
        ),
        ("[1]", Err("expected an event, found the integer `1`")),
    ];
    for (value, answer) in table {
        check(&body("event", value), *answer, |events: Events| {
            events.0.len().to_string()
        });
    }
    check(
        &event_body(&[("timestamp", "\"1700000000\"")]),
        Err("at `.value[0].timestamp`"),
        |_: Events| String::new(),
    );
    check(
        &event_body(&[("timestamp", "null")]),
        Err("at `.value[0].timestamp`"),
        |_: Events| String::new(),
    );
    check(
        &event_body(&[("timestamp", "1700000000.5")]),
        Ok("2023-11-14T22:13:20.500000Z"),
        |events: Events| first(events).timestamp.to_string(),
    );
    // One event that cannot be read takes the whole message with it.
    let good = event_body(&[]);
    let both = good.replace("}]}", "},{}]}");
    note(&both, false);
    note(&good, true);
    let error = decode::<Events>(&both)
        .expect_err("noob refuses it")
        .to_string();
    assert!(error.contains("at `.value[1]`"), "{error}");
    assert!(decode::<Events>(&good).is_ok());
}

#[test]
fn values_of_events_may_be_meta_signals_and_pickles() {
    let table: &[(&str, Emit)] = &[
        (r#""__META__NoEvent""#, Emit::Nothing),
        (r#""__META__No__META__Event""#, Emit::Nothing),
        (r#""__META____META__Exhausted""#, Emit::Exhausted),
        (
            r#""NoEvent__META__""#,
            Emit::Value("NoEvent__META__".into()),
        ),
        (
            r#""__META__noevent""#,
            Emit::Value("__META__noevent".into()),
        ),
        (
            r#"["__META__NoEvent"]"#,
            Emit::Value(["__META__NoEvent"].into()),
        ),
        (r#"["pck__gAQu"]"#, Emit::Value(["pck__gAQu"].into())),
        (
            r#""pck__gAQu""#,
            Emit::Value(Value::Pickle("pck__gAQu".into())),
        ),
        ("1e400", Emit::Value(f64::INFINITY.into())),
        ("null", Emit::Value(Value::Null)),
    ];
    for (value, expected) in table {
        let text = event_body(&[("value", value)]);
        if !matches!(expected, Emit::Value(Value::Pickle(_))) {
            note(&text, true);
        }
        let events = decode::<Events>(&text).expect("noob reads it");
        assert_eq!(first(events).value, *expected, "{value}");
    }
    // A meta event keeps its string, and its signal is one of two.
    let meta = event_body(&[
        ("node_id", "\"meta\""),
        ("signal", "\"NodeReady\""),
        ("value", "\"__META__NoEvent\""),
    ]);
    assert_eq!(
        first(decode(&meta).expect("noob reads it")).value,
        Emit::Value("__META__NoEvent".into())
    );
    check(
        &meta.replace("NodeReady", "value"),
        Err("expected `NodeReady` or `EpochEnded`"),
        |_: Events| String::new(),
    );
}
