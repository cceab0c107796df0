//! Values of a run on standard output: as tables or as JSON.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;

use clap::ValueEnum;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use unicode_width::UnicodeWidthStr;

use super::Failure;
use super::output::written;
use crate::graph::Value;
use crate::standard_streams::status_line;

/// Form of the values on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: a mapping as rows, anything else on a line.
    Table,
    /// A JSON value a line, each as soon as it is there.
    Jsonl,
    /// A single JSON list of all values.
    Json,
}

/// Writer of values.
pub(super) struct Printer {
    out: BufWriter<File>,
    format: Format,
    /// Whether JSON has no tags.
    plain: bool,
    /// Whether standard output is a terminal, where the progress may be shown too.
    terminal: bool,
    /// Number of values that were printed.
    printed: u64,
    outcome: io::Result<()>,
}

impl Printer {
    pub(super) fn new(out: File, format: Format, plain: bool) -> Self {
        Self {
            terminal: out.is_terminal(),
            out: BufWriter::new(out),
            format,
            plain,
            printed: 0,
            outcome: Ok(()),
        }
    }

    /// Prints a value; breaks once standard output takes no more.
    pub(super) fn print(&mut self, value: &Value) -> ControlFlow<()> {
        // Flushed at once: values are to be seen during the run.
        self.outcome = match self.terminal {
            true => status_line::above(|| self.write_out(value)),
            false => self.write_out(value),
        };
        self.printed += 1;
        match self.outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// Ends the output, also after an error of the run, so that a JSON list is complete.
    ///
    /// # Errors
    /// A failed write, unless the reader of the output is gone.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        let ended = match (self.format, self.printed) {
            _ if self.outcome.is_err() => self.outcome,
            (Format::Json, 0) => self.out.write_all(b"[]\n"),
            (Format::Json, _) => self.out.write_all(b"\n]\n"),
            _ => Ok(()),
        };
        written(ended.and_then(|()| self.out.flush()))
    }

    fn write_out(&mut self, value: &Value) -> io::Result<()> {
        self.write(value).and_then(|()| self.out.flush())
    }

    fn write(&mut self, value: &Value) -> io::Result<()> {
        match self.format {
            Format::Table => return table(&mut self.out, value),
            Format::Jsonl => {}
            Format::Json if self.printed == 0 => self.out.write_all(b"[\n")?,
            Format::Json => self.out.write_all(b",\n")?,
        }
        if self.plain {
            serde_json::to_writer(&mut self.out, &Plain(value))?;
        } else {
            serde_json::to_writer(&mut self.out, value)?;
        }
        match self.format {
            Format::Json => Ok(()),
            _ => self.out.write_all(b"\n"),
        }
    }
}

/// Prints a mapping of plain values as rows, everything else as it is.
fn table(out: &mut impl Write, value: &Value) -> io::Result<()> {
    let nested = |value: &Value| matches!(value, Value::List(_) | Value::Map(_));
    match value {
        Value::Map(map) if !map.is_empty() && !map.values().any(nested) => {
            // A key with a line break would end its row.
            let keys = map.keys().map(|key| match key.contains(char::is_control) {
                true => Value::from(key.as_str()).to_string(),
                false => key.clone(),
            });
            let keys: Vec<String> = keys.collect();
            let width = keys.iter().map(|key| key.width()).max().unwrap_or(0);
            for (key, value) in keys.iter().zip(map.values()) {
                let gap = width - key.width();
                write!(out, "{key}{:gap$}  ", "")?;
                // Further lines of a text stand below its first.
                let text = plain(value);
                let below = format!("\n{:1$}", "", width + 2);
                writeln!(out, "{}", text.replace('\n', &below))?;
            }
            Ok(())
        }
        _ => writeln!(out, "{}", plain(value)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        value => value.to_string(),
    }
}

/// A value as JSON without tags.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        match self.0 {
            Value::Float(float) if !float.is_finite() => serializer.serialize_unit(),
            Value::BigInt(digits) => RawValue::from_string(digits.to_string())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Value::List(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Map(map) => {
                serializer.collect_map(map.iter().map(|(key, value)| (key, Plain(value))))
            }
            Value::Object(object) => {
                Plain(&object.state().map_err(S::Error::custom)?).serialize(serializer)
            }
            // A tag around the content: the content alone.
            tagged @ (Value::Bytes(_) | Value::Tensor(_) | Value::Opaque(_)) => {
                let json = serde_json::to_value(tagged).map_err(S::Error::custom)?;
                without_tags(json).serialize(serializer)
            }
            value => value.serialize(serializer),
        }
    }
}

fn without_tags(json: serde_json::Value) -> serde_json::Value {
    let serde_json::Value::Object(map) = json else {
        return json;
    };
    let tag = map.len() == 1 && map.keys().all(|key| key.starts_with('$'));
    let mut parts = map
        .into_iter()
        .map(|(key, value)| (key, without_tags(value)));
    match parts.next() {
        Some((_, content)) if tag => content,
        first => first.into_iter().chain(parts).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Bytes, Tensor};

    fn rows(pairs: &[(&str, Value)]) -> String {
        let pairs = pairs.iter();
        let map = pairs.map(|(key, value)| ((*key).to_owned(), value.clone()));
        let mut out = Vec::new();
        table(&mut out, &Value::from(map.collect::<crate::graph::Map>())).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_of_a_table_stay_with_wide_letters_and_newlines() {
        assert_eq!(
            rows(&[
                ("日本", "東京\nOsaka".into()),
                ("a", 1.into()),
                ("e\u{301}", 2.into())
            ]),
            "日本  東京\n      Osaka\na     1\ne\u{301}     2\n"
        );
        assert_eq!(
            rows(&[("a\nb", 1.into()), ("c", 2.into())]),
            "\"a\\nb\"  1\nc       2\n"
        );
    }

    #[test]
    fn mapping_with_one_key_is_a_row_too() {
        assert_eq!(rows(&[("x", "0x10".into())]), "x  0x10\n");
        assert_eq!(
            rows(&[("x", Value::from(vec![Value::Int(1)]))]),
            "{\"x\": [1]}\n"
        );
        assert_eq!(rows(&[]), "{}\n");
    }

    #[test]
    fn plain_json_has_no_tags() {
        let tensor = Tensor {
            dtype: "u8".into(),
            shape: vec![1].into(),
            data: Bytes::from_static(&[1]),
        };
        for (value, tagged, plain) in [
            (Value::Float(f64::NAN), r#"{"$float":"NaN"}"#, "null"),
            (Value::Float(f64::INFINITY), r#"{"$float":"inf"}"#, "null"),
            (
                Value::integer("123456789012345678901").unwrap(),
                r#"{"$int":"123456789012345678901"}"#,
                "123456789012345678901",
            ),
            (
                Value::UInt(u64::MAX),
                "18446744073709551615",
                "18446744073709551615",
            ),
            (
                Value::Bytes(Bytes::from_static(&[1, 255])),
                r#"{"$bytes":"01ff"}"#,
                r#""01ff""#,
            ),
            (
                tensor.into(),
                r#"{"$tensor":{"dtype":"u8","shape":[1],"data":{"$bytes":"01"}}}"#,
                r#"{"data":"01","dtype":"u8","shape":[1]}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&value).unwrap(), tagged);
            assert_eq!(serde_json::to_string(&Plain(&value)).unwrap(), plain);
        }
    }
}
