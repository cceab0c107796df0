//! Moments, and the texts in which noob writes and reads them.

use std::{fmt, time::SystemTime};

/// A moment: microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// What noob can hold: the years 1 to 9999.
const NOOB: std::ops::Range<i64> = days(1, 1, 1) * DAY..days(10_000, 1, 1) * DAY;
/// A number beyond this is milliseconds, not seconds (pydantic's rule).
const WATERSHED: f64 = 2e10;

impl Timestamp {
    /// The moment of a system time; what is beyond ±292 000 years becomes the nearest.
    #[must_use]
    pub fn from_system(time: SystemTime) -> Self {
        Self(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
            }
        })
    }

    /// The moment of a number as noob reads it: seconds since 1970, or milliseconds if it is beyond ±2·10¹⁰.
    /// `None` if it is outside the years 1 to 9999, or no number.
    #[must_use]
    pub fn from_unix(number: f64) -> Option<Self> {
        let micros = if number.abs() > WATERSHED {
            number * 1e3
        } else {
            number * 1e6
        };
        // Within the range every value fits; the comparison is false for NaN.
        (micros >= NOOB.start as f64 && micros < NOOB.end as f64)
            .then(|| Self(micros.round() as i64))
    }

    /// Reads the timestamp of an envelope as noob (pydantic) reads it: `2024-01-01T00:00:00.5Z`, also with `t`, a space or `_` for the
    /// `T`, without seconds, without a time, with an offset `+05:30` or `+0530`, without any (then it is UTC), or a
    /// [number](Self::from_unix). Digits after the sixth of a second are dropped.
    #[must_use]
    pub fn parse_envelope(text: &str) -> Option<Self> {
        if let Some(number) = plain_number(text) {
            return Self::from_unix(number);
        }
        let mut reader = Reader(text.as_bytes());
        let date = reader.dashed_date()?;
        if reader.0.is_empty() {
            return Self::new(date, 0, 0);
        }
        if !matches!(reader.byte()?, b'T' | b't' | b' ' | b'_') {
            return None;
        }
        let hour = reader.digits(2)?;
        reader.expect(b':')?;
        let minute = reader.digits(2)?;
        let (mut second, mut micros) = (0, 0);
        if reader.take(b':') {
            second = reader.digits(2)?;
            micros = reader.fraction()?;
        }
        let offset = match reader.0 {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let mut reader = Reader(rest);
                let hours = reader.digits(2)?;
                reader.take(b':');
                let minutes = reader.digits(2)?;
                reader.0.is_empty().then_some(())?;
                signed(*sign, clock(hours, minutes, 0)?)
            }
            _ => return None,
        };
        Self::new(date, clock(hour, minute, second)? + micros, offset)
    }

    /// Reads the timestamp of an event as noob reads it, which is Python's `datetime.fromisoformat` (3.11): extended and basic forms,
    /// week dates, any character between date and time, hours alone, an offset of hours to seconds, or none (then it is UTC). Digits
    /// after the sixth of a second are dropped.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let mut reader = Reader(text.as_bytes());
        let date = reader.any_date()?;
        let time = std::str::from_utf8(reader.0).ok()?;
        let mut characters = time.chars();
        let Some(_separator) = characters.next() else {
            return Self::new(date, 0, 0);
        };
        let time = characters.as_str();
        let (time, offset) = match time.find(['Z', '+', '-']) {
            None => (time, 0),
            Some(at) if &time[at..] == "Z" => (&time[..at], 0),
            Some(at) => {
                let (sign, offset) = (time.as_bytes()[at], &time[at + 1..]);
                (
                    time[..at].strip_suffix(' ').unwrap_or(&time[..at]),
                    signed(sign, Reader(offset.as_bytes()).time()?),
                )
            }
        };
        Self::new(date, Reader(time.as_bytes()).time()?, offset)
    }

    fn new(days: i64, time: i64, offset: i64) -> Option<Self> {
        let naive = days * DAY + time;
        (NOOB.contains(&naive) && offset.abs() < DAY).then_some(Self(naive - offset))
    }

    /// As an envelope writes it: `2024-01-01T00:00:00.000001Z`, without the fraction when that is zero.
    #[must_use]
    pub fn envelope(self) -> impl fmt::Display {
        Written(self, "Z")
    }

    /// As an event writes it: `2024-01-01T00:00:00.000001+00:00`, without the fraction when that is zero.
    #[must_use]
    pub fn iso(self) -> impl fmt::Display {
        Written(self, "+00:00")
    }
}

/// As in an envelope.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Written(*self, "Z").fmt(f)
    }
}

struct Written(Timestamp, &'static str);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.0.div_euclid(DAY));
        let time = self.0.0.rem_euclid(DAY);
        let (second, micros) = (time / SECOND, time % SECOND);
        if !(0..=9999).contains(&year) {
            write!(f, "{year:05}")?;
        } else {
            pad(f, year, 4)?;
        }
        for (mark, number) in [
            ("-", month),
            ("-", day),
            ("T", second / 3600),
            (":", second / 60 % 60),
            (":", second % 60),
        ] {
            f.write_str(mark)?;
            pad(f, number, 2)?;
        }
        if micros != 0 {
            f.write_str(".")?;
            pad(f, micros, 6)?;
        }
        f.write_str(self.1)
    }
}

/// `number` in exactly `width` decimal digits; this is the hot part of writing events, and much faster than `{:02}`.
fn pad(f: &mut fmt::Formatter<'_>, mut number: i64, width: usize) -> fmt::Result {
    let mut digits = [b'0'; 6];
    for digit in digits[..width].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    f.write_str(std::str::from_utf8(&digits[..width]).unwrap_or_default())
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar: years begin in March, so that the leap day is the last of them.
/// (The method is that of H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.)
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days`].
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + (month <= 2) as i64, month, day)
}

fn clock(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * SECOND)
}

const fn signed(sign: u8, offset: i64) -> i64 {
    if sign == b'-' { -offset } else { offset }
}

/// A number without an exponent, as pydantic takes one for a moment.
fn plain_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (numeric(whole) && numeric(fraction)).then(|| text.parse().ok())?
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.0.first() == Some(&byte);
        if there {
            self.0 = &self.0[1..];
        }
        there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let mut number = 0;
        for _ in 0..count {
            let digit = self.byte().filter(u8::is_ascii_digit)?;
            number = number * 10 + i64::from(digit - b'0');
        }
        Some(number)
    }

    /// Microseconds after `.` or `,`; zero if there is no such mark.
    fn fraction(&mut self) -> Option<i64> {
        if !(self.take(b'.') || self.take(b',')) {
            return Some(0);
        }
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if count == 0 {
            return None;
        }
        let kept = self.digits(count.min(6))?;
        self.0 = &self.0[count.saturating_sub(6)..];
        Some(kept * 10_i64.pow(6_u32.saturating_sub(count as u32)))
    }

    fn dashed_date(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        self.expect(b'-')?;
        let month = self.digits(2)?;
        self.expect(b'-')?;
        calendar(year, month, self.digits(2)?)
    }

    /// `2024-01-31`, `20240131`, `2024-W05`, `2024-W05-3`, `2024W05`, `2024W053`.
    fn any_date(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        let dashed = self.take(b'-');
        if self.take(b'W') {
            let week = self.digits(2)?;
            let day = match self.0 {
                [b'-', digit, ..] if dashed && digit.is_ascii_digit() => {
                    self.take(b'-');
                    self.digits(1)?
                }
                [digit, ..] if !dashed && digit.is_ascii_digit() => self.digits(1)?,
                _ => 1,
            };
            return week_date(year, week, day);
        }
        let month = self.digits(2)?;
        if dashed {
            self.expect(b'-')?;
        }
        calendar(year, month, self.digits(2)?)
    }

    /// `HH[:MM[:SS[.ffffff]]]`, or the same without colons, to the end.
    fn time(mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        let mut rest = [0; 2];
        let colon = self.0.first() == Some(&b':');
        let mut count = 0;
        while count < 2 && !self.0.is_empty() && !matches!(self.0, [b'.' | b',', ..]) {
            if colon {
                self.expect(b':')?;
            }
            rest[count] = self.digits(2)?;
            count += 1;
        }
        let micros = if count == 2 { self.fraction()? } else { 0 };
        self.0.is_empty().then_some(())?;
        Some(clock(hour, rest[0], rest[1])? + micros)
    }
}

fn calendar(year: i64, month: i64, day: i64) -> Option<i64> {
    let number = days(year, month, day);
    (year >= 1 && date(number) == (year, month, day)).then_some(number)
}

/// Week 1 is the one with January 4 in it; days count from Monday (ISO 8601).
fn week_date(year: i64, week: i64, day: i64) -> Option<i64> {
    let monday = |year| {
        let fourth = days(year, 1, 4);
        fourth - (fourth + 3).rem_euclid(7)
    };
    let number = monday(year) + (week - 1) * 7 + day - 1;
    (year >= 1 && week >= 1 && (1..=7).contains(&day) && number < monday(year + 1))
        .then_some(number)
}

#[cfg(test)]
#[path = "timestamp_tests.rs"]
mod tests;
