//! A text and the places in it: characters, bytes, lines and columns.

use std::sync::Arc;

use saphyr_parser::{Marker, Span};

/// A place in a tube file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// Number of the text: 0 is the tube itself, the others are the tubes that it extends.
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Offset in bytes from the start of the text.
    pub offset: usize,
    /// Length in bytes.
    pub len: usize,
}

/// A tube file: its name and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Source {
    /// Path, or a name for a text that came from elsewhere.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

impl Default for Source {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Source {
    /// Makes a source of a name, which messages show in front of `:line:column`, and a text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Returns `file:line:column` of a place in this text.
    #[must_use]
    pub fn at(&self, place: Place) -> String {
        format!("{}:{}:{}", self.name, place.line, place.column)
    }
}

/// A text with an index of its lines and characters, which turns offsets into places.
#[derive(Debug)]
pub(crate) struct Text {
    source: Source,
    /// Number of the text among those of the tube.
    file: usize,
    /// Length of the byte order mark at the start.
    mark: usize,
    /// Byte offset of every character, unless all are one byte long.
    chars: Option<Vec<usize>>,
    /// Byte offset of every line.
    lines: Vec<usize>,
}

impl Text {
    pub(crate) fn new(source: Source, file: usize) -> Self {
        let text = &*source.text;
        let mark = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let chars = (!text.is_ascii()).then(|| {
            text[mark..]
                .char_indices()
                .map(|(offset, _)| offset + mark)
                .collect()
        });
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|&(at, &byte)| {
            byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
        });
        let lines = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Self {
            file,
            mark,
            chars,
            lines,
            source,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.source.text
    }

    /// Returns the text without its byte order mark.
    pub(crate) fn without_mark(&self) -> &str {
        &self.source.text[self.mark..]
    }

    /// Returns the place of `len` bytes from `offset`.
    pub(crate) fn place(&self, offset: usize, len: usize) -> Place {
        let mut offset = offset.min(self.as_str().len());
        while !self.as_str().is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines[line - 1]
            .max(if line == 1 { self.mark } else { 0 })
            .min(offset);
        let column = self.as_str()[start..offset].chars().count() + 1;
        Place {
            file: self.file,
            line,
            column,
            offset,
            len: len.min(self.as_str().len() - offset),
        }
    }

    /// Returns the place of a character of a line, which is counted from 0, behind `indent` spaces.
    pub(crate) fn at_line(&self, line: usize, indent: usize) -> Place {
        let start = self.lines.get(line).copied().unwrap_or_default();
        let mark = if line == 0 { self.mark } else { 0 };
        let at = start + mark + indent;
        let char = self.as_str().get(at..).and_then(|rest| rest.chars().next());
        self.place(at, char.map_or(0, char::len_utf8))
    }

    /// Returns the place of a span of the parser, which counts characters.
    pub(crate) fn span(&self, span: Span) -> Place {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let trimmed = self
            .as_str()
            .get(start..end)
            .map_or(0, |text| text.trim_end().len());
        self.place(start, trimmed)
    }

    /// Returns the place of a marker of the parser.
    ///
    /// A marker at the end of the text gives the place of the last character.
    pub(crate) fn marker(&self, marker: Marker) -> Place {
        let at = self.byte(marker.index());
        match self.as_str()[at..].chars().next() {
            Some(char) if !char.is_whitespace() => self.place(at, char.len_utf8()),
            _ => match self.as_str()[..at].trim_end().char_indices().next_back() {
                Some((offset, char)) if self.as_str()[at..].trim().is_empty() => {
                    self.place(offset, char.len_utf8())
                }
                _ => self.place(at, 0),
            },
        }
    }

    fn byte(&self, char: usize) -> usize {
        let end = self.as_str().len();
        match &self.chars {
            Some(chars) => chars.get(char).copied().unwrap_or(end),
            None => (char + self.mark).min(end),
        }
    }
}
