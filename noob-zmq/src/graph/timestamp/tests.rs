//! What noob reads as a moment, from probes of noob 1003.0.2 (envelope, event; `None` is refused).

use proptest::prelude::*;

use super::Timestamp;

/// Text, what an envelope makes of it, what an event makes of it: both as noob writes them in UTC.
const TABLE: &[(&str, Option<&str>, Option<&str>)] = &[
    (
        "2024-01-01T00:00:00Z",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    ("2024-01-01T00:00:00z", Some("2024-01-01T00:00:00Z"), None),
    (
        "2024-01-01t00:00:00Z",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    (
        "2024-01-01 00:00:00",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    (
        "2024-01-01_00:00:00",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    ("2024-01-01X00:00:00", None, Some("2024-01-01T00:00:00Z")),
    (
        "2024-01-01",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    (
        "2024-02-29T23:59",
        Some("2024-02-29T23:59:00Z"),
        Some("2024-02-29T23:59:00Z"),
    ),
    (
        "2024-01-01T00:00Z",
        Some("2024-01-01T00:00:00Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    ("2024-01-01T07", None, Some("2024-01-01T07:00:00Z")),
    (
        "2024-01-01T00:00:00.1",
        Some("2024-01-01T00:00:00.100000Z"),
        Some("2024-01-01T00:00:00.100000Z"),
    ),
    (
        "2024-01-01T00:00:00,25",
        Some("2024-01-01T00:00:00.250000Z"),
        Some("2024-01-01T00:00:00.250000Z"),
    ),
    ("2024-01-01T00:00:00.", None, None),
    (
        "2024-01-01T00:00:00.1234567899",
        Some("2024-01-01T00:00:00.123456Z"),
        Some("2024-01-01T00:00:00.123456Z"),
    ),
    (
        "2024-01-01T00:00:00+05:30",
        Some("2023-12-31T18:30:00Z"),
        Some("2023-12-31T18:30:00Z"),
    ),
    (
        "2024-01-01T00:00:00-0530",
        Some("2024-01-01T05:30:00Z"),
        Some("2024-01-01T05:30:00Z"),
    ),
    ("2024-01-01T00:00:00+05", None, Some("2023-12-31T19:00:00Z")),
    (
        "2024-01-01T00:00:00 +05:00",
        None,
        Some("2023-12-31T19:00:00Z"),
    ),
    (
        "2024-01-01T00:00:00+05:30:15",
        None,
        Some("2023-12-31T18:29:45Z"),
    ),
    (
        "2024-01-01T00:00:00+23:59",
        Some("2023-12-31T00:01:00Z"),
        Some("2023-12-31T00:01:00Z"),
    ),
    ("2024-01-01T00:00:00+24:00", None, None),
    ("2024-01-01T24:00:00Z", None, None),
    ("2024-01-01T23:59:60Z", None, None),
    ("2024-13-01", None, None),
    ("2024-02-30", None, None),
    ("2023-02-29", None, None),
    ("2024-1-1", None, None),
    (
        "0001-01-01T00:00:00Z",
        Some("0001-01-01T00:00:00Z"),
        Some("0001-01-01T00:00:00Z"),
    ),
    ("0000-01-01T00:00:00Z", None, None),
    (
        "9999-12-31T23:59:59.999999Z",
        Some("9999-12-31T23:59:59.999999Z"),
        Some("9999-12-31T23:59:59.999999Z"),
    ),
    ("1700000000", Some("2023-11-14T22:13:20Z"), None),
    ("1700000000.5", Some("2023-11-14T22:13:20.500000Z"), None),
    ("1700000000000", Some("2023-11-14T22:13:20Z"), None),
    ("-1.5", Some("1969-12-31T23:59:58.500000Z"), None),
    ("+5", Some("1970-01-01T00:00:05Z"), None),
    ("20000000000", Some("2603-10-11T11:33:20Z"), None),
    ("20000000001", Some("1970-08-20T11:33:20.001000Z"), None),
    ("1e3", None, None),
    ("2024001", Some("1970-01-24T10:13:21Z"), None),
    (
        "20240101",
        Some("1970-08-23T06:15:01Z"),
        Some("2024-01-01T00:00:00Z"),
    ),
    ("20240101T000000Z", None, Some("2024-01-01T00:00:00Z")),
    ("20240101T0000", None, Some("2024-01-01T00:00:00Z")),
    ("20240101T00:00:00", None, Some("2024-01-01T00:00:00Z")),
    ("2024-01-01T000000", None, Some("2024-01-01T00:00:00Z")),
    ("2024-W01-1", None, Some("2024-01-01T00:00:00Z")),
    ("2024-W01", None, Some("2024-01-01T00:00:00Z")),
    ("2024-W01T00:00:00Z", None, Some("2024-01-01T00:00:00Z")),
    ("2024-01-01T", None, None),
    (
        "2024-01-01T11.5-05:30",
        None,
        Some("2024-01-01T16:30:00.500000Z"),
    ),
    ("2024-01-01T05:48.+05", None, Some("2024-01-01T00:48:00Z")),
    ("2024-01-01T05:48.", None, None),
    (
        "2024-01-01T10:20:30+01:60",
        None,
        Some("2024-01-01T08:20:30Z"),
    ),
    (
        "2024-01-01T10:20:30,123456789 Z",
        None,
        Some("2024-01-01T10:20:30.123456Z"),
    ),
    ("20240607102030-05:30", None, Some("2024-06-07T07:33:00Z")),
    ("20240607102030", Some("2611-05-27T06:51:42.030000Z"), None),
    ("2024W30610", None, Some("2024-07-22T10:00:00Z")),
    (
        "2024-01-01T00:00:00\u{2212}05:00",
        Some("2024-01-01T05:00:00Z"),
        None,
    ),
    ("1.0e0", Some("1970-01-01T00:00:01Z"), None),
    (".5", Some("1970-01-01T00:00:00.500000Z"), None),
    (".", None, None),
    (" 2024-01-01", None, None),
    ("", None, None),
    ("abc", None, None),
    ("2024-01-01T00:00:00\u{2212}5:00", None, None),
];

#[test]
fn texts_are_read_as_noob_reads_them() {
    let written = |timestamp: Option<Timestamp>| timestamp.map(|timestamp| timestamp.to_string());
    for (text, envelope, event) in TABLE {
        assert_eq!(
            written(Timestamp::parse_envelope(text)).as_deref(),
            *envelope,
            "{text} in an envelope"
        );
        assert_eq!(
            written(Timestamp::parse_iso(text)).as_deref(),
            *event,
            "{text} in an event"
        );
    }
}

#[test]
fn numbers_are_seconds_or_milliseconds() {
    let written = |number| Timestamp::from_unix(number).map(|timestamp| timestamp.to_string());
    assert_eq!(written(1.5).as_deref(), Some("1970-01-01T00:00:01.500000Z"));
    assert_eq!(
        written(1_700_000_000.123_456_7).as_deref(),
        Some("2023-11-14T22:13:20.123457Z")
    );
    assert_eq!(
        written(1_700_000_000_123.5).as_deref(),
        Some("2023-11-14T22:13:20.123500Z")
    );
    assert_eq!(written(-2e10).as_deref(), Some("1336-03-23T12:26:40Z"));
    assert_eq!(
        written(-20_000_000_001.0).as_deref(),
        Some("1969-05-14T12:26:39.999000Z")
    );
    assert_eq!(written(253_402_300_800_000.0), None);
    assert_eq!(written(1e30), None);
    assert_eq!(written(f64::NAN), None);
}

#[test]
fn the_two_written_forms() {
    let timestamp = Timestamp::from_micros(1_700_000_000_000_001);
    assert_eq!(
        timestamp.envelope().to_string(),
        "2023-11-14T22:13:20.000001Z"
    );
    assert_eq!(
        timestamp.iso().to_string(),
        "2023-11-14T22:13:20.000001+00:00"
    );
    assert_eq!(
        Timestamp::from_micros(0).iso().to_string(),
        "1970-01-01T00:00:00+00:00"
    );
    assert_eq!(
        Timestamp::from_micros(-1).to_string(),
        "1969-12-31T23:59:59.999999Z"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
        let timestamp = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_envelope(&timestamp.envelope().to_string()), Some(timestamp));
        prop_assert_eq!(Timestamp::parse_iso(&timestamp.iso().to_string()), Some(timestamp));
    }

    #[test]
    fn nothing_panics(text in "\\PC*", number in any::<f64>(), micros in any::<i64>()) {
        let _ = (Timestamp::parse_envelope(&text), Timestamp::parse_iso(&text), Timestamp::from_unix(number));
        let _ = Timestamp::from_micros(micros).to_string();
    }

    #[test]
    fn almost_moments_do_not_panic(text in "[0-9]{4}-?W?[0-9]{2}-?[0-9]{0,2}[TZ+:., 0-9é-]{0,30}") {
        let _ = (Timestamp::parse_envelope(&text), Timestamp::parse_iso(&text));
    }
}
