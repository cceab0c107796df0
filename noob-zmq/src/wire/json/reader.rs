//! Reads JSON text once, from front to back.
//!
//! Not serde_json, because noob takes `NaN` and `Infinity`, integers of up to 4300 digits, and 201 levels; and because the value of a
//! message is only skipped over until somebody wants it.

use std::borrow::Cow;

use super::super::{codec::MAX_DEPTH, error::DecodeProblem};
use crate::graph::{Map, Value};

/// Digits of an integer (Python's own limit).
const MAX_DIGITS: usize = 4300;

/// A place in a JSON text.
pub(in super::super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `text`, which lies below `depth` lists and objects.
    pub(in super::super) const fn new(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth }
    }

    /// The byte that comes next.
    pub(in super::super) const fn at(&self) -> usize {
        self.at
    }

    fn fail<T>(&self, expected: &str) -> Result<T, DecodeProblem> {
        let what = match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            Some(found) => format!("expected {expected}, found {found:?}"),
            None => format!("expected {expected}, found the end"),
        };
        Err(DecodeProblem::Syntax { what, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Only white space may be left.
    pub(in super::super) fn end(&mut self) -> Result<(), DecodeProblem> {
        self.space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            self.fail("the end of the message")
        }
    }

    fn down(&mut self) -> Result<(), DecodeProblem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let what = format!("lists and objects are nested deeper than {MAX_DEPTH} levels");
            return Err(DecodeProblem::Syntax { what, at: self.at });
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// Whether an object comes next.
    pub(in super::super) fn is_object(&mut self) -> bool {
        self.space();
        self.peek() == Some(b'{')
    }

    /// Whether a string comes next.
    pub(in super::super) fn is_string(&mut self) -> bool {
        self.space();
        self.peek() == Some(b'"')
    }

    /// Whether a list comes next.
    pub(in super::super) fn is_list(&mut self) -> bool {
        self.space();
        self.peek() == Some(b'[')
    }

    /// Reads an object; `entry` reads the value of each key.
    pub(in super::super) fn object(
        &mut self,
        mut entry: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), DecodeProblem>,
    ) -> Result<(), DecodeProblem> {
        if !self.is_object() {
            return self.fail("an object");
        }
        self.down()?;
        if !self.take(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return self.fail("a key in quotes");
                }
                let key = self.string()?;
                self.space();
                if !self.take(b':') {
                    return self.fail("`:`");
                }
                entry(self, key)?;
                self.space();
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return self.fail("`,` or `}`");
                }
                self.space();
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a list; `item` reads each item.
    pub(in super::super) fn list(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), DecodeProblem>,
    ) -> Result<(), DecodeProblem> {
        if !self.is_list() {
            return self.fail("a list");
        }
        self.down()?;
        if !self.take(b']') {
            for index in 0.. {
                item(self, index)?;
                self.space();
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return self.fail("`,` or `]`");
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads any value. The last of equal keys wins.
    pub(in super::super) fn value(&mut self) -> Result<Value, DecodeProblem> {
        self.space();
        match self.peek() {
            Some(b'{') => {
                let mut map = Map::new();
                self.object(|reader, key| {
                    let value = reader.value()?;
                    map.insert(key.into_owned(), value);
                    Ok(())
                })?;
                Ok(map.into())
            }
            Some(b'[') => {
                let mut items = Vec::<Value>::new();
                self.list(|reader, _| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Ok(items.into())
            }
            _ => self.scalar(),
        }
    }

    /// Checks a value, and goes past it.
    pub(in super::super) fn skip(&mut self) -> Result<(), DecodeProblem> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.list(|reader, _| reader.skip()),
            Some(b'"') => self.string().map(drop),
            _ => self.scalar().map(drop),
        }
    }

    fn scalar(&mut self) -> Result<Value, DecodeProblem> {
        match self.peek() {
            Some(b'"') => Ok(Value::from(&*self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'N') => self.word("NaN", Value::Float(f64::NAN)),
            Some(b'I') => self.word("Infinity", Value::Float(f64::INFINITY)),
            _ => self.fail("a value"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, DecodeProblem> {
        if !self.text[self.at..].starts_with(word) {
            return self.fail("a value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn digits(&mut self) -> Result<usize, DecodeProblem> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            self.fail("a digit")
        } else {
            Ok(self.at - start)
        }
    }

    fn number(&mut self) -> Result<Value, DecodeProblem> {
        let start = self.at;
        if self.take(b'-') && self.peek() == Some(b'I') {
            return self.word("Infinity", Value::Float(f64::NEG_INFINITY));
        }
        let mut count = 1;
        if !self.take(b'0') {
            count = self.digits()?;
        } else if let Some(b'0'..=b'9') = self.peek() {
            return self.fail("no digit after a leading zero");
        }
        let mut float = false;
        if self.take(b'.') {
            float = true;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            float = true;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        let value = if float {
            text.parse().ok().map(Value::Float)
        } else if count > MAX_DIGITS {
            let what = format!("an integer of {count} digits; at most {MAX_DIGITS} are read");
            return Err(DecodeProblem::Syntax { what, at: start });
        } else {
            Value::integer(text)
        };
        match value {
            Some(value) => Ok(value),
            None => self.fail("a number"),
        }
    }

    /// Reads a string; borrowed where it has no escapes.
    pub(in super::super) fn string(&mut self) -> Result<Cow<'a, str>, DecodeProblem> {
        if !self.take(b'"') {
            return self.fail("a string");
        }
        let mut start = self.at;
        let mut unescaped = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(if unescaped.is_empty() {
                        Cow::Borrowed(rest)
                    } else {
                        unescaped.push_str(rest);
                        Cow::Owned(unescaped)
                    });
                }
                Some(b'\\') => {
                    unescaped.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    let character = self.escape()?;
                    unescaped.push(character);
                    start = self.at;
                }
                Some(0..0x20) => {
                    return self.fail("no control character inside a string (escape it)");
                }
                Some(_) => self.at += 1,
                None => return self.fail("the closing quote of a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, DecodeProblem> {
        let Some(byte) = self.peek() else {
            return self.fail("an escape");
        };
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return self.fail("one of `\"\\/bfnrtu` after a backslash"),
        };
        self.at += 1;
        Ok(character)
    }

    /// `XXXX`, or the two halves of a surrogate pair.
    fn unicode(&mut self) -> Result<char, DecodeProblem> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return self.fail("the second half of a surrogate pair before this");
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.fail("both halves of a surrogate pair before this"),
        }
    }

    fn hex(&mut self) -> Result<u32, DecodeProblem> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.fail("four hexadecimal digits after `\\u`");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}
