//! Moments, and the texts in which noob writes and reads them.

use std::{fmt, time::SystemTime};

/// A moment: microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// What noob can hold: the years 1 to 9999.
const NOOB: std::ops::Range<i64> = days(1, 1, 1) * DAY..days(10_000, 1, 1) * DAY;
/// A number beyond this is milliseconds, not seconds (pydantic's rule).
const WATERSHED: f64 = 2e10;

impl Timestamp {
    /// The moment this many microseconds after 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

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
            // U+2212, the typographic minus, is a sign too.
            [b'\xe2', b'\x88', b'\x92', rest @ ..] => signed(b'-', Reader(rest).offset()?),
            [sign @ (b'+' | b'-'), rest @ ..] => signed(*sign, Reader(rest).offset()?),
            _ => return None,
        };
        Self::new(date, clock(hour, minute, second)? + micros, offset)
    }

    /// Reads the timestamp of an event as noob reads it, which is Python's `datetime.fromisoformat` (3.11): extended and basic forms,
    /// week dates, any character between date and time, hours alone, an offset of hours to seconds, or none (then it is UTC). Digits
    /// after the sixth of a second are dropped. Python's oddities are kept: before an offset the time may end in a character that says
    /// nothing, and a fraction may follow the hours.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let at = separator(text.as_bytes())?;
        let (date, rest) = text.split_at_checked(at)?;
        let date = Reader(date.as_bytes()).any_date()?;
        if rest.is_empty() {
            return Self::new(date, 0, 0);
        }
        let mut characters = rest.chars();
        let _separator = characters.next();
        let time = characters.as_str();
        let (time, offset) = match time.find(['Z', '+', '-']) {
            None => (iso_time(time.as_bytes()).filter(|time| !time.more)?, 0),
            Some(at) => {
                let (time, zone) = time.split_at_checked(at)?;
                let offset = match zone.as_bytes() {
                    b"Z" => 0,
                    [sign @ (b'+' | b'-'), rest @ ..] => {
                        let offset = iso_time(rest).filter(|offset| !offset.more)?;
                        signed(*sign, offset.span())
                    }
                    _ => return None,
                };
                (iso_time(time.as_bytes())?, offset)
            }
        };
        Self::new(
            date,
            clock(time.hour, time.minute, time.second)? + time.micros,
            offset,
        )
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

/// A number, as pydantic takes one for a moment: an integer, or anything that has its point after the first digits.
fn plain_number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let rest = unsigned.trim_start_matches(|character: char| character.is_ascii_digit());
    (rest.is_empty() || rest.starts_with('.')).then(|| text.parse().ok())?
}

/// Where the date ends and the separator stands. All forms of a date differ in their fifth and sixth characters; after a week it takes
/// a guess, as time is made of pairs of digits.
fn separator(text: &[u8]) -> Option<usize> {
    let week_digits = |from: usize| {
        text.iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    Some(match text {
        _ if text.len() < 7 => return None,
        _ if text.len() == 7 => 7,
        [_, _, _, _, b'-', b'W', _, _, b'-'] => return None,
        [_, _, _, _, b'-', b'W', _, _, b'-', _, next, ..] if next.is_ascii_digit() => 8,
        [_, _, _, _, b'-', b'W', _, _, b'-', ..] => 10,
        [_, _, _, _, b'-', b'W', ..] => 8,
        [_, _, _, _, b'-', ..] => 10,
        [_, _, _, _, b'W', ..] => match 7 + week_digits(7) {
            end @ ..9 => end,
            end if end % 2 == 0 => 7,
            _ => 8,
        },
        _ => 8,
    })
}

/// A time of day, or an offset.
struct IsoTime {
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    /// Whether characters are left that say nothing.
    more: bool,
}

impl IsoTime {
    /// In microseconds; Python does not look whether the minutes of an offset are below 60.
    const fn span(&self) -> i64 {
        ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.micros
    }
}

/// `HH[:MM[:SS]]` or `HH[MM[SS]]`, and a fraction after any of them.
fn iso_time(text: &[u8]) -> Option<IsoTime> {
    let mut reader = Reader(text);
    let mut parts = [0; 3];
    let mut colons = false;
    let done = |[hour, minute, second]: [i64; 3], micros, more| {
        Some(IsoTime {
            hour,
            minute,
            second,
            micros,
            more,
        })
    };
    for number in 0..3 {
        parts[number] = reader.digits(2)?;
        if number == 0 {
            colons = reader.0.first() == Some(&b':');
        }
        match reader.0 {
            [] => return done(parts, 0, false),
            [_] => return done(parts, 0, true),
            [b':', rest @ ..] if colons => reader.0 = rest,
            [b'.' | b',', rest @ ..] => {
                reader.0 = rest;
                break;
            }
            _ if !colons => {}
            _ => return None,
        }
    }
    let count = reader.0.len().min(6);
    let micros = reader.digits(count)? * 10_i64.pow(6 - count as u32);
    let more = reader.0.iter().any(|byte| !byte.is_ascii_digit());
    done(parts, micros, more)
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

    /// `HH:MM` or `HHMM`, to the end.
    fn offset(mut self) -> Option<i64> {
        let hours = self.digits(2)?;
        self.take(b':');
        let minutes = self.digits(2)?;
        if self.0.is_empty() {
            clock(hours, minutes, 0)
        } else {
            None
        }
    }

    fn dashed_date(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        self.expect(b'-')?;
        let month = self.digits(2)?;
        self.expect(b'-')?;
        calendar(year, month, self.digits(2)?)
    }

    /// `2024-01-31`, `20240131`, `2024-W05`, `2024-W05-3`, `2024W05`, `2024W053`; to the end.
    fn any_date(mut self) -> Option<i64> {
        let year = self.digits(4)?;
        let dashed = self.take(b'-');
        if self.take(b'W') {
            let week = self.digits(2)?;
            let mut day = 1;
            if !self.0.is_empty() {
                if dashed {
                    self.expect(b'-')?;
                }
                day = self.digits(1)?;
            }
            return week_date(year, week, day);
        }
        let month = self.digits(2)?;
        if dashed {
            self.expect(b'-')?;
        }
        calendar(year, month, self.digits(2)?)
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
mod tests;
