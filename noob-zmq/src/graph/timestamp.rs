//! The moment at which an event was made or a message was sent.
//!
//! Reading and writing RFC 3339 is the work of `jiff`; no clock is read here.

use std::{fmt, str::FromStr, time::SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A moment, in microseconds since 1970-01-01T00:00:00 UTC.
///
/// Its text, also in formats of serde, is that of RFC 3339 in UTC: `2024-01-01T00:00:00.5Z`.
///
/// ```
/// use noob_zmq::graph::Timestamp;
///
/// let timestamp: Timestamp = "2024-01-01T02:00:00+02:00".parse()?;
/// assert_eq!(timestamp.as_micros(), 1_704_067_200_000_000);
/// assert_eq!(timestamp.to_string(), "2024-01-01T00:00:00Z");
/// # Ok::<(), noob_zmq::graph::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A text that is not a moment.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a moment, as in `2024-01-31T23:59:59.5Z`: {reason}")]
pub struct TimestampError {
    text: String,
    reason: String,
}

impl Timestamp {
    /// Returns the moment this many microseconds after 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Returns the moment of a system time, or the nearest one if it is beyond ±292 000 years.
    #[must_use]
    pub fn from_system(time: SystemTime) -> Self {
        Self(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
            }
        })
    }

    /// Returns the moment as `jiff` has it, which knows the years -9999 to 9999.
    fn calendar(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_microsecond(self.0).ok()
    }
}

/// The text of RFC 3339, or the number of microseconds outside the years -9999 to 9999.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar() {
            Some(moment) => moment.fmt(f),
            None => write!(f, "{} µs since 1970", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads a date and time of RFC 3339 with its offset; digits after the sixth of a second are
    /// dropped.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Self(moment.as_microsecond())),
            Err(error) => Err(TimestampError {
                text: text.chars().take(40).collect(),
                reason: error.to_string(),
            }),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.calendar() {
            Some(moment) => serializer.collect_str(&moment),
            None => Err(ser::Error::custom(format_args!(
                "the moment {self} is outside the years -9999 to 9999"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::error_report::debug_as_report!(TimestampError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rfc_3339_texts_are_parsed_with_their_offset() {
        for (text, moment) in [
            ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
            ("2024-01-01t00:00:00z", "2024-01-01T00:00:00Z"),
            (
                "2024-01-01T00:00:00.000001+00:00",
                "2024-01-01T00:00:00.000001Z",
            ),
            ("2024-01-01T00:00:00.1234567899Z", ""),
            (
                "2024-01-01T00:00:00.123456789Z",
                "2024-01-01T00:00:00.123456Z",
            ),
            ("2024-01-01T00:00:00+05:30", "2023-12-31T18:30:00Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("9999-12-31T23:59:59.999999Z", ""),
            ("2024-01-01T00:00:00", ""),
            ("2024-01-01", ""),
            ("2024-02-30T00:00:00Z", ""),
            ("2024-01-01T24:00:00Z", ""),
            ("1700000000", ""),
            ("", ""),
        ] {
            let parsed = text.parse::<Timestamp>();
            let shown = parsed.map_or_else(|_| String::new(), |parsed| parsed.to_string());
            assert_eq!(shown, moment, "{text}");
        }
    }

    #[test]
    fn parse_error_names_the_text_and_the_form() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err().to_string();
        assert!(
            error.starts_with("`yesterday` is not a moment, as in `2024-01-31T23:59:59.5Z`: "),
            "{error}"
        );
    }

    #[test]
    fn moments_beyond_the_calendar_are_shown_but_not_serialized() {
        let far = Timestamp::from_micros(i64::MAX);
        assert_eq!(far.to_string(), "9223372036854775807 µs since 1970");
        assert!(serde_json::to_string(&far).is_err());
    }

    proptest! {
        #[test]
        fn a_shown_moment_is_parsed_again(
            micros in -62_135_596_800_000_000_i64..253_402_000_000_000_000,
        ) {
            let timestamp = Timestamp::from_micros(micros);
            prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", micros in any::<i64>()) {
            let _ = text.parse::<Timestamp>();
            let _ = Timestamp::from_micros(micros).to_string();
        }

        #[test]
        fn no_text_like_a_moment_panics(
            text in "[0-9]{4}-?W?[0-9]{2}-?[0-9]{0,2}[TZ+:., 0-9é-]{0,30}",
        ) {
            let _ = text.parse::<Timestamp>();
        }
    }
}
